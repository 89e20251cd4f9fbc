package digits.experiments;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import digits.Examples;
import digits.acceleration.Acceleration;
import digits.data.Augmentation;
import digits.data.LabeledImages;
import digits.training.Epoch;
import digits.training.History;
import digits.training.Trainer;
import digits.training.TrainingProgress;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.factory.Nd4j;
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

    private Experiment experiment(long... seeds) {
        reports.clear();
        trained.set(0);
        return Experiment.on(train, validation).batch(50).epochs(2).seeds(seeds).keptIn(folder).onProgress(progress -> {
            reports.add(progress);
            progress.running().stream().filter(r -> r.training().epoch() == 1 && r.training().done() == 0
                    && !r.training().validating())
                    .forEach(r -> trained.incrementAndGet());
        });
    }

    private Experiment twoByTwo() {
        return experiment(1, 2).with("SGD", seed -> network(seed, new Sgd(0.1)))
                .with("Adam", seed -> network(seed, new Adam(0.01)));
    }

    private List<Path> files() throws IOException {
        try (Stream<Path> all = Files.list(folder)) {
            return all.sorted().toList();
        }
    }

    /** A network trained by hand, from its configuration and not from that configuration's JSON. */
    private History byHand(long seed) {
        MultiLayerConfiguration configuration = network(seed, new Sgd(0.1));
        Nd4j.getRandom().setSeed(seed);
        MultiLayerNetwork network = new MultiLayerNetwork(configuration);
        network.init();
        Acceleration.of(network);
        return Trainer.of(network, seed).fit(Examples.shuffled(train, 50, seed), Examples.inOrder(validation, 500), 2);
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

    /** A run of an experiment is the same as a training by hand. */
    @Test
    void aRunIsAPlainTraining() {
        Run run = twoByTwo().run().runs().get(1);
        History history = byHand(2);
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
            assertEquals(first.runs().get(i).epochs().get(1).validationLoss(), second.runs().get(i).epochs().get(1)
                    .validationLoss());
        }
    }

    @Test
    void anInterruptKeepsWhatIsFinishedAndTheNextCallContinues() throws IOException {
        Experiment interrupted = twoByTwo();
        interrupted.onProgress(progress -> {
            if (progress.finished().size() == 1 && !progress.running().isEmpty()) Thread.currentThread().interrupt();
        });
        Runs some = interrupted.run();
        assertTrue(Thread.interrupted(), "the interrupt is left for the owner of the thread");
        assertEquals(1, some.runs().size());
        assertEquals(1, files().size());

        assertEquals(4, twoByTwo().run().runs().size());
        assertEquals(3, trained.get());
    }

    /** Killed in the second epoch of the second run: that epoch is trained again, and nothing else. */
    @Test
    void aKilledRunContinuesInTheMiddle() throws IOException {
        Runs whole = twoByTwo().keptIn(folder.resolve("whole")).run();
        Experiment killed = twoByTwo().augmented(Augmentation.NONE);
        killed.onProgress(progress -> {
            boolean now = progress.finished().size() == 1 && progress.running().stream()
                    .anyMatch(run -> run.training().epoch() == 2);
            if (now) throw new StackOverflowError("stands for a kill");
        });
        assertThrows(StackOverflowError.class, killed::run);
        assertEquals(List.of("Adam-1-.*checkpoint", "SGD-1-.*json"), files().stream().filter(Files::isRegularFile)
                .map(file -> file.getFileName().toString().replaceAll("-1-[0-9a-f]{12}\\.", "-1-.*")).toList());

        Runs runs = twoByTwo().run();
        assertEquals(2, trained.get(), "the two that had not begun");
        ExperimentProgress first = reports.stream().filter(report -> !report.running().isEmpty()).findFirst()
                .orElseThrow();
        assertEquals(2, first.running().get(0).training().epoch());
        assertTrue(first.line().contains("An interrupted training was found and continues with epoch 2 of 2"),
                first.line());
        for (int i = 0; i < 4; i++) {
            for (int e = 0; e < 2; e++) {
                Epoch expected = whole.runs().get(i).epochs().get(e);
                Epoch actual = runs.runs().get(i).epochs().get(e);
                assertEquals(expected.trainLoss(), actual.trainLoss());
                assertEquals(expected.validationLoss(), actual.validationLoss());
            }
        }
        assertTrue(files().stream().noneMatch(file -> file.toString().endsWith(".checkpoint")), files().toString());
    }

    @Test
    void whateverChangesTheResultIsTrainedAnew() throws IOException {
        experiment(1).with("SGD", seed -> network(seed, new Sgd(0.1))).run();
        experiment(1).with("SGD", seed -> network(seed, new Sgd(0.2))).run();
        assertEquals(1, trained.get(), "another setting");
        experiment(3).with("SGD", seed -> network(1, new Sgd(0.1))).run();
        assertEquals(1, trained.get(), "another seed");
        experiment(1).epochs(1).with("SGD", seed -> network(seed, new Sgd(0.1))).run();
        assertEquals(1, trained.get(), "other epochs");
        experiment(1).batch(40).with("SGD", seed -> network(seed, new Sgd(0.1))).run();
        assertEquals(1, trained.get(), "another batch");
        AtomicInteger runs = new AtomicInteger();
        Experiment.on(train.take(150), validation).batch(50).epochs(2).seeds(1).keptIn(folder)
                .onProgress(p -> p.running().forEach(r -> runs.incrementAndGet()))
                        .with("SGD", seed -> network(seed, new Sgd(0.1))).run();
        assertTrue(runs.get() > 0, "other images");
        assertEquals(6, files().size(), "each is kept");
        experiment(1).with("SGD", seed -> network(seed, new Sgd(0.1))).run();
        assertEquals(0, trained.get(), "and the first is still known");
    }

    @Test
    void aFileThatIsNoRunIsTrainedAnew() throws IOException {
        Runs first = experiment(1).with("SGD", seed -> network(seed, new Sgd(0.1))).run();
        Path file = files().get(0);
        String good = Files.readString(file);
        for (String bad : List.of("", "{}", "[1]", "no JSON", good.substring(0, good.length() / 2),
                good.replace("\"seed\": 1", "\"seed\": 2"),
                good.replace("\"train_loss\": ", "\"train_loss\": \"x\", \"y\": "),
                        good.replaceAll("\"fingerprint\": \"....", "\"fingerprint\": \"0000"),
                good.replaceAll("(?s)\"epochs\": \\[.*\\]", "\"epochs\": []"),
                        good.replaceAll("(?s)\"epochs\": \\[.*\\]", "\"epochs\": [null, null]"))) {
            Files.writeString(file, bad);
            Runs again = experiment(1).with("SGD", seed -> network(seed, new Sgd(0.1))).run();
            assertEquals(1, trained.get(), bad);
            assertEquals(first.runs().get(0).epochs().get(1).validationLoss(), again.runs().get(0).epochs().get(1)
                    .validationLoss());
            assertTrue(Files.readString(file).contains(first.runs().get(0).fingerprint()), "written anew");
        }
    }

    @Test
    void aDivergedRunIsRecordedAndEndsAtOnce() throws IOException {
        Experiment experiment = experiment(1).with("far too fast", seed -> network(seed, new Sgd(Double.MAX_VALUE)))
                .with("SGD", seed -> network(seed, new Sgd(0.1)));
        Runs runs = experiment.run();
        Run diverged = runs.runs().get(0);
        assertTrue(diverged.failed());
        assertTrue(diverged.failure().matches("the loss was NaN in step [123] of epoch 1"), diverged.failure());
        assertEquals(List.of(), diverged.epochs());
        assertTrue(diverged.best().isEmpty());
        assertFalse(runs.runs().get(1).failed());

        // the run after it is as if there had been none before
        assertEquals(byHand(1).epochs().get(1).validationLoss(), runs.runs().get(1).epochs().get(1).validationLoss());

        assertEquals(runs, experiment(1).with("far too fast", seed -> network(seed, new Sgd(Double.MAX_VALUE)))
                .with("SGD", seed -> network(seed, new Sgd(0.1))).run());
        assertEquals(0, trained.get(), "it is kept like the others");
        assertEquals(2, files().size());
    }

    @Test
    void anExceptionIsRecordedAndTriedAgain() throws IOException {
        for (int call = 0; call < 2; call++) {
            Runs runs = experiment(1).with("not built", seed -> {
                throw new IllegalStateException("no such layer");
            }).with("not fitting", seed -> new NeuralNetConfiguration.Builder().seed(seed).list()
                    .layer(new OutputLayer.Builder(LossFunction.MCXENT).nIn(784).nOut(7).activation(Activation.SOFTMAX)
                            .build())
                    .setInputType(InputType.convolutionalFlat(28, 28, 1)).build())
                    .with("SGD", seed -> network(seed, new Sgd(0.1))).run();
            assertEquals("the network could not be built: no such layer", runs.runs().get(0).failure());
            assertTrue(runs.runs().get(1).failure().startsWith("the training ended in an error: "), runs.runs().get(1)
                    .failure());
            assertFalse(runs.runs().get(2).failed());
            assertEquals(1, files().size(), "only what has a result is kept");
        }
    }

    @Test
    void tables() {
        Experiment experiment = experiment(1, 2).with("SGD", 0.1, seed -> network(seed, new Sgd(0.1)))
                .with("SGD", 0.001, seed -> network(seed, new Sgd(0.001)))
                .with("broken", 1, seed -> {
                    throw new IllegalStateException();
                });
        Runs runs = experiment.run();
        Table table = runs.table();
        assertEquals(List.of("setting", "rate", "seed", "epochs", "best val. accuracy", "last val. accuracy",
                "last val. loss", "seconds", "failure"),
                table.columnNames());
        assertEquals(List.of(ColumnType.STRING, ColumnType.DOUBLE, ColumnType.LONG, ColumnType.INTEGER),
                table.typeArray().length > 3
                ? List.of(table.typeArray()).subList(0, 4) : List.of());
        assertEquals(6, table.rowCount());
        assertEquals(0.001, table.doubleColumn("rate").get(2));
        assertEquals(runs.runs().get(0).best().orElseThrow(), table.doubleColumn("best val. accuracy").get(0));
        assertTrue(table.doubleColumn("best val. accuracy").isMissing(5));
        assertEquals("the network could not be built: IllegalStateException", table.stringColumn("failure").get(5));

        Table summary = runs.summary();
        assertEquals(List.of("setting", "rate", "runs", "failed", "mean of best val. accuracy", "std. dev.",
                "lowest", "highest", "mean of last", "seconds"),
                summary.columnNames());
        double a = runs.runs().get(0).best().orElseThrow();
        double b = runs.runs().get(1).best().orElseThrow();
        assertEquals((a + b) / 2, summary.doubleColumn("mean of best val. accuracy").get(0), 1e-12);
        assertEquals(runs.runs().stream().limit(2).mapToDouble(run -> run.last().validationAccuracy()).average()
                .orElseThrow(), summary.doubleColumn("mean of last").get(0), 1e-12);
        assertEquals(Math.abs(a - b) / Math.sqrt(2), summary.doubleColumn("std. dev.").get(0), 1e-12);
        assertEquals(Math.min(a, b), summary.doubleColumn("lowest").get(0));
        assertEquals(2, summary.intColumn("failed").get(2));
        assertTrue(summary.doubleColumn("mean of best val. accuracy").isMissing(2));
        assertTrue(summary.doubleColumn("mean of last").isMissing(2));

        assertEquals(0.1, runs.bestRate("SGD"));
        assertTrue(assertThrows(IllegalArgumentException.class, () -> runs.bestRate("broken")).getMessage()
                .contains("broken"));
        assertThrows(IllegalArgumentException.class, () -> runs.bestRate("Adam"));
        assertEquals("SGD, 0.001", runs.runs().get(2).label());
        assertFalse(new Runs(List.of(new Run("x", Double.NaN, 1, 50, 1, 0, List.of(), 0, null, Double.NaN, "no", "")))
                .table().containsColumn("rate"));
    }

    /** Several at once, as on a cluster, in any order; plans reach the other process as bytes. */
    @Test
    void runsCanBeTrainedElsewhere() throws IOException {
        List<Integer> atOnce = new ArrayList<>();
        Experiment elsewhere = twoByTwo().augmented(Augmentation.NONE.shifted(1))
                .executor((plans, images, listener) -> {
            List<RunPlan> reversed = new ArrayList<>(plans);
            Collections.reverse(reversed);
            TrainingProgress begun = new TrainingProgress(1, 2, 100, 200, false, 0.5, 0.5, 100, 3, List.of());
            for (RunPlan plan : reversed) listener.progress(plan, begun);
            for (RunPlan plan : reversed) {
                listener.finished(plan, copy(plan).train(images, progress -> { }).orElseThrow());
            }
        }).onProgress(progress -> {
            reports.add(progress);
            atOnce.add(progress.running().size());
        });
        Runs runs = elsewhere.run();

        assertEquals(4, atOnce.stream().mapToInt(Integer::intValue).max().orElseThrow());
        assertEquals("0/4 runs · 4 at once · 3.0 s left", reports.get(4).line());
        assertEquals(0.25, reports.get(4).share());
        Runs here = twoByTwo().keptIn(folder.resolve("here")).augmented(Augmentation.NONE.shifted(1)).run();
        assertEquals(here.runs().stream().map(Run::last).map(Epoch::validationLoss).toList(),
                runs.runs().stream().map(Run::last).map(Epoch::validationLoss).toList());
        assertEquals(4, files().stream().filter(Files::isRegularFile).count(), "kept by the process that planned them");
    }

    private static RunPlan copy(RunPlan plan) {
        try (ByteArrayOutputStream bytes = new ByteArrayOutputStream()) {
            try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
                out.writeObject(plan);
            }
            return (RunPlan) new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray())).readObject();
        } catch (IOException | ClassNotFoundException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void anotherEngineOrAugmentationIsTrainedAnew() throws IOException {
        experiment(1).with("SGD", seed -> network(seed, new Sgd(0.1))).run();
        experiment(1).augmented(Augmentation.NONE.shifted(1)).with("SGD", seed -> network(seed, new Sgd(0.1))).run();
        assertEquals(1, trained.get(), "augmented");
        System.setProperty(Acceleration.PROPERTY, "off");
        try {
            experiment(1).with("SGD", seed -> network(seed, new Sgd(0.1))).run();
            assertEquals(1, trained.get(), "Deeplearning4j's own layers");
        } finally {
            System.clearProperty(Acceleration.PROPERTY);
        }
        assertEquals(3, files().size());
    }

    /** Arabic and Persian write other digits than 0 to 9. */
    @Test
    void fileNamesDoNotDependOnTheLocale() throws IOException {
        Locale before = Locale.getDefault();
        for (String tag : List.of("ar-EG-u-nu-arab", "fa-IR-u-nu-arabext")) {
            Locale.setDefault(Locale.forLanguageTag(tag));
            try {
                experiment(42).with("Adam", 0.01, seed -> network(seed, new Adam(0.01))).run();
                assertEquals(1, files().size(), tag);
            } finally {
                Locale.setDefault(before);
            }
        }
        String name = files().get(0).getFileName().toString();
        assertTrue(name.matches("Adam-0.01-42-[0-9a-f]{12}\\.json"), name);
        experiment(42).with("Adam", 0.01, seed -> network(seed, new Adam(0.01))).run();
        assertEquals(0, trained.get());
    }

    @Test
    void progressNamesTheRun() {
        TrainingProgress training = new TrainingProgress(2, 4, 50, 100, false, 0.25, 0.9, 800, 75,
                List.of(new Epoch(1, 0.5, 0.9, 0.1, 0.98, 2, 1, 5000)));
        ExperimentProgress progress = new ExperimentProgress(Map.of("LeNet", 2), List.of(),
                List.of(new ExperimentProgress.Running("LeNet", "LeNet, 0.1", 7, training)), 75);
        assertEquals("run 1/2 · LeNet, 0.1, seed 7 · epoch 2/4 · loss 0.2500 · validation accuracy 98.00 %"
                + " · 1 min 15 s left", progress.line());
        assertEquals(0.375 / 2, progress.share());
    }

    @Test
    void theMedianOfAnEvenNumberIsBetweenTheMiddleTwo() {
        assertEquals(3, Run.median(5, 1, 4, 2));
        assertEquals(4, Run.median(5, 1, 4));
        assertTrue(Double.isNaN(Run.median()));
    }

    @Test
    void wrongUseIsNamed() {
        assertThrows(IllegalStateException.class, () -> Experiment.on(train, validation).seeds(1).run());
        assertThrows(IllegalStateException.class, () -> Experiment.on(train, validation)
                .with("a", s -> network(s, new Sgd(1))).run());
        assertTrue(assertThrows(IllegalArgumentException.class, () -> twoByTwo()
                .with("SGD", s -> network(s, new Sgd(1)))).getMessage().contains("SGD"));
        assertThrows(IllegalArgumentException.class, () -> experiment(1, 1));
        assertThrows(IllegalArgumentException.class, () -> experiment(1).epochs(0));
        assertThrows(IllegalArgumentException.class, () -> experiment(1).batch(0));
    }
}
