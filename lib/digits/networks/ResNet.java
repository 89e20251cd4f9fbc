package digits.networks;

import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.weights.WeightInit;
import org.nd4j.linalg.activations.Activation;

/**
 * The small residual network of He, Zhang, Ren and Sun, “Deep Residual Learning for Image Recognition” (2015, section
 * 4.2, there for CIFAR-10), for images of 28×28. It has one convolution, three stages of {@code n} residual blocks with
 * two convolutions each, and a dense layer: 6n + 2 layers with weights.
 *
 * <p>A block computes {@code ReLU(x + F(x))}: F, the residual, is two 3×3 convolutions, each with batch normalization,
 * and a ReLU between them. The first block of stages 2 and 3 halves the image and doubles the channels, so x has to
 * follow: by a 1×1 convolution with stride 2 and batch normalization, the paper's option B.
 *
 * <table><caption>Shapes and parameters for ten classes</caption>
 * <tr><th>part</th><th>output</th><th>parameters, with batch normalization's four per channel</th></tr>
 * <tr><td>input</td><td>28 × 28 × 1</td><td></td></tr>
 * <tr><td>convolution 3×3</td><td>28 × 28 × 16</td><td>208</td></tr>
 * <tr><td>stage 1</td><td>28 × 28 × 16</td><td>4,736 per block</td></tr>
 * <tr><td>stage 2</td><td>14 × 14 × 32</td><td>14,720, then 18,688 per block</td></tr>
 * <tr><td>stage 3</td><td>7 × 7 × 64</td><td>58,112, then 74,240 per block</td></tr>
 * <tr><td>mean of each channel</td><td>64</td><td></td></tr>
 * <tr><td>dense, softmax</td><td>10</td><td>650</td></tr>
 * <tr><td>total</td><td></td><td>n = 1: 78,426; n = 2: 176,090; n = 3: 273,754</td></tr>
 * </table>
 *
 * <p>Unlike the paper it uses Adam with 1e-3, not momentum with a falling rate, and no weight decay.
 */
public final class ResNet {
    private static final int[] CHANNELS = {16, 32, 64};
    private static final double DECAY = 0.9;   // of batch normalization's averages, as in reference implementations

    private ResNet() { }

    /**
     * The configuration, for images of shape [n, 1, 28, 28] in [0, 1]; its output is [n, classes] probabilities.
     *
     * @param seed           seed of the initial weights, which are He's: normal with variance 2 / fan-in
     * @param classes        number of classes, 2 or more
     * @param blocksPerStage n: 1 for 8 layers, 2 for 14, 3 for 20
     */
    public static ComputationGraphConfiguration configuration(long seed, int classes, int blocksPerStage) {
        if (blocksPerStage < 1 || blocksPerStage > 3) {
            throw new IllegalArgumentException(blocksPerStage + " blocks per stage; 1, 2 or 3 make 8, 14 or 20 layers");
        }
        GraphBuilder graph = Layers.begin(seed, classes).weightInit(WeightInit.RELU)
                .convolutionMode(ConvolutionMode.Same).graphBuilder().addInputs("image");
        String last = relu(graph, "first", normalized(graph, "first", 3, 1, CHANNELS[0], "image"));
        for (int stage = 1; stage <= CHANNELS.length; stage++) {
            for (int block = 1; block <= blocksPerStage; block++) {
                last = block(graph, "block " + stage + "." + block, CHANNELS[stage - 1], stage > 1 && block == 1, last);
            }
        }
        return graph.addLayer("mean", new GlobalPoolingLayer.Builder(PoolingType.AVG).build(), last)
                .addLayer("answer", Layers.output(classes), "mean").setOutputs("answer")
                .setInputTypes(Layers.INPUT).build();
    }

    /** ReLU(x + F(x)); a block that makes the image smaller projects x to the new shape. */
    private static String block(GraphBuilder graph, String name, int channels, boolean smaller, String x) {
        int stride = smaller ? 2 : 1;
        String first = relu(graph, name + " a", normalized(graph, name + " a", 3, stride, channels, x));
        String f = normalized(graph, name + " b", 3, 1, channels, first);
        String shortcut = smaller ? normalized(graph, name + " shortcut", 1, stride, channels, x) : x;
        graph.addVertex(name + " sum", new ElementWiseVertex(ElementWiseVertex.Op.Add), f, shortcut);
        return relu(graph, name, name + " sum");
    }

    /** A convolution and batch normalization, which would cancel a bias, so the convolution has no bias. */
    private static String normalized(GraphBuilder graph, String name, int kernel, int stride, int channels, String x) {
        graph.addLayer(name + " conv", new ConvolutionLayer.Builder(kernel, kernel).stride(stride, stride)
                .nOut(channels).hasBias(false).activation(Activation.IDENTITY).build(), x);
        graph.addLayer(name + " norm", new BatchNormalization.Builder().decay(DECAY).useLogStd(false).build(),
                name + " conv");
        return name + " norm";
    }

    private static String relu(GraphBuilder graph, String name, String x) {
        graph.addLayer(name + " relu", new ActivationLayer(Activation.RELU), x);
        return name + " relu";
    }
}
