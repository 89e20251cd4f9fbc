package digits.experiments;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import digits.Settings;
import digits.data.Augmentation;
import digits.data.Catalogue;
import digits.data.Dataset;
import digits.evaluation.Interval;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Recipes, their runs, and the record and the board of notebook 20. */
class RecipeTest {
    private static final Recipe TINY = new Recipe("tiny", Catalogue.MNIST, "4 P 4v G", 64, 2, 0.02,
            Augmentation.NONE.shifted(1), 0.9);
    private static final Path RECORD = Path.of("notebooks", "runs", "ladder.json");

    @TempDir
    Path folder;
    private final ByteArrayOutputStream printed = new ByteArrayOutputStream();

    private Settings settings() {
        return Settings.from(Map.of("DIGITS_LIMIT", "300", "DIGITS_MIRRORS", "none", "DIGITS_OUTPUT",
                folder.toString()));
    }

    private Climb climb() {
        return new Climb(settings(), new PrintStream(printed, true, StandardCharsets.UTF_8));
    }

    private String printed() {
        String text = printed.toString(StandardCharsets.UTF_8);
        printed.reset();
        return text;
    }

    @Test
    void trainsOnceThenTestsAloneAndTogether() {
        climb().train(TINY, 1);
        climb().train(TINY, 2);
        assertTrue(printed().contains("tiny, seed 2: validation "));
        Path run = folder.resolve("ladder").resolve("tiny-1");
        assertFalse(Files.exists(run.resolve("checkpoint")), "not needed any more");
        climb().train(TINY, 1);
        assertEquals("", printed(), "not trained again");

        Path file = folder.resolve("runs.json");
        climb().record(TINY, file);
        List<Rung> untested = Rung.of(RecipeRun.read(file), "tiny");
        assertFalse(untested.get(0).isTested());
        assertThrows(IllegalStateException.class, untested.get(0)::interval);
        assertEquals("", Rung.table(untested).getString(0, "95 % interval"));
        climb().test(TINY, file);
        climb().test(TINY, file);
        List<RecipeRun> runs = RecipeRun.read(file);
        assertEquals(List.of(List.of(1L), List.of(2L), List.of(1L, 2L)), runs.stream().map(RecipeRun::seeds).toList());
        RecipeRun first = runs.get(0);
        assertEquals(TINY.parameters(), first.parameters());
        assertEquals(240, first.images());
        assertTrue(first.validation() > 0 && first.validation() <= 1 && first.test() > 0 && first.test() <= 1);
        assertTrue(first.cpuSeconds() > 0);
        assertFalse(first.machine().contains("null"), first.machine());
        assertTrue(runs.get(2).isEnsemble());
        assertEquals(first.cpuSeconds() + runs.get(1).cpuSeconds(), runs.get(2).cpuSeconds(), 1e-9);
        List<Rung> rungs = Rung.of(runs, "other", "tiny");
        assertEquals(List.of("tiny", "tiny, 2 together"), rungs.stream().map(Rung::name).toList());
        assertEquals((first.test() + runs.get(1).test()) / 2, rungs.get(0).interval().share(), 1e-12);
        assertEquals(List.of("1 2", "1 2"), Rung.table(rungs).stringColumn("seeds").asList());
    }

    @Test
    void runsAreRecordedInTheOrderOfTheirSeeds() throws IOException {
        for (long seed : List.of(10L, 9L)) {
            Path place = Files.createDirectories(folder.resolve("ladder").resolve("plain-" + seed));
            RecipeRun.add(place.resolve("run.json"), List.of(run(seed, 0.6)));
        }
        Path file = folder.resolve("runs.json");
        climb().record(Recipe.named("plain"), file);
        assertEquals(List.of(List.of(9L), List.of(10L)), RecipeRun.read(file).stream().map(RecipeRun::seeds).toList());
    }

    @Test
    void theSameSeedGivesTheSameNetwork() {
        Dataset data = Catalogue.MNIST.load(settings());
        MultiLayerNetwork once = TINY.train(data.train(), 3, Optional.empty(), progress -> { }).orElseThrow();
        MultiLayerNetwork again = TINY.train(data.train(), 3, Optional.of(folder), progress -> { }).orElseThrow();
        assertEquals(once.params(), again.params());
    }

    /** Of 4,000 and 2,000 mistakes in 10,000 images each, Wilson's interval around 70 %. */
    @Test
    void aRungHasTheIntervalOfItsMean() {
        List<RecipeRun> runs = List.of(run(1, 0.6), run(2, 0.8));
        Interval interval = new Rung("two", runs).interval();
        assertEquals(Interval.wilson(7_000, 10_000), interval);
        assertThrows(IllegalArgumentException.class, () -> new Rung("none", List.of()));
    }

    static RecipeRun run(long seed, double accuracy) {
        return new RecipeRun("plain", List.of(seed), "8 P", 1_000, 48_000, 8, 100 * seed, 1, "AVX2", "2026-11-26",
                accuracy, accuracy, accuracy, accuracy);
    }

    @Test
    void aFileThatHoldsNoRunsIsNamed() throws IOException {
        Path file = folder.resolve("x.json");
        assertTrue(assertThrows(UncheckedIOException.class, () -> RecipeRun.read(file)).getMessage()
                .contains("x.json cannot be read"));
        for (String text : List.of("", "{}", "[1]", "[")) {
            Files.writeString(file, text);
            assertTrue(assertThrows(UncheckedIOException.class, () -> RecipeRun.read(file)).getMessage()
                    .contains("x.json does not hold runs of recipes"), text);
        }
        assertThrows(IllegalArgumentException.class, () -> Recipe.named("missing"));
    }

    /** A recipe must not change after its runs. */
    @Test
    void theRecordHoldsRunsOfTheRecipes() {
        for (RecipeRun run : RecipeRun.read(RECORD)) {
            Recipe recipe = Recipe.named(run.recipe());
            assertEquals(recipe.network(), run.network(), run.recipe());
            assertEquals(recipe.parameters(), run.parameters(), run.recipe());
            assertEquals(recipe.epochs(), run.epochs(), run.recipe());
            assertEquals(48_000, run.images(), run.recipe());
        }
    }

    /** The board's parameters are those of the code, its accuracies those of the record. */
    @Test
    void theBoardIsRight() throws IOException {
        List<RecipeRun> runs = RecipeRun.read(RECORD);
        List<String> rows = Files.readAllLines(Path.of("notebooks", "BOARD.md")).stream()
                .filter(line -> line.matches("\\| `.*")).toList();
        long before = 0;
        for (String row : rows) {
            String[] cells = row.substring(2).split(" *\\| *");
            Recipe recipe = Recipe.named(cells[0].replace("`", ""));
            List<RecipeRun> own = runs.stream().filter(run -> run.recipe().equals(recipe.name()) && !run.isEnsemble())
                    .toList();
            double mean = own.stream().mapToDouble(RecipeRun::validation).average().orElseThrow();
            assertEquals("%,d".formatted(recipe.parameters()), cells[1], row);
            assertEquals("%.2f %%".formatted(100 * mean), cells[2], row);
            assertEquals(String.join(" ", own.stream().map(run -> run.seeds().get(0).toString()).toList()), cells[3]);
            assertEquals("`" + recipe.network() + "`", cells[4], row);
            assertTrue(mean >= 0.99 && own.size() >= 3, "the rule of the board: " + row);
            assertTrue(recipe.parameters() > before, "the smallest first: " + row);
            before = recipe.parameters();
        }
    }
}
