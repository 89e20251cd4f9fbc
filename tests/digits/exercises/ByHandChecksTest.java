package digits.exercises;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.stream.DoubleStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** The checks of softmax, a step of gradient descent and a convolution, with answers that students give. */
class ByHandChecksTest {
    private static double[] softmax(double[] scores, double shift, double divisor) {
        double[] powers = DoubleStream.of(scores).map(score -> Math.exp(score - shift)).toArray();
        double sum = divisor == 0 ? DoubleStream.of(powers).sum() : divisor;
        return DoubleStream.of(powers).map(power -> power / sum).toArray();
    }

    private static double highest(double... scores) {
        return DoubleStream.of(scores).max().orElseThrow();
    }

    @Test
    void softmaxHasToBeStable() {
        assertTrue(ByHandChecks.softmax(z -> softmax(z, highest(z), 0)).startsWith("Right"));
        hint("too large for a double", () -> ByHandChecks.softmax(z -> softmax(z, 0, 0)));
        hint("too large for a double", () -> ByHandChecks.softmax(z -> softmax(z, 10, 0)));
        hint("these are the powers", () -> ByHandChecks.softmax(z -> softmax(z, 0, 1)));
        hint("divided by the largest", () -> ByHandChecks.softmax(z -> softmax(z, 0, Math.exp(highest(z)))));
        hint("the scores themselves", () -> ByHandChecks.softmax(z -> {
            double sum = DoubleStream.of(z).sum();
            return DoubleStream.of(z).map(score -> score / sum).toArray();
        }));
        hint("add up to", () -> ByHandChecks.softmax(z -> new double[z.length]));
        hint("holds NaN", () -> ByHandChecks.softmax(z -> {
            Arrays.fill(z, Double.NaN);
            return z;
        }));
        hint("the first probability", () -> ByHandChecks.softmax(z -> {
            double[] even = z.clone();
            Arrays.fill(even, 1.0 / z.length);
            return even;
        }));
        hint("is still null", () -> ByHandChecks.softmax(z -> null));
        hint("where there have to be 3", () -> ByHandChecks.softmax(z -> new double[10]));
        hint("0.2689", () -> ByHandChecks.softmax(z -> z[0] >= 1000 ? new double[3] : softmax(z, 0, 0)));
    }

    /** A step whose error is the probability minus {@code truth}, with what a student may forget. */
    private static double[][] step(double[][] w, double[] x, double[] p, int label, double factor, int truth) {
        for (int d = 0; d < w.length; d++) {
            for (int i = 0; i < x.length; i++) w[d][i] -= factor * (p[d] - (d == label ? truth : 0)) * x[i];
        }
        return w;
    }

    @Test
    void aStepIsCheckedByFiniteDifferences() {
        assertTrue(ByHandChecks.step((w, x, p, label, rate) -> step(w, x, p, label, rate, 1)).startsWith("Right"));
        hint("goes uphill", () -> ByHandChecks.step((w, x, p, label, rate) -> step(w, x, p, label, -rate, 1)));
        hint("rate is missing", () -> ByHandChecks.step((w, x, p, label, rate) -> step(w, x, p, label, 1, 1)));
        hint("truth is missing", () -> ByHandChecks.step((w, x, p, label, rate) -> step(w, x, p, label, rate, 0)));
        hint("have not changed", () -> ByHandChecks.step((w, x, p, label, rate) -> w));
        hint("pixel is missing", () -> ByHandChecks.step(
                (w, x, p, label, rate) -> step(w, new double[] {1, 1, 1, 1}, p, label, rate, 1)));
        hint("Only the weights of the correct digit", () -> ByHandChecks.step((w, x, p, label, rate) -> {
            for (int i = 0; i < 4; i++) w[label][i] -= rate * (p[label] - 1) * x[i];
            return w;
        }));
        hint("has to change by", () -> ByHandChecks.step((w, x, p, label, rate) -> step(w, x, p, 2 - label, rate, 2)));
        hint("ended in an error", () -> ByHandChecks.step((w, x, p, label, rate) -> new double[][] {w[3]}));
        hint("there have to be 3", () -> ByHandChecks.step((w, x, p, label, rate) -> new double[10][4]));
        hint("a row of the result is still null", () -> ByHandChecks.step(
                (w, x, p, label, rate) -> new double[][] {w[0], w[1], null}));
        hint("there have to be 4", () -> ByHandChecks.step((w, x, p, label, rate) -> new double[3][1]));
    }

    /** A convolution with {@code fewer} rows and columns, and weights that are read from the end if it is flipped. */
    private static double[][] convolve(double[][] image, double[][] filter, int fewer, boolean flip, boolean sum) {
        int h = filter.length;
        int w = filter[0].length;
        double[][] map = new double[image.length - h + 1 - fewer][image[0].length - w + 1 - fewer];
        for (int r = 0; r < map.length; r++) {
            for (int c = 0; c < map[0].length; c++) {
                for (int i = 0; i < h * w; i++) {
                    double weight = flip ? filter[h - 1 - i / w][w - 1 - i % w] : filter[i / w][i % w];
                    map[r][c] = (sum ? map[r][c] : 0) + weight * image[r + i / w][c + i % w];
                }
            }
        }
        return map;
    }

    @Test
    void aConvolutionOfAnySize() {
        assertTrue(ByHandChecks.convolve((a, b) -> convolve(a, b, 0, false, true)).startsWith("Right"));
        hint("upside down", () -> ByHandChecks.convolve((a, b) -> convolve(a, b, 0, true, true)));
        hint("One place is missing", () -> ByHandChecks.convolve((a, b) -> convolve(a, b, 1, false, true)));
        hint("only the last product", () -> ByHandChecks.convolve((a, b) -> convolve(a, b, 0, false, false)));
        hint("size of the image", () -> ByHandChecks.convolve((a, b) -> new double[4][5]));
        hint("are 0", () -> ByHandChecks.convolve((a, b) -> new double[3][4]));
        hint("has to be 3×4; yours is 5×6", () -> ByHandChecks.convolve((a, b) -> new double[5][6]));
        hint("no numbers", () -> ByHandChecks.convolve((a, b) -> new double[0][]));
        hint("is still null", () -> ByHandChecks.convolve((a, b) -> null));
        hint("ended in an error", () -> ByHandChecks.convolve((a, b) -> new double[][] {a[4]}));
        hint("compare", () -> ByHandChecks.convolve((a, b) -> {
            double[][] map = convolve(a, b, 0, false, true);
            map[0][1]++;
            return map;
        }));
    }

    private static void hint(String words, Executable check) {
        String message = assertThrows(NotYet.class, check).getMessage();
        assertTrue(message.contains(words), message);
    }
}
