package digits.image;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Numbers in rows and columns, as a filter, a feature map or a saliency map has them; immutable. Row 0 is the top. */
public final class Grid {
    private final int rows;
    private final int columns;
    private final float[] values;   // row by row

    private Grid(int rows, int columns, float[] values) {
        this.rows = rows;
        this.columns = columns;
        this.values = values;
    }

    /**
     * A plane with a copy of these numbers.
     *
     * @param values row by row
     * @throws IllegalArgumentException if there are no rows or columns, or their product is another number than there are values
     */
    public static Grid of(int rows, int columns, float... values) {
        if (rows < 1 || columns < 1 || values.length != (long) rows * columns) {
            throw new IllegalArgumentException("a plane of " + rows + "×" + columns + " with " + values.length + " values");
        }
        return new Grid(rows, columns, values.clone());
    }

    /**
     * The planes that an array of shape [… , rows, columns] is made of, those of the first image or filter first. (Taken from its numbers
     * in order: ND4J's {@code get} with several points may lose the dimensions of size 1 besides those that it is to take out.)
     */
    public static List<Grid> all(INDArray array) {
        int rows = (int) array.size(-2);
        int columns = (int) array.size(-1);
        float[] numbers = array.castTo(DataType.FLOAT).dup('c').data().asFloat();
        List<Grid> planes = new ArrayList<>();
        for (int from = 0; from < numbers.length; from += rows * columns) {
            planes.add(new Grid(rows, columns, Arrays.copyOfRange(numbers, from, from + rows * columns)));
        }
        return planes;
    }

    public int rows() {
        return rows;
    }

    public int columns() {
        return columns;
    }

    public float value(int row, int column) {
        return values[Objects.checkIndex(row, rows) * columns + Objects.checkIndex(column, columns)];
    }

    /** A copy of the numbers, row by row. */
    public float[] values() {
        return values.clone();
    }

    public float min() {
        float min = values[0];
        for (float value : values) min = Math.min(min, value);
        return min;
    }

    public float max() {
        float max = values[0];
        for (float value : values) max = Math.max(max, value);
        return max;
    }

    /** The largest distance of a number from zero. */
    public float magnitude() {
        return Math.max(max(), -min());
    }

    /**
     * The number between the grid's points, bilinear; beyond the outermost points their own number.
     *
     * @param row    0 is the first row, 0.5 half way to the second
     * @param column likewise
     */
    public float between(double row, double column) {
        double r = Math.max(0, Math.min(rows - 1, row));
        double c = Math.max(0, Math.min(columns - 1, column));
        int top = (int) r;
        int left = (int) c;
        int bottom = Math.min(rows - 1, top + 1);
        int right = Math.min(columns - 1, left + 1);
        double upper = value(top, left) + (c - left) * (value(top, right) - value(top, left));
        double lower = value(bottom, left) + (c - left) * (value(bottom, right) - value(bottom, left));
        return (float) (upper + (r - top) * (lower - upper));
    }

    /**
     * Mixes the numbers at the four corners of a cell.
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

    @Override
    public boolean equals(Object other) {
        return other instanceof Grid plane && plane.rows == rows && plane.columns == columns && Arrays.equals(plane.values, values);
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
