package digits.networks;

import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer.PoolingType;
import org.deeplearning4j.nn.weights.WeightInit;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/** What the networks of this package have in common: their input, their optimizer, and their kinds of layers. */
final class Layers {
    /** Grayscale images of 28×28. */
    static final InputType INPUT = InputType.convolutional(28, 28, 1);

    private Layers() { }

    /** The beginning of a network: Adam as in Keras, Glorot-uniform weights, no implicit padding. */
    static NeuralNetConfiguration.Builder begin(long seed, int classes) {
        if (classes < 2) {
            throw new IllegalArgumentException(classes + " classes; a network needs 2 or more to choose from");
        }
        return new NeuralNetConfiguration.Builder().seed(seed).weightInit(WeightInit.XAVIER_UNIFORM)
                .convolutionMode(ConvolutionMode.Truncate)
                .updater(Adam.builder().learningRate(1e-3).epsilon(1e-7).build());
    }

    static ConvolutionLayer convolution(int kernel, int filters, int padding, Activation activation) {
        return new ConvolutionLayer.Builder(kernel, kernel).nOut(filters).padding(padding, padding)
                .activation(activation).build();
    }

    /** @param decay share of its running averages that the layer keeps at each step */
    static BatchNormalization batchNorm(double decay) {
        return new BatchNormalization.Builder().decay(decay).eps(1e-3).useLogStd(false).build();
    }

    /** Halves height and width. */
    static SubsamplingLayer pooling(PoolingType type) {
        return new SubsamplingLayer.Builder(type).kernelSize(2, 2).stride(2, 2).build();
    }

    static DenseLayer dense(int neurons, Activation activation) {
        return new DenseLayer.Builder().nOut(neurons).activation(activation).build();
    }

    /** One probability per class, and the cross-entropy loss. */
    static OutputLayer output(int classes) {
        return new OutputLayer.Builder(LossFunction.MCXENT).nOut(classes).activation(Activation.SOFTMAX).build();
    }
}
