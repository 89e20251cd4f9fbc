package digits.training;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import digits.Examples;
import digits.acceleration.Acceleration;
import digits.data.LabeledImages;
import digits.evaluation.Predictions;
import digits.networks.WalkthroughNetwork;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.optimize.api.BaseTrainingListener;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

class TrainerTest {
    private final LabeledImages train = Examples.bars(300, 1);
    private final LabeledImages validation = Examples.bars(100, 2);

    private History train(MultiLayerNetwork network, long seed, int epochs) {
        return Trainer.of(network, seed).fit(Examples.shuffled(train, 32, seed), Examples.inOrder(validation, 50),
                epochs);
    }

    @Test
    void learnsWhatCanBeLearned() {
        MultiLayerNetwork network = Examples.smallNetwork(3);
        History history = train(network, 3, 4);

        assertEquals(List.of(1, 2, 3, 4), history.epochs().stream().map(Epoch::number).toList());
        Epoch last = history.epochs().get(3);
        assertTrue(last.trainLoss() < history.epochs().get(0).trainLoss() / 2, history.toString());
        assertTrue(last.validationAccuracy() > 0.95, history.toString());
        assertTrue(last.imagesPerSecond() > 0 && last.trainSeconds() > 0 && last.validationSeconds() > 0);
    }

    /** The figures of an epoch belong to the network that left it. */
    @Test
    void validationFiguresAreTheNetworksOwn() {
        MultiLayerNetwork network = Examples.smallNetwork(3);
        Epoch last = train(network, 3, 2).epochs().get(1);

        Predictions now = Predictions.of(network, Examples.inOrder(validation, 100));
        assertEquals(now.loss(), last.validationLoss(), 1e-6);
        assertEquals(now.accuracy(), last.validationAccuracy());
    }

    /** Where nothing is dropped, normalized or learned, the training figures are those of the network as it is. */
    @Test
    void trainingFiguresCountEveryImageOnce() {
        MultiLayerNetwork network = new MultiLayerNetwork(new NeuralNetConfiguration.Builder().seed(3)
                .updater(new Sgd(0)).list()
                .layer(new OutputLayer.Builder(LossFunction.MCXENT).nOut(10).activation(Activation.SOFTMAX).build())
                .setInputType(InputType.convolutional(28, 28, 1)).build());
        network.init();
        Epoch epoch = train(network, 1, 1).epochs().get(0);

        Predictions predictions = Predictions.of(network, Examples.inOrder(train, 100));
        assertEquals(predictions.loss(), epoch.trainLoss(), 1e-5);
        assertEquals(predictions.accuracy(), epoch.trainAccuracy());
    }

    @Test
    void sameSeedSameHistory() {
        MultiLayerNetwork one = Examples.smallNetwork(5);
        MultiLayerNetwork two = Examples.smallNetwork(5);
        History first = train(one, 5, 2);
        History second = train(two, 5, 2);

        for (int i = 0; i < 2; i++) {
            assertEquals(first.epochs().get(i).trainLoss(), second.epochs().get(i).trainLoss());
            assertEquals(first.epochs().get(i).trainAccuracy(), second.epochs().get(i).trainAccuracy());
            assertEquals(first.epochs().get(i).validationLoss(), second.epochs().get(i).validationLoss());
        }
        assertEquals(one.params(), two.params());
        assertNotEquals(first.epochs().get(0).trainLoss(), train(Examples.smallNetwork(6), 6, 1).epochs().get(0)
                .trainLoss());
    }

    /** The walkthrough's own network, with the layers that oneDNN computes. */
    @Test
    void sameSeedSameHistoryWhenAccelerated() {
        List<Epoch> first = accelerated().epochs();
        List<Epoch> second = accelerated().epochs();
        for (int i = 0; i < 2; i++) {
            assertEquals(first.get(i).trainLoss(), second.get(i).trainLoss());
            assertEquals(first.get(i).validationLoss(), second.get(i).validationLoss());
            assertEquals(first.get(i).validationAccuracy(), second.get(i).validationAccuracy());
        }
    }

    private History accelerated() {
        MultiLayerNetwork network = new MultiLayerNetwork(WalkthroughNetwork.configuration(4, 0.9));
        network.init();
        Acceleration.of(network);
        return train(network, 4, 2);
    }

    @Test
    void anInterruptEndsTheTrainingAfterTheBatchUnderWay() {
        MultiLayerNetwork network = Examples.smallNetwork(5);
        AtomicInteger steps = new AtomicInteger();
        network.setListeners(new BaseTrainingListener() {
            @Override
            public void iterationDone(Model model, int iteration, int epoch) {
                if (steps.incrementAndGet() == 13) Thread.currentThread().interrupt();
            }
        });
        Trainer trainer = Trainer.of(network, 5);
        History history = trainer.fit(Examples.shuffled(train, 32, 5), Examples.inOrder(validation, 50), 5);

        assertTrue(Thread.interrupted(), "the interrupt is left for the owner of the thread");
        assertEquals(13, steps.get(), "no step after the interrupt");
        assertTrue(trainer.stopped());
        assertEquals(1, history.epochs().size(), "ten batches are an epoch; the second was under way");
        assertEquals(100, Predictions.of(network, Examples.inOrder(validation, 50)).size(),
                "the network still predicts");

        trainer.fit(Examples.shuffled(train, 32, 5), Examples.inOrder(validation, 50), 1);
        assertFalse(trainer.stopped());
        assertEquals(List.of(1, 2), trainer.history().epochs().stream().map(Epoch::number).toList(),
                "and training can continue");
        assertEquals(1, network.getListeners().size(), "the trainer leaves the network's own listeners alone");
    }

    @Test
    void anInterruptDuringValidationEndsItToo() {
        MultiLayerNetwork network = Examples.smallNetwork(5);
        Trainer trainer = Trainer.of(network, 5);
        trainer.onProgress(progress -> {
            if (progress.validating()) Thread.currentThread().interrupt();
        });
        History history = trainer.fit(Examples.shuffled(train, 32, 5), Examples.inOrder(validation, 50), 2);

        assertTrue(Thread.interrupted());
        assertTrue(trainer.stopped());
        assertEquals(0, history.epochs().size());
    }

    @Test
    void reportsProgress() {
        List<TrainingProgress> reports = new ArrayList<>();
        Trainer trainer = Trainer.of(Examples.smallNetwork(5), 5).onProgress(reports::add);
        trainer.fit(Examples.shuffled(train, 32, 5), Examples.inOrder(validation, 50), 2);

        assertEquals(List.of(1, 2), reports.stream().filter(TrainingProgress::betweenEpochs)
                .map(p -> p.finished().size())
                .toList(), "the end of each epoch is reported, once");
        TrainingProgress first = reports.get(0);
        assertEquals(0, first.done());
        assertEquals(300, first.total());
        TrainingProgress last = reports.get(reports.size() - 1);
        assertTrue(last.validating());
        assertEquals(2, last.epoch());
        assertEquals(2, last.epochs());
        assertEquals(last.total(), last.done());
        assertEquals(100, last.total());
        assertEquals(2, last.finished().size());
        assertTrue(reports.stream().allMatch(p -> !(p.secondsLeft() < 0) && p.done() <= p.total()));
    }

    @Test
    void trainsWithoutValidationToo() {
        MultiLayerNetwork network = Examples.smallNetwork(3);
        List<TrainingProgress> reports = new ArrayList<>();
        History history = Trainer.of(network, 3).onProgress(reports::add).fit(Examples.shuffled(train, 32, 3), 2);

        assertEquals(2, history.epochs().size());
        assertTrue(Double.isNaN(history.epochs().get(1).validationAccuracy()));
        assertTrue(history.best().isEmpty());
        assertTrue(reports.stream().noneMatch(TrainingProgress::validating) && reports.stream()
                .allMatch(p -> p.total() == 300));
        assertEquals(300, reports.get(reports.size() - 1).done());
        MultiLayerNetwork validated = Examples.smallNetwork(3);
        train(validated, 3, 2);
        assertEquals(validated.params(), network.params(), "validating changes nothing");
    }

    @Test
    void noEpochsIsAnError() {
        Trainer trainer = Trainer.of(Examples.smallNetwork(5), 5);
        assertThrows(IllegalArgumentException.class,
                () -> trainer.fit(Examples.shuffled(train, 32, 5), Examples.inOrder(validation, 50), 0));
    }
}
