package digits.pictures;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import digits.experiments.RecipeRun;
import digits.experiments.Rung;
import java.awt.Color;
import java.awt.image.BufferedImage;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class RungChartTest {
    private static RecipeRun run(String recipe, double seconds, double accuracy, Long... seeds) {
        return new RecipeRun(recipe, List.of(seeds), "8 P", 1_000, 48_000, 8, seconds, 1, "AVX2", "2026-11-26",
                accuracy, accuracy, accuracy, accuracy);
    }

    private static final List<RecipeRun> RUNS = List.of(run("plain", 60, 0.990, 1L), run("plain", 60, 0.991, 2L),
            run("single", 600, 0.995, 1L), run("single", 6_000, 0.997, 1L, 2L));

    private static int middle(BufferedImage picture, Color color, boolean horizontally) {
        IntStream all = IntStream.range(0, horizontally ? picture.getWidth() : picture.getHeight());
        return (int) all.filter(i -> Pictures.count(horizontally ? picture.getSubimage(i, 0, 1, picture.getHeight())
                : picture.getSubimage(0, i, picture.getWidth(), 1), color) > 0).average().orElseThrow();
    }

    @Test
    void longerTrainingsLieToTheRightAndBetterRungsAbove() {
        List<Rung> rungs = Rung.of(RUNS, "plain", "single");
        BufferedImage picture = Pictures.page(RungChart.of(rungs));
        int[] x = {middle(picture, Style.BLUE, true), middle(picture, Style.VERMILION, true),
            middle(picture, Style.GREEN, true)};
        assertEquals(x[1] - x[0], x[2] - x[1], 4, "ten times as long each");
        assertTrue(x[1] > x[0] + 50);
        int[] y = {middle(picture, Style.BLUE, false), middle(picture, Style.VERMILION, false),
            middle(picture, Style.GREEN, false)};
        assertEquals((0.995 - 0.9905) / (0.997 - 0.995), (double) (y[0] - y[1]) / (y[1] - y[2]), 0.4);
    }

    @Test
    void theSentenceHasTheFigures() {
        String sentence = RungChart.of(Rung.of(RUNS, "plain", "single")).toString();
        for (String words : List.of("plain 99.05 %, 95 % interval 98.", "single, 2 together 99.70 %", "after ")) {
            assertTrue(sentence.contains(words), words + " in " + sentence);
        }
        assertThrows(IllegalArgumentException.class, () -> RungChart.of(List.of()));
        assertTrue(RungChart.of(Rung.of(RUNS.subList(0, 1), "plain")).getWidth() > 0, "one rung with one run");
    }
}
