package digits.training;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import digits.Examples;
import digits.Progress;
import digits.data.DigitBatches;
import digits.data.LabeledImages;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.ndarray.INDArray;

class LearningRateFinderTest {
    private final MultiLayerNetwork network = Examples.smallNetwork(1);
    private final DigitBatches batches = Examples.shuffled(Examples.bars(200, 1), 50, 1);

    @Test
    void theRateGrowsExponentiallyAndTheNetworkStaysAsItIs() {
        INDArray before = network.params().dup();
        List<Progress> progress = new ArrayList<>();
        LearningRateFinder test = LearningRateFinder.of(network, batches, 1e-5, 1e-3, 21, progress::add);

        assertEquals(before, network.params());
        assertEquals(21, test.points().size());
        assertEquals(21, progress.size());
        assertEquals(1, progress.get(20).share());
        assertEquals("range test · step 21 of 21", progress.get(20).line());
        assertEquals(1e-5, test.points().get(0).rate(), 1e-12);
        assertEquals(1e-4, test.points().get(10).rate(), 1e-10);
        assertEquals(1e-3, test.points().get(20).rate(), 1e-9);
        assertTrue(test.points().get(20).loss() < test.points().get(0).loss(), "it learns: " + test);
    }

    @Test
    void endsWhenTheLossDiverges() {
        byte[] noise = new byte[1000 * 784];
        byte[] labels = new byte[1000];
        new Random(1).nextBytes(noise);
        for (int i = 0; i < labels.length; i++) labels[i] = (byte) (i % 10);
        DigitBatches unlearnable = Examples.shuffled(LabeledImages.of(noise, labels, 28, 28), 50, 1);

        List<Progress> progress = new ArrayList<>();
        LearningRateFinder test = LearningRateFinder.of(network, unlearnable, 1e-4, 1e4, 200, progress::add);
        Progress end = progress.get(progress.size() - 1);
        assertEquals(1, end.share());
        assertEquals("range test · ended early at step " + progress.size() + " of 200: the loss had risen", end.line());
        assertTrue(test.points().size() < 200, test.points().size() + " points");
        assertTrue(test.lowest() < 1, "lowest at " + test.lowest());
    }

    @Test
    void wrongRatesAreErrors() {
        assertThrows(IllegalArgumentException.class, () -> LearningRateFinder.of(network, batches, 0, 1, 20,
                progress -> { }));
        assertThrows(IllegalArgumentException.class, () -> LearningRateFinder.of(network, batches, 1, 1, 20,
                progress -> { }));
        assertThrows(IllegalArgumentException.class, () -> LearningRateFinder.of(network, batches, 0.1, 1, 5,
                progress -> { }));
    }
}
