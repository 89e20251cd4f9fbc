package digits.pictures;

import digits.Text;
import digits.networks.LayerSummary;
import digits.networks.ResidualBlock;
import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Graphics2D;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * A residual block as a picture: below, the layers that x goes through; above, the shortcut around them; where they
 * meet, the sum, and the ReLU after it (He and others, “Deep residual learning for image recognition”, 2016). Boxes
 * have the colors of {@link ArchitectureDrawing}; under each: output shape and parameters.
 */
public final class ResidualBlockDrawing {
    private static final int HEIGHT = 210;
    private static final int UPPER = 62;    // middle of the shortcut
    private static final int LOWER = 142;   // middle of the residual
    private static final int BOX = 40;      // height of a box
    private static final int FROM = 100;    // where the boxes begin: room for x
    private static final int TO = Style.WIDTH - 186;   // the sum
    private static final int RADIUS = 13;
    private static final int RELU = TO + 62;   // left edge of its box

    private ResidualBlockDrawing() { }

    public static Picture of(ResidualBlock block) {
        String title = block.shortcut().isEmpty() ? "Identity shortcut: x is passed on unchanged"
                : "Projection shortcut: x is brought to the new shape";
        return Style.picture(Style.WIDTH, HEIGHT, sentence(block, title), g -> {
            Style.write(g, Style.bold(14), Style.INK, title, 14, 24);
            Style.centered(g, Style.bold(15), Style.INK, "x", 40, LOWER + 5);
            under(g, block.from().outputShape(), 10);
            lines(g);
            row(g, block.shortcut(), UPPER);
            row(g, block.residual(), LOWER);
            String unchanged = block.shortcut().isEmpty() ? "x" : "";
            Style.centered(g, Style.bold(12.5), Style.INK, unchanged, (FROM + TO) / 2, UPPER - 7);
            sum(g);
            under(g, block.sum().outputShape(), RELU - 8);
        });
    }

    private static String sentence(ResidualBlock block, String title) {
        String way = block.residual().stream().map(LayerSummary::kind).collect(Collectors.joining(", "));
        return "A residual block from " + block.from().outputShape() + " to " + block.sum().outputShape() + " with "
                + Text.whole(block.parameters()) + " parameters: F is " + way + ". " + title
                + ". ReLU follows the sum x + F(x).";
    }

    /** Draws the lower line through the boxes, the shortcut over them, and the arrow out of the sum. */
    private static void lines(Graphics2D g) {
        g.setColor(Style.MUTED);
        g.setStroke(new BasicStroke(1.8f));
        g.drawLine(FROM - 40, LOWER, TO - RADIUS, LOWER);
        g.drawPolyline(new int[] {FROM - 14, FROM - 14, TO, TO}, new int[] {LOWER, UPPER, UPPER, LOWER - RADIUS}, 4);
        g.fillOval(FROM - 18, LOWER - 4, 8, 8);
        tip(g, TO - RADIUS, LOWER, false);
        tip(g, TO, LOWER - RADIUS, true);
        g.drawLine(TO + RADIUS, LOWER, RELU, LOWER);
        tip(g, RELU, LOWER, false);
        g.drawLine(RELU + 48, LOWER, RELU + 60, LOWER);
        tip(g, RELU + 64, LOWER, false);
    }

    private static void tip(Graphics2D g, int x, int y, boolean down) {
        if (down) g.fillPolygon(new int[] {x - 5, x, x + 5}, new int[] {y - 9, y, y - 9}, 3);
        else g.fillPolygon(new int[] {x - 9, x, x - 9}, new int[] {y - 5, y, y + 5}, 3);
    }

    private static void row(Graphics2D g, List<LayerSummary> layers, int middle) {
        double cell = (TO - RADIUS - FROM - 10.0) / layers.size();
        int width = (int) Math.min(118, cell - 16);
        IntStream.range(0, layers.size()).forEach(i ->
                box(g, layers.get(i), (int) Math.round(FROM + cell * (i + 0.5) - width / 2.0), middle, width));
    }

    private static void box(Graphics2D g, LayerSummary layer, int x, int middle, int width) {
        Color color = ArchitectureDrawing.color(layer.type());
        g.setStroke(new BasicStroke(1f));
        g.setColor(color);
        g.fillRoundRect(x, middle - BOX / 2, width, BOX, 8, 8);
        g.setColor(Style.INK);
        g.drawRoundRect(x, middle - BOX / 2, width, BOX, 8, 8);
        double center = x + width / 2.0;
        int below = middle + BOX / 2;
        Style.centered(g, Style.bold(12.5), Style.textOn(color), layer.kind(), center, middle + 5, width - 6);
        Style.centered(g, Style.font(12), Style.MUTED, layer.outputShape(), center, below + 16, width + 12);
        if (layer.parameters() > 0) {
            Style.centered(g, Style.font(12), Style.MUTED, Text.whole(layer.parameters()), center, below + 31);
        }
    }

    /** Writes a shape below the line, where the boxes have theirs. */
    private static void under(Graphics2D g, String shape, int x) {
        Style.write(g, Style.font(12), Style.MUTED, shape, x, LOWER + BOX / 2 + 16);
    }

    private static void sum(Graphics2D g) {
        g.setColor(Style.PAPER);
        g.fillOval(TO - RADIUS, LOWER - RADIUS, 2 * RADIUS, 2 * RADIUS);
        g.setColor(Style.INK);
        g.setStroke(new BasicStroke(1.8f));
        g.drawOval(TO - RADIUS, LOWER - RADIUS, 2 * RADIUS, 2 * RADIUS);
        g.drawLine(TO - 6, LOWER, TO + 6, LOWER);
        g.drawLine(TO, LOWER - 6, TO, LOWER + 6);
        g.setStroke(new BasicStroke(1f));
        g.setColor(Style.PAPER);
        g.fillRoundRect(RELU, LOWER - BOX / 2, 48, BOX, 8, 8);
        g.setColor(Style.INK);
        g.drawRoundRect(RELU, LOWER - BOX / 2, 48, BOX, 8, 8);
        Style.centered(g, Style.bold(12.5), Style.INK, "ReLU", RELU + 24, LOWER + 5);
        Style.centered(g, Style.bold(12.5), Style.INK, "of x + F(x)", RELU + 24, LOWER - BOX / 2 - 8);
    }
}
