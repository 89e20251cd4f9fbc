package digits.acceleration;

import java.util.Optional;

import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.dropout.Dropout;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.layers.AbstractLayer;
import org.nd4j.linalg.api.buffer.DataType;

/** A layer that computes with oneDNN in the place of one of Deeplearning4j's, on the same configuration and parameters. */
interface Replacement {
    /** The layer it stands for. */
    Layer original();

    /** Why there is none for this layer, if so. */
    static Optional<String> unsupported(Layer layer) {
        if (!(layer instanceof AbstractLayer<?> known)) return Optional.of("no faster code for this kind of layer");
        if (known.getDataType() != DataType.FLOAT) {
            return Optional.of("it computes in " + known.getDataType() + ", oneDNN in FLOAT");
        }
        Class<?> kind = layer.getClass();
        if (kind == org.deeplearning4j.nn.layers.convolution.ConvolutionLayer.class) {
            return noise(((org.deeplearning4j.nn.layers.convolution.ConvolutionLayer) layer).layerConf().getWeightNoise());
        }
        if (kind == org.deeplearning4j.nn.layers.normalization.BatchNormalization.class) {
            return ((org.deeplearning4j.nn.layers.normalization.BatchNormalization) layer).layerConf().isLockGammaBeta()
                    ? Optional.of("its gamma and beta are locked") : Optional.empty();
        }
        if (kind == org.deeplearning4j.nn.layers.convolution.subsampling.SubsamplingLayer.class) {
            var pooling = ((org.deeplearning4j.nn.layers.convolution.subsampling.SubsamplingLayer) layer).layerConf();
            if (pooling.getPoolingType() != PoolingType.MAX && pooling.getPoolingType() != PoolingType.AVG) {
                return Optional.of("no faster code for " + pooling.getPoolingType() + " pooling");
            }
            boolean dilated = pooling.getDilation()[0] != 1 || pooling.getDilation()[1] != 1;
            return dilated ? Optional.of("no faster code for dilated pooling") : Optional.empty();
        }
        if (kind == org.deeplearning4j.nn.layers.feedforward.dense.DenseLayer.class) {
            var dense = ((org.deeplearning4j.nn.layers.feedforward.dense.DenseLayer) layer).layerConf();
            if (dense.hasLayerNorm()) return Optional.of("no faster code for layer normalisation");
            return dense.hasBias() ? noise(dense.getWeightNoise()) : Optional.of("no faster code without a bias");
        }
        if (kind == org.deeplearning4j.nn.layers.OutputLayer.class) {
            var output = ((org.deeplearning4j.nn.layers.OutputLayer) layer).layerConf();
            return output.hasBias() ? noise(output.getWeightNoise()) : Optional.of("no faster code without a bias");
        }
        if (kind == org.deeplearning4j.nn.layers.DropoutLayer.class) {
            var dropout = ((org.deeplearning4j.nn.layers.DropoutLayer) layer).layerConf().getIDropout();
            return dropout != null && dropout.getClass() == Dropout.class ? Optional.empty()
                    : Optional.of("no faster code for this kind of dropout");
        }
        if (kind == org.deeplearning4j.nn.layers.ActivationLayer.class) {
            return Relu.is(((org.deeplearning4j.nn.layers.ActivationLayer) layer).layerConf().getActivationFn()) ? Optional.empty()
                    : Optional.of("no faster code for this activation");
        }
        return Optional.of("no faster code for this kind of layer");
    }

    private static Optional<String> noise(Object weightNoise) {
        return weightNoise == null ? Optional.empty() : Optional.of("its weights are noisy");
    }

    /** Whether a layer needs one although it has no faster code: p-norm pooling, whose gradient may be no number. */
    static boolean mends(Layer layer) {
        return layer.getClass() == org.deeplearning4j.nn.layers.convolution.subsampling.SubsamplingLayer.class
                && ((org.deeplearning4j.nn.layers.convolution.subsampling.SubsamplingLayer) layer).layerConf().getPoolingType() == PoolingType.PNORM;
    }

    /** The layer to put in the place of this one, which is supported or mended. */
    static Layer of(Layer layer, Place place) {
        AbstractLayer<?> replacement;
        if (layer instanceof org.deeplearning4j.nn.layers.convolution.ConvolutionLayer convolution) {
            replacement = new ConvolutionLayer(convolution, place);
        } else if (layer instanceof org.deeplearning4j.nn.layers.normalization.BatchNormalization normalization) {
            replacement = new BatchNormalization(normalization);
        } else if (layer instanceof org.deeplearning4j.nn.layers.convolution.subsampling.SubsamplingLayer pooling) {
            replacement = new SubsamplingLayer(pooling);
        } else if (layer instanceof org.deeplearning4j.nn.layers.feedforward.dense.DenseLayer dense) {
            replacement = new DenseLayer(dense, place);
        } else if (layer instanceof org.deeplearning4j.nn.layers.OutputLayer output) {
            replacement = new OutputLayer(output);
        } else if (layer instanceof org.deeplearning4j.nn.layers.DropoutLayer dropout) {
            replacement = new DropoutLayer(dropout);
        } else if (layer instanceof org.deeplearning4j.nn.layers.ActivationLayer activation) {
            replacement = new ActivationLayer(activation);
        } else {
            throw new IllegalArgumentException("no replacement for " + layer.getClass().getName());
        }
        hand(layer, replacement);
        return replacement;
    }

    /** Gives one layer's state to the other: the same parameters and gradients (views of the network's), counters, listeners. */
    static void hand(Layer from, Layer to) {
        to.setIndex(from.getIndex());
        to.setListeners(from.getListeners());
        to.setIterationCount(from.getIterationCount());
        to.setEpochCount(from.getEpochCount());
        if (from.paramTable() != null) to.setParamTable(from.paramTable());
        if (from.params() != null) to.setParamsViewArray(from.params());
        if (from.getGradientsViewArray() != null) to.setBackpropGradientsViewArray(from.getGradientsViewArray());
    }
}
