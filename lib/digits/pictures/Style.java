package digits.pictures;

import digits.Text;
import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.util.function.Supplier;
import org.knowm.xchart.style.AxesChartStyler;
import org.knowm.xchart.style.Styler;

/**
 * The one look of all pictures: colours, fonts, paper.
 *
 * <p>The colours are those of Okabe and Ito (<i>Color Universal Design</i>, 2008), which readers with any of the common
 * colour-vision deficiencies can tell apart.
 */
public final class Style {
    /** About what JupyterLab gives an output before it shrinks the picture. */
    static final int WIDTH = 900;

    static final Color BLUE = new Color(0x0072B2);
    static final Color VERMILION = new Color(0xD55E00);
    public static final Color GREEN = new Color(0x009E73);
    static final Color PURPLE = new Color(0xCC79A7);
    public static final Color SKY = new Color(0x56B4E9);
    static final Color AMBER = new Color(0xE69F00);
    static final Color YELLOW = new Color(0xF0E442);
    public static final Color GREY = new Color(0x8C959F);

    static final Color PAPER = Color.WHITE;
    static final Color INK = new Color(0x1F2328);
    static final Color MUTED = new Color(0x57606A);
    static final Color RULE = new Color(0xD8DEE4);

    enum Align { LEFT, CENTRE, RIGHT }

    private static boolean fontsChecked;

    private Style() {
    }

    static Font font(float size) {
        return new Font(Font.SANS_SERIF, Font.PLAIN, 12).deriveFont(size);
    }

    static Font bold(float size) {
        return new Font(Font.SANS_SERIF, Font.BOLD, 12).deriveFont(size);
    }

    /** White paper of this size. */
    static BufferedImage paper(int width, int height) {
        checkFonts();
        BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        Graphics2D g = image.createGraphics();
        g.setColor(PAPER);
        g.fillRect(0, 0, width, height);
        g.dispose();
        return image;
    }

    /** A pen on this picture: smooth lines and text. */
    static Graphics2D pen(BufferedImage image) {
        Graphics2D g = image.createGraphics();
        g.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
        g.setRenderingHint(RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
        g.setRenderingHint(RenderingHints.KEY_FRACTIONALMETRICS, RenderingHints.VALUE_FRACTIONALMETRICS_ON);
        g.setRenderingHint(RenderingHints.KEY_STROKE_CONTROL, RenderingHints.VALUE_STROKE_PURE);
        g.setColor(INK);
        g.setFont(font(13));
        return g;
    }

    /** In the place of a picture that would be empty. */
    static BufferedImage nothingToShow() {
        BufferedImage picture = paper(180, 40);
        Graphics2D g = pen(picture);
        g.setColor(MUTED);
        write(g, "nothing to show", picture.getWidth() / 2.0, 25, Align.CENTRE);
        g.dispose();
        return picture;
    }

    /** Writes one line: {@code x} is its left end, centre or right end, {@code y} its baseline. */
    static void write(Graphics2D g, String text, double x, double y, Align align) {
        double width = g.getFontMetrics().stringWidth(text);
        double left = switch (align) {
            case LEFT -> x;
            case CENTRE -> x - width / 2;
            case RIGHT -> x - width;
        };
        g.drawString(text, (float) left, (float) y);
    }

    /** The text, or as much of its beginning as fits into {@code width} pixels with an ellipsis. */
    static String fitted(Graphics2D g, String text, double width) {
        if (g.getFontMetrics().stringWidth(text) <= width) return text;
        for (int end = text.length() - 1; end > 0; end--) {
            String shorter = text.substring(0, end).stripTrailing() + "…";
            if (g.getFontMetrics().stringWidth(shorter) <= width) return shorter;
        }
        return "…";
    }

    /** From {@code a} (share 0) to {@code b} (share 1). */
    static Color mix(Color a, Color b, double share) {
        double s = Math.max(0, Math.min(1, share));
        return new Color((int) Math.round(a.getRed() + s * (b.getRed() - a.getRed())),
                (int) Math.round(a.getGreen() + s * (b.getGreen() - a.getGreen())),
                (int) Math.round(a.getBlue() + s * (b.getBlue() - a.getBlue())));
    }

    /** White or ink, whichever reads better on this ground. */
    public static Color textOn(Color ground) {
        return contrast(ground, PAPER) > contrast(ground, INK) ? PAPER : INK;
    }

    /** Contrast ratio as WCAG 2.1 defines it, 1 to 21. */
    static double contrast(Color a, Color b) {
        double la = luminance(a);
        double lb = luminance(b);
        return (Math.max(la, lb) + 0.05) / (Math.min(la, lb) + 0.05);
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

    /** Gives an XChart chart this look. */
    static void apply(AxesChartStyler styler) {
        checkFonts();
        styler.setChartBackgroundColor(PAPER);
        styler.setPlotBackgroundColor(PAPER);
        styler.setChartFontColor(INK);
        styler.setChartPadding(12);
        styler.setChartTitleFont(bold(14));
        styler.setChartTitlePadding(8);
        styler.setPlotBorderVisible(false);
        styler.setPlotGridLinesColor(RULE);
        styler.setPlotGridLinesStroke(new BasicStroke(1f));
        styler.setPlotGridVerticalLinesVisible(false);
        styler.setAxisTitleFont(font(13));
        styler.setXAxisTitleColor(MUTED);
        styler.setYAxisTitleColor(MUTED);
        styler.setAxisTickLabelsFont(font(12));
        styler.setAxisTickLabelsColor(INK);
        styler.setAxisTickMarksColor(GREY);
        styler.setPlotTicksMarksVisible(false);
        styler.setLegendFont(font(13));
        styler.setLegendBorderColor(PAPER);
        styler.setLegendBackgroundColor(PAPER);
        styler.setLegendPosition(Styler.LegendPosition.OutsideS);
        styler.setLegendLayout(Styler.LegendLayout.Horizontal);
        styler.setLegendPadding(6);
        styler.setYAxisLabelAlignment(AxesChartStyler.TextAlignment.Right);
        // all of the plot is used; at exactly 1 XChart drops the ticks at both ends
        styler.setPlotContentSize(0.999);
        styler.setLocale(Text.LOCALE);
        styler.setAntiAlias(true);
        styler.setTextAntiAlias(true);
    }

    private static synchronized void checkFonts() {
        if (fontsChecked) return;
        checkFonts(() -> {
            BufferedImage probe = new BufferedImage(1, 1, BufferedImage.TYPE_INT_RGB);
            return probe.createGraphics().getFontMetrics(font(12)).stringWidth("0");
        });
        fontsChecked = true;
    }

    /** @throws IllegalStateException saying what to install, if {@code probe}, which measures a text, fails or finds nothing */
    static void checkFonts(Supplier<Integer> probe) {
        Throwable cause = null;
        try {
            if (probe.get() > 0) return;
        } catch (RuntimeException | LinkageError | InternalError noFonts) {   // Java 17 throws all three, by what is missing
            cause = noFonts;
        }
        throw new IllegalStateException("Java finds no font on this machine, so no picture with text can be drawn. "
                + "Install fontconfig and one font, on Debian and Ubuntu: apt-get install fontconfig fonts-dejavu-core; "
                + "then restart the kernel", cause);
    }
}
