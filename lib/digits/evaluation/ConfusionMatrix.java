package digits.evaluation;

import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/**
 * Counts how often images of each class were predicted as each class: {@code C[i][j] = k} means that k images of class
 * i were predicted as class j. Rows are true classes, columns predicted ones; the diagonal counts recognized images.
 */
public final class ConfusionMatrix {
    private final long[][] counts;

    private ConfusionMatrix(long[][] counts) {
        this.counts = counts;
    }

    /** The matrix of these predictions. */
    public static ConfusionMatrix of(Predictions predictions) {
        long[][] counts = new long[predictions.classes()][predictions.classes()];
        for (int i = 0; i < predictions.size(); i++) counts[predictions.label(i)][predictions.predicted(i)]++;
        return new ConfusionMatrix(counts);
    }

    public int classes() {
        return counts.length;
    }

    /** The number of images of class {@code trueClass} that were predicted as {@code predictedClass}. */
    public long count(int trueClass, int predictedClass) {
        return counts[trueClass][predictedClass];
    }

    /** A copy of all counts, rows true, columns predicted. */
    public long[][] counts() {
        return Stream.of(counts).map(long[]::clone).toArray(long[][]::new);
    }

    /** The number of images of this class. */
    public long support(int c) {
        return LongStream.of(counts[c]).sum();
    }

    /** The share of the images predicted as {@code c} that are of class {@code c}; 0 if none was predicted. */
    public double precision(int c) {
        long predicted = Stream.of(counts).mapToLong(row -> row[c]).sum();
        return predicted == 0 ? 0 : (double) counts[c][c] / predicted;
    }

    /** The share of the images of class {@code c} that were recognized; 0 if there are none. */
    public double recall(int c) {
        long support = support(c);
        return support == 0 ? 0 : (double) counts[c][c] / support;
    }

    /** The harmonic mean of precision and recall; 0 if both are 0. */
    public double f1(int c) {
        double sum = precision(c) + recall(c);
        return sum == 0 ? 0 : 2 * precision(c) * recall(c) / sum;
    }

    /** The share of all images that were recognized. */
    public double accuracy() {
        long right = IntStream.range(0, counts.length).mapToLong(c -> counts[c][c]).sum();
        return (double) right / IntStream.range(0, counts.length).mapToLong(this::support).sum();
    }
}
