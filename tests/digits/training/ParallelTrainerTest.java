package digits.training;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import digits.Examples;
import digits.acceleration.Acceleration;
import digits.data.Augmentation;
import digits.data.AugmentedBatches;
import digits.data.Batches;
import digits.data.LabeledImages;
import digits.networks.Network;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
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
        for (int every : new int[] {1, 4, 1_000}) {
            Network alone = accelerated(configuration());
            plain(alone, Augmentation.NONE, 2).assertSame(fit(trainer(1).averageEvery(every), 2));
        }
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
        } catch (java.io.IOException | ClassNotFoundException e) {
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

    /** One process whose threads do what they find, and some of it twice, in no order. */
    private static List<RoundExecutor.Result> threads(RoundPlan plan, LabeledImages images, RoundWorker shared,
                                                      RoundExecutor.State state) {
        List<CompletableFuture<RoundExecutor.Result>> all = IntStream.range(0, 2 * plan.workers())
                .mapToObj(i -> CompletableFuture.supplyAsync(() -> shared.work(state, i % plan.workers()))).toList();
        List<RoundExecutor.Result> results = new ArrayList<>();
        for (int i = all.size() - 1; i >= 0; i -= 2) results.add(all.get(i).join());
        return results.size() == plan.workers() && plan.workers() % 2 == 1 ? results
                : all.stream().skip(plan.workers()).map(CompletableFuture::join).toList();
    }

    @Test
    void theResultDoesNotDependOnWhichProcessDoesTheWork() {
        for (int workers : new int[] {2, 3}) {
            UnaryOperator<ParallelTrainer<?>> same = trainer -> trainer.workers(workers).augmented(SHIFTED);
            CheckpointTest.Result expected = fit(same.apply(trainer(1)), 2);
            expected.assertSame(fit(same.apply(trainer(1)).rounds(executor(ParallelTrainerTest::newProcesses)), 2));
            expected.assertSame(fit(same.apply(trainer(1)).rounds(executor(ParallelTrainerTest::threads)), 2));
        }
    }
}
