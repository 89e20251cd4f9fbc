package digits.training;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class ScalingModelTest {
    /** The walkthrough's network at 1,800 images per second, its parameters and Adam's state, on 1 Gbit/s. */
    private static final ScalingModel MODEL = new ScalingModel(128 / 1800.0, 0.03, 7_161_592, 110e6);

    @Test
    void byHand() {
        // two executors, four steps: 0.2844 s of training, 2 % slower; 0.06 s of rounds; 0.0651 s × (2 + 1 + 1)
        double training = 4 * 128 / 1800.0;
        double expected = 2 * training / (1.02 * training + 0.06 + 4 * 7_161_592 / 110e6);
        assertEquals(expected, MODEL.speedUp(2, 4), 1e-12);
        assertEquals(training / (training + 0.03 + 2 * 7_161_592 / 110e6), MODEL.speedUp(1, 4), 1e-12);
    }

    @Test
    void rareAveragingScales() {
        assertEquals(64 / 1.12, MODEL.speedUp(64, 1_000_000), 0.01);
        for (int executors = 1; executors <= 64; executors *= 2) {
            assertTrue(MODEL.speedUp(executors, 16) > MODEL.speedUp(executors, 4));
        }
    }

    @Test
    void nonsenseIsRefused() {
        assertThrows(IllegalArgumentException.class, () -> MODEL.speedUp(0, 1));
        assertThrows(IllegalArgumentException.class, () -> MODEL.speedUp(1, 0));
        assertThrows(IllegalArgumentException.class, () -> new ScalingModel(0, 0.03, 1, 1));
        assertThrows(IllegalArgumentException.class, () -> new ScalingModel(Double.NaN, 0.03, 1, 1));
    }
}
