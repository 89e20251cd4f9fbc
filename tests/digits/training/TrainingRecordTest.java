package digits.training;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import digits.Examples;
import digits.Settings;
import digits.evaluation.Predictions;
import digits.files.ModelFiles;
import digits.files.Sha256;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.zip.ZipFile;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.dataset.api.preprocessor.ImagePreProcessingScaler;

class TrainingRecordTest {
    @TempDir
    Path folder;
    private Path file;
    private final MultiLayerNetwork network = Examples.smallNetwork(1);

    private final History history = new History(List.of(new Epoch(1, 0.5, 0.9, 0.3, 0.95, 10, 1, 4800),
            new Epoch(2, Double.NaN, 0.9, Double.POSITIVE_INFINITY, 0.5, 30, 1, 1600)));
    private final TrainingRecord record = TrainingRecord.of(history, 597_738, "MNIST", "folder", 48_000, 12_000,
            Settings.from(Map.of()));

    @BeforeEach
    void nameTheFile() {
        file = folder.resolve("trained.zip");
    }

    private void save(TrainingRecord saved) {
        saved.save(network, new ImagePreProcessingScaler(0, 1), file);
    }

    @Test
    void sumsUpTheEpochs() {
        assertEquals(42, record.trainSeconds());
        assertEquals(2 * 48_000 / 40.0, record.imagesPerSecond());
        assertEquals(1, record.bestEpoch());
        assertEquals("1.0.0-M2.1", record.versions().get("deeplearning4j"));
        assertEquals(System.getProperty("java.version"), record.versions().get("java"));
        if (System.getProperty("os.name").equals("Linux")) assertTrue(record.peakResidentMb() > 10, record.toString());
    }

    @Test
    void theMetadataForOtherFormatsHasDataSetFiguresAndScale() {
        Map<String, String> metadata = record.tested(new TestScore(10_000, 0.02, 0.9951))
                .metadata(new ImagePreProcessingScaler(0, 1));
        assertEquals("MNIST", metadata.get("dataset"));
        assertEquals("[\"0\",\"1\",\"2\",\"3\",\"4\",\"5\",\"6\",\"7\",\"8\",\"9\"]", metadata.get("classes"));
        assertEquals("gray, light on dark, 0 to 255 scaled to 0.0 to 1.0", metadata.get("pixels"));
        assertEquals(1 / 255.0, Double.parseDouble(metadata.get("pixel_scale")));
        assertEquals(0, Double.parseDouble(metadata.get("pixel_offset")));
        assertEquals("597738", metadata.get("parameters"));
        assertEquals("48000", metadata.get("train"));
        assertEquals("2", metadata.get("epochs"));
        assertEquals("10000", metadata.get("test"));
        assertEquals("0.9951", metadata.get("test_accuracy"));
        assertEquals("1.0.0-M2.1", metadata.get("version_deeplearning4j"));
        Map<String, String> scaled = record.metadata(new ImagePreProcessingScaler(-1, 1));
        assertEquals(2 / 255.0, Double.parseDouble(scaled.get("pixel_scale")));
        assertEquals(-1, Double.parseDouble(scaled.get("pixel_offset")));
        assertFalse(record.metadata(null).containsKey("pixels") || record.metadata(null).containsKey("test_accuracy"));
    }

    /** A diverged loss is no reason to lose the record. */
    @Test
    void whatWasSavedComesBackEvenWithoutAFiniteLoss() {
        save(record);
        assertTrue(ModelFiles.describe(file).record().orElseThrow().contains("\"train_loss\": null"));

        TrainingRecord loaded = TrainingRecord.load(file, "05_train");
        assertEquals(network.params(), ModelFiles.load(file).params());
        assertEquals(history.epochs().get(0), loaded.epochs().get(0));
        assertTrue(Double.isNaN(loaded.epochs().get(1).trainLoss()));
        assertEquals(record.versions(), loaded.versions());
        assertEquals(record.random(), loaded.random());
        assertNull(loaded.test());
    }

    @Test
    void keepsTheFiguresOnTheTestSet() throws IOException {
        save(record);
        byte[] scaler = zipped("normalizer.bin");
        TrainingRecord.load(file, "05_train")
                .tested(Predictions.of(new float[][] {{0.75f, 0.25f}, {0.5f, 0.5f}}, new int[] {0, 1})).save(file);
        assertArrayEquals(scaler, zipped("normalizer.bin"), "what else is in the file stays");
        TrainingRecord loaded = TrainingRecord.load(file, "05_train");
        assertEquals(new TestScore(2, -(Math.log(0.75) + Math.log(0.5)) / 2, 0.5), loaded.test());
        assertEquals(record.epochs().get(0), loaded.epochs().get(0));
    }

    private byte[] zipped(String entry) throws IOException {
        try (ZipFile zip = new ZipFile(file.toFile()); InputStream in = zip.getInputStream(zip.getEntry(entry))) {
            return in.readAllBytes();
        }
    }

    private String refusal() {
        return assertThrows(IllegalStateException.class, () -> TrainingRecord.load(file, "05_train")).getMessage();
    }

    @Test
    void aMissingFileOrRecordNamesTheNotebookToRun() {
        assertEquals("There is no trained.zip yet: run the notebook 05_train first.", refusal());
        ModelFiles.save(network, file);
        assertEquals("trained.zip holds a network without the record of its training: run the notebook 05_train "
                + "again.", refusal());
    }

    /** Into which another program put the weights or the record of another network. */
    @Test
    void aRecordNeverVouchesForAnotherNetwork() {
        save(record);
        String first = ModelFiles.describe(file).record().orElseThrow();
        TrainingRecord loaded = TrainingRecord.load(file, "05_train");
        network.params().muli(2);
        ModelFiles.save(network, null, checksum -> first, file);
        assertEquals("The record of trained.zip describes another network: run the notebook 05_train again.",
                refusal());
        assertThrows(IllegalStateException.class, () -> loaded.save(file), "of the network that was there before");
        assertThrows(IllegalStateException.class, () -> record.save(file), "of no network yet");
    }

    /** As notebooks 5 and 6 wrote it in two files. */
    private void saveAPair(String checksum) throws IOException {
        ModelFiles.save(network, new ImagePreProcessingScaler(0, 1), none -> null, file);
        String sum = checksum == null ? Sha256.of(file) : checksum;
        save(record, sum, folder.resolve("trained.json"));
    }

    private static void save(TrainingRecord record, String checksum, Path to) {
        JsonObject json = TrainingRecord.JSON.toJsonTree(record).getAsJsonObject();
        json.addProperty("sha256", checksum);
        TrainingRecord.write(to, json);
    }

    @Test
    void aPairOfAnOlderVersionIsReadAndBecomesOneFile() throws IOException {
        saveAPair(null);
        TrainingRecord loaded = TrainingRecord.load(file, "05_train");
        assertEquals(history.epochs().get(0), loaded.epochs().get(0));
        loaded.tested(new TestScore(2, 0.1, 1)).save(file);
        Files.delete(folder.resolve("trained.json"));
        assertEquals(new TestScore(2, 0.1, 1), TrainingRecord.load(file, "05_train").test());

        saveAPair("0".repeat(64));
        assertEquals("The record of trained.zip describes another network: run the notebook 05_train again.",
                refusal());
    }

    @Test
    void whatIsNoRecordIsRefused() throws IOException {
        for (String text : List.of("", "{}", "[1]", "{\"epochs\": 3}", "not JSON", "[".repeat(100_000),
                "{\"dataset\": \"MNIST\", \"epochs\": [null], \"versions\": {}}")) {
            ModelFiles.save(network, file);
            Files.writeString(folder.resolve("trained.json"), text);
            Exception e = assertThrows(UncheckedIOException.class, () -> TrainingRecord.load(file, "05_train"), text);
            assertTrue(e.getMessage().startsWith("trained.json cannot be read"), e.getMessage());
            ModelFiles.save(network, null, checksum -> text, file);
            e = assertThrows(UncheckedIOException.class, () -> TrainingRecord.load(file, "05_train"), text);
            assertTrue(e.getMessage().startsWith("The record in trained.zip cannot be read"), e.getMessage());
        }
    }

    private final TrainingRecord quick = new TrainingRecord("MNIST", "sample", 3200, 800, 597_738, "quick", 128, 42, 2,
            List.of(new Epoch(1, 0.5, 0.9, 0.3, 0.95, 10, 1, 320)), 1, 11, 320, 900, Map.of("java", "17"), null, null,
                    "abc");

    private JsonObject saved(Predictions test) throws IOException {
        Path file = folder.resolve("results.json");
        quick.tested(test).saveResults(file);
        return JsonParser.parseString(Files.readString(file)).getAsJsonObject();
    }

    @Test
    void resultsHaveTheNamesThatOthersRead() throws IOException {
        JsonObject json = saved(Predictions.of(new float[][] {{0.75f, 0.25f}, {0.5f, 0.5f}}, new int[] {0, 1}));

        assertEquals(Set.of("profile", "dataset", "source", "train", "validation", "test", "parameters", "epochs",
                "batch", "seed",
                "threads", "test_loss", "test_accuracy", "train_seconds", "images_per_second", "peak_resident_mb",
                        "versions"),
                json.keySet());
        assertEquals(0.5, json.get("test_accuracy").getAsDouble());
        assertEquals((-Math.log(0.75) - Math.log(0.5)) / 2, json.get("test_loss").getAsDouble(), 1e-9);
        assertEquals(2, json.get("test").getAsInt());
        assertEquals(1, json.get("epochs").getAsInt());
        assertEquals("17", json.getAsJsonObject("versions").get("java").getAsString());
    }

    @Test
    void aDivergedNetworkHasNoLossButResults() throws IOException {
        JsonObject json = saved(Predictions.of(new float[][] {{Float.NaN, Float.NaN}}, new int[] {1}));
        assertTrue(json.get("test_loss").isJsonNull());
        assertEquals(0, json.get("test_accuracy").getAsDouble());
    }

    @Test
    void anUntestedNetworkHasNoResults() {
        assertThrows(IllegalStateException.class, () -> quick.saveResults(folder.resolve("results.json")));
    }

    @Test
    void aRecordOfAnOlderVersionIsRefused() throws IOException {
        saveAPair(null);
        Path json = folder.resolve("trained.json");
        Files.writeString(json, Files.readString(json).replaceAll("\"parameters\": \\d+,", ""));
        Exception e = assertThrows(UncheckedIOException.class, () -> TrainingRecord.load(file, "05_train"));
        assertEquals("trained.json cannot be read: an older version wrote it; train again", e.getMessage());
    }
}
