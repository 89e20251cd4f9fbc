package digits.pictures;

import digits.Text;
import digits.image.Grid;
import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;

/** A small grid with its numbers written into the cells, each on ground of a color. */
record NumberGrid(Grid grid, Ground ground) {
    private static final double NEARLY_ZERO = 5e-7;

    /** The color behind a number. */
    interface Ground {
        Color of(int row, int column, double value);
    }

    /** Ink from 0 (white) to 1 (black). */
    static NumberGrid ink(Grid grid) {
        return new NumberGrid(grid, (row, column, value) -> Style.shade(value));
    }

    /** Numbers with a sign, in pale colors: the text on them has to stay legible. */
    static NumberGrid signed(Grid grid) {
        double limit = grid.magnitude();
        return new NumberGrid(grid, (row, column, value) -> ColorScale.SIGNED.of(0.6 * value, limit));
    }

    /** Numbers without a color. */
    static NumberGrid plain(Grid grid) {
        return new NumberGrid(grid, (row, column, value) -> Style.PAPER);
    }

    /** A whole number without decimals, any other with two; with a real minus sign. */
    static String text(double value) {
        boolean whole = Math.abs(value - Math.rint(value)) < NEARLY_ZERO;
        return Text.decimal(whole ? Math.rint(value) + 0.0 : value, whole ? 0 : 2).replace('-', '−');
    }

    int width(int cell) {
        return grid.columns() * cell;
    }

    int height(int cell) {
        return grid.rows() * cell;
    }

    /** Draws the cells of this side with the upper left corner at x and y. */
    void draw(Graphics2D g, int x, int y, int cell) {
        for (int r = 0; r < grid.rows(); r++) {
            for (int c = 0; c < grid.columns(); c++) {
                double value = grid.value(r, c);
                Color color = ground.of(r, c, value);
                Style.box(g, color, Style.GRAY, x + c * cell, y + r * cell, cell, cell);
                String text = text(value);
                Font font = Style.font(Math.min(15, cell / 2.6));
                if (Style.width(font, text) > cell - 4) font = font.deriveFont(font.getSize2D() * 0.8f);
                Style.centered(g, font, Style.textOn(color), text, x + (c + 0.5) * cell, y + (r + 0.5) * cell + 5);
            }
        }
    }

    /** Frames a part of the cells, thick and in the color of what is being looked at. */
    static void mark(Graphics2D g, int x, int y, int cell, int row, int column, int rows, int columns) {
        g.setColor(Style.VERMILION);
        g.setStroke(new BasicStroke(3f));
        g.drawRect(x + column * cell, y + row * cell, columns * cell, rows * cell);
        g.setStroke(new BasicStroke(1f));
    }
}
