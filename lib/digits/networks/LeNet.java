package digits.networks;

import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer.PoolingType;
import org.deeplearning4j.nn.weights.WeightInit;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/**
 * LeNet-5 of LeCun, Bottou, Bengio and Haffner, «Gradient-Based Learning Applied to Document Recognition» (Proceedings of
 * the IEEE, 1998, section II.B), the network that read cheques.
 *
 * <table><caption>Shapes for ten classes, under the paper's names</caption>
 * <tr><th>layer</th><th>output</th><th>parameters here</th><th>in the paper</th></tr>
 * <tr><td>input; the border of 2 makes it 32×32</td><td>28 × 28 × 1</td><td></td><td></td></tr>
 * <tr><td>C1, convolution 5×5</td><td>28 × 28 × 6</td><td>25·6 + 6 = 156</td><td>156</td></tr>
 * <tr><td>S2, subsampling 2×2</td><td>14 × 14 × 6</td><td>0</td><td>12</td></tr>
 * <tr><td>C3, convolution 5×5</td><td>10 × 10 × 16</td><td>25·6·16 + 16 = 2,416</td><td>1,516</td></tr>
 * <tr><td>S4, subsampling 2×2</td><td>5 × 5 × 16</td><td>0</td><td>32</td></tr>
 * <tr><td>C5, convolution 5×5</td><td>1 × 1 × 120</td><td>25·16·120 + 120 = 48,120</td><td>48,120</td></tr>
 * <tr><td>F6, dense</td><td>84</td><td>120·84 + 84 = 10,164</td><td>10,164</td></tr>
 * <tr><td>output</td><td>10</td><td>84·10 + 10 = 850</td><td>840, not trained</td></tr>
 * </table>
 *
 * <p>61,706 parameters, for {@link #asPublished} and {@link #modern} alike. What Deeplearning4j does not offer and is
 * different here from the paper in both:
 * <ul>
 * <li>C3 looks at all six maps of S2; the paper connects each of its maps to three, four or six of them by a table;</li>
 * <li>the output is dense with softmax and cross-entropy; the paper measures the distance to a fixed picture of each
 *     character (radial basis functions);</li>
 * <li>subsampling has no coefficient and bias of its own to learn;</li>
 * <li>pixels lie in [0, 1], not in [−0.1, 1.175]; weights begin Glorot-uniform; Adam with 1e-3 takes the place of the
 *     stochastic diagonal Levenberg–Marquardt method.</li>
 * </ul>
 */
public final class LeNet {
    private LeNet() {
    }

    /**
     * As in 1998: squashed by 1.7159·tanh(2x/3) after convolutions, subsampling and F6, subsampling by the mean. The
     * hyperbolic tangent is Deeplearning4j's rational approximation.
     *
     * @param seed    seed of the initial weights
     * @param classes how many, 2 or more
     */
    public static MultiLayerConfiguration asPublished(long seed, int classes) {
        Activation squash = Activation.RATIONALTANH;
        return begin(seed, classes)
                .layer(convolution(6, 2, squash))
                .layer(pooling(PoolingType.AVG))
                .layer(new ActivationLayer(squash))
                .layer(convolution(16, 0, squash))
                .layer(pooling(PoolingType.AVG))
                .layer(new ActivationLayer(squash))
                .layer(convolution(120, 0, squash))
                .layer(new DenseLayer.Builder().nOut(84).activation(squash).build())
                .layer(output(classes))
                .setInputType(InputType.convolutional(28, 28, 1))
                .build();
    }

    /**
     * As one would write it today: ReLU, and subsampling by the maximum, which nothing squashes.
     *
     * @param seed    seed of the initial weights
     * @param classes how many, 2 or more
     */
    public static MultiLayerConfiguration modern(long seed, int classes) {
        return begin(seed, classes)
                .layer(convolution(6, 2, Activation.RELU))
                .layer(pooling(PoolingType.MAX))
                .layer(convolution(16, 0, Activation.RELU))
                .layer(pooling(PoolingType.MAX))
                .layer(convolution(120, 0, Activation.RELU))
                .layer(new DenseLayer.Builder().nOut(84).activation(Activation.RELU).build())
                .layer(output(classes))
                .setInputType(InputType.convolutional(28, 28, 1))
                .build();
    }

    private static NeuralNetConfiguration.ListBuilder begin(long seed, int classes) {
        Classes.check(classes);
        return new NeuralNetConfiguration.Builder()
                .seed(seed)
                .weightInit(WeightInit.XAVIER_UNIFORM)
                .updater(Adam.builder().learningRate(1e-3).epsilon(1e-7).build())
                .convolutionMode(ConvolutionMode.Truncate)
                .list();
    }

    private static ConvolutionLayer convolution(int filters, int border, Activation activation) {
        return new ConvolutionLayer.Builder(5, 5).nOut(filters).padding(border, border).activation(activation).build();
    }

    private static SubsamplingLayer pooling(PoolingType type) {
        return new SubsamplingLayer.Builder(type).kernelSize(2, 2).stride(2, 2).build();
    }

    private static OutputLayer output(int classes) {
        return new OutputLayer.Builder(LossFunction.MCXENT).nOut(classes).activation(Activation.SOFTMAX).build();
    }
}
