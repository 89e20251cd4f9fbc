package digits.networks;

import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.DropoutLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer.PoolingType;
import org.deeplearning4j.nn.weights.WeightInit;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/**
 * The walkthrough's network, as the notebook on building writes it out layer by layer: the library's copy, for
 * tests and benchmarks. The notebook checks that the two are equal.
 *
 * <p>Input [n, 1, 28, 28] in [0, 1], output [n, classes] probabilities; with ten classes 597,738 parameters, of which 596,330 are trained
 * (the rest are batch normalisation's running means and variances). Numbers follow Keras's defaults: Glorot-uniform
 * kernels, batch-norm epsilon 1e-3, Adam with learning rate 1e-3 and epsilon 1e-7.
 */
public final class WalkthroughNetwork {
    /** All parameters with ten classes, trained or not. */
    public static final long PARAMETERS = 597_738;

    private WalkthroughNetwork() {
    }

    /**
     * The network's configuration.
     *
     * @param seed           seed of the initial weights
     * @param batchNormDecay how much of its running averages batch normalisation keeps each step; Keras's default is 0.99
     */
    public static MultiLayerConfiguration configuration(long seed, double batchNormDecay) {
        return configuration(seed, batchNormDecay, 10);
    }

    /**
     * The same for another number of classes: the last layer follows it, 513 parameters a class.
     *
     * @param classes how many, 2 or more
     */
    public static MultiLayerConfiguration configuration(long seed, double batchNormDecay, int classes) {
        Classes.check(classes);
        return new NeuralNetConfiguration.Builder()
                .seed(seed)
                .weightInit(WeightInit.XAVIER_UNIFORM)
                .updater(Adam.builder().learningRate(1e-3).epsilon(1e-7).build())
                .convolutionMode(ConvolutionMode.Truncate)
                .list()
                .layer(convolution(32))
                .layer(batchNorm(batchNormDecay))
                .layer(convolution(32))
                .layer(batchNorm(batchNormDecay))
                .layer(maxPooling())
                .layer(new DropoutLayer(0.75))
                .layer(convolution(64))
                .layer(batchNorm(batchNormDecay))
                .layer(convolution(64))
                .layer(batchNorm(batchNormDecay))
                .layer(maxPooling())
                .layer(new DropoutLayer(0.75))
                .layer(new DenseLayer.Builder().nOut(512).activation(Activation.RELU).build())
                .layer(batchNorm(batchNormDecay))
                .layer(new DropoutLayer(0.5))
                .layer(new OutputLayer.Builder(LossFunction.MCXENT).nOut(classes).activation(Activation.SOFTMAX).build())
                .setInputType(InputType.convolutional(28, 28, 1))
                .build();
    }

    private static ConvolutionLayer convolution(int filters) {
        return new ConvolutionLayer.Builder(3, 3).nOut(filters).activation(Activation.RELU).build();
    }

    private static BatchNormalization batchNorm(double decay) {
        return new BatchNormalization.Builder().decay(decay).eps(1e-3).useLogStd(false).build();
    }

    private static SubsamplingLayer maxPooling() {
        return new SubsamplingLayer.Builder(PoolingType.MAX).kernelSize(2, 2).stride(2, 2).build();
    }
}
