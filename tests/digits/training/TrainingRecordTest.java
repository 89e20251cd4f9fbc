package digits.training;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import digits.Settings;
import digits.evaluation.Predictions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrainingRecordTest {
    @TempDir
    Path folder;
    private Path network;

    private final History history = new History(List.of(new Epoch(1, 0.5, 0.9, 0.3, 0.95, 10, 1, 4800),
            new Epoch(2, Double.NaN, 0.9, Double.POSITIVE_INFINITY, 0.5, 30, 1, 1600)));
    private final TrainingRecord record = TrainingRecord.of(history, 597_738, "MNIST", "folder", 48_000, 12_000,
            Settings.from(Map.of()));

    @BeforeEach
    void saveNetwork() throws IOException {
        network = Files.writeString(folder.resolve("trained.zip"), "stands for a network");
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

    /** A diverged loss is no reason to lose the record. */
    @Test
    void whatWasSavedComesBackEvenWithoutAFiniteLoss() throws IOException {
        record.save(network);
        assertTrue(Files.readString(folder.resolve("trained.json")).contains("\"train_loss\": null"));

        TrainingRecord loaded = TrainingRecord.load(network, "05_train");
        assertEquals(history.epochs().get(0), loaded.epochs().get(0));
        assertTrue(Double.isNaN(loaded.epochs().get(1).trainLoss()));
        assertEquals(record.versions(), loaded.versions());
        assertEquals(record.random(), loaded.random());
        assertNull(loaded.test());
    }

    @Test
    void keepsTheFiguresOnTheTestSet() {
        record.tested(Predictions.of(new float[][] {{0.75f, 0.25f}, {0.5f, 0.5f}}, new int[] {0, 1})).save(network);
        TrainingRecord loaded = TrainingRecord.load(network, "05_train");
        assertEquals(new TestScore(2, -(Math.log(0.75) + Math.log(0.5)) / 2, 0.5), loaded.test());
        assertEquals(record.epochs().get(0), loaded.epochs().get(0));
    }

    @Test
    void aMissingRecordNamesTheNotebookToRun() {
        Exception e = assertThrows(IllegalStateException.class, () -> TrainingRecord.load(network, "05_train"));
        assertEquals("There is no trained.json yet: run the notebook 05_train first.", e.getMessage());
    }

    @Test
    void aRecordOfAnotherTrainingIsNoticed() throws IOException {
        record.save(network);
        Files.writeString(network, "a later network");
        Exception e = assertThrows(IllegalStateException.class, () -> TrainingRecord.load(network, "05_train"));
        assertEquals("trained.json describes another training than that of trained.zip: "
                + "run the notebook 05_train again.", e.getMessage());
    }

    @Test
    void whatIsNoRecordIsRefused() throws IOException {
        for (String text : List.of("", "{}", "[1]", "{\"epochs\": 3}", "not JSON", "[".repeat(100_000),
                "{\"dataset\": \"MNIST\", \"epochs\": [null], \"versions\": {}}")) {
            Files.writeString(folder.resolve("trained.json"), text);
            Exception e = assertThrows(UncheckedIOException.class, () -> TrainingRecord.load(network, "05_train"),
                    text);
            assertTrue(e.getMessage().startsWith("trained.json cannot be read"), e.getMessage());
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
        record.save(network);
        Path file = folder.resolve("trained.json");
        Files.writeString(file, Files.readString(file).replaceAll("\"parameters\": \\d+,", ""));
        Exception e = assertThrows(UncheckedIOException.class, () -> TrainingRecord.load(network, "05_train"));
        assertEquals("trained.json cannot be read: an older version wrote it; train again", e.getMessage());
    }
}
