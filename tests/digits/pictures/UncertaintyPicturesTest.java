package digits.pictures;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import digits.evaluation.Calibration;
import digits.evaluation.Coverage;
import digits.evaluation.Interval;
import digits.evaluation.Predictions;
import java.awt.image.BufferedImage;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class UncertaintyPicturesTest {
    /** 1,000 predictions of two classes; of those with probability p, about the share p is right. */
    private static Predictions calibrated() {
        Random random = new Random(3);
        float[][] rows = new float[1_000][];
        int[] labels = new int[rows.length];
        for (int i = 0; i < rows.length; i++) {
            float p = 0.5f + 0.5f * random.nextFloat();
            rows[i] = new float[] {p, 1 - p};
            labels[i] = random.nextFloat() < p ? 0 : 1;
        }
        return Predictions.of(rows, labels);
    }

    @Test
    void aRowForEachInterval() {
        Map<String, Interval> rows = new LinkedHashMap<>();
        rows.put("one", Interval.wilson(9_929, 10_000));
        rows.put("two", Interval.wilson(9_800, 10_000));
        BufferedImage both = IntervalChart.of(rows);
        assertTrue(Pictures.count(both, Style.BLUE) > 100);
        assertTrue(Pictures.count(both, Style.VERMILION) > 100);
        rows.remove("two");
        assertTrue(IntervalChart.of(rows).getHeight() < both.getHeight());
        assertEquals(0, Pictures.count(IntervalChart.of(rows), Style.VERMILION));
        assertEquals("Accuracies with 95 % intervals: one 99.29 %, 99.11 to 99.44 %.",
                IntervalChart.of(rows).toString());
        assertEquals(Style.WIDTH, IntervalChart.of(Map.of("all right", Interval.wilson(3, 3))).width());
        assertThrows(IllegalArgumentException.class, () -> IntervalChart.of(Map.of()));
    }

    @Test
    void barsOutsideTheIntervalAreVermilion() {
        Random random = new Random(1);
        double[] shares = random.ints(2_000, 0, 101).mapToDouble(right -> 0.9 + right / 1_000.0).toArray();
        Picture picture = Histogram.of(shares, new Interval(0.95, 0.92, 0.98));
        assertTrue(picture.toString().endsWith("95 % of them from 92.00 to 98.00 %."), picture.toString());
        assertTrue(Pictures.count(picture, true) > 1_000);
        assertTrue(Pictures.count(picture, false) > Pictures.count(picture, true));
        assertEquals(Style.WIDTH, Histogram.of(new double[] {0.4, 0.5}, new Interval(0.5, 0.4, 0.5)).width());
        assertThrows(IllegalArgumentException.class, () -> Histogram.of(new double[] {1, 1}, new Interval(1, 1, 1)));
    }

    @Test
    void aRowOfBarsForEachSet() {
        Map<String, double[]> sets = new LinkedHashMap<>();
        sets.put("sure", new double[] {0.999, 1});
        sets.put("unsure", new double[] {0.1, 0.32, 0.5, 0});
        assertEquals("Histograms of the highest probability, and the share of images for which it is above 99 %: "
                + "sure 100.0 %, unsure 0.0 %.", Histogram.rows(sets).toString());
        BufferedImage picture = Pictures.page(Histogram.rows(sets));
        assertEquals(1, Pictures.runs(picture, 34 + 62 - 5, Style.BLUE));
        assertEquals(4, Pictures.runs(picture, 34 + 2 * 62 - 5, Style.VERMILION));
        assertThrows(IllegalArgumentException.class, () -> Histogram.rows(Map.of()));
        assertThrows(IllegalArgumentException.class, () -> Histogram.rows(Map.of("none", new double[0])));
    }

    @Test
    void eachBinHasAPointAndAnInterval() {
        Calibration calibration = Calibration.of(calibrated());
        BufferedImage one = ReliabilityDiagram.of(Map.of("test", calibration));
        String sentence = one.toString();
        assertTrue(sentence.startsWith("Reliability diagram, test, probability → accuracy: ")
                && sentence.contains("%; calibration error "), sentence);
        assertTrue(Pictures.count(one, Style.BLUE) > 50 * calibration.bins().size());
        BufferedImage two = ReliabilityDiagram.of(Map.of("a", calibration, "b", calibration));
        assertEquals(2 * Style.WIDTH, two.getWidth());
        assertFalse(Pictures.same(one, two));
        assertThrows(IllegalArgumentException.class, () -> ReliabilityDiagram.of(Map.of()));
    }

    @Test
    void theCurveRunsFromNoRejections() {
        Coverage coverage = Coverage.of(calibrated());
        BufferedImage picture = CoverageChart.of(Map.of("test", coverage), 0.3);
        assertTrue(Pictures.count(picture, Style.BLUE) > 300);
        Predictions two = Predictions.of(new float[][] {{0.8f, 0.2f}, {1, 0}}, new int[] {1, 0});
        String sentence = CoverageChart.of(Map.of("test", Coverage.of(two)), 0.5).toString();
        assertTrue(sentence.endsWith("test from 50.00 % without rejections to 100.00 % with 50.0 %."), sentence);
        assertThrows(IllegalArgumentException.class, () -> CoverageChart.of(Map.of("test", coverage), 0));
        assertThrows(IllegalArgumentException.class, () -> CoverageChart.of(Map.of(), 0.1));
    }
}
