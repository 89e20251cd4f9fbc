package digits.pictures;

import digits.data.LabeledImages;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.util.Arrays;
import java.util.Objects;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The pixels of one image, ready to be drawn; immutable. Ink is drawn dark on white paper, as the digits were written;
 * MNIST stores it the other way round as seen on a screen (255 is ink), so in every picture a larger value is darker.
 */
public final class Digit {
    private final int rows;
    private final int columns;
    private final double[] ink;   // 0 background to 1 ink, row by row

    private Digit(int rows, int columns, double[] ink) {
        this.rows = rows;
        this.columns = columns;
        this.ink = ink;
    }

    /** Image {@code i} of a set. */
    public static Digit of(LabeledImages images, int i) {
        double[] ink = new double[images.rows() * images.columns()];
        for (int p = 0; p < ink.length; p++) {
            ink[p] = images.pixel(i, p / images.columns(), p % images.columns()) / 255.0;
        }
        return new Digit(images.rows(), images.columns(), ink);
    }

    /**
     * One image from an array of shape [rows, columns], or of more dimensions of which only the last two are above 1,
     * as [1, 1, 28, 28] or [28, 28, 1]. Values are taken as 0 to 255 if the type is a whole number or one is above 1,
     * and as 0 to 1 otherwise; what lies outside is drawn as the nearest of the two ends.
     *
     * @throws IllegalArgumentException if the array holds more or less than one image, or a value that is not a number
     */
    public static Digit of(INDArray array) {
        long[] sides = Arrays.stream(array.shape()).filter(side -> side != 1).toArray();
        if (sides.length != 2 || array.isEmpty()) {
            throw new IllegalArgumentException("one image has rows and columns, as [28, 28] or [1, 1, 28, 28];"
                    + " this array's shape is "
                    + Arrays.toString(array.shape()));
        }
        double[] values = array.dup('c').castTo(DataType.DOUBLE).data().asDouble();
        double highest = Arrays.stream(values).max().orElse(0);
        if (Double.isNaN(highest)) throw new IllegalArgumentException("the image has a pixel that is not a number (NaN)");
        double ink = array.dataType().isFPType() && highest <= 1 ? 1 : 255;
        for (int i = 0; i < values.length; i++) values[i] = Math.max(0, Math.min(1, values[i] / ink));
        return new Digit((int) sides[0], (int) sides[1], values);
    }

    public int rows() {
        return rows;
    }

    public int columns() {
        return columns;
    }

    /** How much ink is there, 0 to 1. */
    public double ink(int row, int column) {
        return ink[Objects.checkIndex(row, rows) * columns + Objects.checkIndex(column, columns)];
    }

    /**
     * The image with each pixel as a square of {@code scale} by {@code scale}; from 6 up with a fine grid between them,
     * so that single pixels can be counted.
     *
     * @param scale 1 to 64
     */
    public BufferedImage enlarged(int scale) {
        if (scale < 1 || scale > 64) throw new IllegalArgumentException("scale is " + scale + "; it has to be 1 to 64");
        BufferedImage picture = new BufferedImage(columns * scale + 2, rows * scale + 2, BufferedImage.TYPE_INT_RGB);
        Graphics2D g = picture.createGraphics();
        g.setColor(Style.PAPER);
        g.fillRect(0, 0, picture.getWidth(), picture.getHeight());
        draw(g, 1, 1, columns * scale, rows * scale);
        if (scale >= 6) {
            g.setColor(new Color(0x8C, 0x95, 0x9F, 0x60));
            for (int c = 1; c < columns; c++) g.fillRect(1 + c * scale, 1, 1, rows * scale);
            for (int r = 1; r < rows; r++) g.fillRect(1, 1 + r * scale, columns * scale, 1);
        }
        g.setColor(Style.GREY);
        g.drawRect(0, 0, columns * scale + 1, rows * scale + 1);
        g.dispose();
        return picture;
    }

    /** Draws the pixels into this rectangle: as squares if they come out even, smoothed otherwise. */
    void draw(Graphics2D g, int x, int y, int width, int height) {
        BufferedImage pixels = new BufferedImage(columns, rows, BufferedImage.TYPE_INT_RGB);
        for (int r = 0; r < rows; r++) {
            for (int c = 0; c < columns; c++) pixels.setRGB(c, r, Style.shade(ink(r, c)).getRGB());
        }
        boolean even = width % columns == 0 && height % rows == 0;
        g.setRenderingHint(RenderingHints.KEY_INTERPOLATION, even ? RenderingHints.VALUE_INTERPOLATION_NEAREST_NEIGHBOR
                : RenderingHints.VALUE_INTERPOLATION_BICUBIC);
        g.drawImage(pixels, x, y, width, height, null);
    }
}
