package digits.onnx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import digits.acceleration.Acceleration;
import digits.acceleration.Acceleration.AcceleratedLayer;
import digits.files.ModelFiles;
import digits.keras.Fixtures;
import digits.keras.KerasFiles;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/** Models as PyTorch, Keras and scikit-learn export them, see tests/onnx/models.py. */
class OnnxReadTest {
    private static final double CLOSE = 1e-5;

    @TempDir
    Path folder;

    static List<Path> models() {
        return ReadFixtures.models();
    }

    private static boolean hasBranches(Path file) {
        return file.getFileName().toString().matches(".*_(resnet|joined|inception)\\.onnx|torch_script20_curves.*|"
                + "keras_tensorflow_odd.*");
    }

    @Test
    void thereAreModelsOfAllExporters() {
        Set<String> exporters = models().stream().map(file -> file.getFileName().toString()
                .replaceFirst("(torch_script|torch_dynamo|[a-z]+).*", "$1")).collect(Collectors.toSet());
        assertEquals(Set.of("torch_script", "torch_dynamo", "keras", "sklearn", "built"), exporters);
    }

    @ParameterizedTest
    @MethodSource("models")
    void everyModelPredictsAsInOnnxRuntime(Path file) {
        INDArray images = Fixtures.images();
        INDArray expected = Fixtures.predictions(file);
        INDArray found = OnnxFiles.readGraph(file).outputSingle(false, images);
        double asGraph = Fixtures.difference(found, expected);
        assertTrue(asGraph < CLOSE, file + " as a graph: " + asGraph);
        INDArray sums = found.sum(1);
        assertEquals(0, Fixtures.difference(sums, Nd4j.ones(sums.shape())), CLOSE, file + ": no probabilities");
        if (hasBranches(file)) {
            String refused = assertThrows(OnnxFileException.class, () -> OnnxFiles.read(file)).getMessage();
            assertTrue(refused.contains("readGraph"), refused);
        } else {
            double difference = Fixtures.difference(OnnxFiles.read(file).output(images), expected);
            assertTrue(difference < CLOSE, file + ": " + difference);
        }
    }

    /** Without a difference between the digits, the comparison above would say nothing. */
    @ParameterizedTest
    @MethodSource("models")
    void thePredictionsDependOnTheImage(Path file) {
        double spread = Fixtures.predictions(file).std(0).meanNumber().doubleValue();
        assertTrue(spread > 1e-3, file + ": " + spread);
    }

    @ParameterizedTest
    @ValueSource(strings = {"torch_dynamo_lenet", "torch_dynamo_walk_plain", "torch_script12_mobile",
        "torch_script16_odd", "torch_dynamo_curves", "torch_script9_normalized", "keras_tensorflow_walk",
        "sklearn_scaled", "built_turned", "built_half_weights"})
    void whatWasReadIsSavedAndLoadedAndAccelerated(String name) {
        Path file = ReadFixtures.model(name);
        MultiLayerNetwork network = OnnxFiles.read(file);
        INDArray images = Fixtures.images();
        INDArray expected = network.output(images);
        Path copy = folder.resolve("copy.zip");
        ModelFiles.save(network, copy);
        MultiLayerNetwork loaded = ModelFiles.load(copy);
        assertEquals(expected, loaded.output(images));
        Acceleration.of(loaded);
        double difference = Fixtures.difference(loaded.output(images), expected);
        assertTrue(difference < CLOSE, file + " accelerated: " + difference);
    }

    @ParameterizedTest
    @ValueSource(strings = {"torch_dynamo_lenet", "torch_script13_walk", "torch_script14_walk_unfolded"})
    void everyLayerOfAnOrdinaryNetworkIsAccelerated(String name) {
        Acceleration acceleration = Acceleration.of(OnnxFiles.read(ReadFixtures.model(name)));
        List<AcceleratedLayer> slow = acceleration.layers().stream().filter(layer -> layer.reason().isPresent())
                .toList();
        assertEquals(List.of(), slow);
    }

    @ParameterizedTest
    @ValueSource(strings = {"torch_script11_lenet", "torch_script14_walk_unfolded", "torch_dynamo_mobile",
        "torch_dynamo_odd", "keras_torch_walk", "sklearn_scaled", "built_half_weights"})
    void whatWasReadTrainsOn(String name) {
        MultiLayerNetwork network = accelerated(OnnxFiles.read(ReadFixtures.model(name)));
        double before = network.score(digits());
        for (int i = 0; i < 10; i++) network.fit(digits());
        double after = network.score(digits());
        assertTrue(after < before, name + ": " + before + ", " + after);
        Path copy = folder.resolve("trained.zip");
        ModelFiles.save(network, copy);
        assertEquals(network.output(Fixtures.images()), accelerated(ModelFiles.load(copy)).output(
                Fixtures.images()));
    }

    /** 50 of them: Deeplearning4j's PReLU trains with at most 64. */
    private static DataSet digits() {
        return new DataSet(Fixtures.images().get(NDArrayIndex.interval(0, 50)).dup(),
                ReadFixtures.labels().get(NDArrayIndex.interval(0, 50)).dup());
    }

    private static MultiLayerNetwork accelerated(MultiLayerNetwork network) {
        Acceleration.of(network);
        return network;
    }

    @ParameterizedTest
    @ValueSource(strings = {"torch_script17_resnet", "keras_tensorflow_resnet"})
    void aGraphIsAcceleratedAndTrainsOn(String name) {
        ComputationGraph graph = OnnxFiles.readGraph(ReadFixtures.model(name));
        INDArray images = Fixtures.images();
        INDArray expected = graph.outputSingle(images).dup();
        Acceleration.of(graph);
        assertTrue(Fixtures.difference(graph.outputSingle(images), expected) < CLOSE);
        double before = graph.score(digits());
        for (int i = 0; i < 10; i++) graph.fit(digits());
        assertTrue(graph.score(digits()) < before, name);
    }

    @ParameterizedTest
    @ValueSource(strings = {"torch_script11_lenet", "torch_dynamo_walk", "torch_script14_walk_unfolded",
        "torch_script17_resnet", "torch_dynamo_mobile", "torch_script15_joined", "torch_dynamo_normalized",
        "keras_tensorflow_walk", "keras_torch_inception", "sklearn_deep", "built_cntk8"})
    void whatWasReadIsWrittenForKeras(String name) {
        Path copy = folder.resolve("copy.keras");
        Path file = ReadFixtures.model(name);
        KerasFiles.write(OnnxFiles.readGraph(file), copy);
        double difference = Fixtures.difference(KerasFiles.readGraph(copy).outputSingle(Fixtures.images()),
                Fixtures.predictions(file));
        assertTrue(difference < CLOSE, file + " by way of Keras: " + difference);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            torch_script11_lenet         | logarithms of probabilities
            torch_script12_mobile        | read as logits
            torch_dynamo_normalized      | normalizes its input itself
            torch_script14_walk_unfolded | exported in training mode
            torch_script16_odd           | has 2 groups of channels
            sklearn_plain                | only "output_probability" was read
            """)
    void aNoteSaysWhatToKnow(String name, String note) {
        List<String> notes = OnnxFiles.notes(ReadFixtures.model(name));
        assertTrue(notes.stream().anyMatch(each -> each.contains(note)), notes.toString());
    }

    @ParameterizedTest
    @ValueSource(strings = {"torch_dynamo_walk", "keras_tensorflow_vector"})
    void whereThereIsNothingSpecialThereIsNoNote(String name) {
        assertEquals(List.of(), OnnxFiles.notes(ReadFixtures.model(name)));
    }

    @ParameterizedTest
    @CsvSource({"torch_dynamo_lenet, Convolution Subsampling Convolution Subsampling Dense Output",
        "torch_script14_walk_unfolded, Convolution BatchNormalization Activation Convolution BatchNormalization "
                + "Activation Subsampling Dropout Dense BatchNormalization Activation Dropout Output",
        "torch_script13_perceptron_of_one, Dense Output", "built_cntk8, Convolution Subsampling Convolution "
                + "Subsampling Output"})
    void theLayersAreTheOrdinaryOnes(String name, String expected) {
        String found = Arrays.stream(OnnxFiles.read(ReadFixtures.model(name)).getLayers())
                .map(layer -> layer.conf().getLayer().getClass().getSimpleName().replace("Layer", ""))
                .collect(Collectors.joining(" "));
        assertEquals(expected, found);
    }
}
