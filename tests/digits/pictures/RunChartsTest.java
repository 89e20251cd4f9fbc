package digits.pictures;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import digits.experiments.Run;
import digits.experiments.Runs;
import digits.training.Epoch;
import digits.training.LearningRateFinder;
import digits.training.ScalingModel;
import digits.training.Schedules;
import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.schedule.ISchedule;

class RunChartsTest {

    private static Run run(String setting, double rate, long seed, double accuracy) {
        return new Run(setting, rate, seed, 128, 2, 99, IntStream.rangeClosed(1, 3).mapToObj(n ->
                new Epoch(n, 0.5 / n, 0.9, 3 * (1 - accuracy) / n, accuracy - 0.02 * (3 - n), 2, 1, 5000)).toList(), 9,
                null, Double.NaN, "", "f");
    }

    private static Run failed(String setting, double rate, long seed) {
        return new Run(setting, rate, seed, 128, 2, 0, List.of(), 1, null, Double.NaN,
                "the loss was NaN in step 3 of epoch 1", "f");
    }

    private static final Runs TWO = new Runs(List.of(run("SGD", Double.NaN, 1, 0.95), run("SGD", Double.NaN, 2, 0.96),
            run("Adam", Double.NaN, 1, 0.98), run("Adam", Double.NaN, 2, 0.981), failed("broken", Double.NaN, 1),
                    failed("broken", Double.NaN, 2)));
    private static final Runs ONLY_FAILED = new Runs(List.of(failed("a", 1, 1)));

    /** Below the title, above the legend, right of the axis. */
    private static BufferedImage plot(BufferedImage image) {
        BufferedImage picture = Pictures.page(image);
        return picture.getSubimage(90, 45, picture.getWidth() - 100, picture.getHeight() - 145);
    }

    @Test
    void curvesWithTheirSpread() {
        BufferedImage picture = Pictures.page(RunCharts.curves(TWO));
        assertEquals(Style.WIDTH, picture.getWidth());
        assertTrue(Pictures.count(plot(picture), Style.BLUE) > 100);
        assertTrue(Pictures.count(plot(picture), Style.VERMILION) > 100);
        assertEquals(0, Pictures.count(plot(picture), Style.GREEN), "failed runs have no curve");
        long together = Pictures.count(plot(picture), false);
        long alone = Pictures.count(plot(RunCharts.curves(new Runs(List.of(TWO.runs().get(0), TWO.runs().get(2))))),
                false);
        assertTrue(together > alone + 200, "the band of two seeds: " + together + " and " + alone + " bluish pixels");
        assertThrows(IllegalArgumentException.class, () -> RunCharts.curves(ONLY_FAILED));
    }

    @Test
    void aDotForEachSeedAndABarForTheMean() {
        BufferedImage picture = Pictures.page(RunCharts.dots(TWO));
        assertEquals(Style.WIDTH, picture.getWidth());
        assertEquals(2 * 44 * 3, Pictures.count(picture, true), 120, "two means");
        long four = Pictures.count(picture, false);
        long three = Pictures.count(RunCharts.dots(new Runs(TWO.runs().subList(0, 3))), false);
        assertTrue(four > three + 30, four + " and " + three + " bluish pixels");
        assertThrows(IllegalArgumentException.class, () -> RunCharts.dots(ONLY_FAILED));
    }

    @Test
    void accuracyOverTheRate() {
        List<Run> runs = new ArrayList<>();
        for (double rate : new double[] {1, 0.01, 0.1}) {
            runs.add(run("SGD", rate, 1, 0.9 + 0.05 * rate));
            runs.add(rate == 1 ? failed("Adam", rate, 1) : run("Adam", rate, 1, 0.7 - rate));
        }
        BufferedImage picture = Pictures.page(RunCharts.rates(new Runs(runs)));
        BufferedImage right = picture.getSubimage(700, 45, 190, 235);   // beyond a rate of 0.1
        assertTrue(Pictures.count(plot(picture), Style.VERMILION) > 100);
        assertTrue(Pictures.count(right, Style.BLUE) > 20);
        assertEquals(0, Pictures.count(right, Style.VERMILION), "Adam failed there");
        assertThrows(IllegalArgumentException.class, () -> RunCharts.rates(TWO));
    }

    @Test
    void scaling() {
        ScalingModel model = new ScalingModel(0.07, 0.03, 7_000_000, 110e6);
        BufferedImage calculated = Pictures.page(ScalingChart.of(model, List.of(4, 16), List.of()));
        BufferedImage measured = Pictures.page(ScalingChart.of(model, List.of(4, 16),
                List.of(new ScalingChart.Point(2, 16, 1.5), new ScalingChart.Point(8, 16, 2))));
        assertTrue(Pictures.count(plot(calculated), Style.BLUE) > 100);
        long more = Pictures.count(plot(measured), Style.VERMILION) - Pictures.count(plot(calculated), Style.VERMILION);
        assertTrue(more > 40, "two squares, in the color of their curve: " + more);
        assertThrows(IllegalArgumentException.class, () -> ScalingChart.of(model, List.of(), List.of()));
    }

    @Test
    void schedules() {
        Map<String, ISchedule> schedules = new LinkedHashMap<>();
        schedules.put("constant", Schedules.constant(0.1));
        schedules.put("cosine", Schedules.cosine(0.1, 200));
        BufferedImage plot = plot(LearningRateChart.schedules(schedules, 200));
        assertEquals(2, rowsOf(plot, true), 2, "a constant is a level line");
        assertTrue(rowsOf(plot, false) > 100, "a cosine falls over the picture");
        assertTrue(LearningRateChart.schedules(schedules, 1).getWidth() > 0);
        assertThrows(IllegalArgumentException.class, () -> LearningRateChart.schedules(Map.of(), 10));
        assertThrows(IllegalArgumentException.class, () -> LearningRateChart.schedules(schedules, 0));
    }

    private static long rowsOf(BufferedImage picture, boolean blue) {
        return IntStream.range(0, picture.getHeight()).filter(y -> Pictures.count(picture.getSubimage(0, y,
                picture.getWidth(), 1),
                blue ? Style.BLUE : Style.VERMILION) > 0).count();
    }

    @Test
    void severalRangeTestsInOneChart() {
        LearningRateFinder falling = new LearningRateFinder(List.of(new LearningRateFinder.Point(0.001, 2.3),
                new LearningRateFinder.Point(0.1, 0.5)));
        LearningRateFinder rising = new LearningRateFinder(List.of(new LearningRateFinder.Point(0.001, 2.0),
                new LearningRateFinder.Point(0.01, 2.5)));
        BufferedImage alone = Pictures.page(LearningRateChart.of(falling));
        assertEquals(0, Pictures.count(alone, Style.VERMILION));
        Map<String, LearningRateFinder> both = new LinkedHashMap<>();
        both.put("SGD", falling);
        both.put("Adam", rising);
        assertTrue(Pictures.count(plot(LearningRateChart.of(both)), Style.VERMILION) > 50);
        assertThrows(IllegalArgumentException.class, () -> LearningRateChart.of(Map.of()));
        assertThrows(IllegalArgumentException.class, () -> LearningRateChart.of(Map.of("a",
                new LearningRateFinder(List.of()))));
    }
}
