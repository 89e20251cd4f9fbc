package digits.keras;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import digits.Hostile;
import digits.Hostile.Variant;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.factory.Nd4j;

/** Damaged and hostile Keras files are refused with a {@link KerasFileException}, quickly and in little memory. */
class HostileKerasTest {
    private static final Path H5 = Fixtures.FOLDER.resolve("keras3_walk.h5");
    private static final Path ARCHIVE = Fixtures.FOLDER.resolve("keras3_walk.keras");
    private static final String CONFIG = "config.json";
    private static final String WEIGHTS = "model.weights.h5";

    @TempDir
    Path folder;

    static List<Path> models() throws IOException {
        return KerasFilesTest.models();
    }

    static List<Path> archives() throws IOException {
        return models().stream().filter(file -> file.toString().endsWith(".keras")).toList();
    }

    private Optional<MultiLayerNetwork> read(Variant variant) {
        return Hostile.read(variant, folder.resolve("hostile"), KerasFiles::read, KerasFileException.class);
    }

    /** Asserts that the content is refused with a message that contains this text. */
    private void refused(byte[] content, String why) throws IOException {
        Path file = Files.write(folder.resolve("hostile"), content);
        Variant variant = new Variant(why, content);
        Optional<MultiLayerNetwork> found = Hostile.read(variant, file, f -> {
            try {
                return KerasFiles.read(f);
            } catch (KerasFileException e) {
                assertTrue(e.getMessage().contains(why), e.getMessage());
                throw e;
            }
        }, KerasFileException.class);
        assertTrue(found.isEmpty(), "it was read: " + why);
    }

    @ParameterizedTest
    @MethodSource("models")
    void aTruncatedFileIsRefused(Path model) throws IOException {
        Hostile.truncated(Files.readAllBytes(model), 30)
                .forEach(variant -> assertTrue(read(variant).isEmpty(), variant + " was read"));
    }

    /** A .h5 has no checksums, so a flip in a weight or in an unused name may go unnoticed; the layers still fit. */
    @ParameterizedTest
    @MethodSource("models")
    void aFlippedByteIsRefusedOrHarmless(Path model) throws IOException {
        long parameters = KerasFiles.read(model).numParams();
        byte[] whole = Files.readAllBytes(model);
        int description = Math.max(0, new String(whole, StandardCharsets.ISO_8859_1).indexOf("{\"class_name\"") - 200);
        Stream.of(Hostile.flipped(whole, 0, whole.length, 30, 1), Hostile.flipped(whole, 0, 4096, 20, 2),
                Hostile.flipped(whole, description, Math.min(whole.length, description + 4000), 30, 3),
                Hostile.withBadWords(whole, 0, whole.length, 30, 4, ByteOrder.LITTLE_ENDIAN),
                Hostile.withBadWords(whole, 0, 4096, 30, 5, ByteOrder.LITTLE_ENDIAN)).flatMap(s -> s)
                .forEach(variant -> readsAllOrNothing(variant, parameters));
    }

    private void readsAllOrNothing(Variant variant, long parameters) {
        read(variant).ifPresent(network -> {
            assertEquals(parameters, network.numParams(), variant + " was half read");
            try {
                network.output(Nd4j.zeros(1, 1, 28, 28));   // must not end the JVM
            } catch (RuntimeException otherShape) {
                assertFalse(variant.toString().isEmpty(), "the flip changed the shape of the input");
            }
        });
    }

    /** The archive's checksums match the changed content, as an attacker would make them. */
    @ParameterizedTest
    @MethodSource("archives")
    void whatIsFlippedInsideAnArchiveIsRefusedOrHarmless(Path model) throws IOException {
        long parameters = KerasFiles.read(model).numParams();
        for (String name : List.of(CONFIG, WEIGHTS)) {
            byte[] whole = entries(model).get(name);
            Stream.of(Hostile.flipped(whole, 0, whole.length, 20, 1),
                    Hostile.withBadWords(whole, 0, Math.min(whole.length, 8192), 20, 2, ByteOrder.LITTLE_ENDIAN),
                    Hostile.truncated(whole, 10)).flatMap(s -> s).forEach(inside -> {
                        byte[] changed = with(model, name, content -> inside.content());
                        readsAllOrNothing(new Variant(name + ", " + inside, changed), parameters);
                    });
        }
    }

    @Test
    void aFlippedWeightInAnArchiveIsNoticed() throws IOException {
        byte[] whole = Files.readAllBytes(ARCHIVE);
        int weights = new String(whole, StandardCharsets.ISO_8859_1).indexOf(WEIGHTS);
        whole[weights + entries(ARCHIVE).get(WEIGHTS).length / 2] ^= 1;
        refused(whole, "checksum");
    }

    @Test
    void whatIsNotAModelIsRefused() throws IOException {
        refused(new byte[0], "not an HDF5 file");
        refused("Dear reader, this is a letter, not a model.\n".repeat(100).getBytes(UTF_8), "not an HDF5 file");
        refused(new byte[100_000], "not an HDF5 file");
        refused(Files.readAllBytes(Fixtures.FOLDER.resolve("digits.gz")), "unpack it first");
        refused("PK\3\4 and then no zip".getBytes(UTF_8), "hostile");
        Path none = folder.resolve("gone.h5");
        KerasFileException e = assertThrows(KerasFileException.class, () -> KerasFiles.read(none));
        assertTrue(e.getMessage().contains("no such file"), e.getMessage());
    }

    @Test
    void anArchiveWithOtherEntriesIsRefused() throws IOException {
        for (String name : List.of("../evil.txt", "../../config.json", "/etc/passwd", "assets/x", "config.json/",
                "x".repeat(60_000))) {
            Map<String, byte[]> entries = entries(ARCHIVE);
            entries.put(name, new byte[] {1});
            refused(Hostile.zip(entries), "unexpected entry \"" + name.substring(0, Math.min(40, name.length())));
        }
        for (String name : List.of(CONFIG, WEIGHTS)) {
            Map<String, byte[]> entries = entries(ARCHIVE);
            entries.remove(name);
            refused(Hostile.zip(entries), "it has no " + name);
        }
    }

    @Test
    void aZipBombIsRefused() throws IOException {
        for (String name : List.of(CONFIG, WEIGHTS)) {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
                zip.putNextEntry(new ZipEntry(name.equals(CONFIG) ? WEIGHTS : CONFIG));
                zip.write(entries(ARCHIVE).get(name.equals(CONFIG) ? WEIGHTS : CONFIG));
                zip.putNextEntry(new ZipEntry(name));
                byte[] spaces = " ".repeat(1 << 20).getBytes(UTF_8);
                for (int i = 0; i < 300; i++) zip.write(spaces);
            }
            assertTrue(bytes.size() < 1_000_000);
            refused(bytes.toByteArray(), "far larger unpacked");
        }
    }

    /** 2^24 ways from the root to one leaf, in 2.5 kB: the case in which jhdf as a reader runs out of memory. */
    @Test
    void aTreeThatDoublesIsRefused() throws IOException {
        refused(doublingTree(16), "over and over");
        refused(doublingTree(24), "tree has the level 23");
    }

    /** A group whose tree has two references to the next node in each node. */
    private static byte[] doublingTree(int levels) {
        int heap = 136;
        int nodes = 184;
        int nodeSize = 96;
        ByteBuffer file = rootHeader(nodes + nodeSize * levels + 64, 0x11, 16).putLong(nodes).putLong(heap);
        file.position(heap).put("HEAP".getBytes(UTF_8)).putInt(0).putLong(16).putLong(-1).putLong(heap + 32);
        for (int i = 0; i < levels; i++) {
            long next = nodes + nodeSize * (i + 1L);
            file.position(nodes + nodeSize * i).put("TREE".getBytes(UTF_8));
            file.put(new byte[] {0, (byte) (levels - 1 - i), 2, 0});
            file.putLong(-1).putLong(-1).putLong(0).putLong(next).putLong(0).putLong(next);
        }
        file.position(nodes + nodeSize * levels).put("SNOD".getBytes(UTF_8)).putInt(1);
        return file.array();
    }

    /** A file's superblock and its root group's header with one message, whose content comes next. */
    private static ByteBuffer rootHeader(int fileSize, int kind, int messageSize) {
        ByteBuffer file = ByteBuffer.allocate(fileSize).order(ByteOrder.LITTLE_ENDIAN);
        file.put(new byte[] {(byte) 0x89, 'H', 'D', 'F', '\r', '\n', 0x1a, '\n'});
        file.put(new byte[] {0, 0, 0, 0, 0, 8, 8, 0, 4, 0, 16, 0, 0, 0, 0, 0});
        file.putLong(0).putLong(-1).putLong(fileSize).putLong(-1).putLong(0).putLong(96).position(96);
        file.put(new byte[] {1, 0, 1, 0, 1, 0, 0, 0}).putInt(messageSize + 8).putInt(0);
        return file.putShort((short) kind).putShort((short) messageSize).putInt(0);
    }

    /** Texts in heaps that overlap: each begins 32 bytes after the last and holds thousands of objects. */
    @Test
    void overlappingHeapsTakeLittleMemory() throws IOException {
        int texts = 4000;
        int heapSize = 16 * 65_000;
        int heaps = 72_000;
        ByteBuffer file = rootHeader(heaps + 32 * texts + heapSize + 16, 0xc, 56 + 16 * texts);
        file.put(new byte[] {1, 0, 13, 0, 16, 0, 16, 0}).put("model_config\0\0\0\0".getBytes(UTF_8));
        file.put(new byte[] {0x19, 1, 0, 0, 16, 0, 0, 0, 0x13, 0, 0, 0, 1, 0, 0, 0});   // the type: texts in heaps
        file.put(new byte[] {1, 1, 0, 0, 0, 0, 0, 0}).putLong(texts);                   // the shape
        for (int i = 0; i < texts; i++) file.putInt(1).putLong(heaps + 32L * i).putInt(7);
        for (int at = heaps, i = 0; at + 32 <= file.capacity(); at += 32, i++) {
            file.position(at);
            if (i < texts) file.put("GCOL".getBytes(UTF_8)).putInt(1).putLong(heapSize).putLong(7).putLong(16);
            else file.putLong(2L * i % 60_000 + 8).putLong(0).putLong(2L * i % 60_000 + 9).putLong(0);
        }
        refused(file.array(), "over and over");
        Variant variant = new Variant("overlapping heaps", file.array());
        Hostile.read(variant, folder.resolve("heaps.h5"), KerasFiles::contents, KerasFileException.class);
    }

    /** A group with a name of a megabyte, which would be part of the path of every array below it. */
    @Test
    void aLongNameIsRefused() throws IOException {
        int length = 1 << 20;
        ByteBuffer file = rootHeader(96 + 24 + 24 + 200 + length, 0x11, 16).putLong(184).putLong(136);
        file.position(136).put("HEAP".getBytes(UTF_8)).putInt(0).putLong(length + 1).putLong(-1).putLong(320);
        file.position(184).put("TREE".getBytes(UTF_8)).put(new byte[] {0, 0, 1, 0}).putLong(-1).putLong(-1);
        file.putLong(0).putLong(272);
        file.position(272).put("SNOD".getBytes(UTF_8)).put(new byte[] {1, 0, 1, 0}).putLong(0).putLong(96);
        file.position(320).put("n".repeat(length).getBytes(UTF_8));
        refused(file.array(), "a name in it has");
    }

    @Test
    void anInvalidDescriptionIsRefused() throws IOException {
        config(json -> "", "model description is not");
        config(json -> "not JSON", "model description is not");
        config(json -> "[]", "model description is not");
        config(json -> "{}", "class none; only Sequential");
        config(json -> "[".repeat(200_000), "model description is not valid JSON");
        config(json -> "{\"class_name\":".repeat(50_000) + "1" + "}".repeat(50_000), "hostile");
        config(json -> "{\"class_name\": \"Functional\", \"config\": {}}", "no layers");
        config(json -> "{\"class_name\": \"MyModel\", \"config\": {}}", "class \"MyModel\"; only Sequential");
        String layers = "{\"class_name\": \"Sequential\", \"config\": {\"layers\": [%s]}}";
        config(json -> layers.formatted(""), "no layers");
        config(json -> layers.formatted("1,".repeat(100_000) + "1"), "more than 1000");
        config(json -> layers.formatted("7"), "layer 1 is not described");
        config(json -> json.replaceFirst("\"Conv2D\"", "\"" + "C".repeat(100_000) + "\""), "does not know");
        config(json -> json.replaceFirst("\"name\": \"conv2d\"", "\"name\": \"" + "n".repeat(100_000) + "\"")
                .replaceFirst("\"relu\"", "\"glue\""), "activation");
        // shapes that fit in no memory, and invalid ones
        for (String shape : List.of("999999, 999999, 1", "28, 28, 999999", "2147483647, 28, 1", "0, 28, 1",
                "-28, 28, 1", "1e9, 28, 1", "null, null, null", "\"28\", 28, 1")) {
            config(json -> json.replace("[null, 28, 28, 1]", "[null, " + shape + "]"), "hostile");
        }
        config(json -> json.replace("\"filters\": 4", "\"filters\": 1000000"), "(Conv2D), has weights of the shape");
        config(json -> json.replace("\"units\": 10", "\"units\": 2000000000"), "(Dense), has the option units");
        config(json -> json.replace("\"units\": 10", "\"units\": 1e400"), "(Dense), has the option units");
    }

    private void config(UnaryOperator<String> change, String why) throws IOException {
        refused(with(ARCHIVE, CONFIG, content -> change.apply(new String(content, StandardCharsets.UTF_8))
                .getBytes(StandardCharsets.UTF_8)), why);
    }

    private void model(String json, String why) throws IOException {
        config(config -> json, why);
    }

    /** A Functional model with these layers, each as {@code name, class, options, what it reads}. */
    private static String graph(String output, String[]... layers) {
        StringBuilder all = new StringBuilder("{\"class_name\": \"InputLayer\", \"config\": {\"name\": \"in\","
                + " \"batch_shape\": [null, 28, 28, 1]}, \"name\": \"in\", \"inbound_nodes\": []}");
        for (String[] layer : layers) {
            all.append(", {\"class_name\": \"%s\", \"config\": {\"name\": \"%s\"%s}, \"name\": \"%s\","
                    .formatted(layer[1], layer[0], layer[2], layer[0])).append(" \"inbound_nodes\": [[");
            String[] reads = layer[3].split(" ", -1);
            for (int i = 0; i < reads.length; i++) {
                all.append(i == 0 ? "" : ", ").append("[\"").append(reads[i]).append("\", 0, 0, {}]");
            }
            all.append("]]}");
        }
        return "{\"class_name\": \"Functional\", \"config\": {\"name\": \"m\", \"layers\": [" + all
                + "], \"input_layers\": [[\"in\", 0, 0]], \"output_layers\": [[\"" + output + "\", 0, 0]]}}";
    }

    @Test
    void aHostileGraphIsRefused() throws IOException {
        model(graph("a", new String[] {"a", "ReLU", "", "b"}, new String[] {"b", "ReLU", "", "a"}), "its own result");
        model(graph("a", new String[] {"a", "Add", "", "in a"}), "its own result");
        model(graph("a", new String[] {"a", "ReLU", "", "nowhere"}), "no layer \"nowhere\"");
        model(graph("gone", new String[] {"a", "ReLU", "", "in"}), "no layer \"gone\"");
        model(graph("a", new String[] {"a", "ReLU", "", "in in"}), "reads 2 layers");
        model(graph("a", new String[] {"a", "Add", "", "in in"}).replace("\"inbound_nodes\": [[",
                "\"inbound_nodes\": [[[\"in\", 0, 0]], ["), "used 2 times");
        model(graph("a", new String[] {"a", "ReLU", "", "in"}).replace("\"output_layers\": [",
                "\"output_layers\": [[\"in\", 0, 0], "), "has 2 outputs");
        model(graph("a", new String[] {"a", "ReLU", "", "in"}).replace("\"input_layers\": [[\"in\", 0, 0]]",
                "\"input_layers\": []"), "has 0 inputs");
        String[][] doubling = new String[900][];
        for (int i = 0; i < doubling.length; i++) {
            String before = i == 0 ? "in" : "c" + (i - 1);
            doubling[i] = new String[] {"c" + i, "Concatenate", ", \"axis\": -1", before + " " + before};
        }
        model(graph("c899", doubling), "numbers per example");
    }

    @Test
    void modelsInsideModelsAreBounded() throws IOException {
        for (int deep : new int[] {20, 10_000}) {
            String open = "{\"class_name\": \"Sequential\", \"config\": {\"name\": \"s\", \"layers\": [";
            model(open.repeat(deep) + "]}}".repeat(deep), "hostile");
        }
        String inner = "{\"class_name\": \"Sequential\", \"config\": {\"name\": \"%d\", \"layers\": [%s]}}";
        String layers = "{\"class_name\": \"ReLU\", \"config\": {\"name\": \"r\"}}";
        for (int level = 0; level < 10; level++) {   // 4^10 layers
            String one = layers;
            layers = IntStream.range(0, 4).mapToObj(i -> inner.formatted(i, one))
                    .collect(Collectors.joining(","));
            if (layers.length() > 400_000) break;
        }
        model("{\"class_name\": \"Sequential\", \"config\": {\"build_input_shape\": [null, 28, 28, 1], \"layers\": ["
                + layers + "]}}", "hostile");
    }

    /** Sizes that would take all memory or hours, and shapes that do not fit. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            Reshape | "target_shape": [2147483647, 2147483647, 4] | target_shape
            Reshape | "target_shape": [-1, 0] | reshapes 784 numbers
            Reshape | "target_shape": [-1, -1] | reshapes 784 numbers
            Reshape | "target_shape": [5, -1] | reshapes 784 numbers
            Reshape | "target_shape": [1, 1, 784, 1] | target_shape
            Reshape | "target_shape": "x" | target_shape
            UpSampling2D | "size": [4096, 4096] | numbers per example
            UpSampling2D | "size": [1e9, 1] | size
            UpSampling2D | "interpolation": "bilinear" | interpolation
            Resizing | "height": 4096, "width": 4096 | resize the images before
            Resizing | "height": 1e30, "width": 3 | height
            ZeroPadding2D | "padding": [[4096, 4096], [4096, 4096]] | numbers per example
            Cropping2D | "cropping": [[14, 14], [0, 0]] | numbers per example
            Cropping2D | "cropping": [[4096, 4096], [4096, 4096]] | numbers per example
            MaxPooling2D | "pool_size": [29, 29] | numbers per example
            MaxPooling2D | "strides": [0, 0] | strides
            MaxPooling2D | "pool_size": [1, 1], "dilation_rate": [0, 1] | dilation_rate
            Permute | "dims": [1, 1, 2] | dims
            Permute | "dims": [0, 1, 2] | dims
            Permute | "dims": [1e300, 1, 2] | dims
            PReLU | "shared_axes": [9] | shared_axes
            PReLU | "shared_axes": null | needs 1
            Normalization | "axis": -1 | adapt()
            Normalization | "mean": [1, 2, 3], "variance": [1, 2] | different lengths
            Normalization | "mean": [1, 2, 3], "variance": [1, 2, 3] | factors for the shape
            Rescaling | "scale": [1, 2, 3, 4] | factors for the shape
            Rescaling | "scale": "many" | scale
            Lambda | "function": "x" | Python code
            LSTM | "units": 3 | sequences
            Dense | "units": 1000000, "dtype": {"config": {"name": "int8_from_float32"}} | quantized
            DepthwiseConv2D | "kernel_size": [3, 3], "depth_multiplier": 1024 | needs 2
            SeparableConv2D | "kernel_size": [3, 3], "filters": 1000000 | needs 3
            Activation | "activation": {"class_name": "function", "config": "sparsemax"} | activation
            GlobalMaxPooling2D | "keepdims": 7 | keepdims
            """)
    void anImpossibleLayerIsRefused(String type, String options, String why) throws IOException {
        model(graph("a", new String[] {"a", type, ", " + options, "in"}), why);
    }

    /** Pooling with a window of 4,095 × 4,095 on a large image: 10^14 steps for 14 layers in 4 kB. */
    @Test
    void aModelThatWouldTakeHoursIsRefused() throws IOException {
        String[][] layers = new String[9][];
        layers[0] = new String[] {"p0", "ZeroPadding2D", ", \"padding\": 1000", "in"};
        for (int i = 1; i < layers.length; i++) {
            layers[i] = new String[] {"p" + i, "MaxPooling2D", ", \"padding\": \"same\", \"pool_size\": 4095,"
                    + " \"strides\": 1", "p" + (i - 1)};
        }
        model(graph("p8", layers), "would take hours");
    }

    /** In both formats, the message names the layer, its class and its position. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            "MaxPooling2D" | "MaxPooling3D" | layer 6, "max_pooling2d" (MaxPooling3D), is of a class
            "BatchNormalization" | "LayerNormalization" | layer 3, "batch_normalization" (LayerNormalization)
            _rate": [1, 1] | _rate": [0, 2] | layer 2, "conv2d" (Conv2D), has the option dilation_rate = [0,2]
            "padding": "valid" | "padding": "causa" | layer 2, "conv2d" (Conv2D), has the option padding = "causa"
            "activation": "relu" | "activation": "glue" | layer 2, "conv2d" (Conv2D), has the option activation = "glue"
            "axis": -1 | "axis": -2 | layer 3, "batch_normalization" (BatchNormalization), has the option axis = -2
            "groups": 1 | "groups": 2 | layer 2, "conv2d" (Conv2D), has the option groups = 2
            "noise_shape": null | "noise_shape": [12] | layer 7, "dropout" (Dropout), has the option noise_shape = [12]
            "rate": 0.25 | "rate": 1.25 | layer 7, "dropout" (Dropout), has the option rate = 1.25
            """)
    void anUnsupportedLayerIsNamedWithItsPosition(String known, String unknown, String message) throws IOException {
        config(json -> replaced(json, known, unknown), message);
        String h5 = new String(Files.readAllBytes(H5), StandardCharsets.ISO_8859_1);
        String changed = replaced(h5, known, unknown);
        if (changed.length() == h5.length()) refused(changed.getBytes(StandardCharsets.ISO_8859_1), message);
    }

    private static String replaced(String text, String known, String unknown) {
        int at = text.indexOf(known);
        assertTrue(at >= 0, "there is no " + known);
        return text.substring(0, at) + unknown + text.substring(at + known.length());
    }

    static Map<String, byte[]> entries(Path archive) {
        Map<String, byte[]> entries = new LinkedHashMap<>();
        try (ZipInputStream zip = new ZipInputStream(new ByteArrayInputStream(Files.readAllBytes(archive)))) {
            for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
                entries.put(entry.getName(), zip.readAllBytes());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return entries;
    }

    static byte[] with(Path archive, String name, UnaryOperator<byte[]> change) {
        Map<String, byte[]> entries = entries(archive);
        entries.computeIfPresent(name, (n, content) -> change.apply(content));
        return Hostile.zip(entries);
    }
}
