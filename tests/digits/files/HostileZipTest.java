package digits.files;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import digits.Examples;
import digits.Hostile;
import digits.Hostile.Variant;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer.PoolingType;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.weights.WeightInit;
import org.deeplearning4j.util.ModelSerializer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.api.preprocessor.ImagePreProcessingScaler;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.lossfunctions.LossFunctions;

/** Our own zips, broken or made to break their reader. */
class HostileZipTest {
    private static final String CONFIGURATION = "configuration.json";
    private static final String COEFFICIENTS = "coefficients.bin";
    private static final String UPDATER = "updaterState.bin";
    private static final String NORMALIZER = "normalizer.bin";

    @TempDir
    Path folder;
    private byte[] whole;
    private MultiLayerNetwork network;

    @BeforeEach
    void saveANetwork() throws IOException {
        network = Examples.smallNetwork(1);
        network.fit(Examples.inOrder(Examples.bars(32, 1), 32));
        Path file = folder.resolve("whole.zip");
        ModelFiles.save(network, new ImagePreProcessingScaler(0, 1), checksum -> "{\"dataset\": \"MNIST\"}", file);
        whole = Files.readAllBytes(file);
    }

    private Optional<MultiLayerNetwork> read(Variant variant) {
        Optional<MultiLayerNetwork> read =
                Hostile.read(variant, folder.resolve("hostile.zip"), ModelFiles::load, UncheckedIOException.class);
        read.ifPresent(found -> assertEquals(10, found.output(Nd4j.zeros(1, 1, 28, 28)).length(), variant.toString()));
        return read;
    }

    private void refused(byte[] content, String why) {
        assertTrue(read(new Variant(why, content)).isEmpty(), "it was read: " + why);
        Exception e = assertThrows(UncheckedIOException.class, () -> ModelFiles.load(folder.resolve("hostile.zip")));
        assertTrue(e.getMessage().contains(why), e.getMessage());
    }

    private Map<String, byte[]> entries() {
        Map<String, byte[]> entries = new LinkedHashMap<>();
        try (ZipInputStream zip = new ZipInputStream(new ByteArrayInputStream(whole))) {
            for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
                entries.put(entry.getName(), zip.readAllBytes());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return entries;
    }

    private byte[] with(String name, UnaryOperator<byte[]> change) {
        Map<String, byte[]> entries = entries();
        entries.computeIfPresent(name, (n, content) -> change.apply(content));
        return Hostile.zip(entries);
    }

    private byte[] withConfiguration(UnaryOperator<String> change) {
        return with(CONFIGURATION,
                content -> change.apply(new String(content, StandardCharsets.UTF_8)).getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void aTruncatedFileIsRefused() {
        Hostile.truncated(whole, 60).forEach(variant -> assertTrue(read(variant).isEmpty(), variant + " was read"));
    }

    /** The zip's checksums notice it, unless it is in a field that is not read, such as a date. */
    @Test
    void aFlippedByteIsRefusedOrHarmless() {
        Stream<Variant> table = Hostile.flipped(whole, whole.length - 400, whole.length, 60, 2);
        Stream.concat(Hostile.flipped(whole, 0, whole.length, 100, 1), table).forEach(variant ->
                read(variant).ifPresent(found -> {
                    assertEquals(network.params(), found.params(), variant.toString());
                    assertEquals(network.getUpdater().getStateViewArray(), found.getUpdater().getStateViewArray(),
                            variant.toString());
                }));
    }

    /** The checksums are right again, as an attacker would make them. */
    @Test
    void whatIsFlippedInsideIsRefusedOrHarmless() {
        for (String name : entries().keySet()) {
            byte[] content = entries().get(name);
            Stream.of(Hostile.flipped(content, 0, content.length, 25, 1),
                    Hostile.flipped(content, 0, Math.min(content.length, 120), 15, 2),
                    Hostile.withBadWords(content, 0, Math.min(content.length, 120), 20, 3, ByteOrder.BIG_ENDIAN),
                    Hostile.truncated(content, 5)).flatMap(s -> s).forEach(inside -> {
                        Variant variant = new Variant(name + ", " + inside, with(name, old -> inside.content()));
                        read(variant).ifPresent(found ->
                                assertEquals(network.numParams(), found.numParams(), variant + " was half read"));
                    });
        }
    }

    /** ND4J would take strides and types on trust, and compute with memory that is not the array's. */
    @Test
    void anArraysHeaderIsNotBelieved() {
        int count = entries().get(COEFFICIENTS).length;
        refused(with(COEFFICIENTS, content -> word(content, 2 + content[1], Long.MAX_VALUE)),
                "it is not a row of numbers");
        refused(with(COEFFICIENTS, content -> Arrays.copyOf(content, count - 4)), "its numbers are not all there");
        refused(with(COEFFICIENTS, content -> Arrays.copyOf(content, count + 4)), "its numbers are not all there");
        refused(with(UPDATER, content -> new byte[0]), "ends too soon");
        refused(with(COEFFICIENTS, content -> new String(content, StandardCharsets.ISO_8859_1).replace("FLOAT", "INT32")
                .getBytes(StandardCharsets.ISO_8859_1)), "of the type INT32, not FLOAT");
        refused(with(UPDATER, content -> entries().get(COEFFICIENTS)), "but the network's updater needs");
    }

    private static byte[] word(byte[] content, int place, long word) {
        ByteBuffer.wrap(content).putLong(place, word);
        return content;
    }

    @Test
    void aConfigurationThatDoesNotFitIsRefused() {
        refused(withConfiguration(json -> json.replace("\"nout\" : 4", "\"nout\" : 2000000000")
                .replace("\"nOut\" : 4", "\"nOut\" : 2000000000")), "hostile.zip");
        refused(withConfiguration(json -> "not JSON"), "hostile.zip");
        refused(withConfiguration(json -> "{}"), "hostile.zip");
        refused(withConfiguration(json -> "[".repeat(200_000)), "hostile.zip");
        refused(withConfiguration(json -> "{\"confs\": [" + "{\"layer\": {}},".repeat(100_000) + "{}]}"),
                "a list of 100001 elements");
        refused(withConfiguration(json -> "{\"confs\":".repeat(50_000)), "hostile.zip");
        // a class that is there, and is no layer
        refused(withConfiguration(json -> json.replace("org.deeplearning4j.nn.conf.layers.DropoutLayer",
                "javax.script.ScriptEngineManager")), "hostile.zip");
    }

    /** Each would end the process, read foreign memory or never end, if the numbers were believed. */
    @Test
    void aGeometryThatNativeCodeCannotComputeIsRefused() {
        String pooling = "\"stride\" : [ 2, 2 ]";
        refused(withConfiguration(json -> json.replace(pooling, "\"stride\" : [ 0, 0 ]")),
                "layer 2 (SubsamplingLayer)");
        refused(withConfiguration(json -> json.replace(pooling, "\"stride\" : [ -1, 2 ]")), "out of range: [-1, 2]");
        refused(withConfiguration(json -> json.replace(pooling, "\"stride\" : [ 2 ]")), "not 2 numbers");
        refused(withConfiguration(json -> json.replace("\"kernelSize\" : [ 2, 2 ]",
                "\"kernelSize\" : [ 1000000000, 2 ]")), "out of range: [1000000000, 2]");
        refused(withConfiguration(json -> json.replace("\"kernelSize\" : [ 2, 2 ]", "\"kernelSize\" : [ 99, 2 ]")),
                "a window of 99 for images of 26");
        refused(withConfiguration(json -> json.replace("\"padding\" : [ 0, 0 ]", "\"padding\" : [ 200, 200 ]")),
                "more padding than kernel");
        refused(withConfiguration(json -> json.replace("\"nout\" : 10", "\"nout\" : 4294967296")),
                "4294967296 outputs");
        refused(withConfiguration(json -> json.replace("\"nin\" : 676", "\"nin\" : 4294967972")), "4294967972 numbers");
        refused(withConfiguration(json -> json.replace("\"nout\" : 10", "\"nout\" : 1e999999999")), "out of range");
    }

    /** Also where the class appears twice, and readers choose differently. */
    @Test
    void noOtherClassIsLoaded() {
        String trap = Trap.class.getName();
        for (String kind : List.of("DropoutLayer", "ActivationReLU", "Adam", "WeightInitXavier",
                "CnnToFeedForwardPreProcessor", "LossMCXENT", "Dropout")) {
            String own = "(?<=\"@class\" : \")[a-zA-Z0-9.]+\\." + kind + "\"";
            byte[] once = withConfiguration(json -> json.replaceAll(own, trap.replace("$", "\\$") + "\""));
            refused(once, "it uses " + trap);
            refused(withConfiguration(json -> json.replaceAll(own, "$0, \"@class\" : \""
                    + trap.replace("$", "\\$") + "\"")), "it uses " + trap);
            Optional<MultiLayerNetwork> first = read(new Variant("twice", withConfiguration(json ->
                    json.replaceAll(own, trap.replace("$", "\\$") + "\", \"@class\" : \"$0"))));
            assertTrue(first.isPresent(), "the last one counts");
        }
        String xavier = "\"@class\" : \"org.deeplearning4j.nn.weights.WeightInitXavier\"";
        String drawn = "\"@class\" : \"org.deeplearning4j.nn.weights.WeightInitDistribution\", \"distribution\" : "
                + "{\"@class\" : \"org.deeplearning4j.nn.conf.distribution.NormalDistribution\", \"type\" : \"";
        refused(withConfiguration(json -> json.replace(xavier, drawn + trap + "\", \"mean\" : 0, \"std\" : 1}")),
                "it uses " + trap);
        for (String layer : List.of("objdetect.Yolo2OutputLayer", "LSTM", "samediff.SameDiffLambdaLayer",
                "Convolution1D", "EmbeddingLayer", "recurrent.Bidirectional", "variational.VariationalAutoencoder")) {
            refused(withConfiguration(json -> json.replace("layers.DropoutLayer", "layers." + layer)), "it uses "
                    + "org.deeplearning4j.nn.conf.layers." + layer + ", which this library does not read");
        }
        refused(withConfiguration(json -> json.replace(
                "\"@class\" : \"org.deeplearning4j.nn.conf.layers.DropoutLayer\",", "")),
                "does not name the class of \"layer\"");
        assertEquals(null, System.getProperty(Trap.class.getName()), "its code ran");
    }

    /** A class whose code leaves a trace. */
    static final class Trap {
        static {
            System.setProperty("digits.files.HostileZipTest$Trap", "ran");
        }

        private Trap() {
        }
    }

    /** A million zeros need a thousand bytes. */
    @Test
    void zerosDoNotFillTheMemory() {
        byte[] zeros = new byte[40 << 20];
        refused(with(UPDATER, content -> zeros), "far larger unpacked");
        refused(with(COEFFICIENTS, content -> zeros), "far larger unpacked");
        Map<String, byte[]> updaterFirst = new LinkedHashMap<>();
        updaterFirst.put(UPDATER, zeros);
        updaterFirst.putAll(with(COEFFICIENTS));
        refused(Hostile.zip(updaterFirst), "far larger unpacked");
        refused(withConfiguration(json -> json + " ".repeat(5 << 20)), "far larger unpacked");
    }

    private Map<String, byte[]> with(String... names) {
        Map<String, byte[]> entries = entries();
        entries.keySet().retainAll(List.of(names));
        return entries;
    }

    /** As other programs save them. */
    @Test
    void networksOfDeeplearning4jAreRead() throws IOException {
        Path file = folder.resolve("theirs.zip");
        for (MultiLayerNetwork theirs : List.of(leNet(), network)) {
            for (boolean updater : new boolean[] {true, false}) {
                ModelSerializer.writeModel(theirs, file.toFile(), updater);
                if (updater) ModelSerializer.addNormalizerToModel(file.toFile(), new ImagePreProcessingScaler(0, 1));
                MultiLayerNetwork read = ModelFiles.load(file);
                INDArray images = theirs == network ? Nd4j.rand(3, 1, 28, 28) : Nd4j.rand(3, 784);
                assertEquals(theirs.output(images), read.output(images));
            }
        }
        ModelSerializer.writeModel(Examples.smallGraph(1), file.toFile(), true);
        Exception e = assertThrows(UncheckedIOException.class, () -> ModelFiles.load(file));
        assertEquals("theirs.zip cannot be loaded: it holds a ComputationGraph; only networks that are a sequence of "
                + "layers are read", e.getMessage());
    }

    /** The example of Deeplearning4j's own pages: rows of 784 numbers. */
    private static MultiLayerNetwork leNet() {
        MultiLayerNetwork network = new MultiLayerNetwork(new NeuralNetConfiguration.Builder().seed(1).l2(0.0005)
                .weightInit(WeightInit.XAVIER).updater(new Adam(1e-3)).list()
                .layer(new ConvolutionLayer.Builder(5, 5).stride(1, 1).nOut(20).activation(Activation.IDENTITY).build())
                .layer(new SubsamplingLayer.Builder(PoolingType.MAX).kernelSize(2, 2).stride(2, 2).build())
                .layer(new ConvolutionLayer.Builder(5, 5).stride(1, 1).nOut(50).activation(Activation.IDENTITY).build())
                .layer(new SubsamplingLayer.Builder(PoolingType.MAX).kernelSize(2, 2).stride(2, 2).build())
                .layer(new DenseLayer.Builder().activation(Activation.RELU).nOut(50).build())
                .layer(new OutputLayer.Builder(LossFunctions.LossFunction.NEGATIVELOGLIKELIHOOD).nOut(10)
                        .activation(Activation.SOFTMAX).build())
                .setInputType(InputType.convolutionalFlat(28, 28, 1)).build());
        network.init();
        return network;
    }

    @Test
    void otherEntriesAreRefused() {
        for (String name : List.of("../evil.txt", "../../configuration.json", "/etc/passwd", "preprocessor.bin",
                "x".repeat(60_000))) {
            Map<String, byte[]> entries = entries();
            entries.put(name, new byte[] {1});
            refused(Hostile.zip(entries), "unexpected entry \"" + name.substring(0, Math.min(40, name.length())));
        }
    }

    /**
     * A zip has a table at its end and a header before each entry: who checks one and reads the other can be deceived.
     */
    @Test
    void anEntryThatTheTableHidesIsSeen() {
        Map<String, byte[]> entries = entries();
        entries.put("preprocessor.bin", new byte[] {1});
        byte[] both = Hostile.zip(entries);
        byte[] less = Hostile.zip(entries());
        int bothTable = ByteBuffer.wrap(both).order(ByteOrder.LITTLE_ENDIAN).getInt(both.length - 6);
        int lessTable = ByteBuffer.wrap(less).order(ByteOrder.LITTLE_ENDIAN).getInt(less.length - 6);
        ByteBuffer hidden = ByteBuffer.allocate(bothTable + less.length - lessTable).order(ByteOrder.LITTLE_ENDIAN);
        hidden.put(both, 0, bothTable).put(less, lessTable, less.length - lessTable)
                .putInt(hidden.capacity() - 6, bothTable);
        refused(hidden.array(), "unexpected entry \"preprocessor.bin\"");
    }

    @Test
    void aScalerThatNamesAClassIsNotLoaded() throws IOException {
        byte[] custom = "\0\12NORMALIZER\0\0\0\1\0\6CUSTOM\0\20java.lang.Object".getBytes(StandardCharsets.ISO_8859_1);
        Path file = Files.write(folder.resolve("scaler.zip"), with(NORMALIZER, content -> custom));
        Exception e = assertThrows(UncheckedIOException.class, () -> ModelFiles.loadScaler(file));
        assertTrue(e.getMessage().contains("its scaler is a CUSTOM"), e.getMessage());
        ModelFiles.save(network, file);
        e = assertThrows(UncheckedIOException.class, () -> ModelFiles.loadScaler(file));
        assertEquals("scaler.zip cannot be loaded: it keeps no scaler", e.getMessage());
    }
}
