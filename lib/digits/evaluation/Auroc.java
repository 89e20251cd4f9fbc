package digits.evaluation;

import java.util.Arrays;

/**
 * Area under the ROC curve: how well a score separates two groups, whatever the threshold. Hendrycks and Gimpel (“A
 * Baseline for Detecting Misclassified and Out-of-Distribution Examples in Neural Networks”, 2017) use it with the
 * highest probability as the score.
 */
public final class Auroc {
    private Auroc() { }

    /**
     * The probability that a random member of the first group has a higher score than one of the second; equal scores
     * count half (Hanley and McNeil, 1982). 1: perfectly separated, 0.5: as good as a coin.
     *
     * @throws IllegalArgumentException if a group is empty
     */
    public static double of(double[] higher, double[] lower) {
        if (higher.length == 0 || lower.length == 0) {
            throw new IllegalArgumentException("groups of " + higher.length + " and " + lower.length + " scores");
        }
        double[] sorted = lower.clone();
        Arrays.sort(sorted);
        double sum = 0;
        for (double score : higher) {
            sum += (below(sorted, score) + below(sorted, Math.nextUp(score))) / 2.0;
        }
        return sum / ((double) higher.length * lower.length);
    }

    /** How many of the sorted scores are below this one. */
    private static int below(double[] sorted, double score) {
        int from = 0;
        int to = sorted.length;
        while (from < to) {
            int middle = (from + to) / 2;
            if (sorted[middle] < score) from = middle + 1;
            else to = middle;
        }
        return from;
    }
}
