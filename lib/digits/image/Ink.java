package digits.image;

import digits.data.DataException;
import digits.data.LabeledImages;
import java.awt.image.BufferedImage;
import java.util.Objects;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * How much ink is where, 0 (paper) to 1 (ink), in rows and columns; immutable. And the steps by which MNIST's digits were made, so that a
 * digit drawn today looks to a network like those that it has learnt from:
 *
 * <blockquote>«The original black and white (bilevel) images from NIST were size normalized to fit in a 20x20 pixel box while preserving
 * their aspect ratio. The resulting images contain grey levels as a result of the anti-aliasing technique used by the normalization
 * algorithm. The images were centered in a 28x28 image by computing the center of mass of the pixels, and translating the image so as to
 * position this point at the center of the 28x28 field.» (Yann LeCun, Corinna Cortes, Christopher Burges: <i>The MNIST database of
 * handwritten digits</i>; also LeCun, Bottou, Bengio, Haffner: «Gradient-based learning applied to document recognition», 1998)</blockquote>
 *
 * <p>What the source leaves open: the anti-aliasing is an average over areas, the box is that of all ink above {@value #PAPER}, and the
 * digit is moved by whole pixels.
 */
public final class Ink {
    /** The box that a digit is scaled into, and the side of the finished image. */
    public static final int BOX = 20;
    public static final int SIDE = 28;

    /** Ink fainter than this is paper when the digit is cropped. */
    static final float PAPER = 0.1f;
    /** Of a drawing; larger ones are photographs, which {@link Photo} makes smaller. */
    private static final int LARGEST = 4_096;

    private final int rows;
    private final int columns;
    private final float[] ink;   // row by row

    private Ink(int rows, int columns, float[] ink) {
        this.rows = rows;
        this.columns = columns;
        this.ink = ink;
    }

    /**
     * Ink from numbers, which are copied; what is outside 0 to 1 is taken as the nearest of the two, NaN as 0.
     *
     * @param ink row by row
     * @throws DataException if there are no rows or columns, more than 4,096 of them, or another number of values
     */
    public static Ink of(int rows, int columns, float... ink) {
        check(rows, columns, ink.length);
        float[] copy = new float[ink.length];
        for (int i = 0; i < ink.length; i++) copy[i] = ink[i] > 0 ? Math.min(1, ink[i]) : 0;
        return new Ink(rows, columns, copy);
    }

    /** The same from unsigned bytes, 0 (paper) to 255 (ink), as a canvas has them and as {@link #bytes()} gives them. */
    public static Ink of(int rows, int columns, byte... ink) {
        check(rows, columns, ink.length);
        float[] values = new float[ink.length];
        for (int i = 0; i < ink.length; i++) values[i] = (ink[i] & 0xff) / 255f;
        return new Ink(rows, columns, values);
    }

    /** Image {@code i} of a set. */
    public static Ink of(LabeledImages images, int i) {
        byte[] pixels = new byte[images.rows() * images.columns()];
        images.bytes(i).get(pixels);
        return of(images.rows(), images.columns(), pixels);
    }

    /**
     * The ink of a clean drawing: the darker, the more; what is transparent is paper. For a photograph, with its shadows, {@link Photo}.
     *
     * @throws DataException if a side is longer than 4,096 pixels
     */
    public static Ink of(BufferedImage drawing) {
        int rows = drawing.getHeight();
        int columns = drawing.getWidth();
        check(rows, columns, (long) rows * columns);
        int[] colours = drawing.getRGB(0, 0, columns, rows, null, 0, columns);
        float[] ink = new float[colours.length];
        for (int i = 0; i < ink.length; i++) ink[i] = (colours[i] >>> 24) / 255f * (1 - Photo.brightness(colours[i]));
        return new Ink(rows, columns, ink);
    }

    private static void check(int rows, int columns, long values) {
        if (rows < 1 || columns < 1 || rows > LARGEST || columns > LARGEST || (long) rows * columns != values) {
            throw new DataException("ink of " + columns + "×" + rows + " pixels with " + values + " values; there has to be one for each of "
                    + "1 to " + LARGEST + " columns and rows");
        }
    }

    public int rows() {
        return rows;
    }

    public int columns() {
        return columns;
    }

    /** 0 (paper) to 1 (ink); row 0 is the top. */
    public float at(int row, int column) {
        return ink[Objects.checkIndex(row, rows) * columns + Objects.checkIndex(column, columns)];
    }

    /** All steps: {@link #cropped()}, {@link #scaledInto scaledInto(20)}, {@link #centredIn centredIn(28)}. */
    public Ink asInMnist() {
        return cropped().scaledInto(BOX).centredIn(SIDE);
    }

    /**
     * The smallest rectangle with all ink in it.
     *
     * @throws DataException if there is none
     */
    public Ink cropped() {
        int top = rows;
        int bottom = -1;
        int left = columns;
        int right = -1;
        for (int r = 0; r < rows; r++) {
            for (int c = 0; c < columns; c++) {
                if (!(ink[r * columns + c] > PAPER)) continue;
                top = Math.min(top, r);
                bottom = r;
                left = Math.min(left, c);
                right = Math.max(right, c);
            }
        }
        if (bottom < 0) throw new DataException("There is no ink on the paper: draw a digit first.");
        float[] inside = new float[(bottom - top + 1) * (right - left + 1)];
        for (int r = top; r <= bottom; r++) {
            System.arraycopy(ink, r * columns + left, inside, (r - top) * (right - left + 1), right - left + 1);
        }
        return new Ink(bottom - top + 1, right - left + 1, inside);
    }

    /** As large as fits into a square box of this side, the aspect kept (to whole pixels, at least one). */
    public Ink scaledInto(int box) {
        double scale = (double) box / Math.max(rows, columns);
        return averaged(Math.max(1, (int) Math.round(rows * scale)), Math.max(1, (int) Math.round(columns * scale)));
    }

    /**
     * Of this size, each pixel the mean over the area that it covers here: what falls half into a pixel counts half. That is the
     * anti-aliasing, the reason for MNIST's greys.
     */
    Ink averaged(int newRows, int newColumns) {
        float[] narrow = averaged(ink, rows, columns, newColumns);
        return new Ink(newRows, newColumns, transposed(averaged(transposed(narrow, rows, newColumns), newColumns, rows, newRows),
                newColumns, newRows));
    }

    private static float[] averaged(float[] values, int rows, int columns, int newColumns) {
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
        return result;
    }

    private static float[] transposed(float[] values, int rows, int columns) {
        float[] result = new float[values.length];
        for (int r = 0; r < rows; r++) for (int c = 0; c < columns; c++) result[c * rows + r] = values[r * columns + c];
        return result;
    }

    /**
     * Row and column of the centre of mass, each pixel weighed by its ink; the first pixel's middle is 0, 0.
     *
     * @throws DataException if there is no ink
     */
    public double[] centreOfMass() {
        double mass = 0;
        double row = 0;
        double column = 0;
        for (int i = 0; i < ink.length; i++) {
            mass += ink[i];
            row += (double) ink[i] * (i / columns);
            column += (double) ink[i] * (i % columns);
        }
        if (!(mass > 0)) throw new DataException("There is no ink on the paper, so it has no centre of mass.");
        return new double[] {row / mass, column / mass};
    }

    /**
     * In a square of this side, moved by whole pixels so that the centre of mass is nearest to pixel {@code side / 2}, where it lies in
     * MNIST's images; no further than to the edge.
     *
     * @throws DataException if it is larger than the square or has no ink
     */
    public Ink centredIn(int side) {
        if (rows > side || columns > side) {
            throw new DataException("ink of " + columns + "×" + rows + " pixels does not fit into " + side + "×" + side + ": scale it first");
        }
        double[] centre = centreOfMass();
        int down = place(centre[0], rows, side);
        int across = place(centre[1], columns, side);
        float[] square = new float[side * side];
        for (int r = 0; r < rows; r++) System.arraycopy(ink, r * columns, square, (r + down) * side + across, columns);
        return new Ink(side, side, square);
    }

    private static int place(double centre, int length, int side) {
        return Math.max(0, Math.min(side - length, (int) Math.round(side / 2.0 - centre)));
    }

    /** Blown up to a canvas of this side, smooth between the pixels (bilinear). */
    public Ink enlargedTo(int side) {
        if (side < 1 || side > LARGEST) throw new DataException("a canvas of " + side + " pixels; it has to be 1 to " + LARGEST);
        float[] canvas = new float[side * side];
        for (int r = 0; r < side; r++) {
            double row = Math.max(0, Math.min(rows - 1.0, (r + 0.5) * rows / side - 0.5));
            int top = Math.min(rows - 1, (int) row);
            int below = Math.min(rows - 1, top + 1);
            float down = (float) (row - top);
            for (int c = 0; c < side; c++) {
                double column = Math.max(0, Math.min(columns - 1.0, (c + 0.5) * columns / side - 0.5));
                int left = Math.min(columns - 1, (int) column);
                int right = Math.min(columns - 1, left + 1);
                float across = (float) (column - left);
                float upper = ink[top * columns + left] * (1 - across) + ink[top * columns + right] * across;
                float lower = ink[below * columns + left] * (1 - across) + ink[below * columns + right] * across;
                canvas[r * side + c] = upper * (1 - down) + lower * down;
            }
        }
        return new Ink(side, side, canvas);
    }

    /**
     * All images of a set blown up to a canvas and sent through the steps, with their labels: what the steps do to digits that have been
     * through them already.
     *
     * @throws DataException if an image has no ink
     */
    public static LabeledImages redrawn(LabeledImages images, int canvas) {
        byte[] pixels = new byte[images.size() * SIDE * SIDE];
        byte[] labels = new byte[images.size()];
        for (int i = 0; i < images.size(); i++) {
            byte[] digit = of(images, i).enlargedTo(canvas).asInMnist().bytes();
            System.arraycopy(digit, 0, pixels, i * SIDE * SIDE, digit.length);
            labels[i] = (byte) images.label(i);
        }
        return LabeledImages.of(pixels, labels, SIDE, SIDE, images.names());
    }

    /** The ink as unsigned bytes, 0 to 255, row by row: the form of {@link LabeledImages}. */
    public byte[] bytes() {
        byte[] bytes = new byte[ink.length];
        for (int i = 0; i < ink.length; i++) bytes[i] = (byte) Math.round(255 * ink[i]);
        return bytes;
    }

    /** The ink as a network reads it: shape [1, 1, rows, columns], 0 to 1, in steps of 1/255 like every image that it has learnt from. */
    public INDArray toArray() {
        float[] values = new float[ink.length];
        for (int i = 0; i < ink.length; i++) values[i] = Math.round(255 * ink[i]) / 255f;
        return Nd4j.createFromArray(values).reshape(1, 1, rows, columns);
    }

    /** For example «ink of 20×14 pixels». */
    @Override
    public String toString() {
        return "ink of " + columns + "×" + rows + " pixels";
    }
}
