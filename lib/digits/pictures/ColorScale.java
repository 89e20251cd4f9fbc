package digits.pictures;

import digits.image.Grid;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;

/**
 * Colours for numbers. Each scale also grows darker or more saturated steadily, so that it reads in any colour vision; and each has a
 * legend with its numbers.
 */
enum ColorScale {
    /** From −limit (vermilion) over 0 (white) to limit (blue): with a sign. */
    SIGNED(Style.VERMILION, Style.PAPER, Style.BLUE),
    /** From 0 (white) to the limit (dark blue): how strongly something answers. */
    STRENGTH(Style.PAPER, Style.mix(Style.PAPER, Style.BLUE, 0.6), Style.BLUE, new Color(0x002B45)),
    /** From 0 (white) over yellow to vermilion: where something is, to lie over an image. */
    HEAT(Style.PAPER, Style.YELLOW, Style.AMBER, Style.VERMILION);

    private final Color[] steps;

    ColorScale(Color... steps) {
        this.steps = steps;
    }

    /** The colour of a number; beyond the scale's ends that of the end. If the limit is 0, that of 0. */
    Color of(double number, double limit) {
        double share = limit > 0 ? number / limit : 0;
        double at = (this == SIGNED ? (share + 1) / 2 : share) * (steps.length - 1);
        int step = (int) Math.max(0, Math.min(steps.length - 2, Math.floor(at)));
        return Style.mix(steps[step], steps[step + 1], at - step);
    }

    /** The number at the scale's lower end. */
    double low(double limit) {
        return this == SIGNED ? -limit : 0;
    }

    /** Draws a plane into this rectangle, each of its numbers as a square of one colour. */
    void draw(Graphics2D g, Grid plane, double limit, int x, int y, int width, int height) {
        draw(g, plane, null, limit, x, y, width, height);
    }

    /** The same, with a digit of the same size over it: its ink darkens the colours, which stay recognisable. */
    void draw(Graphics2D g, Grid plane, Digit digit, double limit, int x, int y, int width, int height) {
        BufferedImage pixels = new BufferedImage(plane.columns(), plane.rows(), BufferedImage.TYPE_INT_RGB);
        for (int r = 0; r < plane.rows(); r++) {
            for (int c = 0; c < plane.columns(); c++) {
                Color colour = of(plane.value(r, c), limit);
                pixels.setRGB(c, r, (digit == null ? colour : Style.mix(colour, Style.INK, 0.72 * digit.ink(r, c))).getRGB());
            }
        }
        g.setRenderingHint(RenderingHints.KEY_INTERPOLATION, RenderingHints.VALUE_INTERPOLATION_NEAREST_NEIGHBOR);
        g.drawImage(pixels, x, y, width, height, null);
    }

    /** A lying legend: a strip of the scale of this width and 10 pixels height, its ends' names beside it; y is the strip's top. */
    void legend(Graphics2D g, String low, String high, int x, int y, int width) {
        g.setFont(Style.font(12));
        g.setColor(Style.MUTED);
        Style.write(g, low, x - 8, y + 10, Style.Align.RIGHT);
        Style.write(g, high, x + width + 8, y + 10, Style.Align.LEFT);
        for (int i = 0; i < width; i++) {
            double share = (double) i / (width - 1);
            g.setColor(of(this == SIGNED ? 2 * share - 1 : share, 1));
            g.fillRect(x + i, y, 1, 10);
        }
        g.setColor(Style.RULE);
        g.drawRect(x, y, width, 10);
    }
}
