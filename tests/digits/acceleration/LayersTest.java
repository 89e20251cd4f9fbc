package digits.acceleration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.DropoutLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer.PoolingType;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.activations.impl.ActivationLReLU;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/** Each accelerated layer against the built-in one: outputs, gradients at the input and of the parameters. */
class LayersTest {
    private static final double TOLERANCE = 1e-4;

    @BeforeEach
    void seed() {
        Nd4j.getRandom().setSeed(5);
    }

    // convolution -----------------------------------------------------------------------------------------------------

    static Stream<Arguments> convolutions() {
        return Stream.of(
                convolution("the walkthrough's first", 1, 1, 28, 28, convolution(32, 3, 3)),
                convolution("the walkthrough's second", 7, 32, 26, 26, convolution(32, 3, 3)),
                convolution("blocks of channels not full", 3, 5, 9, 7, convolution(11, 3, 3)),
                convolution("kernel as large as the image", 4, 2, 5, 5, convolution(3, 5, 5)),
                convolution("kernel of one pixel", 2, 3, 4, 6, convolution(8, 1, 1)),
                convolution("oblong kernel and stride", 3, 4, 11, 8, convolution(6, 3, 2).stride(2, 1)),
                convolution("stride 2, rest left over", 5, 3, 10, 10, convolution(16, 3, 3).stride(2, 2)),
                convolution("padding", 2, 8, 6, 6, convolution(8, 3, 3).padding(1, 1)),
                convolution("same", 3, 16, 9, 9, convolution(16, 3, 3).convolutionMode(ConvolutionMode.Same)),
                convolution("same, even kernel", 3, 2, 7, 8, convolution(4, 2, 4)
                        .convolutionMode(ConvolutionMode.Same)),
                convolution("same, stride 2", 2, 3, 8, 7,
                        convolution(5, 3, 3).stride(2, 2).convolutionMode(ConvolutionMode.Same)),
                convolution("same, stride larger than the kernel", 2, 3, 6, 6,
                        convolution(5, 1, 1).stride(2, 2).convolutionMode(ConvolutionMode.Same)),
                convolution("dilation", 2, 4, 12, 12, convolution(8, 3, 3).dilation(2, 2)),
                convolution("same, dilation", 2, 4, 9, 9, convolution(8, 3, 3).dilation(2, 2)
                        .convolutionMode(ConvolutionMode.Same)),
                convolution("one channel to one", 2, 1, 6, 6, convolution(1, 3, 3)),
                convolution("no bias", 2, 3, 6, 6, convolution(4, 3, 3).hasBias(false)),
                convolution("identity", 2, 3, 6, 6, convolution(4, 3, 3).activation(Activation.IDENTITY)),
                convolution("tanh", 2, 3, 6, 6, convolution(4, 3, 3).activation(Activation.TANH)),
                convolution("leaky ReLU", 2, 3, 6, 6, convolution(4, 3, 3).activation(new ActivationLReLU(0.1))),
                convolution("ReLU with a cap", 2, 3, 6, 6, convolution(4, 3, 3).activation(Activation.RELU6)));
    }

    private static ConvolutionLayer.Builder convolution(int out, int height, int width) {
        return new ConvolutionLayer.Builder(height, width).nOut(out).activation(Activation.RELU);
    }

    private static Arguments convolution(String what, int n, int c, int h, int w, ConvolutionLayer.Builder layer) {
        return Arguments.of(what, n, c, h, w, layer.biasInit(0.1).build());
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("convolutions")
    void convolutionsCompareInBothFormats(String what, int n, int c, int h, int w, ConvolutionLayer layer) {
        compare(InputType.convolutional(h, w, c), layer, Nd4j.randn(DataType.FLOAT, n, c, h, w), TOLERANCE);
        ConvolutionLayer nhwc = layer.clone();
        nhwc.setCnn2dDataFormat(CNN2DFormat.NHWC);
        compare(InputType.convolutional(h, w, c, CNN2DFormat.NHWC), nhwc, Nd4j.randn(DataType.FLOAT, n, h, w, c),
                TOLERANCE);
    }

    @Test
    void theInputMayLieAnyHow() {
        ConvolutionLayer layer = convolution(8, 3, 3).build();
        INDArray channelsLast = Nd4j.randn(DataType.FLOAT, 3, 6, 7, 4).permute(0, 3, 1, 2);
        compare(InputType.convolutional(6, 7, 4), layer, channelsLast, TOLERANCE);
        INDArray columns = Nd4j.randn(DataType.FLOAT, 3, 4, 6, 7).dup('f');
        compare(InputType.convolutional(6, 7, 4), layer, columns, TOLERANCE);
        INDArray view = Nd4j.randn(DataType.FLOAT, 9, 4, 6, 7).get(NDArrayIndex.interval(2, 5));
        compare(InputType.convolutional(6, 7, 4), layer, view, TOLERANCE);
        INDArray everyOther = Nd4j.randn(DataType.FLOAT, 3, 4, 6, 14)
                .get(NDArrayIndex.all(), NDArrayIndex.all(),
                        NDArrayIndex.all(), NDArrayIndex.interval(0, 2, 14));
        compare(InputType.convolutional(6, 7, 4), layer, everyOther, TOLERANCE);
    }

    // batch normalization ---------------------------------------------------------------------------------------------

    static Stream<Arguments> normalizations() {
        return Stream.of(false, true).flatMap(logStd -> Stream.of(
                Arguments.of("images", logStd, InputType.convolutional(9, 7, 32), new long[] {6, 32, 9, 7}),
                Arguments.of("one image", logStd, InputType.convolutional(5, 5, 3), new long[] {1, 3, 5, 5}),
                Arguments.of("one channel", logStd, InputType.convolutional(4, 4, 1), new long[] {5, 1, 4, 4}),
                Arguments.of("one pixel", logStd, InputType.convolutional(1, 1, 6), new long[] {8, 6, 1, 1}),
                Arguments.of("vectors", logStd, InputType.feedForward(37), new long[] {13, 37}),
                Arguments.of("walkthrough's vectors", logStd, InputType.feedForward(512), new long[] {128, 512})));
    }

    @ParameterizedTest(name = "{0}, log std {1}")
    @MethodSource("normalizations")
    void normalizationsCompare(String what, boolean logStd, InputType type, long[] shape) {
        var layer = new BatchNormalization.Builder().eps(1e-3).decay(0.7).useLogStd(logStd).build();
        INDArray input = Nd4j.randn(DataType.FLOAT, shape).muli(3).addi(2);
        compare(type, layer, input, 5e-4);
    }

    @Test
    void normalizationComparesInNhwc() {
        var layer = new BatchNormalization.Builder().eps(1e-3).dataFormat(CNN2DFormat.NHWC).build();
        compare(InputType.convolutional(6, 5, 4, CNN2DFormat.NHWC), layer, Nd4j.randn(DataType.FLOAT, 3, 6, 5, 4),
                5e-4);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void runningAveragesMoveAsTheBuiltInOnes(boolean logStd) {
        MultiLayerNetwork builtIn = Networks.small(false, logStd);
        MultiLayerNetwork accelerated = builtIn.clone();
        Acceleration.of(accelerated);
        var batches = Networks.batches(1, 16);   // after the first step Adam makes much of tiny differences
        Networks.losses(builtIn, batches);
        Networks.losses(accelerated, batches);
        for (String name : List.of("1_mean", "3_mean", "6_mean", "9_mean")) {
            Closeness.assertClose(name, builtIn.getParam(name), accelerated.getParam(name), 5e-3);
        }
        for (int layer : new int[] {1, 3, 6, 9}) {
            String name = layer + (logStd ? "_log10stdev" : "_var");
            Closeness.assertClose(name, builtIn.getParam(name), accelerated.getParam(name), 5e-3);
        }
    }

    // pooling ---------------------------------------------------------------------------------------------------------

    static Stream<Arguments> poolings() {
        return Stream.of(PoolingType.MAX, PoolingType.AVG).flatMap(kind -> Stream.of(
                pooling("the walkthrough's", 9, 32, 24, 24, pooling(kind, 2, 2)),
                pooling("odd sizes, rest left over", 2, 3, 7, 5, pooling(kind, 2, 2)),
                pooling("large and odd", 40, 16, 25, 27, pooling(kind, 2, 2)),
                pooling("tiles of a row", 40, 16, 25, 13, pooling(kind, 1, 1).kernelSize(1, 3).stride(1, 3)),
                pooling("tiles of a column", 5, 1, 13, 9, pooling(kind, 1, 1).kernelSize(4, 1).stride(4, 1)),
                pooling("overlapping", 1, 5, 8, 9, pooling(kind, 3, 2)),
                pooling("stride 1", 3, 1, 6, 6, pooling(kind, 2, 1)),
                pooling("padding", 2, 4, 7, 7, pooling(kind, 3, 2).padding(1, 1)),
                pooling("same", 2, 4, 7, 5, pooling(kind, 3, 2).convolutionMode(ConvolutionMode.Same)),
                pooling("same, stride 1", 2, 4, 6, 5, pooling(kind, 2, 1).convolutionMode(ConvolutionMode.Same)),
                pooling("padding counts", 2, 4, 7, 7, pooling(kind, 3, 2).padding(1, 1)
                        .avgPoolIncludePadInDivisor(true)),
                pooling("all of the image", 3, 2, 4, 4, pooling(kind, 4, 4))));
    }

    private static SubsamplingLayer.Builder pooling(PoolingType kind, int kernel, int stride) {
        return new SubsamplingLayer.Builder(kind).kernelSize(kernel, kernel).stride(stride, stride);
    }

    private static Arguments pooling(String what, int n, int c, int h, int w, SubsamplingLayer.Builder layer) {
        SubsamplingLayer built = layer.build();
        return Arguments.of(what + ", " + built.getPoolingType(), n, c, h, w, built);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("poolings")
    void poolingsCompare(String what, int n, int c, int h, int w, SubsamplingLayer layer) {
        compare(InputType.convolutional(h, w, c), layer, Nd4j.randn(DataType.FLOAT, n, c, h, w), TOLERANCE);
    }

    @Test
    void equalMaximaPassTheGradientToTheSamePixel() {
        INDArray zerosAndSome = Nd4j.randn(DataType.FLOAT, 4, 3, 8, 8);   // positive and negative zeros
        zerosAndSome.muli(zerosAndSome.gt(0.8).castTo(DataType.FLOAT));
        compare(InputType.convolutional(8, 8, 3), pooling(PoolingType.MAX, 2, 2).build(), zerosAndSome, TOLERANCE);
    }

    // dense -----------------------------------------------------------------------------------------------------------

    static Stream<Arguments> dense() {
        return Stream.of(
                Arguments.of("the walkthrough's", 128, 1024, 512, Activation.RELU),
                Arguments.of("one example", 1, 17, 5, Activation.RELU),
                Arguments.of("one number", 3, 1, 1, Activation.RELU),
                Arguments.of("identity", 9, 33, 10, Activation.IDENTITY),
                Arguments.of("sigmoid", 9, 33, 10, Activation.SIGMOID));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("dense")
    void denseLayersCompare(String what, int n, int in, int out, Activation activation) {
        var layer = new DenseLayer.Builder().nOut(out).activation(activation).biasInit(0.2).build();
        compare(InputType.feedForward(in), layer, Nd4j.randn(DataType.FLOAT, n, in), TOLERANCE);
        compare(InputType.feedForward(in), layer, Nd4j.randn(DataType.FLOAT, in, n).transpose(), TOLERANCE);
    }

    // activation ------------------------------------------------------------------------------------------------------

    static Stream<Arguments> activated() {
        return Stream.of(
                Arguments.of("images", InputType.convolutional(9, 7, 5), Nd4j.randn(DataType.FLOAT, 3, 5, 9, 7)),
                Arguments.of("images channels last", InputType.convolutional(9, 7, 5),
                        Nd4j.randn(DataType.FLOAT, 3, 9, 7, 5).permute(0, 3, 1, 2)),
                Arguments.of("images in NHWC", InputType.convolutional(9, 7, 5, CNN2DFormat.NHWC),
                        Nd4j.randn(DataType.FLOAT, 3, 9, 7, 5)),
                Arguments.of("one image of one channel", InputType.convolutional(4, 4, 1),
                        Nd4j.randn(DataType.FLOAT, 1, 1, 4, 4)),
                Arguments.of("images by columns", InputType.convolutional(4, 6, 3),
                        Nd4j.randn(DataType.FLOAT, 2, 3, 4, 6).dup('f')),
                Arguments.of("some of the images", InputType.convolutional(4, 6, 3),
                        Nd4j.randn(DataType.FLOAT, 9, 3, 4, 6).get(NDArrayIndex.interval(2, 5))),
                Arguments.of("vectors", InputType.feedForward(37), Nd4j.randn(DataType.FLOAT, 13, 37)),
                Arguments.of("vectors by columns", InputType.feedForward(37), Nd4j.randn(DataType.FLOAT, 37, 13)
                        .transpose()),
                Arguments.of("one number", InputType.feedForward(1), Nd4j.randn(DataType.FLOAT, 1, 1)));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("activated")
    void activationLayersCompare(String what, InputType type, INDArray input) {
        INDArray before = input.dup();
        compare(type, new ActivationLayer(Activation.RELU), input, 1e-6);
        assertEquals(before, input, "others may read the input too");
    }

    @Test
    void anActivationKeepsItsNeighborsArraysAndLayout() {
        MultiLayerNetwork network = network(InputType.convolutional(5, 6, 4), new ActivationLayer(Activation.RELU));
        Acceleration.of(network);
        Layer layer = network.getLayer(0);
        INDArray input = Nd4j.randn(DataType.FLOAT, 2, 5, 6, 4).permute(0, 3, 1, 2);
        INDArray output = layer.activate(input, true, LayerWorkspaceMgr.noWorkspaces());
        assertTrue(ChannelsLast.isChannelsLast(output), "nothing is turned around");
        INDArray gradient = Nd4j.randn(DataType.FLOAT, 2, 4, 5, 6);   // row by row, as from a layer without faster code
        INDArray gradientBefore = gradient.dup();
        INDArray atInput = layer.backpropGradient(gradient, LayerWorkspaceMgr.noWorkspaces()).getSecond();
        assertEquals(gradientBefore, gradient, "others may read the gradient too");
        Closeness.assertClose("gradient", gradient.mul(input.gt(0).castTo(DataType.FLOAT)), atInput, 1e-6);
    }

    @Test
    void onlyPlainReluIsAccelerated() {
        for (Activation other : List.of(Activation.TANH, Activation.RELU6, Activation.LEAKYRELU)) {
            Acceleration.AcceleratedLayer report = Acceleration.of(network(InputType.feedForward(3),
                    new ActivationLayer(other))).layers().get(0);
            assertEquals("no faster code for this activation", report.reason().orElse(""), other.toString());
        }
    }

    // dropout ---------------------------------------------------------------------------------------------------------

    @Test
    void dropoutDropsTheConfiguredShareAndScalesTheRest() {
        MultiLayerNetwork network = network(InputType.convolutional(20, 20, 8), new DropoutLayer.Builder(0.75).build());
        Acceleration.of(network);
        Layer layer = network.getLayer(0);
        INDArray ones = Nd4j.ones(DataType.FLOAT, 10, 8, 20, 20);
        INDArray output = layer.activate(ones, true, LayerWorkspaceMgr.noWorkspaces());
        INDArray kept = output.gt(0).castTo(DataType.FLOAT);
        assertEquals(0.75, kept.meanNumber().doubleValue(), 0.01);   // four standard deviations of 32,000 draws
        Closeness.assertClose("what is kept", kept.mul(4 / 3.0), output, 1e-6);
        INDArray gradient = layer.backpropGradient(Nd4j.ones(DataType.FLOAT, 10, 8, 20, 20).muli(2),
                LayerWorkspaceMgr.noWorkspaces()).getSecond();
        Closeness.assertClose("gradient", output.mul(2), gradient, 1e-6);

        INDArray next = layer.activate(ones, true, LayerWorkspaceMgr.noWorkspaces());
        assertTrue(next.neq(output).castTo(DataType.FLOAT).sumNumber().intValue() > 1000, "each step drops others");
        INDArray inference = layer.activate(ones, false, LayerWorkspaceMgr.noWorkspaces());
        Closeness.assertClose("inference", ones, inference, 0);
    }

    @Test
    void dropoutRepeatsWithItsSeed() {
        MultiLayerNetwork network = network(InputType.feedForward(50), new DropoutLayer.Builder(0.5).build());
        Acceleration.of(network);
        INDArray ones = Nd4j.ones(DataType.FLOAT, 3, 50);
        Nd4j.getRandom().setSeed(1);
        INDArray first = network.getLayer(0).activate(ones, true, LayerWorkspaceMgr.noWorkspaces()).dup();
        Nd4j.getRandom().setSeed(1);
        INDArray again = network.getLayer(0).activate(ones, true, LayerWorkspaceMgr.noWorkspaces());
        assertEquals(first, again);
    }

    // -----------------------------------------------------------------------------------------------------------------

    private static MultiLayerNetwork network(InputType type, org.deeplearning4j.nn.conf.layers.Layer layer) {
        MultiLayerNetwork network = Networks.of(type, List.of(layer, new OutputLayer.Builder().nOut(2)
                .activation(Activation.SOFTMAX).build()));
        network.initGradientsView();
        return network;
    }

    /** Training and inference; forward twice, so that nothing of the first shows in the second. */
    static void compare(InputType type, org.deeplearning4j.nn.conf.layers.Layer configuration, INDArray input,
                                double tolerance) {
        MultiLayerNetwork builtInNetwork = network(type, configuration);
        MultiLayerNetwork network = builtInNetwork.clone();
        network.initGradientsView();
        Acceleration.AcceleratedLayer report = Acceleration.of(network).layers().get(0);
        assertEquals(Optional.empty(), report.reason());
        Layer builtIn = builtInNetwork.getLayer(0);
        Layer accelerated = network.getLayer(0);
        assertSame(accelerated, network.getLayer(accelerated.conf().getLayer().getLayerName()));
        LayerWorkspaceMgr none = LayerWorkspaceMgr.noWorkspaces();

        for (boolean training : new boolean[] {false, true}) {
            INDArray expected = builtIn.activate(input.dup(), training, none);
            accelerated.activate(Nd4j.randn(DataType.FLOAT, input.shape()), training, none);
            INDArray actual = accelerated.activate(input, training, none);
            Closeness.assertClose(training ? "output in training" : "output", expected, actual, tolerance);
        }
        INDArray epsilon = Nd4j.randn(DataType.FLOAT, builtIn.activate(input.dup(), true, none).shape());
        Pair<Gradient, INDArray> expected = builtIn.backpropGradient(epsilon.dup(), none);
        Pair<Gradient, INDArray> actual = accelerated.backpropGradient(epsilon, none);
        Closeness.assertClose("gradient at the input", expected.getSecond(), actual.getSecond(), tolerance);
        assertEquals(expected.getFirst().gradientForVariable().keySet(), actual.getFirst().gradientForVariable()
                .keySet());
        for (String parameter : expected.getFirst().gradientForVariable().keySet()) {
            Closeness.assertClose("gradient of " + parameter, expected.getFirst().getGradientFor(parameter),
                    actual.getFirst().getGradientFor(parameter), tolerance);
        }
    }
}
