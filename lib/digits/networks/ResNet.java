package digits.networks;

import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.weights.WeightInit;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/**
 * The small residual network of He, Zhang, Ren and Sun, «Deep Residual Learning for Image Recognition» (2015, section 4.2,
 * there for CIFAR-10), on images of 28×28. Three stages of {@code n} residual blocks each, two convolutions a block, one
 * before the first and a dense layer after the last: 6n + 2 layers with weights.
 *
 * <p>A block computes {@code ReLU(x + F(x))}: F are two 3×3 convolutions, each with batch normalisation, with a ReLU
 * between them. The first block of stages 2 and 3 halves the image and doubles the channels, so that x has to follow: a
 * 1×1 convolution with stride 2 and batch normalisation, the paper's option B (its own figures on CIFAR-10 pad with zeros).
 *
 * <table><caption>Shapes and parameters for ten classes</caption>
 * <tr><th>part</th><th>output</th><th>parameters, batch normalisation's four a channel included</th></tr>
 * <tr><td>input</td><td>28 × 28 × 1</td><td></td></tr>
 * <tr><td>convolution 3×3</td><td>28 × 28 × 16</td><td>208</td></tr>
 * <tr><td>stage 1</td><td>28 × 28 × 16</td><td>4,736 a block</td></tr>
 * <tr><td>stage 2</td><td>14 × 14 × 32</td><td>14,720, then 18,688 a block</td></tr>
 * <tr><td>stage 3</td><td>7 × 7 × 64</td><td>58,112, then 74,240 a block</td></tr>
 * <tr><td>mean of each channel</td><td>64</td><td></td></tr>
 * <tr><td>dense, softmax</td><td>10</td><td>650</td></tr>
 * <tr><td>total</td><td></td><td>n = 1: 78,426; n = 2: 176,090; n = 3: 273,754</td></tr>
 * </table>
 *
 * <p>Different from the paper: Adam with 1e-3 instead of momentum with a falling rate, and no weight decay.
 */
public final class ResNet {
    private static final int[] CHANNELS = {16, 32, 64};
    /** Batch normalisation keeps so much of its running averages each step, as in the reference implementations. */
    private static final double DECAY = 0.9;

    private ResNet() {
    }

    /**
     * For images of shape [n, 1, 28, 28] in [0, 1]; answers [n, classes] probabilities.
     *
     * @param seed           seed of the initial weights, which are He's: normal with variance 2 / fan-in
     * @param classes        how many, 2 or more
     * @param blocksPerStage n: 1 for 8 layers, 2 for 14, 3 for 20
     */
    public static ComputationGraphConfiguration configuration(long seed, int classes, int blocksPerStage) {
        Classes.check(classes);
        if (blocksPerStage < 1 || blocksPerStage > 3) {
            throw new IllegalArgumentException(blocksPerStage + " blocks a stage; 1, 2 or 3 make 8, 14 or 20 layers");
        }
        GraphBuilder graph = new NeuralNetConfiguration.Builder()
                .seed(seed)
                .weightInit(WeightInit.RELU)
                .updater(Adam.builder().learningRate(1e-3).epsilon(1e-7).build())
                .convolutionMode(ConvolutionMode.Same)
                .graphBuilder()
                .addInputs("image");
        String last = relu(graph, "first", normalised(graph, "first", 3, 1, CHANNELS[0], "image"));
        for (int stage = 1; stage <= CHANNELS.length; stage++) {
            for (int block = 1; block <= blocksPerStage; block++) {
                boolean smaller = stage > 1 && block == 1;
                last = block(graph, "block " + stage + "." + block, CHANNELS[stage - 1], smaller, last);
            }
        }
        return graph
                .addLayer("mean", new GlobalPoolingLayer.Builder(PoolingType.AVG).build(), last)
                .addLayer("answer", new OutputLayer.Builder(LossFunction.MCXENT).nOut(classes).activation(Activation.SOFTMAX).build(), "mean")
                .setOutputs("answer")
                .setInputTypes(InputType.convolutional(28, 28, 1))
                .build();
    }

    /** ReLU(x + F(x)); a block that makes the image smaller projects x to the new shape. */
    private static String block(GraphBuilder graph, String name, int channels, boolean smaller, String x) {
        int stride = smaller ? 2 : 1;
        String first = relu(graph, name + " a", normalised(graph, name + " a", 3, stride, channels, x));
        String f = normalised(graph, name + " b", 3, 1, channels, first);
        String shortcut = smaller ? normalised(graph, name + " shortcut", 1, stride, channels, x) : x;
        graph.addVertex(name + " sum", new ElementWiseVertex(ElementWiseVertex.Op.Add), f, shortcut);
        return relu(graph, name, name + " sum");
    }

    /** A convolution, whose bias batch normalisation would only take away again, and batch normalisation. */
    private static String normalised(GraphBuilder graph, String name, int kernel, int stride, int channels, String x) {
        graph.addLayer(name + " conv", new ConvolutionLayer.Builder(kernel, kernel).stride(stride, stride).nOut(channels)
                .hasBias(false).activation(Activation.IDENTITY).build(), x);
        graph.addLayer(name + " norm", new BatchNormalization.Builder().decay(DECAY).useLogStd(false).build(), name + " conv");
        return name + " norm";
    }

    private static String relu(GraphBuilder graph, String name, String x) {
        graph.addLayer(name + " relu", new ActivationLayer(Activation.RELU), x);
        return name + " relu";
    }
}
