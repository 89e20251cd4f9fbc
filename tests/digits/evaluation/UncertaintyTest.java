package digits.evaluation;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Intervals, the paired test, calibration, coverage: small cases with known results. */
class UncertaintyTest {
    /** The true class is 0; each image gives it this probability, and class 1 the rest. */
    private static Predictions ofTruth(double... probabilities) {
        float[][] rows = new float[probabilities.length][];
        for (int i = 0; i < rows.length; i++) {
            rows[i] = new float[] {(float) probabilities[i], (float) (1 - probabilities[i])};
        }
        return Predictions.of(rows, new int[rows.length]);
    }

    /** Table I of Newcombe, “Two-sided confidence intervals for the single proportion”, 1998, method 3. */
    @Test
    void wilsonsIntervalIsThePublishedOne() {
        int[][] cases = {{81, 263}, {15, 148}, {0, 20}, {1, 29}};
        double[][] published = {{0.2553, 0.3662}, {0.0624, 0.1605}, {0, 0.1611}, {0.0061, 0.1718}};
        for (int i = 0; i < cases.length; i++) {
            Interval interval = Interval.wilson(cases[i][0], cases[i][1]);
            assertEquals((double) cases[i][0] / cases[i][1], interval.share());
            assertArrayEquals(published[i], new double[] {interval.low(), interval.high()}, 0.00005);
        }
        assertEquals("99.29 %, 95 % interval 99.11 to 99.44 %", Interval.wilson(9_929, 10_000).toString());
        assertEquals(Interval.wilson(2, 3), Interval.wilson(ofTruth(0.9, 0.2, 0.6)));
        assertEquals(1, Interval.wilson(7, 7).high());
    }

    @Test
    void impossibleSharesAreRefused() {
        assertThrows(IllegalArgumentException.class, () -> Interval.wilson(11, 10));
        assertThrows(IllegalArgumentException.class, () -> Interval.wilson(-1, 10));
        assertThrows(IllegalArgumentException.class, () -> Interval.wilson(0, 0));
        assertThrows(IllegalArgumentException.class, () -> new Interval(0.5, 0.6, 0.7));
        assertThrows(IllegalArgumentException.class, () -> new Interval(Double.NaN, 0, 1));
        assertThrows(IllegalArgumentException.class, () -> Interval.ofResamples(0.5));
    }

    @Test
    void theMiddleNinetyFivePercentOfResamples() {
        double[] shares = IntStream.range(0, 1_000).mapToDouble(i -> (999 - i) / 1_000.0).toArray();
        Interval interval = Interval.ofResamples(shares);
        assertEquals(0.025, interval.low());
        assertEquals(0.974, interval.high());
        assertEquals(0.4995, interval.share(), 1e-12);
        assertEquals(0.999, shares[0]);   // the caller's array stays as it was
    }

    /** 150 against 86 is the example of Agresti, Categorical Data Analysis (1990); p-values by SciPy's binomtest. */
    @Test
    void theSignTestIsExact() {
        assertEquals(22 / 1024.0, Agreement.signTest(1, 9), 1e-15);
        assertEquals(3.715936139571442e-5, Agreement.signTest(150, 86), 1e-15);
        assertEquals(7.43182695970135e-12, Agreement.signTest(104, 27), 1e-20);
        assertEquals(Agreement.signTest(104, 27), Agreement.signTest(27, 104));
        assertEquals(1, Agreement.signTest(0, 0));
        assertEquals(1, Agreement.signTest(5, 5));
        assertEquals(0, Agreement.signTest(0, 5_000));   // too small for a double, not NaN
        assertThrows(IllegalArgumentException.class, () -> Agreement.signTest(-1, 3));
        assertEquals(0.5, Agreement.of(ofTruth(0.9, 0.9, 0.1), ofTruth(0.2, 0.3, 0.3)).pValue(), 1e-12);
    }

    @Test
    void binsCompareProbabilityWithAccuracy() {
        // 0.6 and 0.8 right, 0.65 (predicted as class 1) wrong
        Calibration calibration = Calibration.of(ofTruth(0.6, 0.35, 0.8), 5);
        assertEquals(2, calibration.bins().size());   // (0.4, 0.6] is empty: 0.6 as a float lies above 0.6
        Calibration.Bin first = calibration.bins().get(0);
        assertEquals(2, first.images());
        assertEquals(1, first.right());
        assertEquals(0.625, first.confidence(), 1e-6);
        assertEquals(Interval.wilson(1, 2), first.accuracy());
        assertEquals((2 * 0.125 + 0.2) / 3, calibration.error(), 1e-6);
        assertEquals(2 / 3.0, calibration.accuracy(), 1e-12);
        assertEquals((0.6 + 0.65 + 0.8) / 3, calibration.confidence(), 1e-6);
        assertEquals(3, calibration.images());
    }

    @Test
    void aPerfectlyCalibratedNetworkHasNoError() {
        assertEquals(0, Calibration.of(ofTruth(0.75, 0.75, 0.75, 0.25)).error(), 1e-12);
        assertEquals(1, Calibration.of(ofTruth(0, 0)).error(), 1e-12);
        assertEquals(0, Calibration.of(ofTruth(1, 1)).error(), 1e-12);
        assertThrows(IllegalArgumentException.class, () -> Calibration.of(ofTruth(1), 0));
    }

    /** Three of four images right at 0.9: the loss is lowest where the probability is 3/4, at T = ln 9 / ln 3 = 2. */
    @Test
    void theTemperatureIsTheOneOfTheLowestLoss() {
        Predictions confident = ofTruth(0.9, 0.9, 0.9, 0.1);
        Temperature temperature = Temperature.fitted(confident);
        assertEquals(2, temperature.value(), 1e-4);
        Predictions cooled = temperature.applied(confident);
        assertEquals(0.75, cooled.confidence(0), 1e-4);
        assertEquals(0.25, cooled.probability(3, 0), 1e-4);
        assertTrue(cooled.loss() < confident.loss());
        assertEquals(0, Calibration.of(cooled).error(), 1e-4);
        assertEquals(confident.accuracy(), cooled.accuracy());
    }

    @Test
    void temperatureKeepsThePredictionsAndTheirSum() {
        float[][] rows = {{0.7f, 0.2f, 0.1f}, {1, 0, 0}, {1e-30f, 0.5f, 0.5f}};
        Predictions predictions = Predictions.of(rows, new int[] {0, 1, 2});
        for (double value : new double[] {0.3, 1, 4}) {
            Predictions scaled = new Temperature(value).applied(predictions);
            for (int i = 0; i < rows.length; i++) {
                assertEquals(predictions.predicted(i), scaled.predicted(i));
                assertEquals(1, DoubleStream.of(scaled.probabilities(i)).sum(), 1e-6);
            }
        }
        assertArrayEquals(predictions.probabilities(0), new Temperature(1).applied(predictions).probabilities(0), 1e-7);
        assertThrows(IllegalArgumentException.class, () -> new Temperature(0));
        assertThrows(IllegalArgumentException.class, () -> new Temperature(Double.NaN));
        assertEquals(0.1, Temperature.fitted(ofTruth(0.9, 0.8)).value(), 1e-3);   // all right: no bound but ours
    }

    @Test
    void theLeastConfidentAreRejectedFirst() {
        // confidences 0.99, 0.9 (wrong), 0.8, 0.7, 0.6 (wrong)
        Coverage coverage = Coverage.of(ofTruth(0.8, 0.4, 0.99, 0.1, 0.7));
        assertEquals(5, coverage.points().size());
        assertEquals(1, coverage.points().get(0).coverage());
        assertEquals(0.6, coverage.points().get(0).accuracy());
        Coverage.Point point = coverage.at(0.75);
        assertEquals(3, point.accepted());
        assertEquals(2, point.rejected());
        assertEquals(1, point.mistakes());
        assertEquals(0.75, coverage.reaching(0.75).accuracy());
        assertEquals(0.8, coverage.reaching(0.75).coverage());
        assertEquals(0.2, coverage.reaching(0.9).coverage());
        assertEquals(0.99, coverage.reaching(1).threshold(), 1e-6);
    }

    @Test
    void equalProbabilitiesAreAcceptedTogether() {
        Coverage coverage = Coverage.of(ofTruth(0.9, 0.9, 0.1f, 0.6));
        assertTrue(coverage.points().stream().allMatch(p -> coverage.at(p.threshold()).equals(p)));
        assertEquals(0, coverage.reaching(0.9).accepted());
        assertEquals(Double.NaN, coverage.reaching(0.9).accuracy());
        assertEquals(Double.POSITIVE_INFINITY, coverage.reaching(0.9).threshold());
    }

    @Test
    void theAreaIsTheShareOfPairsInOrder() {
        assertEquals(1, Auroc.of(new double[] {3, 4}, new double[] {1, 2}));
        assertEquals(0, Auroc.of(new double[] {1, 2}, new double[] {3, 4}));
        assertEquals(0.75, Auroc.of(new double[] {2, 4}, new double[] {1, 3}));
        assertEquals(0.5, Auroc.of(new double[] {1, 1}, new double[] {1, 1, 1}));
        assertEquals((1 + 0.5) / 4, Auroc.of(new double[] {2, 1}, new double[] {1.5, 2}));
        Random random = new Random(1);
        double[] a = random.doubles(300).map(x -> Math.round(20 * x)).toArray();
        double[] b = random.doubles(200).map(x -> Math.round(15 * x)).toArray();
        double pairs = 0;
        for (double x : a) {
            for (double y : b) pairs += x > y ? 1 : x == y ? 0.5 : 0;
        }
        assertEquals(pairs / (300 * 200), Auroc.of(a, b), 1e-12);
        assertThrows(IllegalArgumentException.class, () -> Auroc.of(a, new double[0]));
    }
}
