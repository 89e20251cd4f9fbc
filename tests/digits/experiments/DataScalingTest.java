package digits.experiments;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import digits.Examples;
import digits.data.LabeledImages;
import digits.training.Epoch;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.stream.IntStream;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.junit.jupiter.api.Test;
import tech.tablesaw.api.Table;

/** Error against the number of images, several experiments as one, and what is left of a run that stops early. */
class DataScalingTest {
    private static final LabeledImages TRAIN = Examples.bars(200, 1);
    private static final LabeledImages VALIDATION = Examples.bars(60, 2);

    private static MultiLayerConfiguration small(long seed) {
        return Examples.smallNetwork(seed).getLayerWiseConfigurations();
    }

    private static Experiment experiment(int images, long seed) {
        return Experiment.on(TRAIN.take(images), VALIDATION).batch(20).epochs(1).seeds(seed)
                .with(images + " images", DataScalingTest::small);
    }

    /** A run whose epochs have these validation accuracies, each trained a tenth better. */
    private static Run run(String setting, long seed, String failure, double... accuracies) {
        List<Epoch> epochs = IntStream.range(0, accuracies.length)
                .mapToObj(i -> new Epoch(i + 1, 0.1, accuracies[i] + 0.1, 1 + i, accuracies[i], 2, 1, 100)).toList();
        return new Run(setting, Double.NaN, seed, 50, 1, 10, epochs, 99, null, Double.NaN, failure, "f");
    }

    @Test
    void aPowerLawIsFound() {
        double[] n = {100, 1_000, 50_000};
        PowerLaw law = PowerLaw.fit(n, new double[] {3 * Math.pow(100, -0.5), 3 * Math.pow(1_000, -0.5),
            3 * Math.pow(50_000, -0.5)});
        assertEquals(3, law.factor(), 1e-9);
        assertEquals(0.5, law.exponent(), 1e-12);
        assertEquals(0.003, law.at(1_000_000), 1e-9);
        // least squares: of 1, 1 and 1/e² at 1, e and e² the slope is −1
        assertEquals(1, PowerLaw.fit(new double[] {1, Math.E, Math.E * Math.E},
                new double[] {1, 1, Math.exp(-2)}).exponent(), 1e-12);
    }

    @Test
    void whatIsNoPowerLawIsRefused() {
        for (double[][] pair : new double[][][] {{{1}, {1}}, {{1, 2}, {1}}, {{5, 5}, {1, 2}}, {{1, 2}, {0, 1}},
            {{-1, 2}, {1, 1}}, {{1, 2}, {1, Double.NaN}}}) {
            String message = assertThrows(IllegalArgumentException.class, () -> PowerLaw.fit(pair[0], pair[1]))
                    .getMessage();
            assertTrue(message.contains("power law"), message);
        }
    }

    @Test
    void eachNumberOfImagesWithEachSeedInOneProgress() {
        List<ExperimentProgress> reports = new ArrayList<>();
        DataScaling scaling = DataScaling.run(List.of(40, 200), new long[] {1, 2}, DataScalingTest::experiment,
                reports::add);
        assertEquals(List.of(40, 200), List.copyOf(scaling.runs().keySet()));
        assertEquals(List.of(1L, 2L), scaling.runs().get(200).stream().map(Run::seed).toList());
        assertEquals(experiment(40, 2).run().runs().get(0).last().validationLoss(),
                scaling.runs().get(40).get(1).last().validationLoss(), "as if it were trained alone");
        ExperimentProgress last = reports.get(reports.size() - 1);
        assertEquals(Map.of("40 images", 2, "200 images", 2), last.planned());
        assertEquals(4, last.finished().size());
        assertEquals(1, last.share());
        assertEquals(0, last.secondsLeft());
        double share = 0;
        for (ExperimentProgress report : reports) {
            assertTrue(report.share() >= share && report.total() == 4, "it only grows: " + report.line());
            share = report.share();
        }
    }

    @Test
    void anInterruptEndsAllExperiments() {
        Runs runs = Experiment.together(List.of(experiment(40, 1), experiment(200, 1)), progress -> {
            if (progress.finished().size() == 1) Thread.currentThread().interrupt();
        });
        assertTrue(Thread.interrupted());
        assertEquals(List.of("40 images"), runs.runs().stream().map(Run::setting).toList());
    }

    @Test
    void errorsAndTheirLaw() {
        DataScaling scaling = new DataScaling(Map.of(
                1_000, List.of(run("b", 1, "", 0.5, 0.95), run("b", 2, "", 0.97)),
                100, List.of(run("a", 1, "", 0.6)), 10_000, List.of(run("c", 1, "", 0.996))));
        assertEquals(0.04, scaling.error(1_000).orElseThrow(), 1e-12);
        assertEquals(OptionalDouble.empty(), scaling.error(7));
        assertEquals(1, scaling.law().exponent(), 1e-9, "a tenth of the error with ten times as many images");
        assertEquals(0.0004, scaling.upTo(1_000).law().at(100_000), 1e-9);
        Table table = scaling.table();
        assertEquals(List.of(100, 1_000, 10_000), table.intColumn("images").asList());
        assertEquals(0.05, table.doubleColumn("highest").get(1), 1e-12);
        assertEquals(0.03, table.doubleColumn("lowest").get(1), 1e-12);
        assertThrows(IllegalArgumentException.class, () -> scaling.upTo(100).law());
    }

    @Test
    void twoRunsOfOneExperimentAreRefused() {
        DataScaling.Training two = (images, seed) -> experiment(images, seed).seeds(1, 2);
        assertThrows(IllegalArgumentException.class,
                () -> DataScaling.run(List.of(20), new long[] {1}, two, progress -> { }));
    }

    @Test
    void aRunThatStopsEarlyEndsWithItsBestEpoch() {
        Runs runs = new Runs(List.of(run("plain", 1, "", 0.5, 0.7, 0.6, 0.65, 0.9), run("plain", 2, "", 0.1, 0.2),
                run("plain", 3, "the loss was NaN", 0.3), run("other", 1, "", 0.8)));
        List<Run> early = runs.stoppedEarly("plain", 2, "early").runs();
        assertEquals(List.of("early", "early", "early"), early.stream().map(Run::setting).toList());
        assertEquals(0.7, early.get(0).last().validationAccuracy(), "0.9 came after two epochs without a better one");
        assertEquals(6, early.get(0).seconds(), "of two epochs");
        assertEquals(0.2, early.get(1).last().validationAccuracy());
        assertTrue(early.get(2).failed());
        assertEquals(0.9, runs.stoppedEarly("plain", 3, "early").runs().get(0).last().validationAccuracy());
        String message = assertThrows(IllegalArgumentException.class, () -> runs.stoppedEarly("plane", 2, "early"))
                .getMessage();
        assertTrue(message.contains("“plane”"), message);
    }

    @Test
    void theGapOfTheLastEpoch() {
        Runs runs = new Runs(List.of(run("plain", 1, "", 0.9, 0.8), run("plain", 2, "", 0.9, 0.84),
                run("plain", 3, "the loss was NaN", 0.1))).and(new Runs(List.of(run("more", 1, "", 0.7))));
        Table table = runs.generalization();
        assertEquals(List.of("plain", "more"), table.stringColumn("setting").asList());
        assertEquals(List.of(2, 1), table.intColumn("runs").asList());
        assertEquals(0.92, table.doubleColumn("training accuracy").get(0), 1e-12);
        assertEquals(0.82, table.doubleColumn("val. accuracy").get(0), 1e-12);
        assertEquals(0.8, table.doubleColumn("lowest").get(0));
        assertEquals(0.84, table.doubleColumn("highest").get(0));
        assertEquals(10, table.doubleColumn("gap, points").get(0), 1e-9);
        assertEquals(2, table.doubleColumn("val. loss").get(0), "of the second epoch");
    }
}
