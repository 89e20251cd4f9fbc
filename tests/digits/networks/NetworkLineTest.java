package digits.networks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.deeplearning4j.nn.conf.layers.DropoutLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Sgd;

/** Networks written as a line: their shapes and parameters, counted by hand. */
class NetworkLineTest {
    private static MultiLayerNetwork network(String line) {
        MultiLayerNetwork network = new MultiLayerNetwork(NetworkLine.configuration(line, 1, 10, new Sgd(0.1)));
        network.init();
        return network;
    }

    @Test
    void everyWordIsALayer() {
        MultiLayerNetwork network = network("8 P 12v 4x5v 16x1 P drop20 dense32");
        List<String> shapes = LayerSummary.of(network).stream().map(LayerSummary::outputShape).distinct().toList();
        assertEquals(List.of("28 × 28 × 1", "28 × 28 × 8", "14 × 14 × 8", "12 × 12 × 12", "8 × 8 × 4", "8 × 8 × 16",
                "4 × 4 × 16", "256", "32", "10"), shapes);
        long convolutions = (9 * 8 + 8 + 32) + (72 * 12 + 12 + 48) + (25 * 12 * 4 + 4 + 16) + (4 * 16 + 16 + 64);
        assertEquals(convolutions + (256 * 32 + 32 + 128) + 330, network.numParams());
        DropoutLayer dropout = (DropoutLayer) network.getLayer(10).conf().getLayer();
        assertEquals(0.8, ((org.deeplearning4j.nn.conf.dropout.Dropout) dropout.getIDropout()).getP(), 1e-12);
    }

    @Test
    void theMeanOfEachMapReplacesItsPixels() {
        MultiLayerNetwork network = network("  4   P 6v G ");
        assertEquals((36 + 4 + 16) + (216 + 6 + 24) + 70, network.numParams());
        assertEquals(1, network.output(Nd4j.rand(2, 1, 28, 28)).getRow(1).sumNumber().doubleValue(), 1e-5);
    }

    @Test
    void anUnknownWordIsNamed() {
        for (String word : List.of("x", "0", "drop", "8x4", "12w", "dense", "99999", "p", "")) {
            String message = assertThrows(IllegalArgumentException.class, () -> network("8 P " + word + " ."))
                    .getMessage();
            assertTrue(message.contains("“" + (word.isEmpty() ? "." : word) + "” in “8 P "), message);
        }
        assertThrows(IllegalArgumentException.class, () -> NetworkLine.configuration("8", 1, 1, new Sgd(0.1)));
    }
}
