package digits.networks;

import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.DropoutLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.weights.WeightInit;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/**
 * A network without a convolution, as the baseline: it sees a list of 784 numbers and knows nothing of neighbours.
 *
 * <p>Layers and dropout are those of Keras's example {@code mnist_mlp.py} (2015): two dense layers of 512 with ReLU, 20 %
 * dropped after each. 669,706 parameters with ten classes, about as many as the walkthrough's network has.
 *
 * <table><caption>Shapes for ten classes</caption>
 * <tr><th>layer</th><th>output</th><th>parameters</th></tr>
 * <tr><td>input, flattened</td><td>784</td><td></td></tr>
 * <tr><td>dense 512, ReLU; dropout 20 %</td><td>512</td><td>784·512 + 512 = 401,920</td></tr>
 * <tr><td>dense 512, ReLU; dropout 20 %</td><td>512</td><td>512·512 + 512 = 262,656</td></tr>
 * <tr><td>dense, softmax</td><td>10</td><td>512·10 + 10 = 5,130</td></tr>
 * </table>
 */
public final class DenseNetwork {
    private static final double KEPT = 0.8;

    private DenseNetwork() {
    }

    /**
     * For images of shape [n, 1, 28, 28] in [0, 1]; answers [n, classes] probabilities.
     *
     * @param seed    seed of the initial weights, which are Glorot-uniform
     * @param classes how many, 2 or more
     */
    public static MultiLayerConfiguration configuration(long seed, int classes) {
        Classes.check(classes);
        return new NeuralNetConfiguration.Builder()
                .seed(seed)
                .weightInit(WeightInit.XAVIER_UNIFORM)
                .updater(Adam.builder().learningRate(1e-3).epsilon(1e-7).build())
                .list()
                .layer(new DenseLayer.Builder().nOut(512).activation(Activation.RELU).build())
                .layer(new DropoutLayer(KEPT))
                .layer(new DenseLayer.Builder().nOut(512).activation(Activation.RELU).build())
                .layer(new DropoutLayer(KEPT))
                .layer(new OutputLayer.Builder(LossFunction.MCXENT).nOut(classes).activation(Activation.SOFTMAX).build())
                .setInputType(InputType.convolutional(28, 28, 1))
                .build();
    }
}
