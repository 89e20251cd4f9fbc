package digits.onnx;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnxruntime.OrtException;
import ai.onnxruntime.TensorInfo;
import digits.Examples;
import digits.acceleration.Acceleration;
import digits.files.Pretrained;
import digits.keras.Fixtures;
import digits.keras.KerasFiles;
import digits.keras.Networks;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import onnx.Onnx.GraphProto;
import onnx.Onnx.ModelProto;
import onnx.Onnx.NodeProto;
import onnx.Onnx.TensorProto;
import onnx.Onnx.ValueInfoProto;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DropoutLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.transferlearning.TransferLearning;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/** Networks written as ONNX compute the same in ONNX Runtime; tests/onnx shows it for other runtimes. */
@DisabledOnOs(value = OS.MAC, architectures = "x86_64", disabledReason = "ONNX Runtime 1.28 has no library for it")
class OnnxWriteTest {
    private static final double CLOSE = 1e-5;
    private static Map<String, Model> networks;

    @TempDir
    Path folder;

    @BeforeAll
    static void train() {
        networks = WrittenNetworks.all();
    }

    @Test
    void everyNetworkPredictsTheSameInBatchesOfAnySize() throws OrtException {
        assertEquals(18, networks.size());
        for (Map.Entry<String, Model> entry : networks.entrySet()) {
            Path file = write(entry.getValue(), Map.of());
            INDArray images = Networks.images(entry.getValue());
            INDArray many = Nd4j.concat(0, images, images);
            try (WrittenRun run = new WrittenRun(file)) {
                for (int batch : new int[] {1, 7, 128}) {
                    INDArray some = many.get(NDArrayIndex.interval(0, batch)).dup('c');
                    close(entry.getKey() + ", " + batch, output(entry.getValue(), some), run.predict(some));
                }
            }
        }
    }

    /** But for LeNet's tanh of 1998: the operators of its formula belong to no layer. */
    @Test
    void everyNetworkIsReadAgain() {
        for (Map.Entry<String, Model> entry : networks.entrySet()) {
            if (entry.getKey().equals("lenet1998")) {
                Path file = write(entry.getValue(), Map.of());
                String refused = assertThrows(OnnxFileException.class, () -> OnnxFiles.readGraph(file)).getMessage();
                assertTrue(refused.contains("\"layer0/Abs\" (Abs) is an operator that this library does not know"),
                        refused);
                continue;
            }
            INDArray images = Networks.images(entry.getValue());
            ComputationGraph read = OnnxFiles.readGraph(write(entry.getValue(), Map.of()));
            close(entry.getKey() + " read again", output(entry.getValue(), images), read.outputSingle(images));
        }
    }

    static List<Path> kerasFiles() throws IOException {
        try (Stream<Path> files = Files.walk(Fixtures.FOLDER)) {
            List<Path> found = files.filter(file -> file.toString().endsWith(".keras")).sorted().toList();
            assertTrue(found.size() > 30);
            return found;
        }
    }

    /** They have each layer, option, activation function and permutation that {@link KerasFiles} reads. */
    @ParameterizedTest
    @MethodSource("kerasFiles")
    void whatKerasWroteIsWrittenAgain(Path keras) throws OrtException {
        ComputationGraph graph = KerasFiles.readGraph(keras);
        INDArray images = Fixtures.images().get(NDArrayIndex.interval(0, 50)).dup('c');
        close("" + keras, graph.outputSingle(images), predictions(write(graph, Map.of()), images));
    }

    private static void close(String what, INDArray ours, INDArray theirs) {
        assertEquals(ours.shapeInfoToString().split(",")[0], theirs.shapeInfoToString().split(",")[0], what);
        double difference = Fixtures.difference(ours, theirs);
        assertTrue(difference < CLOSE, what + ": " + difference);
    }

    private static INDArray output(Model network, INDArray images) {
        return network instanceof MultiLayerNetwork sequence ? sequence.output(images)
                : ((ComputationGraph) network).outputSingle(images);
    }

    private static INDArray predictions(Path file, INDArray images) throws OrtException {
        try (WrittenRun run = new WrittenRun(file)) {
            return run.predict(images);
        }
    }

    private Path write(Model network, Map<String, String> metadata, String... layers) {
        Path file = folder.resolve("network.onnx");
        OnnxFiles.write(network, metadata, List.of(layers), file);
        return file;
    }

    @Test
    void aNetworkIsWrittenTheSameWithAndWithoutAcceleration() throws IOException {
        MultiLayerNetwork sequence = Examples.smallNetwork(1);
        ComputationGraph graph = Examples.smallGraph(1);
        byte[] before = Files.readAllBytes(write(sequence, Map.of()));
        byte[] graphBefore = Files.readAllBytes(write(graph, Map.of()));
        Acceleration.of(sequence);
        Acceleration.of(graph);
        assertArrayEquals(before, Files.readAllBytes(write(sequence, Map.of())));
        assertArrayEquals(graphBefore, Files.readAllBytes(write(graph, Map.of())));
    }

    @ParameterizedTest
    @ValueSource(strings = {"borders", "functions", "joins"})
    void equalNetworksGiveEqualBytes(String name) throws IOException {
        Model network = networks.get(name);
        Map<String, String> metadata = new LinkedHashMap<>(Map.of("a", "1", "b", "2", "c", "3"));
        byte[] one = Files.readAllBytes(write(network, metadata));
        Model clone = network instanceof MultiLayerNetwork sequence ? sequence.clone()
                : ((ComputationGraph) network).clone();
        Map<String, String> other = new LinkedHashMap<>();
        List.of("c", "b", "a").forEach(key -> other.put(key, metadata.get(key)));
        assertArrayEquals(one, Files.readAllBytes(write(clone, other)));
    }

    @Test
    void namesAreThoseOfTheLayers() throws IOException {
        ModelProto model = ModelProto.parseFrom(Files.readAllBytes(write(Examples.smallNetwork(1), Map.of())));
        assertEquals(8, model.getIrVersion());
        assertEquals(15, model.getOpsetImport(0).getVersion());
        GraphProto graph = model.getGraph();
        assertEquals(List.of("layer0/Conv", "layer0/Relu", "layer1/BatchNormalization", "layer2/MaxPool",
                "layer4/Flatten", "layer4/Gemm", "layer4/Softmax"),
                graph.getNodeList().stream().map(NodeProto::getName).toList());
        assertEquals(List.of("layer0/Conv", "layer0", "layer1", "layer2", "layer4/Flatten", "layer4/Gemm",
                "probabilities"), graph.getNodeList().stream().map(node -> node.getOutput(0)).toList());
        assertEquals(List.of("layer0.weight", "layer0.bias", "layer1.gamma", "layer1.beta", "layer1.mean",
                "layer1.variance", "layer4.weight", "layer4.bias"),
                graph.getInitializerList().stream().map(TensorProto::getName).toList());
    }

    @Test
    void inputAndOutputHaveClearNamesAndAnyNumberOfExamples() throws OrtException {
        Map<Model, String> expected = Map.of(Examples.smallNetwork(1), "image [-1, 1, 28, 28] probabilities [-1, 10]",
                Examples.smallGraph(1), "image [-1, 1, 28, 28] probabilities [-1, 10]",
                networks.get("lists"), "input [-1, 784] probabilities [-1, 10]",
                Networks.of(new OutputLayer.Builder(LossFunction.MSE).nOut(3).activation(Activation.TANH).build()),
                "image [-1, 1, 28, 28] output [-1, 3]",
                Networks.of(new ConvolutionLayer.Builder(3, 3).nOut(2).name("image").build(),
                        new OutputLayer.Builder(LossFunction.XENT).nOut(3).activation(Activation.SIGMOID)
                                .name("output").build()), "image [-1, 1, 28, 28] probabilities [-1, 3]");
        for (Map.Entry<Model, String> entry : expected.entrySet()) {
            try (WrittenRun run = new WrittenRun(write(entry.getKey(), Map.of()))) {
                List<String> found = new ArrayList<>();
                new TreeMap<>(run.session().getInputInfo()).forEach((name, info) -> found.add(name + " "
                        + Arrays.toString(((TensorInfo) info.getInfo()).getShape())));
                run.session().getOutputInfo().forEach((name, info) -> found.add(name + " "
                        + Arrays.toString(((TensorInfo) info.getInfo()).getShape())));
                assertEquals(entry.getValue(), String.join(" ", found));
            }
        }
    }

    @Test
    void theShapeOfTheInputIsTakenFromTheCaller() throws OrtException {
        MultiLayerNetwork network = Networks.of(new Adam(1e-3), InputType.convolutional(32, 20, 3),
                new ConvolutionLayer.Builder(3, 3).nOut(4).stride(2, 2).activation(Activation.RELU).build(),
                new GlobalPoolingLayer(PoolingType.AVG),
                new OutputLayer.Builder(LossFunction.MCXENT).nOut(5).activation(Activation.SOFTMAX).build());
        Path file = folder.resolve("colors.onnx");
        String refused = assertThrows(OnnxFileException.class,
                () -> OnnxFiles.write(network, Map.of(), file)).getMessage();
        assertEquals("layer 1, \"layer0\" (ConvolutionLayer), reads 3 channels, but would get 1; pass the shape of the"
                + " network's input, such as InputType.convolutional(height, width, channels)", refused);
        OnnxFiles.write(network, InputType.convolutional(32, 20, 3), Map.of(), List.of(), file);
        INDArray images = Nd4j.rand(3, 3, 32, 20);
        close("colors", network.output(images), predictions(file, images));
    }

    /** Where Deeplearning4j makes images of lists, the file reads either. */
    @Test
    void aNetworkThatMakesImagesOfListsIsWrittenWithEitherInput() throws OrtException {
        Model flat = networks.get("flat");
        INDArray images = Fixtures.images();
        INDArray ours = output(flat, images);
        close("images", ours, predictions(write(flat, Map.of()), images));
        Path file = folder.resolve("lists.onnx");
        OnnxFiles.write(flat, InputType.convolutionalFlat(28, 28, 1), Map.of(), List.of(), file);
        close("lists", ours, predictions(file, images.reshape(Fixtures.DIGITS, 784)));
    }

    @Test
    void aFrozenGraphIsWritten() throws OrtException {
        ComputationGraph frozen = new TransferLearning.GraphBuilder(Examples.smallGraph(1))
                .setFeatureExtractor("sum").build();
        INDArray images = Fixtures.images();
        close("frozen", frozen.outputSingle(images), predictions(write(frozen, Map.of()), images));
    }

    @Test
    void metadataIsInTheModelsProperties() throws OrtException {
        Map<String, String> metadata = Map.of("dataset", "MNIST", "classes", "[\"お o\",\"き ki\"]", "empty", "");
        try (WrittenRun run = new WrittenRun(write(Examples.smallNetwork(1), metadata))) {
            assertEquals(metadata, run.session().getMetadata().getCustomMetadata());
            assertEquals("digits", run.session().getMetadata().getProducerName());
        }
        Map<String, String> without = new TreeMap<>();
        without.put("seed", null);
        Map<String, String> keyless = new HashMap<>();
        keyless.put(null, "1");
        for (Map<String, String> bad : List.of(without, keyless, Map.of("long", "x".repeat(1 << 20)))) {
            assertThrows(OnnxFileException.class, () -> OnnxFiles.write(Examples.smallNetwork(1), bad,
                    folder.resolve("bad.onnx")));
            assertFalse(Files.exists(folder.resolve("bad.onnx")));
        }
    }

    /** Control characters, markup, half of a surrogate pair: whatever a text can hold. */
    @Test
    void strangeMetadataAndNamesGiveAFileThatRuns() throws OrtException {
        Map<String, String> metadata = Map.of("\u0007<b>", "\u001b[31m\n\r", "half", "\ud83d", "",
                "x".repeat(1 << 19));
        MultiLayerNetwork network = Networks.of(
                new ConvolutionLayer.Builder(5, 5).stride(5, 5).nOut(2).name("a.weight").build(),
                new ConvolutionLayer.Builder(1, 1).nOut(2).name("a").build(),
                new ConvolutionLayer.Builder(1, 1).nOut(2).name("\0 <script>\n😀").activation(Activation.RELU).build(),
                new ConvolutionLayer.Builder(1, 1).nOut(2).name("probabilities").build(),
                new ConvolutionLayer.Builder(1, 1).nOut(2).name("n".repeat(10_000)).build(),
                new ConvolutionLayer.Builder(1, 1).nOut(2).name("a/Conv").build(),
                new OutputLayer.Builder(LossFunction.MCXENT).nOut(3).activation(Activation.SOFTMAX).name("image")
                        .build());
        String[] layers = network.getLayerNames().toArray(String[]::new);
        INDArray images = Fixtures.images().get(NDArrayIndex.interval(0, 3)).dup('c');
        Path file = write(network, metadata, layers);
        try (WrittenRun run = new WrittenRun(file)) {
            Map<String, INDArray> outputs = run.outputs(images);
            assertEquals(layers.length, outputs.size());
            close("strange", network.output(images), outputs.get("probabilities"));
            assertEquals("?", run.session().getMetadata().getCustomMetadata().get("half"));
            assertEquals("\u001b[31m\n\r", run.session().getMetadata().getCustomMetadata().get("\u0007<b>"));
        }
        close("read", network.output(images), OnnxFiles.read(write(network, metadata)).output(images));
    }

    @Test
    void namedLayersActivationsAreOutputsToo() throws OrtException {
        MultiLayerNetwork network = Pretrained.network();
        String[] layers = network.getLayerNames().toArray(String[]::new);
        INDArray images = Fixtures.images().get(NDArrayIndex.interval(0, 3)).dup('c');
        List<INDArray> expected = network.feedForward(images, false);
        try (WrittenRun run = new WrittenRun(write(network, Map.of(), layers))) {
            Map<String, INDArray> outputs = run.outputs(images);
            assertEquals(layers.length, outputs.size());
            for (int i = 0; i < layers.length; i++) {
                INDArray ours = expected.get(i + 1);
                INDArray theirs = outputs.get(i == layers.length - 1 ? "probabilities" : layers[i]);
                double scale = Math.max(1, ours.amaxNumber().doubleValue());
                close(layers[i], ours.div(scale), theirs.div(scale));
            }
        }
    }

    @Test
    void aGraphsVerticesAreOutputsToo() throws OrtException {
        ComputationGraph graph = Examples.smallGraph(1);
        INDArray images = Fixtures.images().get(NDArrayIndex.interval(0, 3)).dup('c');
        Map<String, INDArray> expected = graph.feedForward(images, false);
        try (WrittenRun run = new WrittenRun(write(graph, Map.of(), "sum", "first", "sum"))) {
            Map<String, INDArray> outputs = run.outputs(images);
            assertEquals(List.of("probabilities", "sum", "first"), List.copyOf(outputs.keySet()));
            close("sum", expected.get("sum"), outputs.get("sum"));
            close("first", expected.get("first"), outputs.get("first"));
        }
    }

    @Test
    void layersThatPassTheirInputOnAreOutputsToo() throws OrtException {
        MultiLayerNetwork network = Networks.of(new DropoutLayer(0.5),
                new OutputLayer.Builder(LossFunction.MCXENT).nOut(3).activation(Activation.SOFTMAX).build(),
                new ActivationLayer(Activation.IDENTITY), new DropoutLayer(0.5));
        INDArray images = Fixtures.images();
        try (WrittenRun run = new WrittenRun(write(network, Map.of(), "layer0", "layer1", "layer2", "layer3"))) {
            Map<String, INDArray> outputs = run.outputs(images);
            assertEquals(List.of("probabilities", "layer0", "layer1", "layer2"), List.copyOf(outputs.keySet()));
            close("input", images, outputs.get("layer0"));
            for (String name : List.of("probabilities", "layer1", "layer2")) {
                close(name, network.output(images), outputs.get(name));
            }
        }
    }

    @Test
    void anUnknownLayerIsRefused() {
        String message = assertThrows(OnnxFileException.class,
                () -> write(Examples.smallNetwork(1), Map.of(), "conv")).getMessage();
        assertEquals("the network has no layer \"conv\"; its layers are layer0, layer1, layer2, layer3, layer4",
                message);
        assertFalse(Files.exists(folder.resolve("network.onnx")));
    }

    @Test
    void aFailedWriteLeavesTheEarlierFile() throws IOException {
        Path file = folder.resolve("network.onnx");
        Files.writeString(file, "earlier");
        assertThrows(OnnxFileException.class, () -> write(Examples.smallNetwork(1), Map.of(), "none"));
        assertEquals("earlier", Files.readString(file));
        Path full = Files.createDirectories(folder.resolve("full.onnx"));   // cannot be replaced by a file
        Files.writeString(full.resolve("earlier"), "earlier");
        String message = assertThrows(UncheckedIOException.class,
                () -> OnnxFiles.write(Examples.smallNetwork(1), Map.of(), full)).getMessage();
        assertTrue(message.startsWith("full.onnx could not be written"), message);
        assertEquals("earlier", Files.readString(full.resolve("earlier")));
        try (Stream<Path> files = Files.list(folder)) {
            assertEquals(2, files.count());
        }
    }

    @Test
    void anInterruptLeavesAWholeFile() throws IOException {
        byte[] whole = Files.readAllBytes(write(networks.get("lenet"), Map.of()));
        Thread.currentThread().interrupt();
        Path file = write(networks.get("lenet"), Map.of());
        assertTrue(Thread.interrupted());
        assertArrayEquals(whole, Files.readAllBytes(file));
    }

    @Test
    void aNetworkThatIsTooLargeIsRefusedBeforeItIsCopied() {
        WrittenGraph graph = new WrittenGraph(InputType.feedForward(1));
        INDArray large = Nd4j.createUninitialized(DataType.FLOAT, OnnxFiles.LARGEST >> 2);   // takes no memory yet
        graph.number("one", 1);
        String message = assertThrows(OnnxFileException.class, () -> graph.weights("large", large, large.length()))
                .getMessage();
        assertEquals("the network has more weights than the 128 MB that a file may have", message);
    }

    @Test
    void namesAreOnlyMadeOfWhatEveryReaderAccepts() throws IOException {
        ModelProto model = ModelProto.parseFrom(Files.readAllBytes(write(networks.get("joins"), Map.of(), "_b 1")));
        for (NodeProto node : model.getGraph().getNodeList()) {
            assertTrue(node.getOutput(0).matches("[A-Za-z_][A-Za-z0-9_./-]*"), node.getOutput(0));
        }
        assertEquals(List.of("probabilities", "_b_1"),
                model.getGraph().getOutputList().stream().map(ValueInfoProto::getName).toList());
    }
}
