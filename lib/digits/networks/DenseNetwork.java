package digits.networks;

import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.layers.DropoutLayer;
import org.nd4j.linalg.activations.Activation;

/**
 * A baseline without convolutions: it sees a list of 784 numbers and knows nothing about which pixels are neighbors.
 *
 * <p>Layers and dropout are those of Keras's example {@code mnist_mlp.py} (2015): two dense layers of 512 neurons with
 * ReLU, each followed by 20 % dropout. Its 669,706 parameters are about as many as the walkthrough's network has.
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
    private DenseNetwork() { }

    /**
     * The configuration, for images of shape [n, 1, 28, 28] in [0, 1]; its output is [n, classes] probabilities.
     *
     * @param classes number of classes, 2 or more
     */
    public static MultiLayerConfiguration configuration(long seed, int classes) {
        return Layers.begin(seed, classes).list(
                Layers.dense(512, Activation.RELU), new DropoutLayer(0.8),   // 80 % are kept
                Layers.dense(512, Activation.RELU), new DropoutLayer(0.8),
                Layers.output(classes)).setInputType(Layers.INPUT).build();
    }
}
