package digits.interpret;

import java.util.List;
import java.util.Random;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.DropoutLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/** Networks so small that their results can be computed by hand. */
final class HandMade {
    private HandMade() {
    }

    /** On images of {@code side} by {@code side} pixels. */
    static MultiLayerNetwork network(DataType type, int side, List<? extends Layer> layers) {
        return network(type, InputType.convolutional(side, side, 1), layers);
    }

    static MultiLayerNetwork network(DataType type, InputType input, List<? extends Layer> layers) {
        var builder = new NeuralNetConfiguration.Builder().seed(3).dataType(type).updater(new Sgd(0.1)).list();
        layers.forEach(builder::layer);
        MultiLayerNetwork network = new MultiLayerNetwork(builder.setInputType(input).build());
        network.init();
        return network;
    }

    static ConvolutionLayer.Builder convolution(int side, int filters) {
        return new ConvolutionLayer.Builder(side, side).nOut(filters).activation(Activation.RELU);
    }

    static OutputLayer output(int classes) {
        return new OutputLayer.Builder(LossFunction.MCXENT).nOut(classes).activation(Activation.SOFTMAX).build();
    }

    static SubsamplingLayer pooling(SubsamplingLayer.PoolingType type) {
        return new SubsamplingLayer.Builder(type).kernelSize(2, 2).stride(2, 2).build();
    }

    /** Two filters of 2×2 on images of 3×3, the second one's bias −1; ReLU, max pooling to 1×1, two classes. */
    static MultiLayerNetwork twoFilters() {
        MultiLayerNetwork network = network(DataType.FLOAT, 3, List.of(convolution(2, 2).build(),
                pooling(SubsamplingLayer.PoolingType.MAX), output(2)));
        network.getLayer(0).setParam("W", Nd4j.createFromArray(1f, 2, 3, 4, 0, -1, 1, 0).reshape(2, 1, 2, 2));
        network.getLayer(0).setParam("b", Nd4j.createFromArray(0f, -1).reshape(1, 2));
        network.getLayer(2).setParam("W", Nd4j.createFromArray(1f, 0, 2, -3).reshape(2, 2));
        return network;
    }

    /** The numbers 0 to 8, row by row, as one image of 3×3. */
    static INDArray zeroToEight() {
        return Nd4j.arange(9).castTo(DataType.FLOAT).reshape(1, 1, 3, 3);
    }

    /**
     * Every kind of layer of the walkthrough's network, in double precision, with running averages that are not those
     * of the start.
     */
    static MultiLayerNetwork everyKind(boolean logStd) {
        BatchNormalization.Builder normal = new BatchNormalization.Builder().eps(1e-3).useLogStd(logStd);
        MultiLayerNetwork network = network(DataType.DOUBLE, 10, List.of(
                convolution(3, 3).build(), normal.build(),
                pooling(SubsamplingLayer.PoolingType.MAX), new DropoutLayer(0.5),
                convolution(2, 4).dropOut(0.5).build(), normal.build(),
                new DenseLayer.Builder().nOut(6).activation(Activation.TANH).build(), normal.build(),
                new DropoutLayer(0.5),
                output(4)));
        for (int layer : new int[] {0, 4}) network.getLayer(layer).getParam("b").assign(0.3);   // most filters answer
        Random random = new Random(5);
        for (int layer : new int[] {1, 5, 7}) {
            for (String name : List.of("gamma", "beta", "mean", logStd ? "log10stdev" : "var")) {
                INDArray values = network.getLayer(layer).getParam(name);
                for (int i = 0; i < values.length(); i++) {
                    values.putScalar(i, name.equals("log10stdev") || name.equals("mean")
                            ? 0.6 * random.nextDouble() - 0.4 : 0.3 + random.nextDouble());
                }
            }
        }
        return network;
    }

    static INDArray noise(DataType type, int n, int side) {
        Random random = new Random(9);
        double[] pixels = random.doubles((long) n * side * side).toArray();
        return Nd4j.createFromArray(pixels).castTo(type).reshape(n, 1, side, side);
    }
}
