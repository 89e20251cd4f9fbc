package digits.experiments;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import digits.Examples;
import digits.data.LabeledImages;
import digits.training.History;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;
import tech.tablesaw.api.ColumnType;
import tech.tablesaw.api.Table;

class ExperimentTest {
    @TempDir
    Path folder;
    private final LabeledImages train = Examples.bars(200, 1);
    private final LabeledImages validation = Examples.bars(60, 2);
    private final List<ExperimentProgress> reports = new ArrayList<>();
    private final AtomicInteger trained = new AtomicInteger();   // trainings begun

    private static MultiLayerConfiguration network(long seed, IUpdater updater) {
        return new NeuralNetConfiguration.Builder().seed(seed).updater(updater).list()
                .layer(new DenseLayer.Builder().nOut(12).activation(Activation.RELU).build())
                .layer(new BatchNormalization.Builder().decay(0.5).useLogStd(false).build())
                .layer(new OutputLayer.Builder(LossFunction.MCXENT).nOut(10).activation(Activation.SOFTMAX).build())
                .setInputType(InputType.convolutional(28, 28, 1)).build();
    }

    private Experiment sweep(long... seeds) {
        reports.clear();
        trained.set(0);
        return Experiment.on(train, validation).batch(50).epochs(2).seeds(seeds).keptIn(folder).onProgress(progress -> {
            reports.add(progress);
            progress.running().filter(r -> r.training().epoch() == 1 && r.training().done() == 0 && !r.training().validating())
                    .ifPresent(r -> trained.incrementAndGet());
        });
    }

    private Experiment twoByTwo() {
        return sweep(1, 2).with("SGD", seed -> network(seed, new Sgd(0.1))).with("Adam", seed -> network(seed, new Adam(0.01)));
    }

    private List<Path> files() throws IOException {
        try (Stream<Path> all = Files.list(folder)) {
            return all.sorted().toList();
        }
    }

    @Test
    void everySettingWithEverySeed() {
        Runs runs = twoByTwo().run();

        assertEquals(List.of("SGD", "SGD", "Adam", "Adam"), runs.runs().stream().map(Run::setting).toList());
        assertEquals(List.of(1L, 2L, 1L, 2L), runs.runs().stream().map(Run::seed).toList());
        assertTrue(runs.runs().stream().noneMatch(Run::failed));
        Run adam = runs.runs().get(2);
        assertEquals(2, adam.epochs().size());
        assertTrue(adam.epochs().get(1).validationLoss() < adam.epochs().get(0).validationLoss(), "it learns: " + adam);
        assertTrue(adam.seconds() > 0 && adam.seconds() < 60);
        assertEquals(4, trained.get());
        ExperimentProgress last = reports.get(reports.size() - 1);
        assertEquals(Map.of("SGD", 2, "Adam", 2), last.planned());
        assertEquals(4, last.total());
        assertEquals(4, last.finished().size());
        assertEquals(0, last.secondsLeft());
    }

    /** A run in a sweep is the training that one would do by hand. */
    @Test
    void aRunIsAPlainTraining() {
        Run run = twoByTwo().run().runs().get(1);
        History history = FreshRun.of(network(2, new Sgd(0.1)), new FreshRun.Plan(train, validation, 50, 2), 2, progress -> { }).history();
        for (int i = 0; i < 2; i++) {
            assertEquals(history.epochs().get(i).trainLoss(), run.epochs().get(i).trainLoss());
            assertEquals(history.epochs().get(i).validationLoss(), run.epochs().get(i).validationLoss());
        }
    }

    @Test
    void aSecondCallTrainsNothing() throws IOException {
        Runs first = twoByTwo().run();
        assertEquals(4, files().size());
        Runs second = twoByTwo().run();
        assertEquals(0, trained.get());
        assertEquals(first, second, "figures and times are those of the first call");
        assertEquals(4, reports.get(0).finished().size());
    }

    @Test
    void whatIsMissingIsTrainedAndNothingElse() throws IOException {
        Runs first = twoByTwo().run();
        for (Path file : files()) if (file.getFileName().toString().startsWith("Adam")) Files.delete(file);
        Runs second = twoByTwo().run();

        assertEquals(2, trained.get());
        assertEquals(2, reports.get(0).finished().size(), "half of them are there from the beginning");
        for (int i = 0; i < 4; i++) {
            assertEquals(first.runs().get(i).epochs().get(1).validationLoss(), second.runs().get(i).epochs().get(1).validationLoss());
        }
    }

    @Test
    void anInterruptKeepsWhatIsFinishedAndTheNextCallGoesOn() throws IOException {
        Experiment interrupted = twoByTwo();
        interrupted.onProgress(progress -> {
            if (progress.finished().size() == 1 && progress.running().isPresent()) Thread.currentThread().interrupt();
        });
        Runs some = interrupted.run();
        assertTrue(Thread.interrupted(), "the interrupt is left for whoever runs the thread");
        assertEquals(1, some.runs().size());
        assertEquals(1, files().size());

        assertEquals(4, twoByTwo().run().runs().size());
        assertEquals(3, trained.get());
    }

    @Test
    void whateverChangesTheResultIsTrainedAnew() throws IOException {
        sweep(1).with("SGD", seed -> network(seed, new Sgd(0.1))).run();
        sweep(1).with("SGD", seed -> network(seed, new Sgd(0.2))).run();
        assertEquals(1, trained.get(), "another setting");
        sweep(3).with("SGD", seed -> network(1, new Sgd(0.1))).run();
        assertEquals(1, trained.get(), "another seed");
        sweep(1).epochs(1).with("SGD", seed -> network(seed, new Sgd(0.1))).run();
        assertEquals(1, trained.get(), "other epochs");
        sweep(1).batch(40).with("SGD", seed -> network(seed, new Sgd(0.1))).run();
        assertEquals(1, trained.get(), "another batch");
        AtomicInteger runs = new AtomicInteger();
        Experiment.on(train.take(150), validation).batch(50).epochs(2).seeds(1).keptIn(folder)
                .onProgress(p -> p.running().ifPresent(r -> runs.incrementAndGet())).with("SGD", seed -> network(seed, new Sgd(0.1))).run();
        assertTrue(runs.get() > 0, "other images");
        assertEquals(6, files().size(), "each is kept");
        sweep(1).with("SGD", seed -> network(seed, new Sgd(0.1))).run();
        assertEquals(0, trained.get(), "and the first is still known");
    }

    @Test
    void aFileThatIsNoRunIsTrainedAnew() throws IOException {
        Runs first = sweep(1).with("SGD", seed -> network(seed, new Sgd(0.1))).run();
        Path file = files().get(0);
        String good = Files.readString(file);
        for (String bad : List.of("", "{}", "[1]", "no JSON", good.substring(0, good.length() / 2), good.replace("\"seed\": 1", "\"seed\": 2"),
                good.replace("\"trainLoss\": ", "\"trainLoss\": \"x\", \"y\": "), good.replaceAll("\"fingerprint\": \"....", "\"fingerprint\": \"0000"),
                good.replaceAll("(?s)\"epochs\": \\[.*\\]", "\"epochs\": []"), good.replaceAll("(?s)\"epochs\": \\[.*\\]", "\"epochs\": [null, null]"))) {
            Files.writeString(file, bad);
            Runs again = sweep(1).with("SGD", seed -> network(seed, new Sgd(0.1))).run();
            assertEquals(1, trained.get(), bad);
            assertEquals(first.runs().get(0).epochs().get(1).validationLoss(), again.runs().get(0).epochs().get(1).validationLoss());
            assertTrue(Files.readString(file).contains(first.runs().get(0).fingerprint()), "written anew");
        }
    }

    @Test
    void aDivergedRunIsRecordedAndEndsAtOnce() throws IOException {
        Experiment sweep = sweep(1).with("far too fast", seed -> network(seed, new Sgd(Double.MAX_VALUE)))
                .with("SGD", seed -> network(seed, new Sgd(0.1)));
        Runs runs = sweep.run();
        Run diverged = runs.runs().get(0);
        assertTrue(diverged.failed());
        assertTrue(diverged.failure().matches("the loss was NaN in step [123] of epoch 1"), diverged.failure());
        assertEquals(List.of(), diverged.epochs());
        assertTrue(diverged.best().isEmpty());
        assertFalse(runs.runs().get(1).failed());

        // the run after it is as if there had been none before
        double alone = FreshRun.of(network(1, new Sgd(0.1)), new FreshRun.Plan(train, validation, 50, 2), 1, p -> { })
                .history().epochs().get(1).validationLoss();
        assertEquals(alone, runs.runs().get(1).epochs().get(1).validationLoss());

        assertEquals(runs, sweep(1).with("far too fast", seed -> network(seed, new Sgd(Double.MAX_VALUE)))
                .with("SGD", seed -> network(seed, new Sgd(0.1))).run());
        assertEquals(0, trained.get(), "it is kept like the others");
        assertEquals(2, files().size());
    }

    @Test
    void anExceptionIsRecordedAndTriedAgain() throws IOException {
        for (int call = 0; call < 2; call++) {
            Runs runs = sweep(1).with("not built", seed -> {
                throw new IllegalStateException("no such layer");
            }).with("not fitting", seed -> new NeuralNetConfiguration.Builder().seed(seed).list()
                    .layer(new OutputLayer.Builder(LossFunction.MCXENT).nIn(784).nOut(7).activation(Activation.SOFTMAX).build())
                    .setInputType(InputType.convolutionalFlat(28, 28, 1)).build())
                    .with("SGD", seed -> network(seed, new Sgd(0.1))).run();
            assertEquals("the network could not be built: no such layer", runs.runs().get(0).failure());
            assertTrue(runs.runs().get(1).failure().startsWith("the training ended in an error: "), runs.runs().get(1).failure());
            assertFalse(runs.runs().get(2).failed());
            assertEquals(1, files().size(), "only what has a result is kept");
        }
    }

    @Test
    void tables() {
        Experiment sweep = sweep(1, 2).with("SGD", 0.1, seed -> network(seed, new Sgd(0.1))).with("SGD", 0.001, seed -> network(seed, new Sgd(0.001)))
                .with("broken", 1, seed -> {
                    throw new IllegalStateException();
                });
        Runs runs = sweep.run();
        Table table = runs.table();
        assertEquals(List.of("setting", "rate", "seed", "epochs", "best val. accuracy", "last val. accuracy", "last val. loss", "seconds", "failure"),
                table.columnNames());
        assertEquals(List.of(ColumnType.STRING, ColumnType.DOUBLE, ColumnType.LONG, ColumnType.INTEGER), table.typeArray().length > 3
                ? List.of(table.typeArray()).subList(0, 4) : List.of());
        assertEquals(6, table.rowCount());
        assertEquals(0.001, table.doubleColumn("rate").get(2));
        assertEquals(runs.runs().get(0).best().orElseThrow(), table.doubleColumn("best val. accuracy").get(0));
        assertTrue(table.doubleColumn("best val. accuracy").isMissing(5));
        assertEquals("the network could not be built: IllegalStateException", table.stringColumn("failure").get(5));

        assertEquals(8, runs.curves().rowCount(), "four runs of two epochs");
        assertEquals(List.of("setting", "rate", "seed", "epoch", "loss", "accuracy", "val. loss", "val. accuracy", "seconds"),
                runs.curves().columnNames());

        Table summary = runs.summary();
        assertEquals(List.of("setting", "rate", "runs", "failed", "mean val. accuracy", "std. dev.", "lowest", "highest", "seconds"),
                summary.columnNames());
        double a = runs.runs().get(0).best().orElseThrow();
        double b = runs.runs().get(1).best().orElseThrow();
        assertEquals((a + b) / 2, summary.doubleColumn("mean val. accuracy").get(0), 1e-12);
        assertEquals(Math.abs(a - b) / Math.sqrt(2), summary.doubleColumn("std. dev.").get(0), 1e-12);
        assertEquals(Math.min(a, b), summary.doubleColumn("lowest").get(0));
        assertEquals(2, summary.intColumn("failed").get(2));
        assertTrue(summary.doubleColumn("mean val. accuracy").isMissing(2));

        assertEquals(0.1, runs.bestRate("SGD"));
        assertTrue(assertThrows(IllegalArgumentException.class, () -> runs.bestRate("broken")).getMessage().contains("broken"));
        assertThrows(IllegalArgumentException.class, () -> runs.bestRate("Adam"));
        assertEquals("SGD, 0.001", runs.runs().get(2).label());
        assertFalse(new Runs(List.of(new Run("x", Double.NaN, 1, List.of(), 0, "no", ""))).table().containsColumn("rate"));
    }

    @Test
    void wrongUseIsNamed() {
        assertThrows(IllegalStateException.class, () -> Experiment.on(train, validation).seeds(1).run());
        assertThrows(IllegalStateException.class, () -> Experiment.on(train, validation).with("a", s -> network(s, new Sgd(1))).run());
        assertTrue(assertThrows(IllegalArgumentException.class, () -> twoByTwo().with("SGD", s -> network(s, new Sgd(1)))).getMessage().contains("SGD"));
        assertThrows(IllegalArgumentException.class, () -> sweep(1, 1));
        assertThrows(IllegalArgumentException.class, () -> sweep(1).epochs(0));
        assertThrows(IllegalArgumentException.class, () -> sweep(1).batch(0));
    }
}
