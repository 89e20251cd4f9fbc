package digits.onnx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnxruntime.OrtException;
import digits.keras.Fixtures;
import digits.keras.KerasActivation;
import digits.keras.Networks;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.graph.L2NormalizeVertex;
import org.deeplearning4j.nn.conf.graph.MergeVertex;
import org.deeplearning4j.nn.conf.graph.SubsetVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.Deconvolution2D;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.DepthwiseConvolution2D;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.LSTM;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.LocalResponseNormalization;
import org.deeplearning4j.nn.conf.layers.LossLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.PReLULayer;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.conf.layers.RnnOutputLayer;
import org.deeplearning4j.nn.conf.layers.SeparableConvolution2D;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.conf.layers.Upsampling2D;
import org.deeplearning4j.nn.conf.layers.ZeroPaddingLayer;
import org.deeplearning4j.nn.conf.layers.convolutional.Cropping2D;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.activations.impl.ActivationELU;
import org.nd4j.linalg.activations.impl.ActivationGELU;
import org.nd4j.linalg.activations.impl.ActivationLReLU;
import org.nd4j.linalg.activations.impl.ActivationRReLU;
import org.nd4j.linalg.activations.impl.ActivationReLU;
import org.nd4j.linalg.activations.impl.ActivationThresholdedReLU;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/** Each kind of layer with each of its options, written as ONNX: it computes the same, or it is refused. */
@DisabledOnOs(value = OS.MAC, architectures = "x86_64", disabledReason = "ONNX Runtime 1.28 has no library for it")
class OnnxWriteKindsTest {
    private static final InputType SMALL = InputType.convolutional(9, 7, 3);

    @TempDir
    Path folder;

    static Stream<IActivation> functions() {
        Stream<IActivation> keras = Stream.of("gelu", "gelu_tanh", "hard_sigmoid", "hard_silu", "softmax",
                "exponential", "mish", "log_sigmoid", "squareplus", "hard_shrink", "soft_shrink", "tanh_shrink",
                "sparse_plus", "sparse_sigmoid").map(name -> keras(name, KerasActivation.UNBOUNDED, 0, 0));
        Stream<IActivation> options = Stream.of(new ActivationELU(0.3), new ActivationGELU(true),
                new ActivationLReLU(0.3), new ActivationThresholdedReLU(0.7),
                keras("elu", KerasActivation.UNBOUNDED, 0.7, 0), keras("celu", KerasActivation.UNBOUNDED, 0.7, 0),
                keras("relu", 2.5, 0, 0), keras("relu", 2.5, 0.25, 0), keras("relu", 2.5, 0.25, 0.5),
                keras("relu", KerasActivation.UNBOUNDED, 0.1, -0.5), keras("relu", 1.5, 0, 0.5));
        return Stream.of(Stream.of(Activation.values()).filter(name -> name != Activation.RRELU)
                .map(Activation::getActivationFunction), keras, options).flatMap(all -> all);
    }

    private static IActivation keras(String name, double maximum, double slope, double threshold) {
        return new KerasActivation(name, maximum, slope, threshold);
    }

    @ParameterizedTest
    @MethodSource("functions")
    void everyActivationFunctionOfImagesAndLists(IActivation function) throws OrtException {
        boolean ofImages = function.equals(keras("softmax", KerasActivation.UNBOUNDED, 0, 0));
        INDArray x = Nd4j.linspace(DataType.FLOAT, -6, 6.01 / 188, 2 * 9 * 7 * 3).reshape(2, 3, 9, 7);
        same("image", of(SMALL, new ActivationLayer(function), loss()), SMALL, x.div(2));
        if (ofImages) return;
        InputType list = InputType.feedForward(189);
        same("list", of(list, new ActivationLayer(function), loss()), list, x.reshape(2, 189));
    }

    static Stream<Layer> layers() {
        SubsamplingLayer.PoolingType max = SubsamplingLayer.PoolingType.MAX;
        SubsamplingLayer.PoolingType mean = SubsamplingLayer.PoolingType.AVG;
        return Stream.of(
                convolution().stride(2, 3).padding(1, 2).build(),
                convolution().dilation(2, 3).convolutionMode(ConvolutionMode.Same).hasBias(false).build(),
                convolution().dilation(2, 1).stride(2, 2).convolutionMode(ConvolutionMode.Same).build(),
                convolution().kernelSize(3, 1).stride(3, 3).convolutionMode(ConvolutionMode.Strict).build(),
                new SeparableConvolution2D.Builder(3, 2).depthMultiplier(2).nOut(4).stride(2, 2).padding(1, 1).build(),
                new SeparableConvolution2D.Builder(2, 2).nOut(4).hasBias(false).convolutionMode(ConvolutionMode.Same)
                        .build(),
                new DepthwiseConvolution2D.Builder(3, 2).depthMultiplier(2).nOut(6).stride(2, 2).build(),
                new DepthwiseConvolution2D.Builder(3, 2).depthMultiplier(1).nOut(3).hasBias(false)
                        .convolutionMode(ConvolutionMode.Same).build(),
                new SubsamplingLayer.Builder(max).kernelSize(3, 2).stride(2, 1).padding(1, 1).build(),
                new SubsamplingLayer.Builder(max).kernelSize(2, 3).stride(1, 2).convolutionMode(ConvolutionMode.Same)
                        .build(),
                new SubsamplingLayer.Builder(mean).kernelSize(3, 3).stride(2, 2).padding(1, 1).build(),
                new SubsamplingLayer.Builder(mean).kernelSize(3, 3).stride(2, 2).padding(1, 1)
                        .avgPoolIncludePadInDivisor(true).build(),
                new SubsamplingLayer.Builder(mean).kernelSize(2, 3).stride(2, 2).convolutionMode(ConvolutionMode.Same)
                        .build(),
                new GlobalPoolingLayer(PoolingType.AVG), new GlobalPoolingLayer(PoolingType.MAX),
                new GlobalPoolingLayer.Builder(PoolingType.AVG).collapseDimensions(false).build(),
                new GlobalPoolingLayer.Builder(PoolingType.MAX).collapseDimensions(false).build(),
                new ZeroPaddingLayer.Builder(0, 1, 2, 3).build(), new Cropping2D.Builder(0, 1, 2, 3).build(),
                new Upsampling2D.Builder(2).build(), new Upsampling2D.Builder().size(new int[] {2, 3}).build(),
                new BatchNormalization.Builder().eps(0.25).useLogStd(true).build(),
                new BatchNormalization.Builder().eps(0.25).useLogStd(false).build(),
                new BatchNormalization.Builder().lockGammaBeta(true).gamma(0.5).beta(-0.25).build(),
                new PReLULayer.Builder().inputShape(3, 9, 7).build(),
                new PReLULayer.Builder().inputShape(3, 9, 7).sharedAxes(2, 3).build(),
                new DenseLayer.Builder().nOut(4).hasBias(false).build(), new DenseLayer.Builder().nOut(4).build());
    }

    private static ConvolutionLayer.Builder convolution() {
        return new ConvolutionLayer.Builder(3, 3).nOut(4).activation(Activation.IDENTITY);
    }

    /** With negative numbers, and padding before it: as ONNX Runtime must not take for the layer's own. */
    @ParameterizedTest
    @MethodSource("layers")
    void everyKindOfLayer(Layer layer) throws OrtException {
        INDArray images = Nd4j.randn(7, 5, 3, 9, 7).get(NDArrayIndex.point(0)).subi(0.5);
        same("alone", filled(of(SMALL, layer, loss())), SMALL, images);
        if (layer instanceof PReLULayer) return;
        same("after padding", filled(of(SMALL, new ZeroPaddingLayer.Builder(1, 2, 2, 1).build(), layer.clone(),
                loss())), SMALL, images);
    }

    @Test
    void normalizationOfAList() throws OrtException {
        InputType list = InputType.feedForward(6);
        same("list", filled(of(list, new BatchNormalization.Builder().eps(0.25).build(), loss())), list,
                Nd4j.randn(5, 6));
    }

    static Stream<GraphVertex> vertices() {
        return Stream.concat(Stream.of(ElementWiseVertex.Op.values()).map(ElementWiseVertex::new),
                Stream.of(new MergeVertex()));
    }

    /** Of two and of three arrays where Deeplearning4j allows it, images and lists. */
    @ParameterizedTest
    @MethodSource("vertices")
    void everyKindOfVertex(GraphVertex vertex) throws OrtException {
        boolean two = vertex instanceof ElementWiseVertex some && some.getOp() == ElementWiseVertex.Op.Subtract;
        for (int n = two ? 2 : 1; n <= (two ? 2 : 3); n++) {
            ComputationGraph images = joined(vertex, SMALL, n,
                    i -> new ConvolutionLayer.Builder(1, 1).nOut(2).activation(Activation.TANH).build());
            same("images", images, SMALL, Nd4j.randn(4, 3, 9, 7));
            InputType list = InputType.feedForward(5);
            same("lists", joined(vertex, list, n, i -> new DenseLayer.Builder().nOut(3).build()), list,
                    Nd4j.randn(4, 5));
        }
    }

    private static ComputationGraph joined(GraphVertex vertex, InputType input, int branches,
                                           IntFunction<Layer> branch) {
        var builder = new NeuralNetConfiguration.Builder().seed(3).graphBuilder().addInputs("in");
        String[] names = new String[branches];
        for (int i = 0; i < branches; i++) {
            names[i] = "branch" + i;
            builder.addLayer(names[i], branch.apply(i), "in");
        }
        ComputationGraph graph = new ComputationGraph(builder.addVertex("joined", vertex.clone(), names)
                .addLayer("out", output(), "joined").setOutputs("out").setInputTypes(input).build());
        graph.init();
        return graph;
    }

    /** Averages and slopes that are not those of a new layer. */
    private static MultiLayerNetwork filled(MultiLayerNetwork network) {
        for (org.deeplearning4j.nn.api.Layer layer : network.getLayers()) {
            layer.paramTable().forEach((name, values) -> {
                if (!name.equals("W")) values.assign(Nd4j.rand(11, values.shape()).addi(0.2));
            });
        }
        return network;
    }

    private static MultiLayerNetwork of(InputType input, Layer... layers) {
        return Networks.of(new Adam(1e-3), input, layers);
    }

    private static Layer loss() {
        return new LossLayer.Builder(LossFunction.MSE).activation(Activation.IDENTITY).build();
    }

    private static Layer output() {
        return new OutputLayer.Builder(LossFunction.MCXENT).nOut(4).activation(Activation.SOFTMAX).build();
    }

    private void same(String what, Model network, InputType input, INDArray examples) throws OrtException {
        Path file = folder.resolve("kind.onnx");
        INDArray ours = network instanceof MultiLayerNetwork sequence
                ? sequence.feedForwardToLayer(sequence.getnLayers() - 2, examples.dup('c'), false)
                .get(sequence.getnLayers() - 1) : ((ComputationGraph) network).outputSingle(examples.dup('c'));
        OnnxFiles.write(network, input, Map.of(), List.of(), file);
        try (WrittenRun run = new WrittenRun(file)) {
            INDArray theirs = run.predict(examples.dup('c'));
            double difference = Fixtures.difference(ours.reshape('c', theirs.shape()), theirs);
            assertTrue(difference < 1e-5 * Math.max(1, ours.amaxNumber().doubleValue()), what + ": " + difference);
        }
    }

    static Map<String, Supplier<Model>> refused() {
        return Map.ofEntries(
                Map.entry("layer 2, \"x\" (LocalResponseNormalization), is a kind of layer", () -> Networks.of(
                        convolution().build(), new LocalResponseNormalization.Builder().name("x").build(), output())),
                Map.entry("(Deconvolution2D), is a kind of layer", () -> Networks.of(
                        new Deconvolution2D.Builder(3, 3).nOut(2).build(), output())),
                Map.entry("(SubsamplingLayer), pools with PNORM", () -> Networks.of(new SubsamplingLayer.Builder(
                        SubsamplingLayer.PoolingType.PNORM).pnorm(2).kernelSize(2, 2).build(), output())),
                Map.entry("(SubsamplingLayer), has a dilation", () -> Networks.of(
                        new SubsamplingLayer.Builder(SubsamplingLayer.PoolingType.MAX).kernelSize(2, 2).dilation(2, 2)
                                .build(), output())),
                Map.entry("(GlobalPoolingLayer), pools with SUM", () -> Networks.of(
                        new GlobalPoolingLayer(PoolingType.SUM), output())),
                Map.entry("(ConvolutionLayer), reads channels last", () -> Networks.of(new Adam(1e-3),
                        InputType.convolutional(28, 28, 1, CNN2DFormat.NHWC), new ConvolutionLayer.Builder(3, 3)
                                .dataFormat(CNN2DFormat.NHWC).nOut(2).build(), output())),
                Map.entry("(ConvolutionLayer), reads 3 channels, but would get 1", () -> Networks.of(new Adam(1e-3),
                        InputType.convolutional(28, 28, 3), convolution().build(), output())),
                Map.entry("(OutputLayer), reads images of 30 × 20 × 4, but would get 26 × 26 × 4", () -> Networks.of(
                        new Adam(1e-3), InputType.convolutional(32, 22, 1), convolution().build(), output())),
                Map.entry("(DenseLayer), normalizes its sums", () -> Networks.of(
                        new DenseLayer.Builder().nOut(4).hasLayerNorm(true).build(), output())),
                Map.entry("(ActivationLayer), has the activation", () -> Networks.of(
                        new ActivationLayer(new ActivationReLU(3.0, 0.5, 0.1)), output())),
                Map.entry("has the activation rrelu", () -> Networks.of(
                        new ActivationLayer(new ActivationRReLU(0.1, 0.4)), output())),
                Map.entry("(LSTM), ", () -> Networks.of(new Adam(1e-3), InputType.recurrent(28, 28),
                        new LSTM.Builder().nOut(4).build(), new RnnOutputLayer.Builder(LossFunction.MCXENT).nOut(10)
                                .activation(Activation.SOFTMAX).build())),
                Map.entry("vertex \"joined\" (SubsetVertex), is a kind of vertex", () -> joined(new SubsetVertex(0, 2),
                        InputType.feedForward(784), 1, i -> new DenseLayer.Builder().nOut(6).build())),
                Map.entry("vertex \"joined\" (L2NormalizeVertex), is a kind", () -> joined(new L2NormalizeVertex(),
                        InputType.feedForward(784), 1, i -> new DenseLayer.Builder().nOut(6).build())),
                Map.entry("layer 1, \"layer0\" (DenseLayer), computes with DOUBLE", OnnxWriteKindsTest::doubles),
                Map.entry("the graph has 2 inputs and 1 outputs", OnnxWriteKindsTest::twoInputs));
    }

    private static Model doubles() {
        MultiLayerNetwork network = new MultiLayerNetwork(new NeuralNetConfiguration.Builder()
                .dataType(DataType.DOUBLE).list(new DenseLayer.Builder().nOut(3).build(), output())
                .setInputType(InputType.feedForward(8)).build());
        network.init();
        return network;
    }

    private static Model twoInputs() {
        ComputationGraph graph = new ComputationGraph(new NeuralNetConfiguration.Builder().graphBuilder()
                .addInputs("a", "b").addVertex("sum", new ElementWiseVertex(ElementWiseVertex.Op.Add), "a", "b")
                .addLayer("out", output(), "sum").setOutputs("out")
                .setInputTypes(InputType.feedForward(8), InputType.feedForward(8)).build());
        graph.init();
        return graph;
    }

    @Test
    void whatCannotBeWrittenIsRefusedWithPlaceNameAndKind() {
        assertEquals(16, refused().size());
        refused().forEach((expected, network) -> {
            Path file = folder.resolve("refused.onnx");
            String message = assertThrows(OnnxFileException.class,
                    () -> OnnxFiles.write(network.get(), Map.of(), List.of(), file), expected).getMessage();
            assertTrue(message.contains(expected), message);
            assertFalse(Files.exists(file));
        });
    }
}
