package digits.image;

import java.awt.image.BufferedImage;
import java.util.List;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The ink of a drawing, 0 (paper) to 1 (ink), and the steps by which MNIST's digits were made, so that a digit drawn
 * today looks like those that a network has learned from; immutable.
 *
 * <blockquote>“The original black and white (bilevel) images from NIST were size normalized to fit in a 20x20 pixel box
 * while preserving their aspect ratio. The resulting images contain grey levels as a result of the anti-aliasing
 * technique used by the normalization algorithm. The images were centered in a 28x28 image by computing the center of
 * mass of the pixels, and translating the image so as to position this point at the center of the 28x28 field.” (Yann
 * LeCun, Corinna Cortes, Christopher Burges: <i>The MNIST database of handwritten digits</i>; also LeCun, Bottou,
 * Bengio, Haffner: “Gradient-based learning applied to document recognition”, 1998)</blockquote>
 *
 * <p>The source leaves three things open. Here the anti-aliasing is the mean over an area, the box encloses all ink
 * above {@value #PAPER}, and the digit moves by whole pixels.
 */
public final class Ink {
    /** Side of the box that a digit is scaled into. */
    public static final int BOX = 20;
    /** Side of the finished image. */
    public static final int SIDE = 28;
    static final float PAPER = 0.1f;   // fainter ink counts as paper when the digit is cropped
    private static final int LARGEST = 4_096;   // side of a drawing; larger pictures are photographs

    private final Grid grid;
    private final boolean separate;   // whether this is one digit, already separated from others

    private Ink(Grid grid) {
        this(grid, false);
    }

    private Ink(Grid grid, boolean separate) {
        this.grid = grid;
        this.separate = separate;
    }

    /** Ink, 0 to 1, that is known to be one digit. */
    static Ink ofOneDigit(Grid ink) {
        return new Ink(ink, true);
    }

    /** The numbers of an image as ink; a number outside 0 to 1 becomes the nearer of the two, and NaN becomes 0. */
    public static Ink of(Grid image) {
        return new Ink(image.map(value -> value > 0 ? Math.min(1, value) : 0));
    }

    /**
     * Copies ink from unsigned bytes, 0 (paper) to 255 (ink), as a canvas holds them and {@link #bytes()} returns them.
     *
     * @param ink row by row
     * @throws PictureException unless there are 1 to 4,096 rows and columns and one value for each pixel
     */
    public static Ink of(int rows, int columns, byte... ink) {
        check(rows, columns, ink.length);
        float[] values = new float[ink.length];
        for (int i = 0; i < ink.length; i++) values[i] = (ink[i] & 0xff) / 255f;
        return new Ink(Grid.of(rows, columns, values));
    }

    /**
     * The ink of a clean drawing: the darker a pixel, the more; transparent is paper. {@link Photo} reads photographs.
     *
     * @throws PictureException if a side is longer than 4,096 pixels
     */
    public static Ink of(BufferedImage drawing) {
        int rows = drawing.getHeight();
        int columns = drawing.getWidth();
        check(rows, columns, (long) rows * columns);
        float[] ink = new float[rows * columns];
        for (int r = 0; r < rows; r++) {
            int[] colors = Pixels.row(drawing, r);
            for (int c = 0; c < columns; c++) ink[r * columns + c] = Pixels.darkness(colors[c]);
        }
        return new Ink(Grid.of(rows, columns, ink));
    }

    private static void check(int rows, int columns, long values) {
        if (rows < 1 || columns < 1 || rows > LARGEST || columns > LARGEST || (long) rows * columns != values) {
            throw new PictureException("ink of " + columns + "×" + rows + " pixels with " + values
                    + " values; there must be 1 to " + LARGEST + " columns and rows, and one value for each pixel");
        }
    }

    /** The image enlarged to a square canvas and sent through all steps: for MNIST's digits, nearly the same image. */
    public static Grid redrawn(Grid image, int canvas) {
        return of(image).enlargedTo(canvas).prepared().grid;
    }

    /** The numbers, 0 (paper) to 1 (ink). */
    public Grid grid() {
        return grid;
    }

    /**
     * All steps: {@link #cropped()}, {@link #scaledInto scaledInto(20)}, {@link #centeredIn centeredIn(28)}. Stray dots
     * are left out before. Ink of 28×28 pixels that has gone through these steps already is returned as it is.
     *
     * @throws PictureException if there is no ink, or if it shows several digits side by side
     */
    public Ink asInMnist() {
        if (isInMnistsForm()) return this;
        List<Ink> digits = digits();
        if (digits.size() > 1) throw Shapes.several(digits.size(), "Ink.digits()");
        return digits.get(0).prepared();
    }

    /**
     * The digits of a number, from left to right, each without stray dots: shapes side by side that are about equally
     * tall. Strokes above each other or close together stay one digit.
     *
     * @throws PictureException if there is no ink, or there are more than {@value Shapes#MOST} shapes
     */
    public List<Ink> digits() {
        if (separate) return List.of(this);
        List<Shapes.Piece> pieces = Shapes.pieces(grid);
        List<Shapes.Piece> digits = Shapes.digits(pieces, grid.columns());
        int pixels = digits.stream().mapToInt(digit -> digit.pixels().length).sum();
        boolean all = pixels == pieces.stream().mapToInt(piece -> piece.pixels().length).sum();
        // whole as it is, with strokes that are too faint to be told from soft edges
        if (digits.isEmpty() || digits.size() == 1 && all) return List.of(this);
        return digits.stream().map(digit -> Shapes.ink(grid, digit)).toList();
    }

    private Ink prepared() {
        return cropped().scaledInto(BOX).centeredIn(SIDE);
    }

    /** Whether this could be one of MNIST's own images: 28×28, within 20×20, and centered by mass. */
    boolean isInMnistsForm() {
        if (grid.rows() != SIDE || grid.columns() != SIDE || !(grid.max() > PAPER)) return false;
        Grid box = cropped().grid;
        double[] center = grid.centerOfMass();
        return Math.max(box.rows(), box.columns()) <= BOX && Math.max(box.rows(), box.columns()) >= BOX - 2
                && Math.abs(center[0] - SIDE / 2) <= 1 && Math.abs(center[1] - SIDE / 2) <= 1;
    }

    /**
     * The smallest rectangle that contains all ink.
     *
     * @throws PictureException if there is no ink
     */
    public Ink cropped() {
        int top = grid.rows();
        int bottom = -1;
        int left = grid.columns();
        int right = -1;
        for (int r = 0; r < grid.rows(); r++) {
            for (int c = 0; c < grid.columns(); c++) {
                if (!(grid.value(r, c) > PAPER)) continue;
                top = Math.min(top, r);
                bottom = r;
                left = Math.min(left, c);
                right = Math.max(right, c);
            }
        }
        if (bottom < 0) throw new PictureException("There is no ink on the paper: draw a digit first.");
        return new Ink(grid.crop(top, left, bottom - top + 1, right - left + 1));
    }

    /** Scales to the largest size, in whole pixels, that fits into a square box and keeps the aspect ratio. */
    public Ink scaledInto(int box) {
        double scale = (double) box / Math.max(grid.rows(), grid.columns());
        int rows = Math.max(1, (int) Math.round(grid.rows() * scale));
        int columns = Math.max(1, (int) Math.round(grid.columns() * scale));
        return new Ink(grid.averaged(rows, columns));   // the anti-aliasing, and the reason for MNIST's grays
    }

    /**
     * Places the ink in a square of this side, moved by whole pixels so that the center of mass is nearest to pixel
     * {@code side / 2}, where it lies in MNIST's images, but not beyond the edge.
     *
     * @throws PictureException if the ink is larger than the square, or there is none
     */
    public Ink centeredIn(int side) {
        int rows = grid.rows();
        int columns = grid.columns();
        if (rows > side || columns > side) {
            throw new PictureException(this + " does not fit into " + side + "×" + side + ": scale it first");
        }
        double[] center = grid.centerOfMass();
        if (Double.isNaN(center[0])) throw new PictureException("There is no ink on the paper: draw a digit first.");
        return new Ink(grid.pad(offset(center[0], rows, side), offset(center[1], columns, side), side, side));
    }

    private static int offset(double center, int length, int side) {
        return Math.max(0, Math.min(side - length, (int) Math.round(side / 2.0 - center)));
    }

    /** Enlarges to a square canvas of this side, smooth between the pixels (bilinear). */
    public Ink enlargedTo(int side) {
        if (side < 1 || side > LARGEST) {
            throw new PictureException("a canvas of " + side + " pixels; it must have 1 to " + LARGEST);
        }
        return new Ink(grid.interpolated(side, side));
    }

    /** The ink as unsigned bytes, 0 to 255, row by row, as data sets store it. */
    public byte[] bytes() {
        float[] ink = grid.values();
        byte[] bytes = new byte[ink.length];
        for (int i = 0; i < ink.length; i++) bytes[i] = (byte) Math.round(255 * ink[i]);
        return bytes;
    }

    /** The ink as a network reads it: FLOAT [1, 1, rows, columns], 0 to 1 in steps of 1/255, as in every data set. */
    public INDArray toArray() {
        return of(grid.rows(), grid.columns(), bytes()).grid.toArray();
    }

    /** For example “ink of 20×14 pixels”. */
    @Override
    public String toString() {
        return "ink of " + grid.columns() + "×" + grid.rows() + " pixels";
    }
}
