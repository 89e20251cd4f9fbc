package digits.networks;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import digits.Examples;
import digits.acceleration.Acceleration;
import digits.data.LabeledImages;
import digits.training.Epoch;
import digits.training.Trainer;
import java.util.Arrays;
import java.util.List;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.dropout.Dropout;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.DropoutLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Sgd;

/** The networks to compare: their parameters, counted by hand from the shapes of the layers. */
class ArchitecturesTest {
    private static MultiLayerNetwork network(MultiLayerConfiguration configuration) {
        MultiLayerNetwork network = new MultiLayerNetwork(configuration);
        network.init();
        return network;
    }

    private static ComputationGraph resNet(long seed, int classes, int blocks) {
        ComputationGraph graph = new ComputationGraph(ResNet.configuration(seed, classes, blocks));
        graph.init();
        return graph;
    }

    @Test
    void denseNetwork() {
        MultiLayerNetwork network = network(DenseNetwork.configuration(1, 10));
        assertEquals(784 * 512 + 512 + 512 * 512 + 512 + 512 * 10 + 10, network.numParams());
        assertPredicts(Network.of(network), 10);
        assertPredicts(Network.of(network(DenseNetwork.configuration(1, 47))), 47);
    }

    @Test
    void leNetHasThePapersShapes() {
        for (MultiLayerConfiguration configuration : List.of(LeNet.asPublished(1, 10), LeNet.modern(1, 10))) {
            MultiLayerNetwork network = network(configuration);
            assertEquals(156 + 2_416 + 48_120 + 10_164 + 850, network.numParams());
            assertPredicts(Network.of(network), 10);
            List<String> shapes = LayerSummary.of(network).stream().filter(row -> row.type() != LayerSummary.Type.OTHER)
                    .map(LayerSummary::outputShape).toList();
            assertEquals(List.of("28 × 28 × 1", "28 × 28 × 6", "14 × 14 × 6", "10 × 10 × 16", "5 × 5 × 16",
                    "1 × 1 × 120", "120", "84", "10"), shapes);
        }
        assertPredicts(Network.of(network(LeNet.asPublished(1, 26))), 26);
        assertPredicts(Network.of(network(LeNet.modern(1, 26))), 26);
    }

    /** Dropout adds no parameter, changes training only, and drops the inputs of both dense layers. */
    @Test
    void leNetWithDropout() {
        MultiLayerNetwork plain = network(LeNet.modern(1, 10));
        MultiLayerNetwork network = network(LeNet.modern(1, 10, 0.25));
        assertEquals(plain.params(), network.params());
        INDArray image = Nd4j.ones(1, 1, 28, 28);
        assertEquals(plain.output(image), network.output(image));
        List<Double> kept = Arrays.stream(network.getLayers()).map(layer -> layer.conf().getLayer())
                .filter(DropoutLayer.class::isInstance).map(layer -> ((Dropout) layer.getIDropout()).getP()).toList();
        assertEquals(List.of(0.75, 0.75), kept);
        for (double dropout : new double[] {0, 1, -0.5, Double.NaN}) {
            assertThrows(IllegalArgumentException.class, () -> LeNet.modern(1, 10, dropout));
        }
    }

    @Test
    void leanNetworkUsesTheGivenOptimizer() {
        MultiLayerNetwork network = network(LeanNetwork.configuration(1, new Sgd(0.25)));
        assertEquals(160 + 64 + 4_640 + 128 + 9_248 + 128 + 65_664 + 512 + 1_290, network.numParams());
        assertEquals(new Sgd(0.25), network.getLayer(0).conf().getLayer().getUpdaterByParam("W"));
        assertPredicts(Network.of(network), 10);
    }

    /** The activation function passes through (1, 1) and (−1, −1), and its limits are ±1.7159. */
    @Test
    void leNetAsPublishedHasItsActivationFunction() {
        MultiLayerNetwork network = network(LeNet.asPublished(1, 10));
        DenseLayer dense = (DenseLayer) network.getLayer(7).conf().getLayer();
        INDArray squashed = dense.getActivationFn()
                .getActivation(Nd4j.createFromArray(-100f, -1f, 0f, 1f, 100f), false);
        assertArrayEquals(new float[] {-1.7159f, -1, 0, 1, 1.7159f}, squashed.toFloatVector(), 0.01f);
    }

    @Test
    void walkthroughNetworkFollowsTheClasses() {
        MultiLayerNetwork network = network(WalkthroughNetwork.configuration(1, 26, 0.9));
        assertEquals(WalkthroughNetwork.PARAMETERS + 16 * 513, network.numParams());
        assertPredicts(Network.of(network), 26);
    }

    @Test
    void resNetsHaveThePapersSizes() {
        int first = 9 * 16 + 4 * 16;
        int[] block = {2 * (9 * 16 * 16 + 4 * 16), 2 * (9 * 32 * 32 + 4 * 32), 2 * (9 * 64 * 64 + 4 * 64)};
        int smaller2 = 9 * 16 * 32 + 9 * 32 * 32 + 16 * 32 + 3 * 4 * 32;
        int smaller3 = 9 * 32 * 64 + 9 * 64 * 64 + 32 * 64 + 3 * 4 * 64;
        int least = first + block[0] + smaller2 + smaller3 + 650;
        for (int n = 1; n <= 3; n++) {
            assertEquals(least + (n - 1) * (block[0] + block[1] + block[2]), resNet(1, 10, n).numParams(),
                    n + " blocks per stage");
        }
        assertEquals(273_754, resNet(1, 10, 3).numParams(), "the paper says 0.27 million for 20 layers");
        assertPredicts(Network.of(resNet(1, 10, 1)), 10);
        assertPredicts(Network.of(resNet(1, 62, 1)), 62);
    }

    /** With the scale of its second normalization at 0, a block returns its input: the shortcut is there. */
    @Test
    void aResidualBlockWithoutAResidualIsTheIdentity() {
        ComputationGraph graph = resNet(3, 10, 2);
        graph.getLayer("block 1.2 b norm").getParam("gamma").assign(0);
        INDArray images = Nd4j.rand(2, 1, 28, 28);
        var activations = graph.feedForward(images, false);
        assertEquals(activations.get("block 1.1 relu"), activations.get("block 1.2 relu"));
        assertNotEquals(activations.get("block 2.1 relu"), activations.get("block 2.2 relu"));
    }

    @Test
    void theSeedFixesTheWeights() {
        assertEquals(resNet(5, 10, 1).params(), resNet(5, 10, 1).params());
        assertNotEquals(resNet(5, 10, 1).params(), resNet(6, 10, 1).params());
        assertEquals(network(LeNet.modern(5, 10)).params(), network(LeNet.modern(5, 10)).params());
        assertNotEquals(network(LeNet.asPublished(5, 10)).params(), network(LeNet.asPublished(6, 10)).params());
        assertNotEquals(network(DenseNetwork.configuration(5, 10)).params(),
                network(DenseNetwork.configuration(6, 10)).params());
    }

    @Test
    void allLearn() {
        assertLearns(Network.of(accelerated(network(DenseNetwork.configuration(2, 10)))), 3);
        assertLearns(Network.of(accelerated(network(LeNet.asPublished(2, 10)))), 6);
        assertLearns(Network.of(accelerated(network(LeNet.modern(2, 10)))), 6);
        ComputationGraph graph = resNet(2, 10, 1);
        Acceleration.of(graph);
        assertLearns(Network.of(graph), 4);
    }

    private static MultiLayerNetwork accelerated(MultiLayerNetwork network) {
        Acceleration.of(network);
        return network;
    }

    private static void assertLearns(Network network, int epochs) {
        LabeledImages train = Examples.bars(400, 1);
        Epoch last = Trainer.of(network, 2)
                .fit(Examples.shuffled(train, 16, 2), Examples.inOrder(Examples.bars(100, 2), 50), epochs)
                .epochs().get(epochs - 1);
        assertTrue(last.validationAccuracy() > 0.9, network.model().getClass().getSimpleName() + ": " + last);
    }

    @Test
    void nonsenseIsRefused() {
        assertThrows(IllegalArgumentException.class, () -> LeNet.modern(1, 1));
        assertThrows(IllegalArgumentException.class, () -> DenseNetwork.configuration(1, 0));
        assertThrows(IllegalArgumentException.class, () -> WalkthroughNetwork.configuration(1, 1, 0.9));
        assertThrows(IllegalArgumentException.class, () -> ResNet.configuration(1, 10, 0));
        assertThrows(IllegalArgumentException.class, () -> ResNet.configuration(1, 10, 4));
    }

    /** One row per image, each a distribution over the classes. */
    private static void assertPredicts(Network network, int classes) {
        INDArray predictions = network.output(Nd4j.rand(3, 1, 28, 28));
        assertArrayEquals(new long[] {3, classes}, predictions.shape());
        assertArrayEquals(new float[] {1, 1, 1}, predictions.sum(1).toFloatVector(), 1e-5f);
    }
}
