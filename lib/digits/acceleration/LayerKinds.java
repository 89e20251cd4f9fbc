package digits.acceleration;

import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.dropout.Dropout;
import org.deeplearning4j.nn.conf.layers.BaseLayer;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.layers.AbstractLayer;
import org.nd4j.linalg.api.buffer.DataType;

/** The kinds of layer that have faster code. To add one, write its class and add an entry to {@link #ALL}. */
final class LayerKinds {
    private static final List<Kind<?, BiFunction<AbstractLayer<?>, LayerPosition, Layer>>> ALL = List.of(
            new Kind<>(org.deeplearning4j.nn.layers.convolution.ConvolutionLayer.class, ConvolutionLayer::new,
                    layer -> noisy(layer.layerConf())),
            new Kind<>(org.deeplearning4j.nn.layers.normalization.BatchNormalization.class, BatchNormalization::new,
                    layer -> when(layer.layerConf().isLockGammaBeta(), "its gamma and beta are locked")),
            new Kind<>(org.deeplearning4j.nn.layers.convolution.subsampling.SubsamplingLayer.class,
                    SubsamplingLayer::new, layer -> pooling(layer.layerConf())),
            new Kind<>(org.deeplearning4j.nn.layers.feedforward.dense.DenseLayer.class, DenseLayer::new,
                    layer -> when(layer.hasLayerNorm(), "no faster code for layer normalization")
                            .or(() -> when(!layer.hasBias(), "no faster code without a bias"))
                            .or(() -> noisy(layer.layerConf()))),
            new Kind<>(org.deeplearning4j.nn.layers.OutputLayer.class, OutputLayer::new,
                    layer -> when(!layer.hasBias(), "no faster code without a bias")
                            .or(() -> noisy(layer.layerConf()))),
            new Kind<>(org.deeplearning4j.nn.layers.DropoutLayer.class, DropoutLayer::new,
                    layer -> when(layer.layerConf().getIDropout() == null
                            || layer.layerConf().getIDropout().getClass() != Dropout.class,
                            "no faster code for this kind of dropout")),
            new Kind<>(org.deeplearning4j.nn.layers.ActivationLayer.class, ActivationLayer::new,
                    layer -> when(!LayerSupport.isRelu(layer.layerConf().getActivationFn()),
                            "no faster code for this activation")));

    private LayerKinds() { }

    /** Deeplearning4j's class of a layer (not its subclasses), what there is for it, and why not for some. */
    record Kind<L extends Layer, T>(Class<L> builtIn, T offer, Function<L, Optional<String>> unsupported) {
        static <K extends Kind<?, ?>> Optional<K> of(List<K> kinds, Layer layer) {
            return kinds.stream().filter(kind -> kind.builtIn() == layer.getClass()).findFirst();
        }

        Optional<String> reason(Layer layer) {
            return unsupported.apply(builtIn.cast(layer));
        }
    }

    static Optional<String> when(boolean unsupported, String reason) {
        return unsupported ? Optional.of(reason) : Optional.empty();
    }

    private static Optional<String> noisy(BaseLayer configuration) {
        return when(configuration.getWeightNoise() != null, "its weights are noisy");
    }

    private static Optional<String> pooling(org.deeplearning4j.nn.conf.layers.SubsamplingLayer layer) {
        PoolingType type = layer.getPoolingType();
        int[] dilation = layer.getDilation();
        return when(type != PoolingType.MAX && type != PoolingType.AVG, "no faster code for " + type + " pooling")
                .or(() -> when(dilation[0] != 1 || dilation[1] != 1, "no faster code for dilated pooling"));
    }

    /** Why there is no faster code for this layer of Deeplearning4j; empty if there is. */
    static Optional<String> unsupported(Layer layer) {
        if (layer instanceof AbstractLayer<?> known && known.getDataType() != DataType.FLOAT) {
            return Optional.of("it computes in " + known.getDataType() + ", the faster code in FLOAT");
        }
        return Kind.of(ALL, layer).map(kind -> kind.reason(layer))
                .orElse(Optional.of("no faster code for this kind of layer"));
    }

    /** Whether this layer of Deeplearning4j has faster code, all of which can read and write bfloat16. */
    static boolean takesBfloat16(Layer layer) {
        return unsupported(layer).isEmpty() && (layer.conf().getLayer().getIDropout() == null
                || layer instanceof org.deeplearning4j.nn.layers.DropoutLayer);   // others drop with ND4J's code
    }

    /** The layer to use in place of this one of Deeplearning4j, with the same configuration; empty if it stays. */
    static Optional<Layer> replacement(Layer layer, LayerPosition position) {
        boolean mended = layer instanceof org.deeplearning4j.nn.layers.convolution.subsampling.SubsamplingLayer pooling
                && pooling.layerConf().getPoolingType() == PoolingType.PNORM;   // its gradient may be NaN
        return Kind.of(ALL, layer).filter(kind -> unsupported(layer).isEmpty() || mended)
                .map(kind -> kind.offer().apply((AbstractLayer<?>) layer, position));
    }

    /** Deeplearning4j's layer of a replacement's configuration, with the same parameters. */
    static Layer builtIn(Layer replacement) {
        return replacement.conf().getLayer().instantiate(replacement.conf(), replacement.getListeners(),
                replacement.getIndex(), replacement.params(), false, ((AbstractLayer<?>) replacement).getDataType());
    }
}
