package digits.pictures;

import digits.Text;
import digits.data.LabeledImages;
import digits.image.Grid;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The pixels of one image, ready to be drawn. Ink is drawn dark on white paper, as the digits were written; MNIST has
 * it the other way round as seen on a screen (255 is ink), so in every picture a larger value is darker.
 *
 * @param ink the amount of ink at each pixel, 0 (background) to 1
 */
public record Digit(Grid ink) {
    /** Image {@code i} of a set. */
    public static Digit of(LabeledImages images, int i) {
        return new Digit(images.grid(i));
    }

    /**
     * One image from an array of shape [rows, columns], or of more dimensions of which only two are above 1, such as
     * [1, 1, 28, 28] or [28, 28, 1]. Values are taken as 0 to 255 if the type is a whole number or one is above 1, and
     * as 0 to 1 otherwise; values outside that range are drawn as its nearer end. NaN is an error.
     */
    public static Digit of(INDArray array) {
        long[] sides = Arrays.stream(array.shape()).filter(side -> side != 1).toArray();
        if (sides.length != 2 || array.isEmpty()) {
            throw new IllegalArgumentException("one image has rows and columns, as [28, 28] or [1, 1, 28, 28];"
                    + " this array's shape is " + Arrays.toString(array.shape()));
        }
        Grid values = Grid.all(array.reshape(sides)).get(0);
        float highest = values.max();
        if (Float.isNaN(highest)) throw new IllegalArgumentException("a pixel of the image is not a number (NaN)");
        int full = array.dataType().isFPType() && highest <= 1 ? 1 : 255;
        return new Digit(values.map(value -> Math.max(0, Math.min(1, value / full))));
    }

    public int rows() {
        return ink.rows();
    }

    public int columns() {
        return ink.columns();
    }

    /** The amount of ink at a pixel, 0 to 1. */
    public double ink(int row, int column) {
        return ink.value(row, column);
    }

    /** The image with each pixel a square of side {@code scale}, 1 to 64; from 6 up with a grid over them. */
    public Picture enlarged(int scale) {
        if (scale < 1 || scale > 64) throw new IllegalArgumentException("scale is " + scale + "; it has to be 1 to 64");
        return Style.picture(columns() * scale + 2, rows() * scale + 2, sentence(), g -> drawEnlarged(g, 0, 0, scale));
    }

    private String sentence() {
        long inked = IntStream.range(0, rows() * columns()).filter(i -> ink(i / columns(), i % columns()) >= 0.5)
                .count();
        return "An image of " + rows() + " × " + columns() + " pixels, " + Text.whole(inked)
                + " of them more ink than paper.";
    }

    /** Draws each pixel as a square of this side, with a frame around them, its corner at x and y. */
    void drawEnlarged(Graphics2D g, int x, int y, int scale) {
        int width = columns() * scale;
        int height = rows() * scale;
        g.setColor(Style.GRAY);   // the frame
        g.fillRect(x, y, width + 2, height + 2);
        draw(g, x + 1, y + 1, width, height);
        g.setColor(Style.faint(Style.GRAY, 0x60));
        for (int line = scale; scale >= 6 && line < width; line += scale) g.fillRect(x + 1 + line, y + 1, 1, height);
        for (int line = scale; scale >= 6 && line < height; line += scale) g.fillRect(x + 1, y + 1 + line, width, 1);
    }

    /** Draws the pixels into this rectangle: as squares if they come out even, smoothed otherwise. */
    void draw(Graphics2D g, int x, int y, int width, int height) {
        boolean even = width % columns() == 0 && height % rows() == 0;
        Style.draw(g, Style.pixels(ink), even ? RenderingHints.VALUE_INTERPOLATION_NEAREST_NEIGHBOR
                : RenderingHints.VALUE_INTERPOLATION_BICUBIC, x, y, width, height);
    }
}
