package digits.training;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import digits.evaluation.Predictions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ResultsTest {
    @TempDir
    Path folder;

    private final TrainingRecord training = new TrainingRecord("MNIST", "sample", 3200, 800, "quick", 128, 42, 2,
            List.of(new Epoch(1, 0.5, 0.9, 0.3, 0.95, 10, 1, 320)), 1, 11, 320, 900, Map.of("java", "17"), null, null, "abc");

    private JsonObject saved(Predictions test) throws IOException {
        Path file = folder.resolve("results.json");
        Results.of(training, test, 597_738).save(file);
        return JsonParser.parseString(Files.readString(file)).getAsJsonObject();
    }

    @Test
    void theFileHasTheNamesThatOthersRead() throws IOException {
        JsonObject json = saved(Predictions.of(new float[][] {{0.75f, 0.25f}, {0.5f, 0.5f}}, new int[] {0, 1}));

        assertEquals(Set.of("profile", "dataset", "source", "train", "validation", "test", "parameters", "epochs", "batch", "seed",
                "threads", "test_loss", "test_accuracy", "train_seconds", "images_per_second", "peak_resident_mb", "versions"),
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
}
