package digits.interpret;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import digits.acceleration.Acceleration;
import digits.image.Grid;
import java.util.List;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.LossLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

class SaliencyTest {
    @Test
    void ofOneLayerItIsTheClasssWeights() {
        MultiLayerNetwork network = HandMade.network(DataType.FLOAT, 2, List.of(HandMade.output(3)));
        network.getLayer(0).setParam("W", Nd4j.arange(12).castTo(DataType.FLOAT).reshape(4, 3));
        assertEquals(Grid.of(2, 2, 1, 4, 7, 10), Saliency.of(network, Nd4j.rand(1, 1, 2, 2), 1));
    }

    /**
     * The largest answer, 67, is that of the lower right patch: only its pixels count, through filter 0's kernel and
     * class 0's weight 1.
     */
    @Test
    void goesThroughConvolutionReluAndPooling() {
        INDArray image = HandMade.zeroToEight();
        image.putScalar(0, 100);   // the second filter: −1 + … stays where it is, its four answers differ
        MultiLayerNetwork network = HandMade.twoFilters();
        network.getLayer(2).setParam("W", Nd4j.createFromArray(1f, 0, 0, -3).reshape(2, 2));
        // filter 0 answers 1·100 + 2·1 + 3·3 + 4·4 = 127 at the upper left
        assertEquals(Grid.of(3, 3, 1, 2, 0, 3, 4, 0, 0, 0, 0), Saliency.of(network, image, 0));
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void isTheGradientThatFiniteDifferencesGive(boolean logStd) {
        MultiLayerNetwork network = HandMade.everyKind(logStd);
        INDArray images = HandMade.noise(DataType.DOUBLE, 3, 10);
        int[] classes = {2, 0, 3};
        // the difference of two scores is the log of the quotient of two probabilities: independent of the tested code
        List<Grid> of = Saliency.of(network, images, classes);
        List<Grid> other = Saliency.of(network, images, new int[] {1, 1, 1});
        double step = 1e-5;
        double largest = 0;
        for (int i = 0; i < 3; i++) {
            for (int p = 0; p < 100; p++) {
                double above = logQuotient(network, images, i, p, step, classes[i]);
                double below = logQuotient(network, images, i, p, -step, classes[i]);
                double expected = (above - below) / (2 * step);
                largest = Math.max(largest, Math.abs(expected));
                assertEquals(expected, of.get(i).value(p / 10, p % 10) - other.get(i).value(p / 10, p % 10), 1e-6,
                        "image " + i + ", pixel " + p);
            }
        }
        assertTrue(largest > 0.005, "the gradient is not just zero but " + largest);
    }

    private static double logQuotient(MultiLayerNetwork network, INDArray images, int i, int p, double step, int c) {
        INDArray moved = images.dup();
        moved.putScalar(new int[] {i, 0, p / 10, p % 10}, moved.getDouble(i, 0, p / 10, p % 10) + step);
        INDArray probabilities = network.output(moved, false);
        return Math.log(probabilities.getDouble(i, c) / probabilities.getDouble(i, 1));
    }

    @Test
    void theNetworkIsNotChangedAndMayBeAccelerated() {
        MultiLayerNetwork network = digits.Examples.smallNetwork(1);
        INDArray image = HandMade.noise(DataType.FLOAT, 1, 28);
        Grid plain = Saliency.of(network, image, 4);
        Acceleration.of(network);
        INDArray parameters = network.params().dup();
        INDArray output = network.output(image, false).dup();
        INDArray before = image.dup();
        Grid accelerated = Saliency.of(network, image, 4);
        GradCam.of(network, image, 4);
        assertEquals(plain, accelerated);
        assertEquals(parameters, network.params());
        assertEquals(output, network.output(image, false));
        assertEquals(before, image);
        assertTrue(Acceleration.of(network).accelerated() > 0);
    }

    @Test
    void mismatchesAreRefused() {
        MultiLayerNetwork network = HandMade.twoFilters();
        INDArray image = HandMade.zeroToEight();
        assertTrue(assertThrows(IllegalArgumentException.class, () -> Saliency.of(network, image, 2)).getMessage()
                .contains("0 to 1"));
        assertThrows(IllegalArgumentException.class, () -> Saliency.of(network, image, -1));
        assertThrows(IllegalArgumentException.class, () -> Saliency.of(network, image, new int[] {0, 1}));
        assertThrows(IllegalArgumentException.class, () -> Saliency.of(network, Nd4j.zeros(1, 9), 0));
        MultiLayerNetwork noScores = HandMade.network(DataType.FLOAT, 3, List.of(
                new DenseLayer.Builder().nOut(2).activation(Activation.IDENTITY).build(),
                new LossLayer.Builder().build()));
        assertTrue(assertThrows(IllegalArgumentException.class, () -> Saliency.of(noScores, image, 0)).getMessage()
                .contains("LossLayer"));
    }
}
