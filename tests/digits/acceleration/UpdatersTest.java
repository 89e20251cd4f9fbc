package digits.acceleration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import digits.networks.ResNet;
import java.util.List;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.updater.MultiLayerUpdater;
import org.deeplearning4j.nn.updater.graph.ComputationGraphUpdater;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.learning.config.Nesterovs;
import org.nd4j.linalg.lossfunctions.LossFunctions;

/** The updaters' short way gives what Deeplearning4j's long one gives, to the last bit. */
class UpdatersTest {
    private final List<DataSet> batches = Networks.batches(5, 8);

    @Test
    void weightsAndMomentsAreTheSameToTheLastBit() {
        MultiLayerNetwork network = Networks.small(true);
        compare(network, network.clone());
    }

    @Test
    void alsoWithPenaltiesAndDifferentUpdaters() {
        var configuration = new NeuralNetConfiguration.Builder().seed(3).updater(new Adam(1e-2)).l2(0.01)
                .weightDecay(0.02).list()
                .layer(new DenseLayer.Builder().nOut(16).activation(Activation.RELU).build())
                .layer(new DenseLayer.Builder().nOut(16).activation(Activation.RELU).updater(new Nesterovs(0.1, 0.9))
                        .l1(0.01).build())
                .layer(new OutputLayer.Builder(LossFunctions.LossFunction.MCXENT).nOut(Networks.CLASSES)
                        .activation(Activation.SOFTMAX).build())
                .setInputType(InputType.convolutional(Networks.SIZE, Networks.SIZE, 1)).build();
        var network = new MultiLayerNetwork(configuration);
        network.init();
        compare(network, network.clone());
    }

    private void compare(MultiLayerNetwork shortPath, MultiLayerNetwork longPath) {
        Acceleration.of(shortPath);
        Acceleration.of(longPath);
        longPath.setUpdater(new MultiLayerUpdater(longPath, longPath.getUpdater().getStateViewArray()));
        INDArray before = shortPath.params().dup();
        Networks.losses(shortPath, batches);
        Networks.losses(longPath, batches);
        assertNotEquals(before, shortPath.params());
        assertTrue(shortPath.params().equalsWithEps(longPath.params(), 0), "weights");
        assertTrue(shortPath.getUpdater().getStateViewArray()
                .equalsWithEps(longPath.getUpdater().getStateViewArray(), 0), "moments");
    }

    /** Fails when Deeplearning4j's gradients hand out the array itself: then this detour is no longer needed. */
    @Test
    void theGradientIsRecognizedAsTheNetworksOwn() {
        MultiLayerNetwork network = Networks.small(false);
        network.fit(batches.get(0));
        INDArray own = network.getFlattenedGradients();
        assertNotSame(own, network.gradient().gradient());
        assertSame(own, Updaters.recognized(network.gradient(), own, own).gradient());
        assertNotSame(own, Updaters.recognized(network.gradient(), own.dup(), own).gradient());
        INDArray other = own.dup();
        assertNotSame(other, Updaters.recognized(network.gradient(), other, other).gradient());
    }

    @Test
    void theSameInAGraph() {
        ComputationGraph shortPath = graph();
        ComputationGraph longPath = graph();
        Acceleration.of(shortPath);
        Acceleration.of(longPath);
        longPath.setUpdater(new ComputationGraphUpdater(longPath, longPath.getUpdater().getStateViewArray()));
        INDArray images = Nd4j.rand(8, 1, 28, 28);
        INDArray labels = Nd4j.eye(10).get(NDArrayIndex.interval(0, 8));
        for (int i = 0; i < 3; i++) {
            shortPath.fit(new DataSet(images, labels));
            longPath.fit(new DataSet(images, labels));
        }
        assertTrue(shortPath.params().equalsWithEps(longPath.params(), 0), "weights");
        assertTrue(shortPath.getUpdater().getStateViewArray()
                .equalsWithEps(longPath.getUpdater().getStateViewArray(), 0), "moments");
    }

    private static ComputationGraph graph() {
        var graph = new ComputationGraph(ResNet.configuration(1, 10, 1));
        graph.init();
        return graph;
    }

    @Test
    void momentsStayWhenTheAccelerationIsSwitched() {
        MultiLayerNetwork network = Networks.small(false);
        network.fit(batches.get(0));
        INDArray state = network.getUpdater().getStateViewArray();
        INDArray before = state.dup();
        try {
            Acceleration.of(network);
            assertNotEquals(MultiLayerUpdater.class, network.getUpdater().getClass());
            assertSame(state, network.getUpdater().getStateViewArray());
            System.setProperty(Acceleration.PROPERTY, "off");
            Acceleration.of(network);
        } finally {
            System.clearProperty(Acceleration.PROPERTY);
        }
        assertEquals(MultiLayerUpdater.class, network.getUpdater().getClass());
        assertSame(state, network.getUpdater().getStateViewArray());
        assertEquals(before, state);
    }
}
