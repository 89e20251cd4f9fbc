package digits.acceleration;

import java.lang.reflect.Field;
import java.util.Optional;

import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.CNN2DFormat;
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
 * <p>Deeplearning4j 1.0.0-M2.1 brings them but never uses them: its check for oneDNN looks for a class that has moved
 * ({@code BaseMKLDNNHelper.mklDnnEnabled}). They go straight into the layers' {@code helper} fields here.
 * In the layout NHWC the convolution's helper computes wrong numbers, so such layers are left alone.
 */
final class DeeplearningHelpers {
    private static final Field CONVOLUTION = field(ConvolutionLayer.class);
    private static final Field NORMALIZATION = field(BatchNormalization.class);
    private static final Field POOLING = field(SubsamplingLayer.class);

    private DeeplearningHelpers() {
    }

    /** Why ND4J's native library cannot run the helpers, if it cannot. */
    static Optional<String> missing() {
        try {
            return Nd4jCpu.Environment.getInstance().isUseONEDNN() ? Optional.empty()
                    : Optional.of("this binary of ND4J is built without oneDNN");
        } catch (LinkageError | RuntimeException notTheCpu) {
            return Optional.of("ND4J's CPU library is not loaded (" + notTheCpu + ")");
        }
    }

    /** Gives the layer its helper; says why not if there is none for it. */
    static Optional<String> install(Layer layer) {
        if (layer.getClass() == ConvolutionLayer.class) {
            var convolution = (ConvolutionLayer) layer;
            var unsupported = unsupported(convolution.getDataType(), convolution.layerConf().getCnn2dDataFormat());
            if (unsupported.isEmpty()) set(CONVOLUTION, layer, new MKLDNNConvHelper(DataType.FLOAT));
            return unsupported;
        }
        if (layer.getClass() == BatchNormalization.class) {
            var normalization = (BatchNormalization) layer;
            if (normalization.layerConf().isLockGammaBeta()) return Optional.of("its gamma and beta are locked");
            var unsupported = unsupported(normalization.getDataType(), normalization.layerConf().getCnn2DFormat());
            if (unsupported.isEmpty()) set(NORMALIZATION, layer, new MKLDNNBatchNormHelper(DataType.FLOAT));
            return unsupported;
        }
        if (layer.getClass() == SubsamplingLayer.class) {
            var pooling = (SubsamplingLayer) layer;
            if (pooling.layerConf().getPoolingType() != org.deeplearning4j.nn.conf.layers.PoolingType.MAX) {
                return Optional.of("the helper is right for max pooling only");
            }
            var unsupported = unsupported(pooling.getDataType(), pooling.layerConf().getCnn2dDataFormat());
            if (unsupported.isEmpty()) set(POOLING, layer, new MKLDNNSubsamplingHelper(DataType.FLOAT));
            return unsupported;
        }
        return Optional.of("no helper for this kind of layer");
    }

    /** Takes the layer's helper away again. */
    static void remove(Layer layer) {
        if (layer instanceof ConvolutionLayer) set(CONVOLUTION, layer, null);
        if (layer instanceof BatchNormalization) set(NORMALIZATION, layer, null);
        if (layer instanceof SubsamplingLayer) set(POOLING, layer, null);
    }

    private static Optional<String> unsupported(DataType type, CNN2DFormat format) {
        if (type != DataType.FLOAT) return Optional.of("it computes in " + type + ", the helper in FLOAT only");
        if (format != CNN2DFormat.NCHW) return Optional.of("the helper is right for NCHW only, the layer is " + format);
        return Optional.empty();
    }

    private static void set(Field field, Layer layer, Object helper) {
        try {
            field.set(layer, helper);
        } catch (IllegalAccessException e) {
            throw new IllegalStateException("cannot set " + field, e);
        }
    }

    private static Field field(Class<?> layer) {
        try {
            Field field = layer.getDeclaredField("helper");
            field.setAccessible(true);
            return field;
        } catch (NoSuchFieldException e) {
            throw new IllegalStateException(layer.getName() + " has no field \"helper\": another version of Deeplearning4j"
                    + " than 1.0.0-M2.1 is on the classpath", e);
        }
    }
}
