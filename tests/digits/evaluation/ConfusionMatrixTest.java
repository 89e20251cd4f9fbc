package digits.evaluation;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;
import tech.tablesaw.api.Table;

class ConfusionMatrixTest {
    /** True 0: two right, one taken for 1. True 1: one right. True 2: taken for 0, twice. */
    private final Predictions predictions = Predictions.of(new float[][] {{0.8f, 0.1f, 0.1f}, {0.6f, 0.3f, 0.1f},
            {0.1f, 0.9f, 0},
        {0.2f, 0.7f, 0.1f}, {0.5f, 0.1f, 0.4f}, {0.99f, 0, 0.01f}}, new int[] {0, 0, 0, 1, 2, 2});
    private final ConfusionMatrix matrix = ConfusionMatrix.of(predictions);

    @Test
    void rowsAreTrueColumnsPredicted() {
        assertArrayEquals(new long[] {2, 1, 0}, matrix.counts()[0]);
        assertArrayEquals(new long[] {0, 1, 0}, matrix.counts()[1]);
        assertArrayEquals(new long[] {2, 0, 0}, matrix.counts()[2]);
        assertEquals(2, matrix.count(2, 0));
        assertEquals(3, matrix.support(0));
        assertEquals(predictions.accuracy(), matrix.accuracy(), 1e-12);
    }

    @Test
    void precisionRecallAndF1ByHand() {
        assertEquals(2 / 4.0, matrix.precision(0), 1e-12);
        assertEquals(2 / 3.0, matrix.recall(0), 1e-12);
        assertEquals(2 * (0.5 * 2 / 3) / (0.5 + 2 / 3.0), matrix.f1(0), 1e-12);
        assertEquals(0, matrix.precision(2), "never predicted");
        assertEquals(0, matrix.f1(2));
    }

    @Test
    void reportHasOneRowPerClass() {
        Table report = ClassReport.of(matrix);
        assertEquals(3, report.rowCount());
        assertEquals(List.of("digit", "images", "recognized", "precision", "recall", "F1"), report.columnNames());
        assertEquals(0.5, report.doubleColumn("precision").get(0));
        assertEquals(3L, report.longColumn("images").get(0));
    }

    @Test
    void mistakesAreSortedByConfidence() {
        assertEquals(List.of(5, 2, 4), ErrorAnalysis.mostConfidentMistakes(predictions, 10));
        assertEquals(List.of(5), ErrorAnalysis.mostConfidentMistakes(predictions, 1));
    }
}
