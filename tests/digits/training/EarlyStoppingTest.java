package digits.training;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import digits.Examples;
import digits.data.LabeledImages;
import digits.evaluation.Predictions;
import digits.networks.Network;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.DoubleConsumer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.ndarray.INDArray;

class EarlyStoppingTest {
    private final LabeledImages train = Examples.bars(300, 1);
    private final LabeledImages validation = Examples.bars(100, 2);

    /**
     * Plays epochs with these validation accuracies and losses, and gives after which it ended and whose weights came
     * back.
     */
    private static int[] play(int patience, double[] accuracies, double[] losses) {
        MultiLayerNetwork network = Examples.smallNetwork(1);
        EarlyStopping early = new EarlyStopping(network, patience);
        early.begin(0);
        List<Epoch> epochs = new ArrayList<>();
        boolean ended = false;
        for (int i = 0; i < accuracies.length && !ended; i++) {
            network.params().assign(i + 1);   // weights that tell their epoch
            epochs.add(new Epoch(i + 1, 1, 0.5, losses[i], accuracies[i], 1, 1, 1));
            ended = early.ends(new History(epochs));
        }
        early.restore();
        return new int[] {ended ? epochs.size() : 0, network.params().getInt(0)};
    }

    private static int[] play(int patience, double... accuracies) {
        double[] losses = new double[accuracies.length];
        Arrays.fill(losses, 0.3);
        return play(patience, accuracies, losses);
    }

    private static void assertPlays(int end, int weightsOf, int[] played) {
        assertEquals(end, played[0], "ended after epoch (0: not at all)");
        assertEquals(weightsOf, played[1], "has the weights of epoch");
    }

    @Test
    void waitsAsLongAsItWasTold() {
        assertPlays(5, 3, play(2, 0.7, 0.8, 0.9, 0.85, 0.85, 0.95));
        assertPlays(0, 6, play(3, 0.7, 0.8, 0.9, 0.85, 0.85, 0.95));
        assertPlays(2, 1, play(1, 0.7, 0.6, 0.9));
        assertPlays(0, 3, play(2, 0.7, 0.8, 0.9));
    }

    @Test
    void theFirstEpochMayBeTheBest() {
        assertPlays(4, 1, play(3, 0.9, 0.8, 0.8, 0.8, 0.95));
    }

    @Test
    void ofEqualAccuraciesTheLowerLossIsBetterAndOfEqualLossesTheFirst() {
        assertPlays(3, 1, play(2, 0.9, 0.9, 0.9, 0.9));
        assertPlays(4, 2, play(2, new double[] {0.9, 0.9, 0.9, 0.9}, new double[] {0.3, 0.2, 0.2, 0.25}));
    }

    @Test
    void whatIsNotANumberIsNoBetter() {
        assertPlays(4, 2, play(2, 0.8, 0.9, Double.NaN, Double.NaN, 0.95));
        assertPlays(2, 2, play(2, Double.NaN, Double.NaN));
    }

    /** After the first epoch it can only get worse. */
    private static void worsen(TrainingProgress progress, DoubleConsumer learningRate) {
        if (progress.betweenEpochs()) learningRate.accept(30);
    }

    private void assertHasTheWeightsOfTheBest(Predictions now, History history) {
        Epoch best = history.best().orElseThrow();
        assertEquals(best.validationAccuracy(), now.accuracy());
        assertEquals(best.validationLoss(), now.loss(), 1e-6);
    }

    @Test
    void theNetworkComesBackAsItsBestEpochLeftIt() {
        MultiLayerNetwork network = Examples.smallNetwork(3);
        Trainer trainer = Trainer.of(network, 3).stopEarly(2).onProgress(progress -> {
            boolean third = progress.betweenEpochs() && progress.epoch() == 3;
            if (third) network.setLearningRate(30);   // from now on it can only get worse
        });
        History history = trainer.fit(Examples.shuffled(train, 32, 3), Examples.inOrder(validation, 50), 20);

        assertTrue(history.epochs().size() < 20, "ended early");
        assertFalse(trainer.stopped(), "there was no request");
        assertTrue(history.best().orElseThrow().number() <= 3);
        assertTrue(history.epochs().get(history.epochs().size() - 1).validationAccuracy() < history.best().orElseThrow()
                .validationAccuracy());
        assertHasTheWeightsOfTheBest(Predictions.of(network, Examples.inOrder(validation, 50)), history);
    }

    @Test
    void aGraphComesBackToo() {
        ComputationGraph graph = Examples.smallGraph(3);
        Trainer trainer = Trainer.of(Network.of(graph), 3).stopEarly(1)
                .onProgress(progress -> worsen(progress, graph::setLearningRate));
        History history = trainer.fit(Examples.shuffled(train, 32, 3), Examples.inOrder(validation, 50), 20);

        assertEquals(1, history.best().orElseThrow().number());
        assertEquals(2, history.epochs().size());
        assertHasTheWeightsOfTheBest(
                Predictions.of(Network.of(graph), Examples.inOrder(validation, 50), step -> { }), history);
    }

    @Test
    void anInterruptLeavesTheBestWeightsToo() {
        MultiLayerNetwork network = Examples.smallNetwork(3);
        Trainer trainer = Trainer.of(network, 3).stopEarly(5);
        trainer.onProgress(progress -> {
            if (progress.epoch() == 3 && progress.done() == 0 && !progress.validating()) {
                network.setLearningRate(30);
                Thread.currentThread().interrupt();
            }
        });
        History history = trainer.fit(Examples.shuffled(train, 32, 3), Examples.inOrder(validation, 50), 20);

        assertTrue(Thread.interrupted());
        assertTrue(trainer.stopped());
        assertEquals(2, history.epochs().size());
        assertHasTheWeightsOfTheBest(Predictions.of(network, Examples.inOrder(validation, 50)), history);
    }

    @Test
    void anInterruptInTheFirstEpochLeavesTheNetworkAsItIs() {
        MultiLayerNetwork network = Examples.smallNetwork(3);
        INDArray before = network.params().dup();
        Thread.currentThread().interrupt();
        History history = Trainer.of(network, 3).stopEarly(5)
                .fit(Examples.shuffled(train, 32, 3), Examples.inOrder(validation, 50), 20);
        assertTrue(Thread.interrupted());
        assertEquals(0, history.epochs().size());
        assertFalse(before.equals(network.params()), "the step under way was made");
    }

    @Test
    void eachFitIsPatientAnew() {
        MultiLayerNetwork network = Examples.smallNetwork(3);
        Trainer trainer = Trainer.of(network, 3).stopEarly(2)
                .onProgress(progress -> worsen(progress, network::setLearningRate));
        trainer.fit(Examples.shuffled(train, 32, 3), Examples.inOrder(validation, 50), 20);
        int first = trainer.history().epochs().size();
        trainer.fit(Examples.shuffled(train, 32, 3), Examples.inOrder(validation, 50), 20);
        assertTrue(trainer.history().epochs().size() >= first + 2, trainer.history().toString());
        assertHasTheWeightsOfTheBest(Predictions.of(network, Examples.inOrder(validation, 50)), trainer.history());
    }

    @Test
    void whatCannotBeWatchedIsRefused() {
        Trainer trainer = Trainer.of(Examples.smallNetwork(3), 3);
        assertThrows(IllegalArgumentException.class, () -> trainer.stopEarly(0));
        trainer.stopEarly(1);
        assertThrows(IllegalStateException.class, () -> trainer.fit(Examples.shuffled(train, 32, 3), 1));
        trainer.fit(Examples.shuffled(train, 32, 3), Examples.inOrder(validation, 50), 1);
        assertThrows(IllegalStateException.class, () -> trainer.stopEarly(1),
                "the weights of the first epoch are gone");
    }
}
