package digits.networks;

import java.util.List;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration.ListBuilder;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.DropoutLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer.PoolingType;
import org.nd4j.linalg.activations.Activation;

/**
 * LeNet-5 of LeCun, Bottou, Bengio and Haffner, “Gradient-Based Learning Applied to Document Recognition” (Proceedings
 * of the IEEE, 1998, section II.B), the network that read checks.
 *
 * <table><caption>Shapes for ten classes, under the paper's names</caption>
 * <tr><th>layer</th><th>output</th><th>parameters here</th><th>in the paper</th></tr>
 * <tr><td>input; padding of 2 makes it 32×32</td><td>28 × 28 × 1</td><td></td><td></td></tr>
 * <tr><td>C1, convolution 5×5</td><td>28 × 28 × 6</td><td>25·6 + 6 = 156</td><td>156</td></tr>
 * <tr><td>S2, subsampling 2×2</td><td>14 × 14 × 6</td><td>0</td><td>12</td></tr>
 * <tr><td>C3, convolution 5×5</td><td>10 × 10 × 16</td><td>25·6·16 + 16 = 2,416</td><td>1,516</td></tr>
 * <tr><td>S4, subsampling 2×2</td><td>5 × 5 × 16</td><td>0</td><td>32</td></tr>
 * <tr><td>C5, convolution 5×5</td><td>1 × 1 × 120</td><td>25·16·120 + 120 = 48,120</td><td>48,120</td></tr>
 * <tr><td>F6, dense</td><td>84</td><td>120·84 + 84 = 10,164</td><td>10,164</td></tr>
 * <tr><td>output</td><td>10</td><td>84·10 + 10 = 850</td><td>840, not trained</td></tr>
 * </table>
 *
 * <p>61,706 parameters, for {@link #asPublished} and {@link #modern} alike. Both differ from the paper here:
 * <ul>
 * <li>each map of C3 reads all six maps of S2; in the paper it reads three, four or six of them, by a table;</li>
 * <li>the output is dense with softmax and cross-entropy; in the paper, radial basis functions of fixed pictures;</li>
 * <li>subsampling has no trainable coefficient and bias;</li>
 * <li>pixels lie in [0, 1], not in [−0.1, 1.175]; weights begin Glorot-uniform; Adam with 1e-3 takes the place of the
 *     stochastic diagonal Levenberg–Marquardt method.</li>
 * </ul>
 */
public final class LeNet {
    private LeNet() { }

    /**
     * The network of 1998: the activation function 1.7159·tanh(2x/3) after convolutions, subsampling and F6;
     * subsampling by the mean. The hyperbolic tangent is Deeplearning4j's rational approximation.
     *
     * @param classes number of classes, 2 or more
     */
    public static MultiLayerConfiguration asPublished(long seed, int classes) {
        Activation tanh = Activation.RATIONALTANH;
        return Layers.begin(seed, classes).list(
                Layers.convolution(5, 6, 2, tanh), Layers.pooling(PoolingType.AVG), new ActivationLayer(tanh),
                Layers.convolution(5, 16, 0, tanh), Layers.pooling(PoolingType.AVG), new ActivationLayer(tanh),
                Layers.convolution(5, 120, 0, tanh), Layers.dense(84, tanh),
                Layers.output(classes)).setInputType(Layers.INPUT).build();
    }

    /** The network as it would be written today, with ReLU and max pooling; parameters as in {@link #asPublished}. */
    public static MultiLayerConfiguration modern(long seed, int classes) {
        return layers(seed, classes, 0);
    }

    /**
     * {@link #modern(long, int)} with dropout of the inputs of its two dense layers, F6 and the output.
     *
     * @param dropout share of the inputs that each training step sets to zero, above 0 and below 1, such as 0.5
     */
    public static MultiLayerConfiguration modern(long seed, int classes, double dropout) {
        if (!(dropout > 0 && dropout < 1)) {
            throw new IllegalArgumentException("a dropout of " + dropout + "; it has to be above 0 and below 1");
        }
        return layers(seed, classes, dropout);
    }

    private static MultiLayerConfiguration layers(long seed, int classes, double dropout) {
        ListBuilder layers = Layers.begin(seed, classes).list()
                .layer(Layers.convolution(5, 6, 2, Activation.RELU)).layer(Layers.pooling(PoolingType.MAX))
                .layer(Layers.convolution(5, 16, 0, Activation.RELU)).layer(Layers.pooling(PoolingType.MAX))
                .layer(Layers.convolution(5, 120, 0, Activation.RELU));
        for (Layer dense : List.of(Layers.dense(84, Activation.RELU), Layers.output(classes))) {
            if (dropout > 0) layers.layer(new DropoutLayer(1 - dropout));   // the share kept
            layers.layer(dense);
        }
        return layers.setInputType(Layers.INPUT).build();
    }
}
