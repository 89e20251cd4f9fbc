package digits.networks;

import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.layers.DropoutLayer;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer.PoolingType;
import org.nd4j.linalg.activations.Activation;

/**
 * The network of the walkthrough. The notebook on building writes it out and checks that it equals this copy.
 *
 * <p>Input [n, 1, 28, 28] in [0, 1], output [n, classes] probabilities; with ten classes 597,738 parameters, of which
 * 596,330 are trained (the rest are the running means and variances of batch normalization). The numbers are Keras's
 * defaults: Glorot-uniform kernels, batch-norm epsilon 1e-3, Adam with learning rate 1e-3 and epsilon 1e-7.
 */
public final class WalkthroughNetwork {
    /** All parameters with ten classes, trained or not. */
    public static final long PARAMETERS = 597_738;

    private WalkthroughNetwork() { }

    /** The configuration for ten classes; see {@link #configuration(long, int, double)}. */
    public static MultiLayerConfiguration configuration(long seed, double batchNormDecay) {
        return configuration(seed, 10, batchNormDecay);
    }

    /**
     * The network's configuration; the seed is that of the initial weights.
     *
     * @param classes        number of classes, 2 or more
     * @param batchNormDecay share of its running averages that batch normalization keeps at each step; 0.99 in Keras
     */
    public static MultiLayerConfiguration configuration(long seed, int classes, double batchNormDecay) {
        return Layers.begin(seed, classes).list(
                Layers.convolution(3, 32, 0, Activation.RELU), Layers.batchNorm(batchNormDecay),
                Layers.convolution(3, 32, 0, Activation.RELU), Layers.batchNorm(batchNormDecay),
                Layers.pooling(PoolingType.MAX), new DropoutLayer(0.75),
                Layers.convolution(3, 64, 0, Activation.RELU), Layers.batchNorm(batchNormDecay),
                Layers.convolution(3, 64, 0, Activation.RELU), Layers.batchNorm(batchNormDecay),
                Layers.pooling(PoolingType.MAX), new DropoutLayer(0.75),
                Layers.dense(512, Activation.RELU), Layers.batchNorm(batchNormDecay), new DropoutLayer(0.5),
                Layers.output(classes)).setInputType(Layers.INPUT).build();
    }
}
