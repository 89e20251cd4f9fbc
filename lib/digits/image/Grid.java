package digits.image;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.IntStream;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Numbers in rows and columns, such as an image, a filter or a feature map; immutable. Row 0 is the top.
 *
 * @param values row by row; copied
 */
public record Grid(int rows, int columns, float[] values) {
    /** @throws IllegalArgumentException unless there are a row and a column at least, and one value for each cell */
    public Grid {
        if (rows < 1 || columns < 1 || values.length != (long) rows * columns) {
            throw new IllegalArgumentException(
                    "a grid of " + rows + "×" + columns + " with " + values.length + " values");
        }
        values = values.clone();
    }

    /** A grid of these numbers, row by row; see the constructor. */
    public static Grid of(int rows, int columns, float... values) {
        return new Grid(rows, columns, values);
    }

    /**
     * The grids that make up an array of shape [… , rows, columns], in order: those of the first image or filter first.
     * (ND4J's {@code get} may drop dimensions of size 1 that it should keep, so the numbers are copied directly.)
     */
    public static List<Grid> all(INDArray array) {
        int rows = (int) array.size(-2);
        int columns = (int) array.size(-1);
        float[] numbers = array.castTo(DataType.FLOAT).dup('c').data().asFloat();
        List<Grid> grids = new ArrayList<>();
        for (int from = 0; from < numbers.length; from += rows * columns) {
            grids.add(new Grid(rows, columns, Arrays.copyOfRange(numbers, from, from + rows * columns)));
        }
        return grids;
    }

    public float value(int row, int column) {
        return values[Objects.checkIndex(row, rows) * columns + Objects.checkIndex(column, columns)];
    }

    /** A copy of the numbers, row by row. */
    @Override
    public float[] values() {
        return values.clone();
    }

    /** The numbers as a network reads one image with one channel: FLOAT, shape [1, 1, rows, columns]. */
    public INDArray toArray() {
        return Nd4j.createFromArray(values).reshape(1, 1, rows, columns);
    }

    public float min() {
        return (float) IntStream.range(0, values.length).mapToDouble(i -> values[i]).min().orElseThrow();
    }

    public float max() {
        return (float) IntStream.range(0, values.length).mapToDouble(i -> values[i]).max().orElseThrow();
    }

    public double mean() {
        return IntStream.range(0, values.length).mapToDouble(i -> values[i]).sum() / values.length;
    }

    /** The largest absolute value. */
    public float magnitude() {
        return Math.max(max(), -min());
    }

    /**
     * The number that this share of all numbers does not exceed.
     *
     * @param share 0 for the smallest number, 0.5 for the median, 0.99 for the 99th percentile, 1 for the largest
     */
    public float percentile(double share) {
        float[] sorted = values.clone();
        Arrays.sort(sorted);
        return sorted[(int) (share * (sorted.length - 1))];
    }

    /** The grid with each number replaced. */
    public Grid map(DoubleUnaryOperator change) {
        float[] changed = new float[values.length];
        for (int i = 0; i < changed.length; i++) changed[i] = (float) change.applyAsDouble(values[i]);
        return new Grid(rows, columns, changed);
    }

    /** The part that begins at this row and column. */
    public Grid crop(int top, int left, int height, int width) {
        Objects.checkFromIndexSize(top, height, rows);
        Objects.checkFromIndexSize(left, width, columns);
        float[] part = new float[height * width];
        for (int r = 0; r < height; r++) {
            System.arraycopy(values, (top + r) * columns + left, part, r * width, width);
        }
        return new Grid(height, width, part);
    }

    /** A larger grid of zeros with this one at the given place. */
    public Grid pad(int top, int left, int height, int width) {
        Objects.checkFromIndexSize(top, rows, height);
        Objects.checkFromIndexSize(left, columns, width);
        float[] whole = new float[height * width];
        for (int r = 0; r < rows; r++) System.arraycopy(values, r * columns, whole, (top + r) * width + left, columns);
        return new Grid(height, width, whole);
    }

    /**
     * The convolution of this grid with a filter, as networks compute it: at each place where the filter fits, the sum
     * of the products of its weights and the numbers beneath them. (The filter is not flipped, as mathematicians do.)
     *
     * @param stride how far the filter moves at a time, 1 or more
     * @return one number per place: (rows − filter.rows) / stride + 1 rows, rounded down, and as many columns
     * @throws IllegalArgumentException if the filter is larger than this grid, or the stride is below 1
     */
    public Grid convolved(Grid filter, int stride) {
        if (stride < 1 || filter.rows > rows || filter.columns > columns) {
            throw new IllegalArgumentException("a filter of " + filter.rows + "×" + filter.columns + " with stride "
                    + stride + " on a grid of " + rows + "×" + columns);
        }
        int down = (rows - filter.rows) / stride + 1;
        int across = (columns - filter.columns) / stride + 1;
        float[] sums = new float[down * across];
        for (int i = 0; i < sums.length; i++) {
            int first = i / across * stride * columns + i % across * stride;
            double sum = 0;
            for (int f = 0; f < filter.values.length; f++) {
                sum += (double) filter.values[f] * values[first + f / filter.columns * columns + f % filter.columns];
            }
            sums[i] = (float) sum;
        }
        return new Grid(down, across, sums);
    }

    /**
     * The largest number of each square of {@code side} × {@code side}; what does not fill a square is left out.
     *
     * @throws IllegalArgumentException unless a square of 1×1 or more fits
     */
    public Grid maxPooled(int side) {
        if (side < 1 || side > rows || side > columns) {
            throw new IllegalArgumentException("squares of side " + side + " on a grid of " + rows + "×" + columns);
        }
        int across = columns / side;
        float[] largest = new float[rows / side * across];
        for (int i = 0; i < largest.length; i++) {
            largest[i] = crop(i / across * side, i % across * side, side, side).max();
        }
        return new Grid(rows / side, across, largest);
    }

    /** The grid in another size: each number is the mean over the area that it covers; half a cell counts half. */
    public Grid averaged(int newRows, int newColumns) {
        return averagedAcross(newColumns).transposed().averagedAcross(newRows).transposed();
    }

    private Grid averagedAcross(int newColumns) {
        float[] result = new float[rows * newColumns];
        double step = (double) columns / newColumns;
        for (int c = 0; c < newColumns; c++) {
            double from = c * step;
            double to = Math.min(columns, from + step);
            for (int old = (int) from; old < to; old++) {
                float share = (float) ((Math.min(to, old + 1) - Math.max(from, old)) / step);
                for (int r = 0; r < rows; r++) result[r * newColumns + c] += share * values[r * columns + old];
            }
        }
        return new Grid(rows, newColumns, result);
    }

    /** The grid with rows and columns exchanged. */
    public Grid transposed() {
        float[] result = new float[values.length];
        for (int r = 0; r < rows; r++) for (int c = 0; c < columns; c++) result[c * rows + r] = values[r * columns + c];
        return new Grid(columns, rows, result);
    }

    /** The grid in another, usually larger size, interpolated between the centers of the cells. */
    public Grid interpolated(int newRows, int newColumns) {
        float[] result = new float[newRows * newColumns];
        for (int i = 0; i < result.length; i++) {
            double row = clamp((i / newColumns + 0.5) * rows / newRows - 0.5, rows);
            double column = clamp((i % newColumns + 0.5) * columns / newColumns - 0.5, columns);
            int left = (int) column;
            int right = Math.min(columns - 1, left + 1);
            int upper = ((int) row) * columns;
            int lower = Math.min(rows - 1, (int) row + 1) * columns;
            result[i] = bilinear(values[upper + left], values[upper + right], values[lower + left],
                    values[lower + right], (float) (row - (int) row), (float) (column - left));
        }
        return new Grid(newRows, newColumns, result);
    }

    /**
     * Mixes the numbers at the four corners of a cell: bilinear interpolation in single precision, for whole images.
     *
     * @param down   how far the point lies below the upper corners, 0 to 1
     * @param across how far it lies to the right of the left corners, 0 to 1
     */
    public static float bilinear(float upperLeft, float upperRight, float lowerLeft, float lowerRight,
                                 float down, float across) {
        float upper = (1 - across) * upperLeft + across * upperRight;
        float lower = (1 - across) * lowerLeft + across * lowerRight;
        return (1 - down) * upper + down * lower;
    }

    /**
     * The number at a point between the cells: bilinear interpolation in double precision. A point outside gets the
     * number at the nearest edge. Row 0 is the center of the first row, 0.5 lies halfway to the second.
     */
    public float between(double row, double column) {
        double r = clamp(row, rows);
        double c = clamp(column, columns);
        int top = (int) r;
        int left = (int) c;
        int bottom = Math.min(rows - 1, top + 1);
        int right = Math.min(columns - 1, left + 1);
        double upper = value(top, left) * (1 - c + left) + value(top, right) * (c - left);
        double lower = value(bottom, left) * (1 - c + left) + value(bottom, right) * (c - left);
        return (float) (upper * (1 - r + top) + lower * (r - top));
    }

    private static double clamp(double position, int length) {
        return Math.max(0, Math.min(length - 1, position));
    }

    /** Row and column of the center of mass, each cell weighted by its number; NaN if the numbers sum to 0. */
    public double[] centerOfMass() {
        double mass = 0;
        double row = 0;
        double column = 0;
        for (int i = 0; i < values.length; i++) {
            mass += values[i];
            row += (double) values[i] * (i / columns);
            column += (double) values[i] * (i % columns);
        }
        return new double[] {row / mass, column / mass};
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Grid grid && grid.rows == rows && grid.columns == columns
                && Arrays.equals(grid.values, values);
    }

    @Override
    public int hashCode() {
        return Objects.hash(rows, columns, Arrays.hashCode(values));
    }

    /** The size and the range of the numbers. */
    @Override
    public String toString() {
        return rows + "×" + columns + " from " + min() + " to " + max();
    }
}
