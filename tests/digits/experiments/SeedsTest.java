package digits.experiments;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SeedsTest {
    @TempDir
    Path folder;
    private final ByteArrayOutputStream printed = new ByteArrayOutputStream();

    /** On 200 digits of the sample, one epoch. */
    private JsonObject run(List<String> parts, List<Long> seeds) throws IOException {
        Map<String, String> few = new HashMap<>(Map.of("DIGITS_EPOCHS", "1", "DIGITS_LIMIT", "200", "DIGITS_MIRRORS",
                "none",
                "DIGITS_OUTPUT", folder.toString(), "DIGITS_PROFILE", "quick", "DIGITS_SEED", "7"));
        Seeds.run(parts, seeds, few, new PrintStream(printed, true, StandardCharsets.UTF_8));
        return JsonParser.parseString(Files.readString(folder.resolve("seeds.json"))).getAsJsonObject();
    }

    @Test
    void eachSeedIsTrainedAndTheMeanIsGiven() throws IOException {
        JsonObject json = run(List.of("walkthrough"), List.of(3L, 5L));
        List<JsonObject> runs = IntStream.range(0, 2).mapToObj(i -> json.getAsJsonArray("runs").get(i)
                .getAsJsonObject()).toList();
        assertEquals(List.of(3L, 5L), runs.stream().map(run -> run.get("seed").getAsLong()).toList());
        assertTrue(runs.stream().allMatch(run -> run.get("profile").getAsString().equals("full")),
                "whatever the profile");
        assertEquals("walkthrough", runs.get(0).get("of").getAsString());
        assertFalse(runs.get(0).has("history"));
        JsonObject mean = json.getAsJsonArray("means").get(0).getAsJsonObject();
        assertEquals("[3,5]", mean.getAsJsonArray("seeds").toString());
        assertEquals((runs.get(0).get("test_loss").getAsDouble() + runs.get(1).get("test_loss").getAsDouble()) / 2,
                mean.get("test_loss").getAsDouble(), 1e-9);
        String text = printed.toString(StandardCharsets.UTF_8);
        for (String words : List.of("walkthrough: MNIST", "run 1/1 · MNIST, seed 3", "on the sample!", "mean",
                "seeds.json")) {
            assertTrue(text.contains(words), words + " in " + text);
        }
    }

    @Test
    void eachNetworkAndDataSetHasItsMean() throws IOException {
        JsonObject json = run(List.of("architectures", "data-sets"), List.of(3L));
        assertEquals(List.of("dense", "LeNet-5, 1998", "LeNet-5, modern", "walkthrough", "ResNet-8", "MNIST",
                "MNIST, augmented"),
                IntStream.range(0, 7).mapToObj(i -> json.getAsJsonArray("means").get(i).getAsJsonObject().get("name")
                        .getAsString())
                        .toList(), "without a way to Fashion-MNIST the sample takes its place");
        assertTrue(printed.toString(StandardCharsets.UTF_8).contains("data-sets: MNIST, augmented"));
    }
}
