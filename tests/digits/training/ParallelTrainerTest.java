package digits.training;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
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
import digits.evaluation.Predictions;
import digits.networks.Network;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.config.Sgd;

class ParallelTrainerTest {
    private static final int SEED = 5;
    private static final Augmentation SHIFTED = Augmentation.NONE.shifted(2);

    private final LabeledImages train = Examples.bars(203, 1);   // 203: uneven with every number of workers
    private final LabeledImages validation = Examples.bars(50, 2);
    @TempDir
    Path folder;

    /** Batch normalization, dropout, Adam and a schedule. */
    private static MultiLayerConfiguration configuration(IUpdater updater) {
        return Examples.smallNetwork(SEED, updater).getLayerWiseConfigurations();
    }

    private static MultiLayerConfiguration configuration() {
        return configuration(new Adam(Schedules.oneCycle(0.02, 20)));
    }

    private static ParallelTrainer<MultiLayerNetwork> trainer(int workers) {
        return ParallelTrainer.of(configuration(), SEED).workers(workers).batch(16).averageEvery(2);
    }

    /** Everything that can be compared afterwards. */
    private CheckpointTest.Result fit(ParallelTrainer<?> trainer, int epochs) {
        History history = trainer.fit(train, validation, epochs);
        return CheckpointTest.Result.of(network(trainer), history);
    }

    private static Network network(ParallelTrainer<?> trainer) {
        return trainer.network() instanceof ComputationGraph graph ? Network.of(graph)
                : Network.of((MultiLayerNetwork) trainer.network());
    }

    private CheckpointTest.Result plain(Network network, Augmentation augmentation, int epochs) {
        Batches batches = Examples.shuffled(train, 16, SEED);
        if (augmentation != Augmentation.NONE) batches = AugmentedBatches.of(batches, augmentation, SEED);
        History history = Trainer.of(network, SEED).fit(batches, Examples.inOrder(validation, 500), epochs);
        return CheckpointTest.Result.of(network, history);
    }

    private static Network accelerated(MultiLayerConfiguration configuration) {
        MultiLayerNetwork network = new MultiLayerNetwork(configuration);
        network.init();
        Acceleration.of(network);
        return Network.of(network);
    }

    @Test
    void oneWorkerTrainsAsATrainerDoesToTheLastBit() {
        CheckpointTest.Result expected = plain(accelerated(configuration()), Augmentation.NONE, 2);
        for (int every : new int[] {1, 5, 1_000}) expected.assertSame(fit(trainer(1).averageEvery(every), 2));
        plain(accelerated(configuration(new Sgd(0.1))), SHIFTED, 2).assertSame(fit(ParallelTrainer.of(
                configuration(new Sgd(0.1)), SEED).workers(1).batch(16).augmented(SHIFTED), 2));
    }

    /** Sends a value to another process and back, or nearly. */
    private static <T> T travelled(T value, Class<T> type) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
            out.writeObject(value);
            out.flush();
            return type.cast(new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray())).readObject());
        } catch (IOException | ClassNotFoundException e) {
            throw new IllegalStateException(e);
        }
    }

    /** An executor that does this with the workers' rounds. */
    private interface Round {
        List<RoundExecutor.Result> of(RoundPlan plan, LabeledImages images, RoundWorker shared,
                                      RoundExecutor.State state);
    }

    private static RoundExecutor executor(Round round) {
        return (plan, images) -> {
            RoundWorker shared = new RoundWorker(plan, images);
            return new RoundExecutor.Session() {
                @Override
                public List<RoundExecutor.Result> round(RoundExecutor.State state) {
                    return round.of(plan, images, shared, state);
                }

                @Override
                public void close() { }
            };
        };
    }

    /** Each worker in a process that has just started: nothing is known there but what travels. */
    private static List<RoundExecutor.Result> newProcesses(RoundPlan plan, LabeledImages images, RoundWorker shared,
                                                           RoundExecutor.State state) {
        return IntStream.range(0, plan.workers()).map(i -> plan.workers() - 1 - i).mapToObj(worker ->
                CompletableFuture.supplyAsync(() -> {
                    Nd4j.getRandom().setSeed(state.step() + 77);
                    RoundWorker there = new RoundWorker(travelled(plan, RoundPlan.class), images);
                    return travelled(there.work(travelled(state, RoundExecutor.State.class), worker),
                            RoundExecutor.Result.class);
                }, run -> new Thread(run).start()).join()).toList();
    }

    /** One process whose threads do all the work at the same time, twice, as if each first result had been lost. */
    private static List<RoundExecutor.Result> threads(RoundPlan plan, LabeledImages images, RoundWorker shared,
                                                      RoundExecutor.State state) {
        List<CompletableFuture<RoundExecutor.Result>> all = IntStream.range(0, 2 * plan.workers())
                .mapToObj(i -> CompletableFuture.supplyAsync(() -> shared.work(state, i % plan.workers()))).toList();
        CompletableFuture.allOf(all.toArray(CompletableFuture[]::new)).join();
        return all.stream().skip(plan.workers()).map(CompletableFuture::join).toList();
    }

    @Test
    void theResultDoesNotDependOnWhichProcessDoesTheWork() {
        UnaryOperator<ParallelTrainer<?>> same = trainer -> trainer.augmented(SHIFTED).averageEvery(3);
        CheckpointTest.Result expected = fit(same.apply(trainer(3)), 2);
        expected.assertSame(fit(same.apply(trainer(3)).rounds(executor(ParallelTrainerTest::newProcesses)), 2));
        expected.assertSame(fit(same.apply(trainer(3)).rounds(executor(ParallelTrainerTest::threads)), 2));
    }

    /** A graph, which has no dropout, so that other code can train the workers' networks. */
    private static ComputationGraph graph() {
        ComputationGraph graph = Examples.smallGraph(SEED);
        Acceleration.of(graph);
        return graph;
    }

    /** Written down once more: own networks, Deeplearning4j's fit, the mean of what they have become. */
    @Test
    void theWorkersNetworksAreAveraged() {
        LabeledImages even = train.take(192);   // 3 workers · 16 images · 4 steps
        ParallelTrainer<ComputationGraph> trainer = ParallelTrainer.of(graph().getConfiguration(), SEED).workers(3)
                .batch(16).averageEvery(3).rateTimes(1);
        History history = trainer.fit(even, validation, 2);

        List<ComputationGraph> own = List.of(graph(), graph(), graph());
        List<Double> losses = new ArrayList<>();
        Batches batches = Examples.shuffled(even, 16, SEED);
        for (int epoch = 1; epoch <= 2; epoch++) {
            batches.begin(epoch);
            for (int step = 0; step < 4; step++) {
                for (ComputationGraph each : own) {
                    each.fit(batches.next());
                    if (epoch == 2) losses.add(each.score());
                }
                if (step < 2) continue;   // rounds of three steps and of one
                float[] parameters = mean(own.stream().map(ComputationGraph::params).toList());
                float[] updater = mean(own.stream().map(each -> each.getUpdater().getStateViewArray()).toList());
                for (ComputationGraph each : own) {
                    each.params().data().asNioFloat().put(parameters);
                    each.getUpdater().getStateViewArray().data().asNioFloat().put(updater);
                }
            }
        }
        assertArrayEquals(own.get(0).params().toFloatVector(), trainer.network().params().toFloatVector());
        assertArrayEquals(own.get(0).getUpdater().getStateViewArray().toFloatVector(),
                trainer.network().getUpdater().getStateViewArray().toFloatVector());
        assertEquals(8, Network.of(trainer.network()).iterations());
        assertEquals(losses.stream().mapToDouble(loss -> loss).average().orElseThrow(),
                history.epochs().get(1).trainLoss(), 1e-9);
        Predictions now = Predictions.of(Network.of(own.get(0)), Examples.inOrder(validation, 50), step -> { });
        assertEquals(now.loss(), history.epochs().get(1).validationLoss());
        assertTrue(now.accuracy() > 0.5, history.toString());
    }

    private static float[] mean(List<INDArray> arrays) {
        float[] mean = new float[(int) arrays.get(0).length()];
        for (int i = 0; i < mean.length; i++) {
            double sum = 0;
            for (INDArray each : arrays) sum += each.getFloat(i);
            mean[i] = (float) (sum / arrays.size());
        }
        return mean;
    }

    /** Ends like a killed process. */
    private static final class Killed extends Error {
        private static final long serialVersionUID = 1;
    }

    /** An executor whose process is killed in this round. */
    private static RoundExecutor killedIn(int epoch, int step) {
        return executor((plan, images, shared, state) -> {
            if (state.epoch() == epoch && state.step() == step) throw new Killed();
            return threads(plan, images, shared, state);
        });
    }

    @Test
    void aKilledTrainingContinuesAfterTheLastEpoch() throws IOException {
        CheckpointTest.Result expected = fit(trainer(3), 3);
        for (int epoch : new int[] {1, 3}) {
            ParallelTrainer<?> killed = trainer(3).keptIn(folder).rounds(killedIn(epoch, 2));
            assertThrows(Killed.class, () -> fit(killed, 3));
            Nd4j.getRandom().setSeed(99);   // whatever else happens in between
        }
        List<TrainingProgress> reports = new ArrayList<>();
        expected.assertSame(fit(trainer(3).keptIn(folder).onProgress(reports::add), 3));
        assertEquals(3, reports.get(0).epoch());
        assertTrue(reports.get(0).note().contains("An interrupted training was found and continues with epoch 3 of 3"),
                reports.get(0).note());
        try (Stream<Path> files = Files.list(folder)) {
            assertEquals(0, files.count(), "a finished training leaves nothing");
        }
    }

    /** Each has its own checkpoint. */
    @Test
    void anotherTrainingNeverTakesIt() {
        assertThrows(Killed.class, () -> fit(trainer(3).keptIn(folder).rounds(killedIn(2, 2)), 4));
        for (ParallelTrainer<?> other : List.of(trainer(2), trainer(3).batch(17), trainer(3).averageEvery(3),
                trainer(3).augmented(SHIFTED), trainer(3).rateTimes(1),
                ParallelTrainer.of(configuration(), SEED + 1).workers(3).batch(16).averageEvery(2))) {
            other.keptIn(folder).onProgress(progress -> {
                assertEquals(1, progress.epoch());
                throw new Killed();
            });
            assertThrows(Killed.class, () -> fit(other, 4));
        }
    }

    @Test
    void anInterruptDiscardsTheRoundAndTheNextFitContinues() {
        ParallelTrainer<?> trainer = trainer(2).rounds(executor((plan, images, shared, state) -> {
            if (state.epoch() == 2 && state.step() == 4) Thread.currentThread().interrupt();
            return List.of(shared.work(state, 0), shared.work(state, 1));
        }));
        History history = trainer.fit(train, validation, 3);
        assertTrue(Thread.interrupted(), "the interrupt is left for the owner of the thread");
        assertTrue(trainer.stopped());
        assertEquals(1, history.epochs().size());
        assertEquals(7 + 4, network(trainer).iterations(), "of the second epoch two rounds of two steps");

        trainer.rounds(RoundExecutor.local()).fit(train, validation, 1);
        assertFalse(trainer.stopped());
        assertEquals(List.of(1, 2), trainer.history().epochs().stream().map(Epoch::number).toList());
        assertEquals(7 + 4 + 7, network(trainer).iterations());
    }

    @Test
    void aSecondFitContinues() {
        CheckpointTest.Result expected = plain(accelerated(configuration()), Augmentation.NONE, 3);
        ParallelTrainer<?> trainer = trainer(1);
        fit(trainer, 1);
        expected.assertSame(fit(trainer, 2));
        assertThrows(IllegalStateException.class, () -> trainer.workers(2), "now it is too late");
    }

    @Test
    void aLossThatIsNotANumberEndsTheTraining() {
        ParallelTrainer<?> trainer = ParallelTrainer.of(configuration(new Sgd(1e25)), SEED).workers(3).batch(16);
        String message = assertThrows(IllegalStateException.class, () -> trainer.fit(train, validation, 2))
                .getMessage();
        assertTrue(message.matches("worker \\d of a parallel training failed: the loss was NaN in step \\d+ of epoch 1"
                + "; try a smaller learning rate"), message);
    }

    /** An executor that hands back something else. */
    private void assertRefused(String message, UnaryOperator<List<RoundExecutor.Result>> change) {
        RoundExecutor executor = executor((plan, images, shared, state) -> change.apply(List.of(shared.work(state, 0),
                shared.work(state, 1))));
        String found = assertThrows(IllegalStateException.class,
                () -> trainer(2).rounds(executor).fit(train, validation, 1)).getMessage();
        assertTrue(found.startsWith(message), found);
    }

    private static List<RoundExecutor.Result> second(List<RoundExecutor.Result> results,
                                                     Function<RoundExecutor.State, float[]> parameters,
                                                     Function<RoundExecutor.State, float[]> updater, int more) {
        RoundExecutor.Result second = results.get(1);
        RoundExecutor.State state = second.state();
        return List.of(results.get(0), new RoundExecutor.Result(1, second.steps(), new RoundExecutor.State(
                state.epoch(), state.step(), state.iterations() + more, state.random(), parameters.apply(state),
                updater.apply(state)), ""));
    }

    @Test
    void whatCannotBeAResultIsRefused() {
        assertRefused("a round returned the results of the workers [0]; expected one from each of 0 to 1",
                results -> results.subList(0, 1));
        assertRefused("a round returned the results of the workers []", results -> List.of());
        assertRefused("a round returned the results of the workers [1, 1]",
                results -> List.of(results.get(1), results.get(1)));
        assertRefused("a round returned the results of the workers [0, 1, 1]",
                results -> List.of(results.get(1), results.get(0), results.get(1)));
        assertRefused("worker 1 returned 3 parameters; expected ",
                results -> second(results, state -> new float[3], RoundExecutor.State::updater, 0));
        assertRefused("worker 1 returned 0 numbers of the optimizer's state; expected ",
                results -> second(results, RoundExecutor.State::parameters, state -> new float[0], 0));
        assertRefused("worker 1 returned parameters with the value NaN", results -> second(results, state -> {
            state.parameters()[7] = Float.NaN;
            return state.parameters();
        }, RoundExecutor.State::updater, 0));
        assertRefused("worker 1 returned the state after step 3; expected 2",
                results -> second(results, RoundExecutor.State::parameters, RoundExecutor.State::updater, 1));
        assertRefused("worker 1 returned 0 steps; expected 2", results -> List.of(results.get(0),
                new RoundExecutor.Result(1, List.of(), results.get(1).state(), "")));
        RoundWorker worker = new RoundWorker(new RoundPlan(PlannedNetwork.of(configuration()), SEED, 2, 2, 16, SHIFTED),
                train);
        RoundExecutor.State foreign = new RoundExecutor.State(1, 0, 0, new TrainingRecord.RandomState(1, 2),
                new float[5], new float[5]);
        assertThrows(IllegalArgumentException.class, () -> worker.work(foreign, 0));
    }

    @Test
    void impossibleSettingsAreRefused() {
        ParallelTrainer<?> trainer = trainer(2);
        for (Runnable call : List.<Runnable>of(() -> trainer.workers(0), () -> trainer.averageEvery(0),
                () -> trainer.batch(0), () -> trainer.rateTimes(0), () -> trainer.rateTimes(Double.NaN),
                () -> trainer.fit(train, validation, 0), () -> trainer.fit(train.take(1), validation, 1),
                () -> trainer.fit(train.take(0), validation, 1), () -> trainer.fit(train, validation.take(0), 1))) {
            assertThrows(IllegalArgumentException.class, call::run);
        }
        assertThrows(IllegalStateException.class, trainer::network);
        assertEquals(List.of(), trainer.history().epochs());
        assertFalse(trainer.stopped());
    }

    /** With fewer images than workers in an epoch's last step. */
    @Test
    void anEpochCountsEveryImage() {
        LabeledImages odd = train.take(5 * 2 * 10 + 3);
        List<TrainingProgress> reports = new ArrayList<>();
        ParallelTrainer<?> trainer = trainer(5).batch(2).averageEvery(4).rateTimes(1).onProgress(reports::add);
        trainer.fit(odd, validation, 1);
        assertEquals(11, network(trainer).iterations());
        TrainingProgress last = reports.stream().filter(report -> !report.validating())
                .reduce((first, second) -> second).orElseThrow();
        assertEquals(103, last.total());
        String note = "5 workers × 2 images, averaged every 4 steps; learning rate × 1.00.";
        assertTrue(reports.get(0).line().contains(note), reports.get(0).line());
        assertEquals(1, reports.stream().filter(TrainingProgress::betweenEpochs).count());
    }
}
