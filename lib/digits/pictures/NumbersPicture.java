package digits.pictures;

import digits.Text;
import digits.image.Grid;
import java.awt.Color;
import java.awt.Graphics2D;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** What a layer does, on a few numbers that a reader can check by hand: from left to right, a grid per step. */
public final class NumbersPicture {
    private static final int MARGIN = 14;
    private static final int TITLE = 34;
    private static final int CELL = 46;
    private static final int SIGN = 60;
    private static final int LARGEST = 8;
    private static final double NEARLY_ZERO = 1e-6;

    /** One grid of a row: what stands before it, such as “=”, its caption, and a part that is framed; null for none. */
    private record Step(String sign, String caption, NumberGrid numbers, int[] marked) {
        int width() {
            int caption = Style.width(Style.bold(13), caption());
            return Math.max(numbers.width(CELL), caption);
        }
    }

    private NumbersPicture() { }

    /**
     * A convolution with a border of zeros around the image: the image with its border, the filter, and the result. The
     * first patch and the number that it gives are framed.
     *
     * @param padding the width of the border, 0 or more
     * @param stride  how far the filter moves at a time, 1 or more
     * @throws IllegalArgumentException if the filter does not fit, or the image is larger than 8×8 with its border
     */
    public static Picture convolution(Grid image, Grid filter, int padding, int stride) {
        Grid padded = check(padded(image, padding));
        Grid map = padded.convolved(check(filter), stride);
        String what = padding == 0 ? "image, " + size(image) : "padded image, " + size(padded);
        return rows("Convolution of an image of " + size(image) + " with padding " + padding + " and stride " + stride
                + " by a filter of " + size(filter) + numbers(map), List.of(List.of(
                new Step("", what, border(padded, padding), new int[] {0, 0, filter.rows(), filter.columns()}),
                new Step("∗", "filter", NumberGrid.signed(filter), null),
                new Step("=", "map, " + size(map), NumberGrid.plain(map), new int[] {0, 0, 1, 1}))));
    }

    /**
     * A convolution of several channels: each channel with its part of the filter, and the sum of the results.
     *
     * @param filter one grid per channel, all of one size
     * @throws IllegalArgumentException if the sizes do not fit, or a channel is larger than 8×8
     */
    public static Picture channels(List<Grid> channels, List<Grid> filter) {
        if (channels.isEmpty() || channels.size() != filter.size()) {
            throw new IllegalArgumentException(channels.size() + " channels and a filter for " + filter.size());
        }
        List<List<Step>> rows = new ArrayList<>();
        Grid sum = null;
        for (int c = 0; c < channels.size(); c++) {
            Grid map = check(channels.get(c)).convolved(check(filter.get(c)), 1);
            sum = sum == null ? map : sum(sum, map);
            rows.add(List.of(new Step("", "channel " + c, NumberGrid.ink(channels.get(c)), null),
                    new Step("∗", "its weights", NumberGrid.signed(filter.get(c)), null),
                    new Step("=", "", NumberGrid.plain(map), null)));
        }
        List<Step> last = new ArrayList<>(rows.remove(rows.size() - 1));
        last.add(new Step("sum:", "feature map", NumberGrid.signed(sum), null));
        rows.add(last);
        return rows("Convolution of " + Text.count(channels.size(), "channel") + " of " + size(channels.get(0))
                + ", each with its weights; the sum" + numbers(sum), rows);
    }

    /** Max pooling with squares of this side: the largest number of each square remains. Up to 8×8 numbers. */
    public static Picture maxPooling(Grid map, int side) {
        Grid pooled = check(map).maxPooled(side);
        return rows("Max pooling of a map of " + size(map) + " by squares of " + side + "×" + side + numbers(pooled),
                List.of(List.of(
                new Step("", "map, " + size(map), NumberGrid.plain(map), new int[] {0, 0, side, side}),
                new Step("→", "after max pooling, " + size(pooled), NumberGrid.plain(pooled),
                        new int[] {0, 0, 1, 1}))));
    }

    /** ReLU: numbers below 0 become 0. Up to 8×8 numbers. */
    public static Picture relu(Grid map) {
        Grid after = check(map).map(value -> Math.max(0, value));
        return rows("ReLU of a map of " + size(map) + numbers(after), List.of(List.of(
                new Step("", "before", NumberGrid.signed(map), null),
                new Step("→", "after ReLU", NumberGrid.signed(after), null))));
    }

    /** Batch normalization, as if the map were the whole batch: minus its mean, divided by its standard deviation. */
    public static Picture normalized(Grid map) {
        double mean = check(map).mean();
        double deviation = Math.sqrt(map.map(value -> (value - mean) * (value - mean)).mean());
        Grid after = map.map(value -> deviation < NEARLY_ZERO ? 0 : (value - mean) / deviation);
        String before = "mean " + NumberGrid.text(mean) + ", std. dev. " + NumberGrid.text(deviation);
        return rows("Batch normalization of a map of " + size(map) + ", " + before + "," + numbers(after), List.of(
                List.of(new Step("", before, NumberGrid.signed(map), null),
                        new Step("→", "mean 0, std. dev. 1", NumberGrid.signed(after), null))));
    }

    /** Softmax of 1 to 8 scores: e to the power of each, divided by the sum of all. */
    public static Picture softmax(double... scores) {
        Grid z = check(new Grid(1, scores.length, floats(scores)));
        double[] powers = Arrays.stream(scores).map(Math::exp).toArray();
        double sum = Arrays.stream(powers).sum();
        Grid p = new Grid(1, scores.length, floats(Arrays.stream(powers).map(power -> power / sum).toArray()));
        return rows("Softmax of the scores " + list(z) + numbers(p), List.of(
                List.of(new Step("", "scores", NumberGrid.signed(z), null)),
                List.of(new Step("", "e to the power of each; sum " + NumberGrid.text(sum),
                            NumberGrid.plain(new Grid(1, scores.length, floats(powers))), null)),
                List.of(new Step("", "each divided by the sum: probabilities", new NumberGrid(p,
                        (row, column, value) -> Style.mix(Style.PAPER, Style.BLUE, 0.6 * value)), null))));
    }

    /** The padding in another color than the image. */
    private static NumberGrid border(Grid padded, int padding) {
        Color edge = Style.mix(Style.PAPER, Style.SKY, 0.35);
        return new NumberGrid(padded, (r, c, value) -> r < padding || c < padding || r >= padded.rows() - padding
                || c >= padded.columns() - padding ? edge : Style.shade(value));
    }

    /** The steps of all rows stand below each other in columns. */
    private static Picture rows(String sentence, List<List<Step>> rows) {
        int columns = rows.stream().mapToInt(List::size).max().orElseThrow();
        int[] widths = IntStream.range(0, columns).map(c -> rows.stream().filter(row -> c < row.size())
                .mapToInt(row -> row.get(c).width()).max().orElseThrow()).toArray();
        int width = 2 * MARGIN + IntStream.of(widths).sum() + (columns - 1) * SIGN;
        int height = rows.stream().mapToInt(NumbersPicture::height).sum();
        return Style.picture(width, height + MARGIN, sentence, g -> {
            int y = 0;
            for (List<Step> row : rows) {
                row(g, row, widths, y);
                y += height(row);
            }
        });
    }

    private static int height(List<Step> row) {
        return TITLE + row.stream().mapToInt(step -> step.numbers().height(CELL)).max().orElseThrow();
    }

    private static void row(Graphics2D g, List<Step> row, int[] widths, int top) {
        int middle = top + TITLE + (height(row) - TITLE) / 2;
        int x = MARGIN;
        for (int c = 0; c < row.size(); c++) {
            Step step = row.get(c);
            NumberGrid numbers = step.numbers();
            double size = step.sign().length() > 1 ? 15 : 24;
            Style.centered(g, Style.bold(size), Style.INK, step.sign(), x - SIGN / 2.0, middle + size / 3);
            int left = x + (widths[c] - numbers.width(CELL)) / 2;
            int y = middle - numbers.height(CELL) / 2;
            Style.centered(g, Style.bold(13), Style.INK, step.caption(), x + widths[c] / 2.0, y - 9);
            numbers.draw(g, left, y, CELL);
            int[] m = step.marked();
            if (m != null) NumberGrid.mark(g, left, y, CELL, m[0], m[1], m[2], m[3]);
            x += widths[c] + SIGN;
        }
    }

    /** “ gives 2×2 numbers: 1, 0; 0.50, 2.”. */
    private static String numbers(Grid result) {
        return " gives " + size(result) + " numbers: " + list(result) + ".";
    }

    private static String list(Grid grid) {
        return IntStream.range(0, grid.rows()).mapToObj(r -> IntStream.range(0, grid.columns())
                .mapToObj(c -> NumberGrid.text(grid.value(r, c))).collect(Collectors.joining(", ")))
                .collect(Collectors.joining("; "));
    }

    private static Grid padded(Grid image, int padding) {
        if (padding < 0) throw new IllegalArgumentException("padding is " + padding + "; it has to be 0 or more");
        return image.pad(padding, padding, image.rows() + 2 * padding, image.columns() + 2 * padding);
    }

    private static Grid check(Grid grid) {
        if (grid.rows() > LARGEST || grid.columns() > LARGEST) {
            throw new IllegalArgumentException("a grid of " + size(grid) + "; up to 8×8 numbers can be read");
        }
        return grid;
    }

    private static Grid sum(Grid a, Grid b) {
        float[] sums = a.values();
        float[] more = b.values();
        if (a.rows() != b.rows() || a.columns() != b.columns()) {
            throw new IllegalArgumentException("maps of " + size(a) + " and " + size(b) + " have no sum");
        }
        for (int i = 0; i < sums.length; i++) sums[i] += more[i];
        return new Grid(a.rows(), a.columns(), sums);
    }

    private static float[] floats(double... values) {
        float[] floats = new float[values.length];
        for (int i = 0; i < floats.length; i++) floats[i] = (float) values[i];
        return floats;
    }

    private static String size(Grid grid) {
        return grid.rows() + "×" + grid.columns();
    }
}
