package digits.cluster;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import digits.Examples;
import digits.data.Augmentation;
import digits.data.LabeledImages;
import digits.training.Epoch;
import digits.training.History;
import digits.training.ParallelTrainer;
import digits.training.RoundExecutor;
import digits.training.Schedules;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.learning.config.Sgd;

/** Parallel training on two executors of one thread each. */
@Timeout(120)
class ClusterRoundsTest {
    private static final int SEED = 5;
    private static final LabeledImages TRAIN = Examples.bars(603, 1);
    private static final LabeledImages VALIDATION = Examples.bars(100, 2);

    private static Cluster cluster;

    @BeforeAll
    static void connect() {
        cluster = OneCluster.connect();
    }

    /** Batch normalization, dropout, Adam, a schedule and augmentation; 3 workers, 7 rounds per epoch. */
    static ParallelTrainer<MultiLayerNetwork> trainer() {
        return ParallelTrainer.of(Examples.smallNetwork(SEED, new Adam(Schedules.oneCycle(0.02, 26)))
                .getLayerWiseConfigurations(), SEED).workers(3).batch(16).averageEvery(2)
                .augmented(Augmentation.NONE.shifted(2));
    }

    /** All figures of a training but its times, exactly. */
    private static String figures(History history) {
        StringBuilder text = new StringBuilder();
        for (Epoch e : history.epochs()) {
            text.append(List.of(e.number(), e.trainLoss(), e.trainAccuracy(), e.validationLoss(),
                    e.validationAccuracy()));
        }
        return text.toString();
    }

    /** Trains here and there. */
    static void assertSame(ParallelTrainer<MultiLayerNetwork> there, int epochs) {
        ParallelTrainer<MultiLayerNetwork> here = trainer();
        String expected = figures(here.fit(TRAIN, VALIDATION, epochs));
        assertEquals(expected, figures(there.fit(TRAIN, VALIDATION, epochs)));
        assertArrayEquals(here.network().params().toFloatVector(), there.network().params().toFloatVector());
        assertArrayEquals(here.network().getUpdater().getStateViewArray().toFloatVector(),
                there.network().getUpdater().getStateViewArray().toFloatVector());
    }

    /** The cluster's rounds with something that happens at the beginning of each. */
    private static RoundExecutor rounds(Runnable before) {
        return (plan, images) -> {
            RoundExecutor.Session session = cluster.rounds().open(plan, images);
            return new RoundExecutor.Session() {
                @Override
                public List<RoundExecutor.Result> round(RoundExecutor.State state) {
                    before.run();
                    return session.round(state);
                }

                @Override
                public void close() {
                    session.close();
                }
            };
        };
    }

    @Test
    void theNetworkIsThatOfThisProcessToTheLastBit() {
        assertSame(trainer().rounds(cluster.rounds()), 2);
    }

    @Test
    void soIsAGraph() {
        UnaryOperator<ParallelTrainer<ComputationGraph>> small =
                trainer -> trainer.workers(2).batch(32).averageEvery(4);
        ParallelTrainer<ComputationGraph> here = small.apply(ParallelTrainer.of(
                Examples.smallGraph(SEED).getConfiguration(), SEED));
        ParallelTrainer<ComputationGraph> there = small.apply(ParallelTrainer.of(
                Examples.smallGraph(SEED).getConfiguration(), SEED)).rounds(cluster.rounds());
        assertEquals(figures(here.fit(TRAIN, VALIDATION, 1)), figures(there.fit(TRAIN, VALIDATION, 1)));
        assertEquals(here.network().params(), there.network().params());
    }

    @Test
    void anExecutorThatIsKilledInTheThirdRoundChangesNoBit() {
        AtomicInteger round = new AtomicInteger();
        AtomicInteger killed = new AtomicInteger();
        assertSame(trainer().rounds(rounds(() -> {
            if (round.incrementAndGet() != 3) return;
            var unused = CompletableFuture.runAsync(() -> {
                while (cluster.context().statusTracker().getActiveJobIds().length == 0) Thread.onSpinWait();
                OneCluster.get().workers().get(0).children().forEach(executor -> {
                    if (executor.destroyForcibly()) killed.incrementAndGet();
                });
            });
        })), 2);
        assertEquals(1, killed.get());
    }

    @Test
    void anInterruptFreesTheExecutorsAndTheNextCallContinues() throws Exception {
        ParallelTrainer<MultiLayerNetwork> trainer = trainer().averageEvery(10_000).batch(4).rounds(cluster.rounds());
        trainer.fit(TRAIN, VALIDATION, 1);
        LabeledImages many = TRAIN.subset(IntStream.range(0, 60_000).map(i -> i % 603).toArray());
        CompletableFuture<History> stopped = new CompletableFuture<>();
        Thread thread = new Thread(() -> stopped.completeAsync(() -> trainer.fit(many, VALIDATION, 2), Runnable::run));
        thread.start();
        while (cluster.context().statusTracker().getActiveJobIds().length == 0) Thread.sleep(10);
        Thread.sleep(1_500);   // now the executors have images and networks, and train
        long from = System.nanoTime();
        thread.interrupt();
        assertEquals(1, stopped.get().epochs().size());
        assertEquals(2, cluster.context().parallelize(List.of(1, 2), 2).map(i -> i).collect().size());
        double seconds = (System.nanoTime() - from) / 1e9;
        assertTrue(seconds < 2, seconds + " s");
        assertTrue(trainer.stopped());
        assertEquals(2, trainer.fit(TRAIN, VALIDATION, 1).epochs().size());
    }

    @Test
    void whatGoesWrongThereIsToldInASentence() {
        ParallelTrainer<MultiLayerNetwork> exploding = ParallelTrainer.of(Examples.smallNetwork(SEED, new Sgd(1e25))
                .getLayerWiseConfigurations(), SEED).rounds(cluster.rounds());
        String message = assertThrows(IllegalStateException.class, () -> exploding.fit(TRAIN, VALIDATION, 1))
                .getMessage();
        assertTrue(message.startsWith("worker 0 of a parallel training failed: the loss was NaN in step "), message);
    }
}
