package digits.experiments;

import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;

/**
 * A power law, {@code factor · n^(−exponent)}: a straight line in a chart whose axes are both logarithmic. The error of
 * a network follows one over wide ranges of the number of training images (Hestness and others, “Deep Learning Scaling
 * is Predictable, Empirically”, 2017).
 *
 * @param factor   above 0: the value at n = 1
 * @param exponent the steepness of the fall; ten times as many images divide the value by {@code 10^exponent}
 */
public record PowerLaw(double factor, double exponent) {
    /**
     * The law that fits best: least squares of the logarithms.
     *
     * @param n      two or more different numbers above 0
     * @param values as many, above 0
     * @throws IllegalArgumentException if they are not
     */
    public static PowerLaw fit(double[] n, double[] values) {
        if (n.length != values.length || n.length < 2) {
            throw new IllegalArgumentException(values.length + " values at " + n.length
                    + " numbers: a power law needs two points or more");
        }
        double[] x = logarithms(n);
        double[] y = logarithms(values);
        double meanX = mean(x.length, i -> x[i]);
        double meanY = mean(x.length, i -> y[i]);
        double spread = mean(x.length, i -> (x[i] - meanX) * (x[i] - meanX));
        if (spread == 0) throw new IllegalArgumentException("a power law needs two different numbers, not " + n[0]);
        double slope = mean(x.length, i -> (x[i] - meanX) * (y[i] - meanY)) / spread;
        return new PowerLaw(Math.exp(meanY - slope * meanX), -slope);
    }

    /** The value at {@code n}. */
    public double at(double n) {
        return factor * Math.pow(n, -exponent);
    }

    private static double[] logarithms(double[] numbers) {
        double[] result = new double[numbers.length];
        for (int i = 0; i < result.length; i++) {
            if (!(numbers[i] > 0 && numbers[i] < Double.POSITIVE_INFINITY)) {
                throw new IllegalArgumentException(numbers[i] + " has no logarithm: a power law needs numbers above 0");
            }
            result[i] = Math.log(numbers[i]);
        }
        return result;
    }

    private static double mean(int n, IntToDoubleFunction value) {
        return IntStream.range(0, n).mapToDouble(value).average().orElseThrow();
    }
}
