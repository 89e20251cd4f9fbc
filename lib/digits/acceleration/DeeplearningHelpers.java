package digits.acceleration;

import static digits.acceleration.LayerKinds.when;

import digits.acceleration.LayerKinds.Kind;
import java.util.List;
import java.util.Optional;
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
 * Puts Deeplearning4j's own helpers, which call oneDNN inside ND4J's native library, into the layers' {@code helper}
 * fields. Version 1.0.0-M2.1 never uses them, because its check for oneDNN looks for a class that has moved ({@code
 * BaseMKLDNNHelper.mklDnnEnabled}). In the layout NHWC the convolution's helper computes wrong numbers.
 */
final class DeeplearningHelpers {
    private static final List<Kind<?, Supplier<LayerHelper>>> ALL = List.of(
            new Kind<>(ConvolutionLayer.class, () -> new MKLDNNConvHelper(DataType.FLOAT),
                    layer -> unsupported(layer, layer.layerConf().getCnn2dDataFormat())),
            new Kind<>(BatchNormalization.class, () -> new MKLDNNBatchNormHelper(DataType.FLOAT),
                    layer -> when(layer.layerConf().isLockGammaBeta(), "its gamma and beta are locked")
                            .or(() -> unsupported(layer, layer.layerConf().getCnn2DFormat()))),
            new Kind<>(SubsamplingLayer.class, () -> new MKLDNNSubsamplingHelper(DataType.FLOAT),
                    layer -> when(layer.layerConf().getPoolingType() != PoolingType.MAX,
                            "the helper is right for max pooling only")
                            .or(() -> unsupported(layer, layer.layerConf().getCnn2dDataFormat()))));

    private DeeplearningHelpers() { }

    private static Optional<String> unsupported(AbstractLayer<?> layer, CNN2DFormat format) {
        DataType type = layer.getDataType();
        return when(type != DataType.FLOAT, "it computes in " + type + ", the helper in FLOAT only")
                .or(() -> when(format != CNN2DFormat.NCHW,
                        "the helper is right for NCHW only, the layer is " + format));
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
        return Kind.of(ALL, layer).map(kind -> {
            Optional<String> reason = kind.reason(layer);
            if (reason.isEmpty()) LayerSupport.privateField(kind.builtIn(), "helper").set(layer, kind.offer().get());
            return reason;
        }).orElse(Optional.of("no helper for this kind of layer"));
    }

    static void remove(Layer layer) {
        for (Kind<?, ?> kind : ALL) {
            if (kind.builtIn().isInstance(layer)) LayerSupport.privateField(kind.builtIn(), "helper").set(layer, null);
        }
    }
}
