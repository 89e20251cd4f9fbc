package digits.evaluation;

import digits.Text;
import java.util.stream.IntStream;

/**
 * Compares the predictions of two networks for the same images.
 *
 * @param bothRight   number of images that both recognized
 * @param firstRight  … that only the first recognized
 * @param secondRight … that only the second recognized
 * @param bothWrong   … that neither recognized
 */
public record Agreement(Predictions first, Predictions second, int bothRight, int firstRight, int secondRight,
                        int bothWrong) {
    /** @throws IllegalArgumentException if they are not about the same images and classes, in the same order */
    public static Agreement of(Predictions first, Predictions second) {
        if (first.size() != second.size() || first.classes() != second.classes()) {
            throw new IllegalArgumentException("the first network predicted " + first.size() + " images of "
                    + first.classes() + " classes, the second " + second.size() + " of " + second.classes());
        }
        int[] counts = new int[4];
        for (int i = 0; i < first.size(); i++) {
            if (first.label(i) != second.label(i)) {
                throw new IllegalArgumentException("image " + i + " is labeled " + first.label(i) + " for the first "
                        + "and " + second.label(i) + " for the second network: they predicted different images");
            }
            counts[(first.correct(i) ? 0 : 1) + (second.correct(i) ? 0 : 2)]++;
        }
        return new Agreement(first, second, counts[0], counts[2], counts[1], counts[3]);
    }

    /** {@code C[i][j] = k}: the first network predicted class i and the second class j for k images. */
    public long[][] counts() {
        long[][] counts = new long[first.classes()][first.classes()];
        for (int i = 0; i < first.size(); i++) counts[first.predicted(i)][second.predicted(i)]++;
        return counts;
    }

    /** The number of images for which both predicted the same class, right or wrong. */
    public int agreed() {
        return (int) IntStream.range(0, first.size()).filter(i -> first.predicted(i) == second.predicted(i)).count();
    }

    /** The largest difference between the two networks' probabilities for any image and class, 0 to 1. */
    public double largestDifference() {
        return IntStream.range(0, first.size()).mapToDouble(i -> IntStream.range(0, first.classes())
                .mapToDouble(c -> Math.abs(first.probability(i, c) - second.probability(i, c))).max().orElse(0))
                .max().orElse(0);
    }

    /** {@link #signTest} of the images that only one of the two recognized. */
    public double pValue() {
        return signTest(firstRight, secondRight);
    }

    /**
     * The p-value of the exact two-sided sign test, the exact form of McNemar's test (“Note on the sampling error of
     * the difference between correlated proportions or percentages”, 1947): if both networks were equally good, each
     * image that only one of them recognizes would be a fair coin. How probable is a split at least as uneven?
     *
     * @param first  how many images only the first network recognized, 0 or more
     * @param second how many only the second
     * @return 0 to 1; 1 if both are 0
     */
    public static double signTest(int first, int second) {
        if (first < 0 || second < 0) throw new IllegalArgumentException(first + " against " + second + " images");
        int n = Math.addExact(first, second);
        double logTerm = -n * Math.log(2);   // of the probability that 0 of n coins show heads
        double tail = 0;
        for (int heads = 0; heads <= Math.min(first, second); heads++) {
            tail += Math.exp(logTerm);
            logTerm += Math.log((double) (n - heads) / (heads + 1));
        }
        return Math.min(1, 2 * tail);
    }

    /** One line, for example “both right: 9,840, only the first: 12, only the second: 92, both wrong: 56”. */
    @Override
    public String toString() {
        return "both right: " + Text.whole(bothRight) + ", only the first: " + Text.whole(firstRight)
                + ", only the second: " + Text.whole(secondRight) + ", both wrong: " + Text.whole(bothWrong);
    }
}
