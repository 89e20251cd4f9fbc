package digits.pictures;

import digits.Text;
import digits.networks.LayerSummary;
import digits.networks.ResidualBlock;
import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.util.List;

/**
 * A residual block as a picture: below, what x goes through; above, the shortcut around it; where they meet, the sum. Boxes
 * have the colours of {@link ArchitectureDrawing}; under each: the shape it gives and its parameters.
 */
public final class ResidualBlockDrawing {
    private static final int HEIGHT = 210;
    private static final int UPPER = 62;    // middle of the shortcut
    private static final int LOWER = 142;   // middle of the residue
    private static final int BOX = 40;      // height of a box
    private static final int END = 100;     // room for x
    private static final int SUM = 118;     // and for the sum
    private static final int RADIUS = 13;

    private ResidualBlockDrawing() {
    }

    /** One block. */
    public static BufferedImage of(ResidualBlock block) {
        BufferedImage picture = Style.paper(Style.WIDTH, HEIGHT);
        Graphics2D g = Style.pen(picture);
        int from = END;
        int to = Style.WIDTH - SUM;
        g.setColor(Style.INK);
        g.setFont(Style.bold(14));
        Style.write(g, (block.shortcut().isEmpty() ? "Identity" : "Projection") + " shortcut: "
                + (block.shortcut().isEmpty() ? "x goes on as it is" : "x is brought to the new shape"), 14, 24, Style.Align.LEFT);
        end(g, "x", block.from(), 14);
        lines(g, from, to);
        row(g, block.shortcut(), from, to, UPPER);
        row(g, block.residual(), from, to, LOWER);
        g.setFont(Style.bold(12.5f));
        if (block.shortcut().isEmpty()) label(g, "x", (from + to) / 2, UPPER);
        sum(g, block.sum(), to);
        g.dispose();
        return picture;
    }

    /** The lower line through the boxes, the shortcut over them, and the arrow out of the sum. */
    private static void lines(Graphics2D g, int from, int to) {
        g.setColor(Style.MUTED);
        g.setStroke(new BasicStroke(1.8f));
        g.drawLine(END - 40, LOWER, to - RADIUS, LOWER);
        g.drawPolyline(new int[] {from - 14, from - 14, to, to}, new int[] {LOWER, UPPER, UPPER, LOWER - RADIUS}, 4);
        g.fillOval(from - 18, LOWER - 4, 8, 8);
        tip(g, to - RADIUS, LOWER, false);
        tip(g, to, LOWER - RADIUS, true);
        g.drawLine(to + RADIUS, LOWER, to + RADIUS + 18, LOWER);
        tip(g, to + RADIUS + 22, LOWER, false);
    }

    private static void tip(Graphics2D g, int x, int y, boolean down) {
        if (down) g.fillPolygon(new int[] {x - 5, x, x + 5}, new int[] {y - 9, y, y - 9}, 3);
        else g.fillPolygon(new int[] {x - 9, x, x - 9}, new int[] {y - 5, y, y + 5}, 3);
    }

    private static void row(Graphics2D g, List<LayerSummary> layers, int from, int to, int middle) {
        if (layers.isEmpty()) return;
        double cell = (to - RADIUS - from - 10.0) / layers.size();
        int width = (int) Math.min(118, cell - 16);
        for (int i = 0; i < layers.size(); i++) {
            double centre = from + cell * (i + 0.5);
            box(g, layers.get(i), (int) Math.round(centre - width / 2.0), middle, width);
        }
    }

    private static void box(Graphics2D g, LayerSummary layer, int x, int middle, int width) {
        Color colour = ArchitectureDrawing.colour(layer.type());
        g.setStroke(new BasicStroke(1f));
        g.setColor(colour);
        g.fillRoundRect(x, middle - BOX / 2, width, BOX, 8, 8);
        g.setColor(Style.INK);
        g.drawRoundRect(x, middle - BOX / 2, width, BOX, 8, 8);
        g.setColor(Style.textOn(colour));
        g.setFont(Style.bold(12.5f));
        Style.write(g, Style.fitted(g, layer.kind(), width - 6), x + width / 2.0, middle + 5, Style.Align.CENTRE);
        g.setColor(Style.MUTED);
        g.setFont(Style.font(12));
        Style.write(g, Style.fitted(g, layer.outputShape(), width + 12), x + width / 2.0, middle + BOX / 2.0 + 16, Style.Align.CENTRE);
        if (layer.parameters() > 0) {
            Style.write(g, Text.whole(layer.parameters()), x + width / 2.0, middle + BOX / 2.0 + 31, Style.Align.CENTRE);
        }
    }

    private static void end(Graphics2D g, String name, LayerSummary layer, int x) {
        g.setColor(Style.INK);
        g.setFont(Style.bold(15));
        Style.write(g, name, x + 26, LOWER + 5, Style.Align.CENTRE);
        g.setColor(Style.MUTED);
        g.setFont(Style.font(12));
        Style.write(g, layer.outputShape(), x - 4, LOWER + BOX / 2.0 + 16, Style.Align.LEFT);
    }

    private static void sum(Graphics2D g, LayerSummary sum, int x) {
        g.setColor(Style.PAPER);
        g.fillOval(x - RADIUS, LOWER - RADIUS, 2 * RADIUS, 2 * RADIUS);
        g.setColor(Style.INK);
        g.setStroke(new BasicStroke(1.8f));
        g.drawOval(x - RADIUS, LOWER - RADIUS, 2 * RADIUS, 2 * RADIUS);
        g.drawLine(x - 6, LOWER, x + 6, LOWER);
        g.drawLine(x, LOWER - 6, x, LOWER + 6);
        g.setFont(Style.bold(13));
        Style.write(g, "x + F(x)", x + RADIUS + 28, LOWER + 5, Style.Align.LEFT);
        g.setColor(Style.MUTED);
        g.setFont(Style.font(12));
        Style.write(g, sum.outputShape(), x + 8, LOWER + BOX / 2.0 + 16, Style.Align.LEFT);
    }

    private static void label(Graphics2D g, String text, int x, int y) {
        g.setColor(Style.INK);
        Style.write(g, text, x, y - 7, Style.Align.CENTRE);
    }
}
