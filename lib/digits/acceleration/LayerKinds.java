package digits.acceleration;

import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.Predicate;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.layers.AbstractLayer;
import org.nd4j.linalg.api.buffer.DataType;

/** The kinds of layer that have faster code. */
final class LayerKinds {
    /** One line per kind: to add a kind, add its line here. */
    private static final List<Kind<?>> ALL = List.of(
            new Kind<>(org.deeplearning4j.nn.layers.convolution.ConvolutionLayer.class,
                    ConvolutionLayer::unsupported, ConvolutionLayer::new),
            new Kind<>(org.deeplearning4j.nn.layers.normalization.BatchNormalization.class,
                    BatchNormalization::unsupported, BatchNormalization::new),
            new Kind<>(org.deeplearning4j.nn.layers.convolution.subsampling.SubsamplingLayer.class,
                    SubsamplingLayer::unsupported, SubsamplingLayer::new, SubsamplingLayer::isPnorm),
            new Kind<>(org.deeplearning4j.nn.layers.feedforward.dense.DenseLayer.class,
                    DenseLayer::unsupported, DenseLayer::new),
            new Kind<>(org.deeplearning4j.nn.layers.OutputLayer.class, OutputLayer::unsupported, OutputLayer::new),
            new Kind<>(org.deeplearning4j.nn.layers.DropoutLayer.class, DropoutLayer::unsupported, DropoutLayer::new),
            new Kind<>(org.deeplearning4j.nn.layers.ActivationLayer.class,
                    ActivationLayer::unsupported, ActivationLayer::new));

    private LayerKinds() {
    }

    /**
     * A kind of layer.
     *
     * @param builtIn     Deeplearning4j's class of the layer; subclasses are other kinds
     * @param unsupported why there is no faster code for a layer of this class; empty if there is
     * @param replacement makes the layer with faster code
     * @param mended      whether to replace a layer although it is not supported, because the replacement is more correct
     */
    private record Kind<L extends Layer>(Class<L> builtIn, Function<L, Optional<String>> unsupported,
                                         BiFunction<L, LayerPosition, Layer> replacement, Predicate<L> mended) {
        Kind(Class<L> builtIn, Function<L, Optional<String>> unsupported,
             BiFunction<L, LayerPosition, Layer> replacement) {
            this(builtIn, unsupported, replacement, layer -> false);
        }

        Optional<String> reason(Layer layer) {
            return unsupported.apply(builtIn.cast(layer));
        }

        /** The layer to use instead, if there is one. */
        Optional<Layer> replacement(Layer layer, LayerPosition position) {
            L known = builtIn.cast(layer);
            boolean replaced = LayerKinds.unsupported(layer).isEmpty() || mended.test(known);
            return replaced ? Optional.of(replacement.apply(known, position)) : Optional.empty();
        }
    }

    /** Why there is no faster code for this layer of Deeplearning4j; empty if there is. */
    static Optional<String> unsupported(Layer layer) {
        if (layer instanceof AbstractLayer<?> known && known.getDataType() != DataType.FLOAT) {
            return Optional.of("it computes in " + known.getDataType() + ", oneDNN in FLOAT");
        }
        return kind(layer).map(kind -> kind.reason(layer))
                .orElse(Optional.of("no faster code for this kind of layer"));
    }

    /** The layer to use in place of this one of Deeplearning4j, with the same configuration; empty if it stays. */
    static Optional<Layer> replacement(Layer layer, LayerPosition position) {
        return kind(layer).flatMap(kind -> kind.replacement(layer, position));
    }

    private static Optional<Kind<?>> kind(Layer layer) {
        return ALL.stream().filter(kind -> kind.builtIn == layer.getClass()).findFirst();
    }
}
