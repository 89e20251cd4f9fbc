package digits.exercises;

import static digits.exercises.Answers.close;
import static digits.exercises.Answers.computed;
import static digits.exercises.Answers.given;
import static digits.exercises.Answers.reject;
import static digits.exercises.Answers.say;

import java.util.Arrays;
import java.util.function.BinaryOperator;
import java.util.function.UnaryOperator;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * The checks of what is written by hand in lesson 2: softmax, a step of gradient descent, a convolution. Each returns a
 * sentence for a right answer or throws {@link NotYet}.
 */
public final class ByHandChecks {
    private static final double TOLERANCE = 1e-6;
    private static final double H = 1e-5;

    /** The learner's step of gradient descent for one image, which returns the new weights. */
    @FunctionalInterface
    public interface Step {
        /**
         * Takes one step.
         *
         * @param weights       one row per digit, one weight per pixel; it may be changed
         * @param probabilities what softmax regression with these weights predicts for the image
         * @param label         the correct digit
         */
        double[][] take(double[][] weights, double[] pixels, double[] probabilities, int label, double rate);
    }

    private ByHandChecks() { }

    /** Softmax of any number of scores, also of scores so large that e to their power is infinite. */
    public static String softmax(UnaryOperator<double[]> softmax) {
        for (double[] scores : new double[][] {{1, 2, 4}, {0, 0}, {-3, 0.5, 2, 0.5}}) {
            double[] found = given("the result", computed("softmax", () -> softmax.apply(scores.clone())));
            double[] powers = DoubleStream.of(scores).map(Math::exp).toArray();
            double sum = DoubleStream.of(powers).sum();
            sizes("softmax", found.length, scores.length);
            if (same(found, powers, 1 / sum)) continue;
            String where = "For the scores " + Arrays.toString(scores) + ", ";
            reject(same(found, powers, 1), "%sthese are the powers of e. Now divide each of them by their sum, so that "
                    + "they add up to 1.", where);
            reject(same(found, scores, 1 / DoubleStream.of(scores).sum()), "%sthe scores themselves were divided by "
                    + "their sum. Raise e to the power of each score first: Math.exp(score).", where);
            reject(same(found, powers, 1 / DoubleStream.of(powers).max().orElseThrow()), "%sthe powers were divided by "
                    + "the largest of them. Divide by their sum.", where);
            reject(Arrays.stream(found).anyMatch(Double::isNaN),
                    "%sthe result holds NaN, which is not a number. Was the sum 0 when you divided by it?", where);
            double total = DoubleStream.of(found).sum();
            reject(!close(total, 1, TOLERANCE), "%sthe probabilities add up to %.4f; they have to add up to 1. Compute "
                    + "the sum of all powers before you divide by it.", where, total);
            throw new NotYet("%sthe first probability has to be %.4f; yours is %.4f.", where, powers[0] / sum,
                    found[0]);
        }
        double[] large = computed("softmax", () -> softmax.apply(new double[] {1000, 1001, -1000}));
        reject(Arrays.stream(large).anyMatch(Double::isNaN), "The formula is right, but for the scores 1000, 1001 and "
                + "-1000 the result holds NaN: e to the power of 1000 is too large for a double, and infinity divided "
                + "by infinity is not a number. Subtract the largest score from all scores first. That changes no "
                + "probability: numerator and denominator are divided by the same number.");
        double[] expected = {1 / (1 + Math.E), Math.E / (1 + Math.E), 0};
        reject(!same(large, expected, 1), "For the scores 1000, 1001 and -1000, the probabilities have to be 0.2689, "
                + "0.7311 and 0; yours are %s.", Arrays.toString(large));
        return "Right, and numerically stable: a score of 1000 does no harm.";
    }

    /** One step of gradient descent of softmax regression, compared with finite differences of its loss. */
    public static String step(Step step) {
        double[][] weights = {{0.1, -0.2, 0.3, 0}, {0, 0.5, -0.4, 0.2}, {-0.3, 0.1, 0.2, -0.1}};
        double[] pixels = {0.5, 0, 1, 0.25};
        for (int label = 0; label < 3; label++) {
            int digit = label;
            double rate = 0.1 + 0.2 * label;
            double[] p = probabilities(weights, pixels);
            double[][] found = given("the result",
                    computed("step", () -> step.take(copy(weights), pixels.clone(), p.clone(), digit, rate)));
            sizes("step", found.length, 3);
            for (double[] row : found) sizes("each row of step", given("a row of the result", row).length, 4);
            double[] change = new double[12];
            for (int i = 0; i < 12; i++) change[i] = found[i / 4][i % 4] - weights[i / 4][i % 4];
            double[] gradient = differences(weights, pixels, label);
            if (same(change, gradient, -rate)) continue;
            reject(same(change, new double[12], 1),
                    "The weights have not changed. Replace “YOUR CODE HERE” with your code, if it is still there.");
            stepHints(change, gradient, weights, pixels, p, label, rate);
        }
        return "Right: every weight has moved against its derivative, as finite differences of the loss confirm.";
    }

    private static void stepHints(double[] change, double[] gradient, double[][] weights, double[] pixels, double[] p,
                                  int label, double rate) {
        double before = loss(weights, pixels, label);
        double[][] moved = copy(weights);
        for (int i = 0; i < 12; i++) moved[i / 4][i % 4] += change[i];
        double after = loss(moved, pixels, label);
        reject(same(change, gradient, rate), "The step goes uphill: the loss grows from %.4f to %.4f. Subtract the "
                + "gradient, do not add it.", before, after);
        reject(same(change, gradient, -1), "The learning rate is missing: multiply the gradient by rate.");
        double[] untold = products(p, pixels, 12);
        reject(same(change, untold, -rate), "The truth is missing: the error is the probability minus 1 for the "
                + "correct digit, and the probability alone only for the others.");
        double[] error = p.clone();
        error[label] -= 1;
        double[] blind = new double[12];
        for (int i = 0; i < 12; i++) blind[i] = error[i / 4];
        reject(same(change, blind, -rate), "The pixel is missing: each weight's derivative is its digit's error times "
                + "its pixel. Where there is no ink, a weight stays as it is.");
        double[] only = IntStream.range(0, 12).mapToDouble(i -> i / 4 == label ? gradient[i] : 0).toArray();
        reject(same(change, only, -rate), "Only the weights of the correct digit have changed. The other digits have "
                + "got too much probability, so their weights change, too.");
        int worst = IntStream.range(0, 12).boxed()
                .max((a, b) -> Double.compare(Math.abs(change[a] + rate * gradient[a]),
                        Math.abs(change[b] + rate * gradient[b]))).orElseThrow();
        throw new NotYet("Weight %d of digit %d has to change by %.4f, minus the rate times its derivative; yours "
                + "changes by %.4f. (The loss goes from %.4f to %.4f.)", worst % 4, worst / 4, -rate * gradient[worst],
                change[worst], before, after);
    }

    /** A convolution of an image with a smaller filter, with stride 1 and without padding. */
    public static String convolve(BinaryOperator<double[][]> convolve) {
        double[][] image = {{0, 1, 2, 0, 1}, {3, 0, 1, 2, 0}, {1, 2, 0, 4, 1}, {0, 5, 1, 0, 2}};
        for (double[][] filter : new double[][][] {{{0, 1}, {2, 3}}, {{1, 0, -1}, {2, 1, 0}}, {{1, 2, 3}}}) {
            double[][] found = given("the result",
                    computed("convolve", () -> convolve.apply(copy(image), copy(filter))));
            int rows = image.length - filter.length + 1;
            int columns = image[0].length - filter[0].length + 1;
            String sizes = say("For an image of 4×5 and a filter of %d×%d, ", filter.length, filter[0].length);
            reject(found.length == 0 || found[0] == null, "%sthe map has no numbers.", sizes);
            String size = found.length + "×" + found[0].length;
            reject(found.length == image.length && found[0].length == image[0].length, "%sthe map has to be %d×%d: the "
                    + "filter stays within the image. Yours has the size of the image.", sizes, rows, columns);
            reject(found.length == rows - 1 || found[0].length == columns - 1, "%sthe map has to be %d×%d; yours is "
                    + "%s. One place is missing: a filter of 2 fits into 4 in 4 − 2 + 1 = 3 places.", sizes, rows,
                    columns, size);
            reject(found.length != rows || found[0].length != columns, "%sthe map has to be %d×%d; yours is %s.", sizes,
                    rows, columns, size);
            double[][] expected = convolved(image, filter);
            if (same(flat(found), flat(expected), 1)) continue;
            reject(same(flat(found), new double[rows * columns], 1), "All numbers of the map are 0. Add the products "
                    + "to map[row][column].");
            reject(same(flat(found), flat(convolved(image, flipped(filter))), 1), "The filter is upside down. Its "
                    + "upper left weight belongs to the upper left pixel of the patch. (Mathematicians do flip it; "
                    + "networks do not.)");
            double corner = filter[filter.length - 1][filter[0].length - 1];
            reject(close(found[0][0], corner * image[filter.length - 1][filter[0].length - 1], TOLERANCE)
                    && !close(found[0][0], expected[0][0], TOLERANCE), "%seach number of the map is only the last "
                    + "product. Add the products up: use +=.", sizes);
            throw new NotYet("%sthe number in the upper left has to be %.0f, and the one beside it %.0f; yours are %s "
                    + "and %s. Write down the products of the first patch and compare.", sizes, expected[0][0],
                    expected[0][1], found[0][0], found[0][1]);
        }
        return "Right: one number per place, the sum of the products of patch and filter.";
    }

    private static void sizes(String what, int found, int expected) {
        reject(found != expected, "%s returned %d numbers or rows where there have to be %d.", what, found, expected);
    }

    /** Whether the numbers are the expected ones times a factor. */
    private static boolean same(double[] found, double[] expected, double factor) {
        return found.length == expected.length && IntStream.range(0, found.length)
                .allMatch(i -> close(found[i], factor * expected[i], TOLERANCE));
    }

    private static double[] flat(double[]... rows) {
        return Stream.of(rows).flatMapToDouble(row -> row == null ? DoubleStream.empty() : DoubleStream.of(row))
                .toArray();
    }

    private static double[][] copy(double[]... rows) {
        return Stream.of(rows).map(double[]::clone).toArray(double[][]::new);
    }

    private static double[] products(double[] errors, double[] pixels, int n) {
        return IntStream.range(0, n).mapToDouble(i -> errors[i / pixels.length] * pixels[i % pixels.length]).toArray();
    }

    private static double[] probabilities(double[][] weights, double[] pixels) {
        double[] powers = Stream.of(weights).mapToDouble(row -> Math.exp(IntStream.range(0, pixels.length)
                .mapToDouble(i -> row[i] * pixels[i]).sum())).toArray();
        double sum = DoubleStream.of(powers).sum();
        return DoubleStream.of(powers).map(power -> power / sum).toArray();
    }

    private static double loss(double[][] weights, double[] pixels, int label) {
        return -Math.log(probabilities(weights, pixels)[label]);
    }

    /** The gradient of the loss by central differences, row by row. */
    private static double[] differences(double[][] weights, double[] pixels, int label) {
        double[] slopes = new double[weights.length * pixels.length];
        for (int i = 0; i < slopes.length; i++) {
            double[][] moved = copy(weights);
            moved[i / pixels.length][i % pixels.length] += H;
            double above = loss(moved, pixels, label);
            moved[i / pixels.length][i % pixels.length] -= 2 * H;
            slopes[i] = (above - loss(moved, pixels, label)) / (2 * H);
        }
        return slopes;
    }

    private static double[][] convolved(double[][] image, double[][] filter) {
        double[][] map = new double[image.length - filter.length + 1][image[0].length - filter[0].length + 1];
        for (int r = 0; r < map.length; r++) {
            for (int c = 0; c < map[0].length; c++) {
                for (int i = 0; i < filter.length; i++) {
                    for (int j = 0; j < filter[0].length; j++) map[r][c] += filter[i][j] * image[r + i][c + j];
                }
            }
        }
        return map;
    }

    private static double[][] flipped(double[]... filter) {
        double[][] turned = copy(filter);
        int last = filter.length * filter[0].length - 1;
        for (int i = 0; i <= last; i++) {
            turned[i / filter[0].length][i % filter[0].length] =
                    filter[(last - i) / filter[0].length][(last - i) % filter[0].length];
        }
        return turned;
    }
}
