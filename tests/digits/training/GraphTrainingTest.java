package digits.training;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import digits.Examples;
import digits.acceleration.Acceleration;
import digits.data.Batches;
import digits.data.LabeledImages;
import digits.evaluation.Predictions;
import digits.networks.Network;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.optimize.api.BaseTrainingListener;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/** A graph is trained and watched as layers in a row are. */
class GraphTrainingTest {
    private final LabeledImages train = Examples.bars(300, 1);
    private final LabeledImages validation = Examples.bars(100, 2);

    private History train(ComputationGraph graph, long seed, int epochs) {
        return Trainer.of(Network.of(graph), seed).fit(Examples.shuffled(train, 32, seed),
                Examples.inOrder(validation, 50), epochs);
    }

    @Test
    void learnsWhatCanBeLearned() {
        ComputationGraph graph = Examples.smallGraph(3);
        Epoch last = train(graph, 3, 4).epochs().get(3);
        assertTrue(last.validationAccuracy() > 0.95, last.toString());
        Predictions now = Predictions.of(Network.of(graph), Examples.inOrder(validation, 100), step -> { });
        assertEquals(now.loss(), last.validationLoss(), 1e-6, "the figures belong to the network that left the epoch");
        assertEquals(now.accuracy(), last.validationAccuracy());
    }

    /** The same layers, once in a row and once as a graph, come to the same. */
    @Test
    void theSameLayersInARowAndAsAGraphHaveTheSameHistory() {
        MultiLayerNetwork row = Examples.smallNetwork(3);
        ComputationGraph graph = row.toComputationGraph();
        List<Epoch> inARow = Trainer.of(row, 3).fit(Examples.shuffled(train, 32, 3), Examples.inOrder(validation, 50),
                2).epochs();
        List<Epoch> asAGraph = train(graph, 3, 2).epochs();
        for (int i = 0; i < 2; i++) {
            assertEquals(inARow.get(i).trainLoss(), asAGraph.get(i).trainLoss(), 1e-4);
            assertEquals(inARow.get(i).trainAccuracy(), asAGraph.get(i).trainAccuracy(), 0.005);
            assertEquals(inARow.get(i).validationLoss(), asAGraph.get(i).validationLoss(), 1e-3);
        }
    }

    /** Where nothing is dropped, normalized or learned, the training figures are those of the network as it is. */
    @Test
    void trainingFiguresCountEveryImageOnce() {
        ComputationGraph graph = new ComputationGraph(new NeuralNetConfiguration.Builder().seed(3).updater(new Sgd(0))
                .graphBuilder()
                .addInputs("image")
                .addLayer("output", new OutputLayer.Builder(LossFunction.MCXENT).nOut(10).activation(Activation.SOFTMAX)
                        .build(), "image")
                .setOutputs("output").setInputTypes(InputType.convolutional(28, 28, 1)).build());
        graph.init();
        Epoch epoch = train(graph, 1, 1).epochs().get(0);
        Predictions predictions = Predictions.of(Network.of(graph), Examples.inOrder(train, 100), step -> { });
        assertEquals(predictions.loss(), epoch.trainLoss(), 1e-5);
        assertEquals(predictions.accuracy(), epoch.trainAccuracy());
    }

    @Test
    void sameSeedSameHistoryWhenAccelerated() {
        List<Epoch> first = accelerated();
        List<Epoch> second = accelerated();
        for (int i = 0; i < 2; i++) {
            assertEquals(first.get(i).trainLoss(), second.get(i).trainLoss());
            assertEquals(first.get(i).trainAccuracy(), second.get(i).trainAccuracy());
            assertEquals(first.get(i).validationLoss(), second.get(i).validationLoss());
        }
        assertEquals(train(Examples.smallGraph(4), 4, 1).epochs().get(0).trainLoss(), first.get(0).trainLoss(), 1e-3,
                "the faster layers compute the same");
    }

    private List<Epoch> accelerated() {
        ComputationGraph graph = Examples.smallGraph(4);
        assertEquals(Acceleration.Mode.ONEDNN, Acceleration.of(graph).mode());
        return train(graph, 4, 2).epochs();
    }

    @Test
    void anInterruptEndsTheTrainingAfterTheBatchUnderWay() {
        ComputationGraph graph = Examples.smallGraph(5);
        int[] steps = {0};
        graph.setListeners(new BaseTrainingListener() {
            @Override
            public void iterationDone(Model model, int iteration, int epoch) {
                if (++steps[0] == 13) Thread.currentThread().interrupt();
            }
        });
        Trainer trainer = Trainer.of(Network.of(graph), 5);
        History history = trainer.fit(Examples.shuffled(train, 32, 5), Examples.inOrder(validation, 50), 5);

        assertTrue(Thread.interrupted(), "the interrupt is left for the owner of the thread");
        assertEquals(13, steps[0], "no step after the interrupt");
        assertTrue(trainer.stopped());
        assertEquals(1, history.epochs().size(), "ten batches are an epoch; the second was under way");
        assertEquals(1, graph.getListeners().size(), "the trainer leaves the graph's own listeners alone");
        trainer.fit(Examples.shuffled(train, 32, 5), Examples.inOrder(validation, 50), 1);
        assertEquals(List.of(1, 2), trainer.history().epochs().stream().map(Epoch::number).toList(),
                "and training can continue");
    }

    /** Such as batches that change the images of others on the way. */
    @Test
    void anyBatchesOfAKnownSizeWillDo() {
        Batches inside = Examples.shuffled(train, 32, 1);
        List<String> asked = new ArrayList<>();
        Batches wrapped = (Batches) Proxy.newProxyInstance(getClass().getClassLoader(), new Class<?>[] {Batches.class},
                (proxy, method, arguments) -> {
            asked.add(method.getName());
            return method.invoke(inside, arguments);
        });
        History history = Trainer.of(Network.of(Examples.smallGraph(1)), 1).fit(wrapped, 2);
        assertEquals(2, history.epochs().size());
        assertEquals(20, asked.stream().filter("next"::equals).count(), "ten batches an epoch");
    }

    @Test
    void aGraphWithTwoOutputsIsRefused() {
        ComputationGraph graph = new ComputationGraph(new NeuralNetConfiguration.Builder().seed(3).graphBuilder()
                .addInputs("image")
                .addLayer("one", new OutputLayer.Builder(LossFunction.MCXENT).nOut(10).activation(Activation.SOFTMAX)
                        .build(), "image")
                .addLayer("two", new OutputLayer.Builder(LossFunction.MCXENT).nOut(10).activation(Activation.SOFTMAX)
                        .build(), "image")
                .setOutputs("one", "two").setInputTypes(InputType.convolutional(28, 28, 1)).build());
        graph.init();
        assertThrows(IllegalArgumentException.class, () -> Trainer.of(Network.of(graph), 1));
    }
}
