package digits.evaluation;

import digits.Text;
import java.util.Arrays;

/**
 * A share, such as an accuracy, with its 95 % confidence interval: computed so that for 95 of 100 samples it contains
 * the share of the population that the samples come from.
 *
 * @param share the share in the sample, 0 to 1
 * @param low   the interval's lower end, 0 to 1
 * @param high  the interval's upper end, 0 to 1
 */
public record Interval(double share, double low, double high) {
    /** 95 % of a normal distribution lie within this many standard deviations. */
    private static final double Z = 1.959963984540054;

    /** @throws IllegalArgumentException unless 0 ≤ low ≤ share ≤ high ≤ 1 */
    public Interval {
        if (!(0 <= low && low <= share && share <= high && high <= 1)) {
            throw new IllegalArgumentException("an interval from " + low + " to " + high + " around " + share);
        }
    }

    /**
     * The interval of Wilson (“Probable inference, the law of succession, and statistical inference”, 1927) for images
     * that were drawn independently. It is not symmetric: near 100 % there is more room below than above.
     *
     * @param right how many images were recognized
     * @param all   how many there are
     * @throws IllegalArgumentException unless 0 ≤ right ≤ all and all is 1 or more
     */
    public static Interval wilson(long right, long all) {
        if (right < 0 || right > all || all < 1) {
            throw new IllegalArgumentException(right + " of " + all + " images recognized");
        }
        double share = (double) right / all;
        double middle = share + Z * Z / (2 * all);
        double reach = Z * Math.sqrt(share * (1 - share) / all + Z * Z / (4.0 * all * all));
        double scale = 1 + Z * Z / all;
        return new Interval(share, Math.max(0, Math.min(share, (middle - reach) / scale)),
                Math.min(1, Math.max(share, (middle + reach) / scale)));
    }

    /** Wilson's interval for the accuracy of these predictions. */
    public static Interval wilson(Predictions predictions) {
        return wilson(predictions.right(0, predictions.size()), predictions.size());
    }

    /**
     * The percentile interval of Efron's bootstrap (1979): the middle 95 % of shares measured on resampled images, and
     * their mean.
     *
     * @param shares two or more, each 0 to 1
     */
    public static Interval ofResamples(double... shares) {
        if (shares.length < 2) throw new IllegalArgumentException(shares.length + " shares; it needs two or more");
        double[] sorted = shares.clone();
        Arrays.sort(sorted);
        int cut = (int) Math.floor(0.025 * sorted.length);
        double mean = Arrays.stream(sorted).average().orElseThrow();
        double low = sorted[cut];
        double high = sorted[sorted.length - 1 - cut];
        return new Interval(Math.max(low, Math.min(high, mean)), low, high);
    }

    /** For example “99.29 %, 95 % interval 99.11 to 99.44 %”. */
    @Override
    public String toString() {
        return Text.percent(share, 2) + ", 95 % interval " + Text.decimal(100 * low, 2) + " to "
                + Text.percent(high, 2);
    }
}
