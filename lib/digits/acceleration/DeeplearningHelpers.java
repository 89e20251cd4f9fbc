package digits.acceleration;

import static digits.acceleration.LayerKinds.when;

import java.lang.invoke.VarHandle;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.layers.AbstractLayer;
import org.deeplearning4j.nn.layers.LayerHelper;
import org.deeplearning4j.nn.layers.convolution.ConvolutionLayer;
import org.deeplearning4j.nn.layers.convolution.subsampling.SubsamplingLayer;
import org.deeplearning4j.nn.layers.mkldnn.MKLDNNBatchNormHelper;
import org.deeplearning4j.nn.layers.mkldnn.MKLDNNConvHelper;
import org.deeplearning4j.nn.layers.mkldnn.MKLDNNSubsamplingHelper;
import org.deeplearning4j.nn.layers.normalization.BatchNormalization;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.cpu.nativecpu.bindings.Nd4jCpu;

/**
 * Switches on Deeplearning4j's own helpers, which call oneDNN inside ND4J's native library.
 *
 * <p>Deeplearning4j 1.0.0-M2.1 contains them but never uses them: its check for oneDNN looks for a class that has moved
 * ({@code BaseMKLDNNHelper.mklDnnEnabled}). This class puts them directly into the layers' {@code helper} fields. In the
 * layout NHWC the convolution's helper computes wrong numbers, so such layers are left alone.
 */
final class DeeplearningHelpers {
    private static final List<Helped<?>> ALL = List.of(
            new Helped<>(ConvolutionLayer.class, () -> new MKLDNNConvHelper(DataType.FLOAT),
                    layer -> unsupported(layer, layer.layerConf().getCnn2dDataFormat())),
            new Helped<>(BatchNormalization.class, () -> new MKLDNNBatchNormHelper(DataType.FLOAT),
                    layer -> when(layer.layerConf().isLockGammaBeta(), "its gamma and beta are locked")
                            .or(() -> unsupported(layer, layer.layerConf().getCnn2DFormat()))),
            new Helped<>(SubsamplingLayer.class, () -> new MKLDNNSubsamplingHelper(DataType.FLOAT),
                    layer -> when(layer.layerConf().getPoolingType() != PoolingType.MAX,
                            "the helper is right for max pooling only")
                            .or(() -> unsupported(layer, layer.layerConf().getCnn2dDataFormat()))));

    private DeeplearningHelpers() {
    }

    /** A kind of layer, how to make its helper, why a particular layer gets none, and the field for it. */
    private record Helped<L extends Layer>(Class<L> kind, Supplier<LayerHelper> helper,
                                           Function<L, Optional<String>> unsupported, VarHandle field) {
        Helped(Class<L> kind, Supplier<LayerHelper> helper, Function<L, Optional<String>> unsupported) {
            this(kind, helper, unsupported, PrivateField.of(kind, "helper"));
        }

        Optional<String> install(Layer layer) {
            Optional<String> reason = unsupported.apply(kind.cast(layer));
            if (reason.isEmpty()) field.set(layer, helper.get());
            return reason;
        }
    }

    private static Optional<String> unsupported(AbstractLayer<?> layer, CNN2DFormat format) {
        return when(layer.getDataType() != DataType.FLOAT, "it computes in " + layer.getDataType() + ", the helper in FLOAT only")
                .or(() -> when(format != CNN2DFormat.NCHW, "the helper is right for NCHW only, the layer is " + format));
    }

    /** Why ND4J's native library cannot run the helpers; empty if it can. */
    static Optional<String> missing() {
        try {
            return Nd4jCpu.Environment.getInstance().isUseONEDNN() ? Optional.empty()
                    : Optional.of("this binary of ND4J is built without oneDNN");
        } catch (LinkageError | RuntimeException notTheCpu) {
            return Optional.of("ND4J's CPU library is not loaded (" + notTheCpu + ")");
        }
    }

    /** Gives the layer its helper, or returns why there is none for it. */
    static Optional<String> install(Layer layer) {
        return ALL.stream().filter(helped -> helped.kind == layer.getClass()).findFirst()
                .map(helped -> helped.install(layer)).orElse(Optional.of("no helper for this kind of layer"));
    }

    /** Removes the layer's helper. */
    static void remove(Layer layer) {
        for (Helped<?> helped : ALL) {
            if (helped.kind.isInstance(layer)) helped.field.set(layer, null);
        }
    }
}
