package digits.pictures;

import digits.image.Grid;
import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.Shape;
import java.awt.font.FontRenderContext;
import java.awt.geom.Ellipse2D;
import java.awt.image.BufferedImage;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.IntBinaryOperator;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/**
 * The look shared by all pictures: fonts, white paper, and the colors of Okabe and Ito (<i>Color Universal Design</i>,
 * 2008), which readers with any of the common color-vision deficiencies can tell apart.
 */
public final class Style {
    /** Width of most pictures in pixels: about what JupyterLab gives an output before it shrinks the picture. */
    static final int WIDTH = 900;

    static final Color BLUE = new Color(0x0072B2);
    static final Color VERMILION = new Color(0xD55E00);
    public static final Color GREEN = new Color(0x009E73);
    static final Color PURPLE = new Color(0xCC79A7);
    public static final Color SKY = new Color(0x56B4E9);
    static final Color AMBER = new Color(0xE69F00);
    static final Color YELLOW = new Color(0xF0E442);
    public static final Color GRAY = new Color(0x8C959F);

    static final BasicStroke CURVE = new BasicStroke(2f, BasicStroke.CAP_ROUND, BasicStroke.JOIN_ROUND);

    static final Color PAPER = Color.WHITE;
    static final Color INK = new Color(0x1F2328);
    static final Color MUTED = new Color(0x57606A);
    static final Color RULE = new Color(0xD8DEE4);

    private static final FontRenderContext METRICS = new FontRenderContext(null, true, true);   // as painted below

    private Style() { }

    static Font font(double size) {
        return new Font(Font.SANS_SERIF, Font.PLAIN, 12).deriveFont((float) size);
    }

    static Font bold(double size) {
        return new Font(Font.SANS_SERIF, Font.BOLD, 12).deriveFont((float) size);
    }

    /**
     * A picture of this size on the page: white paper with what the painter draws on it, with smooth lines and text.
     * The painter's coordinates are those of the page; two pixels in each direction make up one of its units.
     *
     * @param sentence what a reader would see, with figures from the data; ends with a period
     */
    static Picture picture(int width, int height, String sentence, Consumer<Graphics2D> painter) {
        checkFonts();
        Picture picture = new Picture(width, height, sentence);
        Graphics2D g = picture.createGraphics();
        g.scale(Picture.SCALE, Picture.SCALE);
        g.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
        g.setRenderingHint(RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
        g.setRenderingHint(RenderingHints.KEY_FRACTIONALMETRICS, RenderingHints.VALUE_FRACTIONALMETRICS_ON);
        g.setRenderingHint(RenderingHints.KEY_STROKE_CONTROL, RenderingHints.VALUE_STROKE_PURE);
        g.setColor(PAPER);
        g.fillRect(0, 0, width, height);
        g.setColor(INK);
        painter.accept(g);
        g.dispose();
        return picture;
    }

    /** Takes the place of a picture that would be empty. */
    static Picture nothingToShow() {
        return picture(180, 40, "Nothing to show.", g -> centered(g, font(13), MUTED, "nothing to show", 90, 25));
    }

    /** Writes one line with its left end at {@code x}, on the baseline {@code y}. */
    static void write(Graphics2D g, Font font, Color color, String text, double x, double y) {
        g.setFont(font);
        g.setColor(color);
        g.drawString(text, (float) x, (float) y);
    }

    static void centered(Graphics2D g, Font font, Color color, String text, double x, double y) {
        write(g, font, color, text, x - width(font, text) / 2.0, y);
    }

    /** The same for a line of at most this width: longer text is written smaller, and if need be cut. */
    static void centered(Graphics2D g, Font font, Color color, String text, double x, double y, double width) {
        Font smaller = smaller(font, text, width);
        centered(g, smaller, color, fitted(smaller, text, width), x, y);
    }

    /** The font, or one of as little as three quarters of its size with which the text fits into this width. */
    private static Font smaller(Font font, String text, double width) {
        double share = width / Math.max(1, width(font, text));
        return share >= 1 ? font : font.deriveFont((float) Math.max(0.75, 0.98 * share) * font.getSize2D());
    }

    static void rightAligned(Graphics2D g, Font font, Color color, String text, double x, double y) {
        write(g, font, color, text, x - width(font, text), y);
    }

    /** The text, or as much of its beginning as fits into {@code width} pixels with an ellipsis. */
    static String fitted(Font font, String text, double width) {
        if (width(font, text) <= width) return text;
        return IntStream.iterate(text.length() - 1, end -> end > 0, end -> end - 1)
                .mapToObj(end -> text.substring(0, end).stripTrailing() + "…")
                .filter(shorter -> width(font, shorter) <= width).findFirst().orElse("…");
    }

    /** Width of a text in pixels. */
    static int width(Font font, String text) {
        return (int) Math.round(font.getStringBounds(text, METRICS).getWidth());
    }

    /** Fills a rectangle and draws a line around it, which lies to its right and below on the next pixel. */
    static void box(Graphics2D g, Color fill, Color line, int x, int y, int width, int height) {
        g.setColor(fill);
        g.fillRect(x, y, width, height);
        g.setColor(line);
        g.drawRect(x, y, width, height);
    }

    /** Draws a frame around a rectangle, outside it on all sides. */
    static void frame(Graphics2D g, Color color, int x, int y, int width, int height) {
        g.setColor(color);
        g.drawRect(x - 1, y - 1, width + 1, height + 1);
    }

    /** A small picture, to be drawn larger, of pixels whose RGB value the operator computes from row and column. */
    static BufferedImage pixels(int rows, int columns, IntBinaryOperator pixel) {
        BufferedImage picture = new BufferedImage(columns, rows, BufferedImage.TYPE_INT_RGB);
        for (int r = 0; r < rows; r++) {
            for (int c = 0; c < columns; c++) picture.setRGB(c, r, pixel.applyAsInt(r, c));
        }
        return picture;
    }

    /** Draws a picture into a rectangle, with an interpolation of {@link RenderingHints}. */
    static void draw(Graphics2D g, BufferedImage picture, Object interpolation, int x, int y, int width, int height) {
        g.setRenderingHint(RenderingHints.KEY_INTERPOLATION, interpolation);
        g.drawImage(picture, x, y, width, height, null);
    }

    /** A digit's or a drawing's ink, pixel by pixel. */
    static BufferedImage pixels(Grid ink) {
        return pixels(ink.rows(), ink.columns(), (r, c) -> shade(ink.value(r, c)).getRGB());
    }

    static Shape circle(double x, double y, double radius) {
        return new Ellipse2D.Double(x - radius, y - radius, 2 * radius, 2 * radius);
    }

    /** @throws IllegalArgumentException if {@code columns} is not 1 to {@code most} */
    static int checkColumns(int columns, int most) {
        if (columns < 1 || columns > most) {
            throw new IllegalArgumentException("columns is " + columns + "; it has to be 1 to " + most);
        }
        return columns;
    }

    /** The names 0, 1, 2 … of digits. */
    static List<String> digits(int n) {
        return IntStream.range(0, n).mapToObj(String::valueOf).toList();
    }

    /** From {@code a} (share 0) to {@code b} (share 1). */
    static Color mix(Color a, Color b, double share) {
        double s = Math.max(0, Math.min(1, share));
        return new Color((int) Math.round(a.getRed() + s * (b.getRed() - a.getRed())),
                (int) Math.round(a.getGreen() + s * (b.getGreen() - a.getGreen())),
                (int) Math.round(a.getBlue() + s * (b.getBlue() - a.getBlue())));
    }

    /** The color with this opacity, 0 (invisible) to 255. */
    static Color faint(Color color, int alpha) {
        return new Color(color.getRed(), color.getGreen(), color.getBlue(), alpha);
    }

    /** White or ink, whichever is easier to read on this ground. */
    public static Color textOn(Color ground) {
        return contrast(ground, PAPER) > contrast(ground, INK) ? PAPER : INK;
    }

    /** Contrast ratio as WCAG 2.1 defines it, 1 to 21. */
    public static double contrast(Color a, Color b) {
        double ratio = (luminance(a) + 0.05) / (luminance(b) + 0.05);
        return Math.max(ratio, 1 / ratio);
    }

    private static double luminance(Color c) {
        return 0.2126 * linear(c.getRed()) + 0.7152 * linear(c.getGreen()) + 0.0722 * linear(c.getBlue());
    }

    private static double linear(int channel) {
        double c = channel / 255.0;
        return c <= 0.04045 ? c / 12.92 : Math.pow((c + 0.055) / 1.055, 2.4);
    }

    /** How dark a pixel of this value, 0 (background) to 1 (ink), is drawn. */
    public static Color shade(double ink) {
        int level = 255 - (int) Math.round(255 * Math.max(0, Math.min(1, ink)));
        return new Color(level, level, level);
    }

    /** {@code #rrggbb} for HTML. */
    public static String hex(Color c) {
        return "#%06x".formatted(c.getRGB() & 0xffffff);
    }

    /** Checks that Java finds a font: without one, pictures would fail in obscure ways. */
    static void checkFonts() {
        checkFonts(() -> width(font(12), "0"));
    }

    static void checkFonts(Supplier<Integer> probe) {
        Throwable cause = null;
        try {
            if (probe.get() > 0) return;
        } catch (RuntimeException | LinkageError | InternalError noFonts) {   // Java 17 throws any of the three
            cause = noFonts;
        }
        throw new IllegalStateException("Java finds no font on this machine, so no picture with text can be drawn. "
                + "Install fontconfig and one font, on Debian and Ubuntu: "
                + "apt-get install fontconfig fonts-dejavu-core; then restart the kernel", cause);
    }
}
