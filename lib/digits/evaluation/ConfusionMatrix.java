package digits.evaluation;

/**
 * How often images of each class were taken for each class: {@code C[i][j] = k} says that k images whose true class is i
 * were predicted to be j. Rows are true, columns are predicted; the diagonal is what was recognised.
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

    /** How many images of class {@code trueClass} were predicted to be {@code predictedClass}. */
    public long count(int trueClass, int predictedClass) {
        return counts[trueClass][predictedClass];
    }

    /** A copy of all counts, rows true, columns predicted. */
    public long[][] counts() {
        long[][] copy = new long[counts.length][];
        for (int i = 0; i < counts.length; i++) copy[i] = counts[i].clone();
        return copy;
    }

    /** How many images of this class there are. */
    public long support(int c) {
        long sum = 0;
        for (long count : counts[c]) sum += count;
        return sum;
    }

    /** Of the images predicted to be {@code c}, the share that is; 0 if none was predicted. */
    public double precision(int c) {
        long predicted = 0;
        for (long[] row : counts) predicted += row[c];
        return predicted == 0 ? 0 : (double) counts[c][c] / predicted;
    }

    /** Of the images that are {@code c}, the share that was recognised; 0 if there are none. */
    public double recall(int c) {
        long support = support(c);
        return support == 0 ? 0 : (double) counts[c][c] / support;
    }

    /** The harmonic mean of precision and recall; 0 if both are. */
    public double f1(int c) {
        double sum = precision(c) + recall(c);
        return sum == 0 ? 0 : 2 * precision(c) * recall(c) / sum;
    }

    /** The share of all images recognised. */
    public double accuracy() {
        long right = 0;
        long all = 0;
        for (int c = 0; c < counts.length; c++) {
            right += counts[c][c];
            all += support(c);
        }
        return (double) right / all;
    }
}
