package digits.training;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import digits.Settings;
import digits.evaluation.Predictions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrainingRecordTest {
    @TempDir
    Path folder;
    private Path network;

    private final History history = new History(List.of(new Epoch(1, 0.5, 0.9, 0.3, 0.95, 10, 1, 4800),
            new Epoch(2, Double.NaN, 0.9, Double.POSITIVE_INFINITY, 0.5, 30, 1, 1600)));
    private final TrainingRecord record = TrainingRecord.of(history, "MNIST", "folder", 48_000, 12_000, Settings.from(Map.of()));

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
        assertTrue(Files.readString(folder.resolve("trained.json")).contains("\"trainLoss\": null"));

        TrainingRecord loaded = TrainingRecord.load(network, "05_train");
        assertEquals(history.epochs().get(0), loaded.history().epochs().get(0));
        assertTrue(Double.isNaN(loaded.history().epochs().get(1).trainLoss()));
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
        assertEquals("trained.json tells of another training than that of trained.zip: run the notebook 05_train again.", e.getMessage());
    }

    @Test
    void whatIsNoRecordIsRefused() throws IOException {
        for (String text : List.of("", "{}", "[1]", "{\"epochs\": 3}", "not JSON", "[".repeat(100_000),
                "{\"dataset\": \"MNIST\", \"epochs\": [null], \"versions\": {}}")) {
            Files.writeString(folder.resolve("trained.json"), text);
            Exception e = assertThrows(UncheckedIOException.class, () -> TrainingRecord.load(network, "05_train"), text);
            assertTrue(e.getMessage().startsWith("trained.json cannot be read"), e.getMessage());
        }
    }
}
