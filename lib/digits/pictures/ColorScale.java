package digits.pictures;

import digits.image.Grid;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.RenderingHints;

/** Colors for numbers. Each scale grows steadily darker or more saturated, so it can be read with any color vision. */
enum ColorScale {
    /** From −limit (vermilion) over 0 (white) to limit (blue): with a sign. */
    SIGNED(Style.VERMILION, Style.PAPER, Style.BLUE),
    /** From 0 (white) to the limit (dark blue): the strength of an activation. */
    STRENGTH(Style.PAPER, Style.mix(Style.PAPER, Style.BLUE, 0.6), Style.BLUE, new Color(0x002B45)),
    /** From 0 (white) over yellow to vermilion: where something is, laid over an image. */
    HEAT(Style.PAPER, Style.YELLOW, Style.AMBER, Style.VERMILION);

    private final Color[] steps;

    ColorScale(Color... steps) {
        this.steps = steps;
    }

    /** The color of a number; that of the nearer end for numbers beyond the scale, that of 0 if the limit is 0. */
    Color of(double number, double limit) {
        double share = limit > 0 ? number / limit : 0;
        double at = (this == SIGNED ? (share + 1) / 2 : share) * (steps.length - 1);
        int step = (int) Math.max(0, Math.min(steps.length - 2, Math.floor(at)));
        return Style.mix(steps[step], steps[step + 1], at - step);
    }

    /** Draws a grid into this rectangle, each number as a square, darkened by the ink of a digit if there is one. */
    void draw(Graphics2D g, Grid grid, Digit digit, double limit, int x, int y, int width, int height) {
        Style.draw(g, Style.pixels(grid.rows(), grid.columns(), (r, c) -> {
            Color color = of(grid.value(r, c), limit);
            return (digit == null ? color : Style.mix(color, Style.INK, 0.72 * digit.ink(r, c))).getRGB();
        }), RenderingHints.VALUE_INTERPOLATION_NEAREST_NEIGHBOR, x, y, width, height);
    }

    /** Draws a legend: a strip of the scale, 10 pixels high below {@code y}, with its ends' names beside it. */
    void legend(Graphics2D g, String low, String high, int x, int y, int width) {
        Style.rightAligned(g, Style.font(12), Style.MUTED, low, x - 8, y + 10);
        Style.write(g, Style.font(12), Style.MUTED, high, x + width + 8, y + 10);
        for (int i = 0; i < width; i++) {
            double share = (double) i / (width - 1);
            g.setColor(of(this == SIGNED ? 2 * share - 1 : share, 1));
            g.fillRect(x + i, y, 1, 10);
        }
        Style.frame(g, Style.RULE, x + 1, y + 1, width - 1, 9);
    }
}
