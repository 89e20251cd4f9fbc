package digits.keras;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import digits.Hostile;
import digits.files.ModelFiles;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/** Models as people save them, see tests/keras/kinds.py. */
class KerasKindsTest {
    private static final double CLOSE = 1e-5;
    private static final Path KINDS = Fixtures.FOLDER.resolve("kinds");
    private static final Path H5 = Fixtures.FOLDER.resolve("keras2_walk.h5");

    @TempDir
    Path folder;

    static List<Path> kinds() throws IOException {
        try (Stream<Path> files = Files.list(KINDS)) {
            return files.filter(file -> file.toString().matches(".*\\.(h5|keras)")).sorted().toList();
        }
    }

    private static boolean hasBranches(Path file) {
        return file.getFileName().toString().matches(".*_(branches|operations|activations|rectifiers)[_.].*");
    }

    @Test
    void thereAreKindsOfThreeVersionsInBothFormats() throws IOException {
        Set<String> versions = kinds().stream().map(file -> file.getFileName().toString().replaceFirst("_.*\\.", " "))
                .collect(Collectors.toSet());
        assertEquals(Set.of("keras212 h5", "keras212 keras", "keras215 h5", "keras215 keras", "keras3 h5",
                "keras3 keras"), versions);
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void everyKindPredictsAsInKeras(Path file) {
        INDArray images = Fixtures.images();
        INDArray expected = Fixtures.predictions(file);
        double asGraph = Fixtures.difference(KerasFiles.readGraph(file).outputSingle(false, images), expected);
        assertTrue(asGraph < CLOSE, file + " as a graph: " + asGraph);
        if (hasBranches(file)) {
            String refused = assertThrows(KerasFileException.class, () -> KerasFiles.read(file)).getMessage();
            assertTrue(refused.contains("readGraph"), refused);
        } else {
            double difference = Fixtures.difference(KerasFiles.read(file).output(images), expected);
            assertTrue(difference < CLOSE, file + ": " + difference);
        }
    }

    /** Without a difference between the digits, the comparison above would say nothing. */
    @ParameterizedTest
    @MethodSource("kinds")
    void thePredictionsDependOnTheImage(Path file) {
        double spread = Fixtures.predictions(file).std(0).meanNumber().doubleValue();
        assertTrue(spread > 1e-3, file + ": " + spread);
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void whatWasReadIsSavedAndLoadedAsANetworkOfDeeplearning4j(Path file) {
        if (hasBranches(file)) return;
        MultiLayerNetwork network = KerasFiles.read(file);
        Path copy = folder.resolve("copy.zip");
        ModelFiles.save(network, copy);
        assertEquals(network.output(Fixtures.images()), ModelFiles.load(copy).output(Fixtures.images()));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            keras3_logits.keras        | from_logits=True
            keras3_logits_unsaid.keras | does not say what it returns
            keras3_linear.keras        | not probabilities
            keras3_pixels.keras        | scales its input
            keras3_standardized.keras  | standardizes its input
            """)
    void aNoteSaysWhatToKnow(String file, String note) {
        List<String> notes = KerasFiles.notes(KINDS.resolve(file));
        assertTrue(notes.size() == 1 && notes.get(0).contains(note), notes.toString());
    }

    @Test
    void logitsBecomeProbabilities() {
        INDArray sums = KerasFiles.read(KINDS.resolve("keras3_logits.keras")).output(Fixtures.images()).sum(1);
        assertEquals(0, Fixtures.difference(sums, Nd4j.ones(sums.shape())), 1e-6);
    }

    private Path changed(String known, String other) throws IOException {
        String content = new String(Files.readAllBytes(H5), StandardCharsets.ISO_8859_1);
        assertTrue(content.contains(known));
        String padded = other + "\0".repeat(known.length() - other.length());
        return Files.write(folder.resolve("changed.h5"),
                content.replace(known, padded).getBytes(StandardCharsets.ISO_8859_1));
    }

    /** Theano flips a kernel before it applies it, TensorFlow does not. */
    @Test
    void kernelsOfTheanoAreTurned() throws IOException {
        INDArray kernel = KerasFiles.read(H5).getLayer(0).getParam("W");
        INDArray turned = KerasFiles.read(changed("tensorflow", "theano")).getLayer(0).getParam("W");
        for (int h = 0; h < 3; h++) {
            for (int w = 0; w < 3; w++) {
                assertEquals(at(kernel, h, w), at(turned, 2 - h, 2 - w), h + ", " + w);
            }
        }
    }

    private static INDArray at(INDArray kernel, int h, int w) {
        return kernel.get(NDArrayIndex.all(), NDArrayIndex.all(), NDArrayIndex.point(h), NDArrayIndex.point(w)).dup();
    }

    @Test
    void aFileOfKeras1IsNamed() throws IOException {
        refused(changed("2.15.0", "1.2.2"), "written by Keras 1.2.2", "load it with Keras 2.0 to 2.3");
    }

    private static void refused(Path file, String... parts) {
        String message = assertThrows(KerasFileException.class, () -> KerasFiles.read(file)).getMessage();
        for (String part : parts) assertTrue(message.contains(part), message);
        assertTrue(message.startsWith(file.getFileName().toString()), message);
    }

    @Test
    void anUnpackedArchiveIsRead() throws IOException {
        Path archive = Fixtures.FOLDER.resolve("keras3_walk.keras");
        Path unpacked = Files.createDirectory(folder.resolve("unpacked.keras"));
        HostileKerasTest.entries(archive).forEach((name, content) -> {
            try {
                Files.write(unpacked.resolve(name), content);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
        assertEquals(KerasFiles.read(archive).params(), KerasFiles.read(unpacked).params());
    }

    @Test
    void anArchiveThatWasZippedAgainIsRead() throws IOException {
        Path archive = Fixtures.FOLDER.resolve("keras3_walk.keras");
        for (String top : List.of("", "model/")) {
            Map<String, byte[]> entries = new LinkedHashMap<>();
            if (!top.isEmpty()) entries.put(top, new byte[0]);
            HostileKerasTest.entries(archive).forEach((name, content) -> entries.put(top + name, content));
            entries.put("__MACOSX/" + top, new byte[0]);
            entries.put("__MACOSX/" + top + "._config.json", new byte[200]);
            entries.put(top + ".DS_Store", new byte[6148]);
            Path file = Files.write(folder.resolve("again.keras"), Hostile.zip(entries));
            assertEquals(KerasFiles.read(archive).params(), KerasFiles.read(file).params());
        }
    }

    /** The first bytes are those that the programs write; \\x stands before two hexadecimal digits. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            model.json        | {"class_name": "Sequential", "config": {}}     | without its weights
            model.yaml        | backend: tensorflow                            | without its weights
            model.tflite      | \\x1c\\x00\\x00\\x00TFL3\\x14\\x00             | TensorFlow Lite
            model.onnx        | \\x08\\x07\\x12\\x07pytorch                    | ONNX
            other             | \\x08\\x08\\x12\\x0bskl2onnx                   | ONNX
            frozen.pb         | \\x0a\\x20\\x0a\\x01x\\x12\\x0bPlaceholder     | TensorFlow graph
            saved_model.pb    | \\x08\\x01\\x12\\xb0\\x01                      | SavedModel
            model.pkl         | \\x80\\x04\\x95\\x10\\x00                      | pickle
            model.joblib      | \\x78\\x9c\\xec\\xbd                           | joblib
            model.pth         | \\x80\\x02\\x8a\\x0al\\xfc\\x9cF\\xf9 j        | PyTorch
            weights           | \\x80\\x02ctorch._utils                        | PyTorch
            model.safetensors | \\x98\\x01\\x00\\x00\\x00\\x00\\x00\\x00{"a":  | safetensors
            x.npy             | \\x93NUMPY\\x01\\x00                           | NumPy
            model.h5          | version https://git-lfs.github.com/spec/v1     | git lfs pull
            model.h5          | <!DOCTYPE html><html lang="en">                | web page
            model.index       | \\x00\\x00\\x05\\x01                           | checkpoint
            checkpoint        | model_checkpoint_path: "cp.ckpt"               | checkpoint
            model.h5.gz       | \\x1f\\x8b\\x08\\x00                           | unpack it
            """)
    void anotherFormatIsNamed(String name, String start, String why) throws IOException {
        refused(Files.write(folder.resolve(name), Fixtures.fileThatStarts(start)), why);
    }

    @Test
    void aZipOfSomethingElseIsNamed() throws IOException {
        Path file = folder.resolve("x.zip");
        for (String[] known : new String[][] {{"archive/data.pkl", "PyTorch"}, {"m/saved_model.pb", "SavedModel"},
            {"coefficients.bin", "ModelFiles.load"}, {"a.npy", "NumPy"}, {"folder/model.h5", "unpack it first"}}) {
            Files.write(file, Hostile.zip(Map.of(known[0], new byte[10])));
            refused(file, known[1]);
        }
    }

    @Test
    void aFolderIsNamed() throws IOException {
        refused(folder, "folder without a Keras model");
        Files.write(folder.resolve("saved_model.pb"), new byte[10]);
        refused(folder, "SavedModel", "tf.keras.models.load_model");
    }

    @Test
    void weightsAloneAreRefusedWithTheWayOut() throws IOException {
        byte[] weights = HostileKerasTest.entries(Fixtures.FOLDER.resolve("keras3_walk.keras")).get(KerasFiles.WEIGHTS);
        refused(Files.write(folder.resolve("a.weights.h5"), weights), "only weights", "load_weights");
    }

    @Test
    void namesFromTheFileAreHarmlessAndShort() throws IOException {
        String name = "<img src=x onerror=alert(1)>" + "n".repeat(200);
        byte[] named = HostileKerasTest.with(KINDS.resolve("keras3_vector.keras"), KerasFiles.CONFIG,
                content -> new String(content, StandardCharsets.UTF_8)
                        .replace("\"name\": \"dense", "\"name\": \"" + name).getBytes(StandardCharsets.UTF_8));
        Path file = Files.write(folder.resolve("named.keras"), named);
        for (Layer layer : KerasFiles.read(file).getLayers()) {
            String here = layer.conf().getLayer().getLayerName();
            assertTrue(here.length() < 90 && !here.contains("<"), here);
        }
    }
}
