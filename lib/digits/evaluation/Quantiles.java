package digits.evaluation;

import java.util.Arrays;

/** Quantiles of measured values, computed the same way everywhere. */
public final class Quantiles {
    private Quantiles() {
    }

    /**
     * The value below which this share of the values lies: the one at the nearest rank, never a value in between.
     *
     * @param share  0 for the smallest, 0.99 for the 99th percentile, 1 for the largest
     * @param values one or more, in any order; they are not changed
     */
    public static double of(double share, double... values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        return sorted[(int) Math.round(share * (sorted.length - 1))];
    }

    /** The same for floats, such as the pixels of a map. */
    public static float of(double share, float... values) {
        float[] sorted = values.clone();
        Arrays.sort(sorted);
        return sorted[(int) Math.round(share * (sorted.length - 1))];
    }

    /** The median of one or more values: of an even number of them, the mean of the middle two. */
    public static double median(double... values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        return (sorted[(sorted.length - 1) / 2] + sorted[sorted.length / 2]) / 2;
    }
}
