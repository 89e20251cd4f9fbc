package digits.training;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import digits.Examples;
import digits.acceleration.Acceleration;
import digits.data.Augmentation;
import digits.data.AugmentedBatches;
import digits.data.Batches;
import digits.data.LabeledImages;
import digits.networks.Network;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.learning.config.Sgd;

/** A training that ends in the middle, as if its process had been killed, and is begun again. */
class CheckpointTest {
    private static final int EPOCHS = 5;

    /** Kinds of networks; all have batch normalization, Adam and a schedule, sequences also dropout. */
    enum Kind {
        SEQUENCE, ACCELERATED_SEQUENCE, GRAPH, ACCELERATED_GRAPH;

        Network network() {
            boolean accelerated = name().startsWith("ACCELERATED");
            if (name().endsWith("GRAPH")) {
                ComputationGraph graph = Examples.smallGraph(3);
                if (accelerated) Acceleration.of(graph);
                return Network.of(graph);
            }
            MultiLayerNetwork network = Examples.smallNetwork(3, new Adam(Schedules.oneCycle(0.02, 15)));
            if (accelerated) Acceleration.of(network);
            return Network.of(network);
        }
    }

    @TempDir
    Path folder;
    private final List<TrainingProgress> reports = new ArrayList<>();

    /** All that can be compared afterwards. */
    record Result(String figures, float[] parameters, float[] optimizer, int steps, int epochs,
                          TrainingRecord.RandomState random) {
        static Result of(Network network, History history) {
            return new Result(CheckpointTest.figures(history), network.model().params().toFloatVector(),
                    network.updaterState() == null ? new float[0] : network.updaterState().toFloatVector(),
                    network.iterations(), network.epochs(), TrainingRecord.RandomState.now());
        }

        byte[] bytes() {
            ByteBuffer bytes = ByteBuffer.allocate(4 * (parameters.length + optimizer.length));
            bytes.asFloatBuffer().put(parameters).put(optimizer);
            String rest = figures + steps + " " + epochs + " " + random + "\n";
            return (rest + HexFormat.of().formatHex(bytes.array())).getBytes(StandardCharsets.UTF_8);
        }

        void assertSame(Result other) {
            assertEquals(figures, other.figures);
            assertTrue(Arrays.equals(parameters, other.parameters), "weights and running averages");
            assertTrue(Arrays.equals(optimizer, other.optimizer), "the optimizer's state");
            assertEquals(List.of(steps, epochs, random), List.of(other.steps, other.epochs, other.random));
        }
    }

    static String figures(History history) {
        StringBuilder text = new StringBuilder();
        for (Epoch e : history.epochs()) {
            text.append(List.of(e.number(), e.trainLoss(), e.trainAccuracy(), e.validationLoss(),
                    e.validationAccuracy())).append('\n');
        }
        return text.toString();
    }

    static Batches training() {
        return AugmentedBatches.of(Examples.shuffled(Examples.bars(96, 1), 32, 7), new Augmentation(2, 0, 0, 0, false),
                8);
    }

    static Batches validation() {
        return Examples.inOrder(Examples.bars(50, 2), 25);
    }

    static Trainer trainer(Network network) {
        return Trainer.of(network, 5).stopEarly(4);
    }

    private Trainer kept(Network network) {
        reports.clear();
        return trainer(network).keptIn(folder).onProgress(reports::add);
    }

    private Result train(Kind kind) {
        Network network = kind.network();
        return Result.of(network, kept(network).fit(training(), validation(), EPOCHS));
    }

    private static Result withoutCheckpoints(Kind kind) {
        Network network = kind.network();
        return Result.of(network, trainer(network).fit(training(), validation(), EPOCHS));
    }

    /** Ends like a killed process: at the first report of this epoch, or of its validation. */
    private static Consumer<TrainingProgress> killer(int epoch, boolean validating) {
        return progress -> {
            if (progress.epoch() == epoch && progress.validating() == validating) throw new Killed();
        };
    }

    private static final class Killed extends Error {
        private static final long serialVersionUID = 1;
    }

    private void kill(Kind kind, int epoch, boolean validating) {
        Trainer trainer = kept(kind.network()).onProgress(killer(epoch, validating));
        assertThrows(Killed.class, () -> trainer.fit(training(), validation(), EPOCHS));
        Nd4j.getRandom().setSeed(99);   // whatever else happens in between
    }

    private List<Path> files() throws IOException {
        try (Stream<Path> all = Files.list(folder)) {
            return all.sorted().toList();
        }
    }

    private Path file() throws IOException {
        assertEquals(1, files().size(), files().toString());
        return files().get(0);
    }

    @ParameterizedTest
    @EnumSource
    void becomesTheSameNetworkToTheLastBit(Kind kind) throws IOException {
        Result expected = withoutCheckpoints(kind);
        expected.assertSame(train(kind));
        assertEquals(List.of(), files(), "checkpoints change nothing and are gone in the end");
        assertTrue(reports.stream().allMatch(report -> report.note().isEmpty()));

        kill(kind, 3, false);
        kill(kind, 3, true);   // begins with epoch 3 and does not finish it
        kill(kind, 5, false);
        String name = file().getFileName().toString();
        assertTrue(name.matches("training-[0-9a-f]{12}\\.checkpoint"), name);
        expected.assertSame(train(kind));
        assertEquals(5, reports.get(0).epoch());
        String note = "An interrupted training was found and continues with epoch 5 of 5; to start afresh, stop it and "
                + "delete ";
        assertTrue(reports.get(0).note().startsWith(note) && reports.get(0).note().endsWith(name + "."),
                reports.get(0).note());
        assertEquals(4, reports.get(0).finished().size());
        assertTrue(reports.get(0).line().contains(note), reports.get(0).line());
        assertTrue(reports.stream().skip(1).noneMatch(report -> report.line().contains(note)), "one sentence");
        assertEquals(List.of(), files());
    }

    @Test
    void killedBeforeTheFirstEpochEndedItStartsAgain() throws IOException {
        kill(Kind.ACCELERATED_SEQUENCE, 1, true);
        assertEquals(List.of(), files());
        withoutCheckpoints(Kind.ACCELERATED_SEQUENCE).assertSame(train(Kind.ACCELERATED_SEQUENCE));
    }

    /** The reader's stop button; then the kernel is restarted. */
    @Test
    void aStoppedTrainingContinuesInAnotherTrainer() throws IOException {
        Trainer stopped = kept(Kind.ACCELERATED_SEQUENCE.network()).onProgress(progress -> {
            if (progress.epoch() == 3) Thread.currentThread().interrupt();
        });
        stopped.fit(training(), validation(), EPOCHS);
        assertTrue(Thread.interrupted() && stopped.stopped());
        assertEquals(1, files().size());
        withoutCheckpoints(Kind.ACCELERATED_SEQUENCE).assertSame(train(Kind.ACCELERATED_SEQUENCE));
        assertEquals(3, reports.get(0).epoch());
    }

    /** The reader's stop button; then the same cell again. */
    @Test
    void aStoppedTrainingThatContinuesLeavesNothing() throws IOException {
        Trainer trainer = kept(Kind.ACCELERATED_SEQUENCE.network()).onProgress(progress -> {
            if (progress.epoch() == 2) Thread.currentThread().interrupt();
        });
        trainer.fit(training(), validation(), EPOCHS);
        assertTrue(Thread.interrupted());
        trainer.onProgress(reports::add).fit(training(), validation(), 2);
        assertEquals(3, trainer.history().epochs().size());
        assertEquals(List.of(), files());
    }

    /** An interrupt that comes with the last image must not cost the epoch. */
    @Test
    void anInterruptDoesNotPreventTheCheckpoint() throws IOException {
        Network network = Kind.ACCELERATED_SEQUENCE.network();
        Trainer.of(network, 5).keptAs(folder.resolve("a.checkpoint")).onProgress(progress -> {
            if (progress.betweenEpochs() && progress.epoch() == 1) Thread.currentThread().interrupt();
        }).fit(Examples.shuffled(Examples.bars(64, 1), 32, 7), 2);
        assertTrue(Thread.interrupted());
        EarlyStopping early = new EarlyStopping(network.model(), 1);
        Thread.currentThread().interrupt();
        new Checkpoint(folder.resolve("b.checkpoint"), "of a test", network).save(List.of(), Optional.of(early));
        assertTrue(Thread.interrupted(), "it stays set for its owner");
        assertEquals(2, files().size());
    }

    @Test
    void theLastEpochIsNotTrainedTwice() throws IOException {
        Path file = folder.resolve("own/run.checkpoint");
        Network first = Kind.ACCELERATED_SEQUENCE.network();
        History history = Trainer.of(first, 5).stopEarly(1).keptAs(file).fit(training(), validation(), 50);
        assertTrue(history.epochs().size() < 50, "ended early");
        assertTrue(Files.exists(file), "its owner deletes it");

        Network second = Kind.ACCELERATED_SEQUENCE.network();
        History again = Trainer.of(second, 5).stopEarly(1).keptAs(file).onProgress(reports::add)
                .fit(training(), validation(), 50);
        assertEquals(history, again, "times included");
        assertEquals(List.of(), reports);
        assertEquals(first.model().params(), second.model().params(), "the best weights");
    }

    /** Each gets its own file, and none reads another's. */
    @Test
    void anotherTrainingNeverTakesIt() throws IOException {
        kill(Kind.ACCELERATED_SEQUENCE, 2, false);
        LabeledImages images = Examples.bars(96, 1);
        LabeledImages others = Examples.bars(96, 4);
        Augmentation shift = new Augmentation(2, 0, 0, 0, false);
        List<Consumer<Trainer>> fits = List.of(
                trainer -> trainer.fit(training(), validation(), EPOCHS + 1),
                trainer -> trainer.fit(training(), Examples.inOrder(Examples.bars(50, 3), 25), EPOCHS),
                trainer -> trainer.fit(Examples.shuffled(images, 32, 7), validation(), EPOCHS),
                trainer -> trainer.fit(AugmentedBatches.of(Examples.shuffled(images, 32, 7), shift, 9), validation(),
                        EPOCHS),
                trainer -> trainer.fit(AugmentedBatches.of(Examples.shuffled(images, 32, 8), shift, 8), validation(),
                        EPOCHS),
                trainer -> trainer.fit(AugmentedBatches.of(Examples.shuffled(images, 30, 7), shift, 8), validation(),
                        EPOCHS),
                trainer -> trainer.fit(AugmentedBatches.of(Examples.shuffled(others, 32, 7), shift, 8), validation(),
                        EPOCHS),
                trainer -> trainer.stopEarly(5).fit(training(), validation(), EPOCHS));
        List<Trainer> trainers = new ArrayList<>(fits.stream()
                .map(fit -> kept(Kind.ACCELERATED_SEQUENCE.network())).toList());
        fits = new ArrayList<>(fits);
        Consumer<Trainer> same = trainer -> trainer.fit(training(), validation(), EPOCHS);
        for (Network network : List.of(Kind.SEQUENCE.network(), Network.of(Examples.smallNetwork(3)),
                Network.of(Examples.smallNetwork(4, new Adam(Schedules.oneCycle(0.02, 15)))),
                Network.of(Examples.smallNetwork(3, new Sgd(0.1))))) {
            trainers.add(kept(network));
            fits.add(same);
        }
        trainers.add(Trainer.of(Kind.ACCELERATED_SEQUENCE.network(), 6).stopEarly(4).keptIn(folder));   // another seed
        fits.add(same);
        for (int i = 0; i < fits.size(); i++) {
            Trainer trainer = trainers.get(i).onProgress(killer(2, false));
            Consumer<Trainer> fit = fits.get(i);
            assertThrows(Killed.class, () -> fit.accept(trainer));
            assertEquals(i + 2, files().size(), "case " + i);
        }
        train(Kind.ACCELERATED_SEQUENCE);
        assertEquals(2, reports.get(0).epoch(), "its own is still there");
        assertEquals(fits.size(), files().size());
    }

    @Test
    void aDamagedOneIsSetAsideAndTrainingStartsAgain() throws IOException {
        Result expected = withoutCheckpoints(Kind.ACCELERATED_SEQUENCE);
        kill(Kind.ACCELERATED_SEQUENCE, 3, false);
        Path file = file();
        byte[] good = Files.readAllBytes(file);
        byte[] flipped = good.clone();
        flipped[flipped.length / 2] ^= 1;
        kill(Kind.GRAPH, 2, false);
        Path others = files().stream().filter(other -> !other.equals(file)).findFirst().orElseThrow();
        byte[] foreign = Files.readAllBytes(others);
        Files.delete(others);
        for (byte[] bad : List.of(new byte[0], new byte[50], Arrays.copyOf(good, good.length - 1),
                Arrays.copyOf(good, good.length / 3), flipped, foreign)) {
            Files.write(file, bad);
            expected.assertSame(train(Kind.ACCELERATED_SEQUENCE));
            String note = reports.get(0).note();
            assertTrue(note.startsWith("The training starts from the beginning, because its checkpoint ")
                    && note.endsWith("); it was renamed to " + file.getFileName() + ".damaged."), note);
            assertTrue(bad != foreign || note.contains("it belongs to another training"), note);
            assertFalse(note.contains(folder.getRoot().resolve(folder.subpath(0, 1)).toString()), "no machine's path");
            assertTrue(Arrays.equals(bad, Files.readAllBytes(file())), "it is still there");
            Files.delete(file());
        }
        Files.write(file, good);
        expected.assertSame(train(Kind.ACCELERATED_SEQUENCE));
        assertEquals(3, reports.get(0).epoch());
    }

    @Test
    void aFullDiskDoesNotEndATraining() throws IOException {
        Path noFolder = Files.writeString(folder.resolve("file"), "where the folder should be");
        Network network = Kind.ACCELERATED_SEQUENCE.network();
        History history = Trainer.of(network, 5).stopEarly(4).keptIn(noFolder).onProgress(reports::add)
                .fit(training(), validation(), EPOCHS);
        withoutCheckpoints(Kind.ACCELERATED_SEQUENCE).assertSame(Result.of(network, history));
        String note = reports.get(reports.size() - 1).note();
        assertTrue(note.startsWith("If this process ends, the training is lost: "), note);
    }

    @Test
    void aSecondFitHasItsOwn() throws IOException {
        Network network = Kind.ACCELERATED_SEQUENCE.network();
        Trainer whole = kept(network);
        whole.fit(training(), validation(), 2);
        Result expected = Result.of(network, whole.fit(training(), validation(), 3));

        for (int attempt = 0; attempt < 2; attempt++) {
            Network again = Kind.ACCELERATED_SEQUENCE.network();
            Trainer trainer = kept(again);
            trainer.fit(training(), validation(), 2);
            if (attempt == 0) {
                trainer.onProgress(killer(4, false));
                assertThrows(Killed.class, () -> trainer.fit(training(), validation(), 3));
            } else {
                trainer.onProgress(reports::add);
                reports.clear();
                expected.assertSame(Result.of(again, trainer.fit(training(), validation(), 3)));
                assertEquals(4, reports.get(0).epoch());
            }
        }
        assertEquals(List.of(), files());
    }

    /** Kernels run cells on different threads; ND4J has random numbers for each. */
    @Test
    void theThreadDoesNotMatter() throws Exception {
        Network network = Kind.ACCELERATED_SEQUENCE.network();
        Trainer trainer = kept(network);
        List<Result> results = new ArrayList<>();
        Thread other = new Thread(() -> results.add(Result.of(network,
                trainer.fit(training(), validation(), EPOCHS))));
        other.start();
        other.join();
        withoutCheckpoints(Kind.ACCELERATED_SEQUENCE).assertSame(results.get(0));
    }
}
