package digits.evaluation;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import digits.Examples;
import digits.data.LabeledImages;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import tech.tablesaw.api.Table;

class LabelErrorsTest {
    /** The probabilities of a softmax over the distances to the mean image of each label: learns without a network. */
    private static Predictions nearestMean(LabeledImages training, LabeledImages held) {
        double[][] means = new double[training.classes()][784];
        int[] counts = training.labelCounts();
        for (int i = 0; i < training.size(); i++) {
            int label = training.label(i);
            for (int p = 0; p < 784; p++) {
                means[label][p] += training.pixel(i, p / 28, p % 28) / (255.0 * counts[label]);
            }
        }
        float[][] rows = new float[held.size()][means.length];
        for (int i = 0; i < rows.length; i++) {
            double sum = 0;
            for (int c = 0; c < means.length; c++) {
                double distance = 0;
                for (int p = 0; p < 784; p++) {
                    distance += Math.pow(means[c][p] - held.pixel(i, p / 28, p % 28) / 255.0, 2);
                }
                rows[i][c] = (float) Math.exp(-distance);
                sum += rows[i][c];
            }
            for (int c = 0; c < means.length; c++) rows[i][c] = (float) (rows[i][c] / sum);
        }
        return Predictions.of(rows, IntStream.range(0, held.size()).map(held::label).toArray());
    }

    /** The bars of 200 images, ten of them with the label of another class. */
    private static LabeledImages planted(Set<Integer> wrong) {
        LabeledImages bars = Examples.bars(200, 3);
        byte[] pixels = new byte[200 * 784];
        byte[] labels = new byte[200];
        for (int i = 0; i < 200; i++) {
            for (int p = 0; p < 784; p++) pixels[i * 784 + p] = (byte) bars.pixel(i, p / 28, p % 28);
            labels[i] = (byte) (wrong.contains(i) ? (bars.label(i) + 1 + i % 7) % 10 : bars.label(i));
        }
        return LabeledImages.of(pixels, labels, 28, 28);
    }

    @Test
    void tenPlantedErrorsAreOnTop() {
        Set<Integer> wrong = Set.of(3, 14, 15, 92, 65, 35, 89, 79, 132, 184);
        LabeledImages images = planted(wrong);
        Predictions predictions = LabelErrors.crossValidated(images, 5, 1, LabelErrorsTest::nearestMean);
        assertEquals(200, predictions.size());
        for (int i = 0; i < 200; i++) assertEquals(images.label(i), predictions.label(i));
        assertEquals(wrong, new HashSet<>(ErrorAnalysis.leastBelievedLabels(predictions, 10)));
        assertEquals(wrong, new HashSet<>(LabelErrors.suspects(predictions)));
        long[][] joint = LabelErrors.confidentJoint(predictions);
        for (int i : wrong) assertTrue(joint[images.label(i)][predictions.predicted(i)] > 0);
    }

    @Test
    void noImageIsPredictedByANetworkThatWasTrainedOnIt() {
        LabeledImages images = Examples.bars(50, 1).subset(IntStream.range(10, 47).toArray());
        Set<Integer> predicted = new HashSet<>();
        LabelErrors.crossValidated(images, 4, 2, (training, held) -> {
            Set<Integer> both = new HashSet<>();
            for (int i = 0; i < training.size(); i++) both.add(training.origin(i));
            for (int i = 0; i < held.size(); i++) {
                assertTrue(both.add(held.origin(i)));
                assertTrue(predicted.add(held.origin(i)));
            }
            assertEquals(images.size(), both.size());
            return nearestMean(training, held);
        });
        assertEquals(images.size(), predicted.size());
    }

    @Test
    void theConfidentJointByHand() {
        // thresholds: the mean probabilities of the labels are 0.62 for class 0 and 0.5 for class 1
        Predictions predictions = Predictions.of(new float[][] {{0.9f, 0.1f}, {0.3f, 0.7f}, {0.65f, 0.35f},
            {0.45f, 0.55f}, {0.55f, 0.45f}}, new int[] {0, 0, 0, 1, 1});
        assertArrayEquals(new long[][] {{2, 1}, {0, 1}}, LabelErrors.confidentJoint(predictions),
                "the last image reaches neither threshold");
        assertEquals(List.of(1), LabelErrors.suspects(predictions));
        assertEquals(List.of(1, 4), ErrorAnalysis.leastBelievedLabels(predictions, 2));
        Table table = LabelErrors.table(predictions, List.of(1, 0));
        assertEquals(List.of(1, 0), table.intColumn("position").asList());
        assertEquals(List.of(1, 5), table.intColumn("rank").asList());
        assertEquals(0.3, table.doubleColumn("probability of the label").get(0), 1e-6);
        assertEquals(0.7, table.doubleColumn("its probability").get(0), 1e-6);
    }

    @Test
    void predictionsHaveToBelongToTheirFold() {
        LabeledImages images = Examples.bars(20, 1);
        assertTrue(assertThrows(IllegalArgumentException.class, () -> LabelErrors.crossValidated(images, 4, 2,
                (training, held) -> nearestMean(training, training))).getMessage()
                .contains("15 predictions for the 5"));
        assertThrows(IllegalArgumentException.class,
                () -> LabelErrors.crossValidated(images, 1, 2, LabelErrorsTest::nearestMean));
    }

    @Test
    void thePublishedErrorsAreFifteenOfTenThousand() {
        assertEquals(15, LabelErrors.PUBLISHED_IN_MNISTS_TEST_SET.stream().distinct()
                .filter(i -> i >= 0 && i < 10_000).count());
    }
}
