package digits.evaluation;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

class AgreementTest {
    private static final int[] LABELS = {0, 0, 1, 2, 2};

    /** Predicts these classes with probability 0.8, the others with 0.1 each. */
    private static Predictions predicted(int... predicted) {
        float[][] probabilities = new float[predicted.length][];
        for (int i = 0; i < predicted.length; i++) {
            probabilities[i] = new float[] {0.1f, 0.1f, 0.1f};
            probabilities[i][predicted[i]] = 0.8f;
        }
        return Predictions.of(probabilities, LABELS);
    }

    @Test
    void rowsAreTheFirstNetworksPredictions() {
        Agreement agreement = Agreement.of(predicted(0, 1, 1, 2, 0), predicted(0, 0, 1, 1, 0));
        assertArrayEquals(new long[][] {{2, 0, 0}, {1, 1, 0}, {0, 1, 0}}, agreement.counts());
        assertEquals(3, agreement.agreed());
        assertEquals(2, agreement.bothRight());
        assertEquals(1, agreement.firstRight());
        assertEquals(1, agreement.secondRight());
        assertEquals(1, agreement.bothWrong());
        assertEquals("both right: 2, only the first: 1, only the second: 1, both wrong: 1", agreement.toString());
    }

    @Test
    void predictionsForOtherImagesAreRefused() {
        Predictions first = predicted(0, 0, 0, 0, 0);
        float[][] three = {{1, 0, 0}, {1, 0, 0}, {1, 0, 0}, {1, 0, 0}, {1, 0, 0}};
        Predictions single = Predictions.of(new float[][] {{1, 0, 0}}, new int[] {0});
        assertThrows(IllegalArgumentException.class, () -> Agreement.of(first, single));
        assertTrue(assertThrows(IllegalArgumentException.class,
                () -> Agreement.of(first, Predictions.of(three, new int[] {0, 0, 1, 2, 1}))).getMessage()
                        .contains("image 4"));
        float[][] two = {{1, 0}, {1, 0}, {1, 0}, {1, 0}, {1, 0}};
        assertThrows(IllegalArgumentException.class, () -> Agreement.of(first, Predictions.of(two, LABELS)));
    }

    @Test
    void theLeastConfidentComeFirst() {
        Predictions predictions = Predictions.of(new float[][] {{0.9f, 0.1f, 0}, {0.4f, 0.35f, 0.25f}, {0, 0.5f, 0.5f},
            {0.3f, 0.3f, 0.4f}, {1, 0, 0}}, LABELS);
        assertEquals(List.of(1, 3, 2), ErrorAnalysis.leastConfident(predictions, 3));
        assertEquals(5, ErrorAnalysis.leastConfident(predictions, 9).size());
        assertEquals(List.of(4, 0), ErrorAnalysis.mostConfident(predictions, 2));
    }
}
