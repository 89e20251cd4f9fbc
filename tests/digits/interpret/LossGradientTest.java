package digits.interpret;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import digits.Examples;
import digits.Progress;
import digits.acceleration.Acceleration;
import digits.data.LabeledImages;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;
import org.nd4j.linalg.ops.transforms.Transforms;

class LossGradientTest {
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void isTheGradientThatFiniteDifferencesGive(boolean logStd) {
        MultiLayerNetwork network = HandMade.everyKind(logStd);
        INDArray images = HandMade.noise(DataType.DOUBLE, 3, 10);
        int[] labels = {2, 0, 3};
        INDArray gradient = LossGradient.of(network, images, labels);
        assertArrayEquals(images.shape(), gradient.shape());
        double largest = 0;
        for (int p = 0; p < 100; p++) {   // one pixel of all three images at once: they do not see each other
            double[] above = losses(network, moved(images, p, 1e-5), labels);
            double[] below = losses(network, moved(images, p, -1e-5), labels);
            for (int i = 0; i < 3; i++) {
                double expected = (above[i] - below[i]) / 2e-5;
                largest = Math.max(largest, Math.abs(expected));
                assertEquals(expected, gradient.getDouble(i, 0, p / 10, p % 10), 1e-6, "image " + i + ", pixel " + p);
            }
        }
        assertTrue(largest > 0.005, "the gradient is not just zero but " + largest);
    }

    private static INDArray moved(INDArray images, int p, double step) {
        INDArray moved = images.dup();
        for (int i = 0; i < images.size(0); i++) {
            moved.putScalar(new int[] {i, 0, p / 10, p % 10}, moved.getDouble(i, 0, p / 10, p % 10) + step);
        }
        return moved;
    }

    private static double[] losses(MultiLayerNetwork network, INDArray images, int... labels) {
        INDArray probabilities = network.output(images, false);
        return IntStream.range(0, labels.length).mapToDouble(i -> -Math.log(probabilities.getDouble(i, labels[i])))
                .toArray();
    }

    /** The fast gradient sign method, as the notebook writes it. */
    @Test
    void aStepAlongItsSignRaisesEachLossAndStaysWithinItsBound() {
        LabeledImages bars = Examples.bars(60, 4);
        MultiLayerNetwork network = Examples.smallNetwork(1);
        network.fit(Examples.shuffled(Examples.bars(200, 2), 20, 1));
        Acceleration.of(network);
        INDArray images = bars.toArray().castTo(DataType.FLOAT).div(255).reshape(60, 1, 28, 28);
        int[] labels = IntStream.range(0, 60).map(bars::label).toArray();
        INDArray direction = Transforms.sign(LossGradient.of(network, images, labels));
        INDArray fooling = Transforms.min(Transforms.max(images.add(direction.mul(0.02)), 0), 1);
        assertTrue(Transforms.abs(fooling.sub(images)).maxNumber().doubleValue() <= 0.02 + 1e-6);
        assertTrue(fooling.minNumber().doubleValue() >= 0 && fooling.maxNumber().doubleValue() <= 1);
        double[] before = losses(network, images, labels);
        double[] after = losses(network, fooling, labels);
        for (int i = 0; i < 60; i++) assertTrue(after[i] > before[i], "image " + i);
    }

    @Test
    void manyImagesAreDoneInPartsAndTheNetworkStaysAsItIs() {
        MultiLayerNetwork network = Examples.smallNetwork(1);
        INDArray images = HandMade.noise(DataType.FLOAT, 101, 28);
        int[] labels = IntStream.range(0, 101).map(i -> i % 10).toArray();
        INDArray parameters = network.params().dup();
        INDArray before = images.dup();
        List<Progress> progress = new ArrayList<>();
        INDArray all = LossGradient.of(network, images, labels, progress::add);
        assertEquals(List.of("gradient · 100 of 101 images", "gradient · 101 of 101 images"),
                progress.stream().map(Progress::line).toList());
        INDArray last = LossGradient.of(network, images.slice(100).reshape(1, 1, 28, 28), labels[100]);
        assertArrayEquals(new long[] {1, 1, 28, 28}, last.shape());
        for (int p = 0; p < 784; p++) {
            assertEquals(last.getFloat(0, 0, p / 28, p % 28), all.getFloat(100, 0, p / 28, p % 28), 1e-6f);
        }
        assertEquals(parameters, network.params());
        assertEquals(before, images);
    }

    @Test
    void mismatchesAreRefused() {
        MultiLayerNetwork network = HandMade.twoFilters();
        INDArray image = HandMade.zeroToEight();
        assertTrue(assertThrows(IllegalArgumentException.class, () -> LossGradient.of(network, image, 2)).getMessage()
                .contains("0 to 1"));
        assertThrows(IllegalArgumentException.class, () -> LossGradient.of(network, image, 0, 1));
        assertThrows(IllegalArgumentException.class, () -> LossGradient.of(network, Nd4j.zeros(1, 9), 0));
        MultiLayerNetwork noSoftmax = HandMade.network(DataType.FLOAT, 3, List.of(
                new OutputLayer.Builder(LossFunction.MSE).nOut(2).activation(Activation.IDENTITY).build()));
        assertTrue(assertThrows(IllegalArgumentException.class, () -> LossGradient.of(noSoftmax, image, 0))
                .getMessage().contains("softmax"));
    }
}
