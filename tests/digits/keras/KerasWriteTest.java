package digits.keras;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import digits.files.BoundedZip;
import digits.networks.LeNet;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.dropout.AlphaDropout;
import org.deeplearning4j.nn.conf.dropout.Dropout;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.graph.L2NormalizeVertex;
import org.deeplearning4j.nn.conf.graph.SubsetVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.Deconvolution2D;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.DropoutLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.LSTM;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.LocalResponseNormalization;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.conf.layers.RnnOutputLayer;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.learning.config.AdaGrad;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.config.Nadam;
import org.nd4j.linalg.learning.config.RmsProp;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;
import org.nd4j.linalg.schedule.ScheduleType;
import org.nd4j.linalg.schedule.StepSchedule;

/** What {@link KerasFiles} writes. That Keras itself loads it, and predicts the same, is for tests/keras to show. */
class KerasWriteTest {
    private static final Map<String, Long> ENTRIES =
            Map.of("metadata.json", 1000L, "config.json", 1L << 20, "model.weights.h5", 64L << 20);
    private static Map<String, Model> networks;

    @TempDir
    Path folder;

    @BeforeAll
    static void train() {
        networks = Networks.all();
    }

    static List<String> names() {
        return List.of("walkthrough", "lenet", "dense", "lean", "wider", "resnet", "borders", "global",
                "flat", "lists", "functions", "slopes", "kernels", "frozen", "joins");
    }

    @ParameterizedTest
    @MethodSource("names")
    void whatIsWrittenIsReadBackWithEqualPredictions(String name) {
        for (String ending : List.of(".h5", ".keras")) {
            Path file = folder.resolve(name + ending);
            Networks.write(networks.get(name), file);
            Model back = networks.get(name) instanceof ComputationGraph ? KerasFiles.readGraph(file)
                    : KerasFiles.read(file);
            double difference = Fixtures.difference(Networks.output(networks.get(name)), Networks.output(back));
            assertTrue(difference < 1e-5, file + ": " + difference);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"walkthrough", "functions", "joins"})
    void equalNetworksGiveEqualBytes(String name) throws IOException {
        for (String ending : List.of(".h5", ".keras")) {
            Path file = folder.resolve("one" + ending);
            Path other = folder.resolve("other" + ending);
            Networks.write(networks.get(name), file);
            Networks.write(networks.get(name) instanceof MultiLayerNetwork sequence ? sequence.clone()
                    : ((ComputationGraph) networks.get(name)).clone(), other);
            assertEquals(-1, Files.mismatch(file, other), name + ending);
        }
    }

    @Test
    void anArchiveHasTheThreeEntriesOfKeras3() throws IOException {
        Map<String, byte[]> entries = entries(networks.get("walkthrough"));
        assertEquals(Set.of("metadata.json", "config.json", "model.weights.h5"), entries.keySet());
        assertEquals("3", json(entries, "metadata.json").get("keras_version").getAsString().substring(0, 1));
        JsonObject model = json(entries, "config.json");
        assertEquals("Sequential", model.get("class_name").getAsString());
        JsonObject compiled = model.getAsJsonObject("compile_config");
        assertEquals("categorical_crossentropy", compiled.get("loss").getAsString());
        JsonObject optimizer = compiled.getAsJsonObject("optimizer");
        assertEquals("Adam", optimizer.get("class_name").getAsString());
        assertEquals(1e-7, optimizer.getAsJsonObject("config").get("epsilon").getAsDouble());
        Hdf5Object weights = Hdf5File.open(entries.get("model.weights.h5"));
        assertArrayEquals(new long[] {3, 3, 1, 32}, weights.child("layers/conv2d/vars/0").orElseThrow().data().shape());
        assertArrayEquals(new long[] {32}, weights.child("layers/conv2d_1/vars/1").orElseThrow().data().shape());
        assertTrue(weights.child("layers/batch_normalization_2/vars/3").isPresent());
    }

    @Test
    void anH5FileHasTheLayersOfKeras2() throws IOException {
        Path file = folder.resolve("network.h5");
        Networks.write(networks.get("walkthrough"), file);
        Hdf5Object root = Hdf5File.open(Files.readAllBytes(file));
        Hdf5Object groups = root.child("model_weights").orElseThrow();
        List<String> layers = groups.texts("layer_names").orElseThrow();
        assertEquals(layers.size(), new HashSet<>(layers).size());
        assertEquals("2.15.0", root.text("keras_version").orElseThrow());
        JsonObject model = JsonParser.parseString(root.text("model_config").orElseThrow()).getAsJsonObject();
        assertEquals(layers, model.getAsJsonObject("config").getAsJsonArray("layers").asList().stream()
                .map(layer -> layer.getAsJsonObject().getAsJsonObject("config").get("name").getAsString()).toList());
        for (String layer : layers) {
            for (String weight : groups.child(layer).orElseThrow().texts("weight_names").orElseThrow()) {
                assertTrue(groups.child(layer + "/" + weight).orElseThrow().isDataSet(), weight);
            }
        }
    }

    /** Keras matches a graph's weights by the order in which it sorts the layers itself. */
    @Test
    void aGraphsLayersAreInKerasOrder() throws IOException {
        JsonArray layers = json(entries(networks.get("joins")), "config.json").getAsJsonObject("config")
                .getAsJsonArray("layers");
        List<String> names = layers.asList().stream().map(layer -> layer.getAsJsonObject().get("name").getAsString())
                .toList();
        assertEquals(List.of("image", "layer_b_1", "b", "a", "b_activation"), names.subList(0, 5));
        assertEquals("answer", names.get(names.size() - 1));
    }

    @Test
    void aNetworkThatMakesImagesOfListsIsWrittenWithEitherInput() throws IOException {
        MultiLayerNetwork flat = (MultiLayerNetwork) networks.get("flat");
        assertEquals("[null,28,28,1]", inputShape(entries(flat)));
        Path file = folder.resolve("lists.keras");
        KerasFiles.write(flat, InputType.convolutionalFlat(28, 28, 1), file);
        Map<String, byte[]> entries = BoundedZip.read(file, "archive", ENTRIES);
        assertEquals("[null,784]", inputShape(entries));
        assertEquals("[28,28,1]", options(entries, "Reshape").get("target_shape").toString());
        assertEquals("[null,784]", inputShape(entries(networks.get("lists"))));
        double difference = Fixtures.difference(flat.output(Fixtures.images()),
                KerasFiles.read(file).output(Fixtures.images()));
        assertTrue(difference < 1e-5, "" + difference);
    }

    @Test
    void severalChannelsInAListAreTurned() throws IOException {
        MultiLayerNetwork network = Networks.of(new Adam(1e-3), InputType.convolutionalFlat(14, 7, 8),
                new ConvolutionLayer.Builder(3, 2).nOut(4).build(), output());
        Path file = folder.resolve("channels.keras");
        KerasFiles.write(network, InputType.feedForward(784), file);
        Map<String, byte[]> entries = BoundedZip.read(file, "archive", ENTRIES);
        assertEquals("[8,14,7]", options(entries, "Reshape").get("target_shape").toString());
        assertEquals("[2,3,1]", options(entries, "Permute").get("dims").toString());
    }

    @Test
    void dropoutIsTheShareThatIsDropped() throws IOException {
        JsonObject first = options(entries(Networks.of(new DropoutLayer(0.8), output())), "Dropout");
        assertEquals(0.2, first.get("rate").getAsDouble());
        JsonObject ofAnotherLayer = options(entries(Networks.of(
                new OutputLayer.Builder(LossFunction.MCXENT).nOut(10).dropOut(0.7).build())), "Dropout");
        assertEquals(0.3, ofAnotherLayer.get("rate").getAsDouble());
    }

    @Test
    void frozenLayersAreNotTrained() throws IOException {
        Map<String, byte[]> entries = entries(networks.get("frozen"));
        assertFalse(options(entries, "Conv2D").get("trainable").getAsBoolean());
        assertFalse(options(entries, "Dense").has("trainable"));   // true by default
        Hdf5Object state = Hdf5File.open(entries.get("model.weights.h5")).child("optimizer/vars").orElseThrow();
        assertEquals(2 + 2 * 4, state.names().size());   // the step, the rate, and two for each array of two layers
    }

    @Test
    void theOptimizerIsKerasCounterpart() throws IOException {
        Map<IUpdater, String> expected = Map.of(new RmsProp(0.01), "RMSprop", new Nadam(0.01), "Nadam",
                new Adam(new StepSchedule(ScheduleType.EPOCH, 0.01, 0.1, 5)), "Adam", new AdaGrad(0.01), "Adam");
        for (Map.Entry<IUpdater, String> entry : expected.entrySet()) {
            MultiLayerNetwork network = Networks.of(entry.getKey(), InputType.convolutional(28, 28, 1), output());
            JsonObject optimizer = json(entries(network), "config.json").getAsJsonObject("compile_config")
                    .getAsJsonObject("optimizer");
            assertEquals(entry.getValue(), optimizer.get("class_name").getAsString());
            double rate = optimizer.getAsJsonObject("config").get("learning_rate").getAsDouble();
            assertEquals(entry.getKey() instanceof AdaGrad ? 0.001 : 0.01, rate);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"network.zip", "network", "network.hdf5", "network.KERAS", "keras"})
    void otherEndingsAreRefused(String name) {
        KerasFileException refused = assertThrows(KerasFileException.class,
                () -> Networks.write(networks.get("global"), folder.resolve(name)));
        assertTrue(refused.getMessage().startsWith(name + ": the ending"), refused.getMessage());
        assertFalse(Files.exists(folder.resolve(name)));
    }

    @Test
    void aRefusedNetworkLeavesTheEarlierFile() throws IOException {
        Path file = folder.resolve("network.keras");
        Files.writeString(file, "earlier");
        assertThrows(KerasFileException.class, () -> KerasFiles.write(lenet(), file));
        assertEquals("earlier", Files.readString(file));
        try (Stream<Path> files = Files.list(folder)) {
            assertEquals(1, files.count());
        }
    }

    private static MultiLayerNetwork lenet() {
        MultiLayerNetwork network = new MultiLayerNetwork(LeNet.asPublished(1, 10));
        network.init();
        return network;
    }

    static Map<String, Supplier<Model>> refused() {
        return Map.ofEntries(
                Map.entry("layer 1, \"layer0\" (ConvolutionLayer), has the activation rationaltanh", () -> lenet()),
                Map.entry("layer 1, \"x\" (LocalResponseNormalization), has no counterpart", () -> Networks.of(
                        new LocalResponseNormalization.Builder().name("x").build(), output())),
                Map.entry("(ActivationLayer), has the activation gelu", () -> Networks.of(
                        new ActivationLayer(Activation.GELU), output())),
                Map.entry("(SubsamplingLayer), pads, which pooling", () -> Networks.of(
                        new SubsamplingLayer.Builder(3, 3).padding(1, 1).build(), output())),
                Map.entry("(SubsamplingLayer), pools with PNORM", () -> Networks.of(new SubsamplingLayer.Builder(
                        SubsamplingLayer.PoolingType.PNORM).pnorm(2).kernelSize(2, 2).build(), output())),
                Map.entry("(GlobalPoolingLayer), pools with SUM", () -> Networks.of(
                        new GlobalPoolingLayer(PoolingType.SUM), output())),
                Map.entry("(ConvolutionLayer), has a stride and a dilation", () -> Networks.of(
                        new ConvolutionLayer.Builder(3, 3).dilation(2, 2).stride(2, 2).nOut(2).build(), output())),
                Map.entry("(ConvolutionLayer), reads channels last", () -> Networks.of(new Adam(1e-3),
                        InputType.convolutional(28, 28, 1, CNN2DFormat.NHWC), new ConvolutionLayer.Builder(3, 3)
                                .dataFormat(CNN2DFormat.NHWC).nOut(2).build(), output())),
                Map.entry("(ActivationLayer), takes the softmax of an image", () -> Networks.of(
                        new ConvolutionLayer.Builder(3, 3).nOut(2).build(), new ActivationLayer(Activation.SOFTMAX),
                        output())),
                Map.entry("(DropoutLayer), drops by a schedule", () -> Networks.of(new DropoutLayer(new Dropout(
                        new StepSchedule(ScheduleType.EPOCH, 0.9, 0.5, 2))), output())),
                Map.entry("(ConvolutionLayer), reads 3 channels, but would get 1", () -> Networks.of(new Adam(1e-3),
                        InputType.convolutional(28, 28, 3), new ConvolutionLayer.Builder(3, 3).nOut(2).build(),
                        output())),
                Map.entry("(Deconvolution2D), has no counterpart", () -> Networks.of(
                        new Deconvolution2D.Builder(3, 3).nOut(2).build(), output())),
                Map.entry("(DropoutLayer), drops by AlphaDropout", () -> Networks.of(
                        new DropoutLayer(new AlphaDropout(0.9)), output())),
                Map.entry("(LSTM), ", () -> Networks.of(new Adam(1e-3), InputType.recurrent(28, 28),
                        new LSTM.Builder().nOut(4).build(), new RnnOutputLayer.Builder(LossFunction.MCXENT).nOut(10)
                                .activation(Activation.SOFTMAX).build())),
                Map.entry("vertex \"part\" (SubsetVertex), has no counterpart", () -> graph(new SubsetVertex(0, 5))),
                Map.entry("vertex \"part\" (L2NormalizeVertex), has no", () -> graph(new L2NormalizeVertex())),
                Map.entry("the graph has 2 inputs and 1 outputs", KerasWriteTest::twoInputs));
    }

    @Test
    void whatKerasCannotExpressIsRefusedWithNameAndReason() {
        refused().forEach((expected, network) -> {
            Model model = network.get();
            for (String ending : List.of(".h5", ".keras")) {
                Path file = folder.resolve("refused" + ending);
                String message = assertThrows(KerasFileException.class, () -> Networks.write(model, file), expected)
                        .getMessage();
                assertTrue(message.contains(expected), message);
                assertFalse(Files.exists(file));
            }
        });
    }

    private static GraphBuilder graph() {
        return new NeuralNetConfiguration.Builder().convolutionMode(ConvolutionMode.Same).graphBuilder();
    }

    private static ComputationGraph graph(GraphVertex vertex) {
        ComputationGraph graph = new ComputationGraph(graph().addInputs("in")
                .addLayer("first", new DenseLayer.Builder().nOut(6).build(), "in").addVertex("part", vertex, "first")
                .addLayer("out", output(), "part").setOutputs("out").setInputTypes(InputType.feedForward(8)).build());
        graph.init();
        return graph;
    }

    private static ComputationGraph twoInputs() {
        ComputationGraph graph = new ComputationGraph(graph().addInputs("a", "b")
                .addVertex("sum", new ElementWiseVertex(ElementWiseVertex.Op.Add), "a", "b")
                .addLayer("out", output(), "sum").setOutputs("out")
                .setInputTypes(InputType.feedForward(8), InputType.feedForward(8)).build());
        graph.init();
        return graph;
    }

    @Test
    void theNamesAreThoseOfAllNetworks() {
        assertEquals(new HashSet<>(names()), networks.keySet());
    }

    private static Layer output() {
        return new OutputLayer.Builder(LossFunction.MCXENT).nOut(10).activation(Activation.SOFTMAX).build();
    }

    private Map<String, byte[]> entries(Model network) throws IOException {
        Path file = folder.resolve("entries.keras");
        Networks.write(network, file);
        return BoundedZip.read(file, "archive", ENTRIES);
    }

    private static JsonObject json(Map<String, byte[]> entries, String name) {
        return JsonParser.parseString(new String(entries.get(name), StandardCharsets.UTF_8)).getAsJsonObject();
    }

    private static List<JsonElement> layers(Map<String, byte[]> entries) {
        return json(entries, "config.json").getAsJsonObject("config").getAsJsonArray("layers").asList();
    }

    /** The options of the first layer of this class. */
    private static JsonObject options(Map<String, byte[]> entries, String type) {
        return layers(entries).stream().map(JsonElement::getAsJsonObject)
                .filter(layer -> layer.get("class_name").getAsString().equals(type)).findFirst().orElseThrow()
                .getAsJsonObject("config");
    }

    private static String inputShape(Map<String, byte[]> entries) {
        return options(entries, "InputLayer").get("batch_shape").toString();
    }
}
