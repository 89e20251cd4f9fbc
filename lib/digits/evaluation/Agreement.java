package digits.evaluation;

/**
 * The answers of two networks to the same images: {@code C[i][j] = k} says that k images were taken for i by the first network and for j
 * by the second. Rows are the first one's answers, columns the second's; on the diagonal they agree, rightly or not.
 *
 * @param first       the first network's answers
 * @param second      the second's, to the same images in the same order
 * @param bothRight   images that both recognised
 * @param firstRight  images that only the first recognised
 * @param secondRight images that only the second recognised
 * @param bothWrong   images that neither recognised
 */
public record Agreement(Predictions first, Predictions second, int bothRight, int firstRight, int secondRight, int bothWrong) {
    /**
     * Compares two networks' answers.
     *
     * @throws IllegalArgumentException if they are not about the same images (another number of them, or other labels) and classes
     */
    public static Agreement of(Predictions first, Predictions second) {
        if (first.size() != second.size() || first.classes() != second.classes()) {
            throw new IllegalArgumentException("the first network answered to " + first.size() + " images of " + first.classes()
                    + " classes, the second to " + second.size() + " of " + second.classes());
        }
        int[] counts = new int[4];
        for (int i = 0; i < first.size(); i++) {
            if (first.label(i) != second.label(i)) {
                throw new IllegalArgumentException("image " + i + " is labelled " + first.label(i) + " for the first network and "
                        + second.label(i) + " for the second: they answered to different images");
            }
            counts[(first.correct(i) ? 0 : 1) + (second.correct(i) ? 0 : 2)]++;
        }
        return new Agreement(first, second, counts[0], counts[2], counts[1], counts[3]);
    }

    /** How often which answers met; rows the first network's, columns the second's. */
    public long[][] counts() {
        long[][] counts = new long[first.classes()][first.classes()];
        for (int i = 0; i < first.size(); i++) counts[first.predicted(i)][second.predicted(i)]++;
        return counts;
    }

    /** How many images both gave the same answer to, right or wrong. */
    public int agreed() {
        int agreed = 0;
        for (int i = 0; i < first.size(); i++) if (first.predicted(i) == second.predicted(i)) agreed++;
        return agreed;
    }

    /** By how much the two differ at most in any class's probability of any image, 0 to 1. */
    public double largestDifference() {
        double largest = 0;
        for (int i = 0; i < first.size(); i++) {
            for (int c = 0; c < first.classes(); c++) largest = Math.max(largest, Math.abs(first.probability(i, c) - second.probability(i, c)));
        }
        return largest;
    }

    /** In one line, for example «both right: 9,840, only the first: 12, only the second: 92, both wrong: 56». */
    @Override
    public String toString() {
        return String.format(java.util.Locale.ENGLISH, "both right: %,d, only the first: %,d, only the second: %,d, both wrong: %,d",
                bothRight, firstRight, secondRight, bothWrong);
    }
}
