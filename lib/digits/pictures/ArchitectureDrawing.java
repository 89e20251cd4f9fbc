package digits.pictures;

import digits.Text;
import digits.networks.LayerSummary;
import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.Polygon;
import java.awt.image.BufferedImage;
import java.util.List;

/**
 * A network as a picture: one block a layer, in reading order. A block's face is as large as the layer's output is high and
 * wide, its depth grows with the logarithm of the channels; what is only a list of numbers is an upright bar. Under
 * each block: what the layer does, its output's shape, its parameters.
 */
public final class ArchitectureDrawing {
    private static final int MARGIN = 14;
    private static final int PER_ROW = 6;
    private static final int FACE = 84;          // of the largest output
    private static final int BLOCKS = 118;       // height of the part of a row that blocks stand in
    private static final int ROW = BLOCKS + 74;
    private static final int LEGEND = 64;

    private ArchitectureDrawing() {
    }

    /** @throws IllegalArgumentException without a layer */
    public static BufferedImage of(List<LayerSummary> layers) {
        if (layers.isEmpty()) throw new IllegalArgumentException("the network has no layers to draw");
        int rows = (layers.size() + PER_ROW - 1) / PER_ROW;
        int perRow = (layers.size() + rows - 1) / rows;
        BufferedImage picture = Style.paper(Style.WIDTH, MARGIN + rows * ROW + LEGEND);
        Graphics2D g = Style.pen(picture);
        double largest = layers.stream().filter(LayerSummary::spatial)
                .mapToLong(l -> Math.max(l.shape().get(0), l.shape().get(1))).max().orElse(1);
        double cell = (Style.WIDTH - 2.0 * MARGIN) / Math.max(3, perRow);
        for (int i = 0; i < layers.size(); i++) {
            double left = MARGIN + i % perRow * cell;
            int top = MARGIN + i / perRow * ROW;
            if (i > 0) arrow(g, i % perRow == 0 ? MARGIN - 6 : left - 14, top + BLOCKS / 2.0 + 4, i % perRow == 0 ? 16 : 28);
            block(g, layers.get(i), left + cell / 2, top, largest);
            labels(g, layers.get(i), left + cell / 2, top + BLOCKS, cell - 6);
        }
        legend(g, layers, MARGIN + rows * ROW);
        g.dispose();
        return picture;
    }

    static Color colour(LayerSummary.Type type) {
        return switch (type) {
            case INPUT -> Style.PAPER;
            case CONVOLUTION -> Style.BLUE;
            case NORMALIZATION -> Style.SKY;
            case POOLING -> Style.GREEN;
            case DROPOUT -> Style.YELLOW;
            case FLATTEN -> Style.GREY;
            case DENSE -> Style.VERMILION;
            case OTHER -> Style.PURPLE;
        };
    }

    private static void block(Graphics2D g, LayerSummary layer, double middle, int top, double largest) {
        Color colour = colour(layer.type());
        g.setStroke(new BasicStroke(1f));
        if (!layer.spatial()) {
            bar(g, layer.shape().get(0), middle, top, colour);
            return;
        }
        int height = (int) Math.max(6, Math.round(FACE * layer.shape().get(0) / largest));
        int width = (int) Math.max(6, Math.round(FACE * layer.shape().get(1) / largest));
        int depth = (int) Math.round(3 + 3.2 * Math.log(layer.shape().get(2)) / Math.log(2));
        int x = (int) Math.round(middle - (width + depth) / 2.0);
        int y = (int) Math.round(top + BLOCKS / 2.0 + 4 - (height - depth) / 2.0);
        side(g, Style.mix(colour, Color.WHITE, 0.35), new int[] {x, x + depth, x + width + depth, x + width},
                new int[] {y, y - depth, y - depth, y});
        side(g, Style.mix(colour, Style.INK, 0.3), new int[] {x + width, x + width + depth, x + width + depth, x + width},
                new int[] {y, y - depth, y + height - depth, y + height});
        side(g, colour, new int[] {x, x + width, x + width, x}, new int[] {y, y, y + height, y + height});
    }

    private static void side(Graphics2D g, Color colour, int[] x, int[] y) {
        Polygon polygon = new Polygon(x, y, x.length);
        g.setColor(colour);
        g.fill(polygon);
        g.setColor(Style.INK);
        g.draw(polygon);
    }

    /** A list of n numbers: single cells if there are few, otherwise a bar as long as their logarithm. */
    private static void bar(Graphics2D g, long n, double middle, int top, Color colour) {
        int height = (int) Math.round(Math.min(BLOCKS - 14, 10 + 8.8 * Math.log(Math.max(2, n)) / Math.log(2)));
        int width = 18;
        int x = (int) Math.round(middle - width / 2.0);
        if (n <= 16) height = (int) n * 7;
        int y = (int) Math.round(top + BLOCKS / 2.0 + 4 - height / 2.0);
        g.setColor(colour);
        g.fillRect(x, y, width, height);
        g.setColor(Style.INK);
        g.drawRect(x, y, width, height);
        for (int i = 1; n <= 16 && i < n; i++) g.drawLine(x, y + 7 * i, x + width, y + 7 * i);
    }

    private static void arrow(Graphics2D g, double x, double y, double length) {
        g.setColor(Style.MUTED);
        g.setStroke(new BasicStroke(1.5f));
        int tip = (int) Math.round(x + length);
        int line = (int) Math.round(y);
        g.drawLine((int) Math.round(x), line, tip - 6, line);
        g.fillPolygon(new int[] {tip - 8, tip, tip - 8}, new int[] {line - 5, line, line + 5}, 3);
    }

    private static void labels(Graphics2D g, LayerSummary layer, double middle, int y, double room) {
        g.setColor(Style.INK);
        g.setFont(Style.bold(12.5f));
        Style.write(g, Style.fitted(g, layer.kind(), room), middle, y + 16, Style.Align.CENTRE);
        g.setFont(Style.font(12.5f));
        Style.write(g, Style.fitted(g, layer.outputShape(), room), middle, y + 33, Style.Align.CENTRE);
        g.setColor(Style.MUTED);
        String parameters = layer.parameters() == 0 ? "no parameters"
                : Text.whole(layer.parameters()) + (layer.parameters() == 1 ? " parameter" : " parameters");
        Style.write(g, Style.fitted(g, parameters, room), middle, y + 50, Style.Align.CENTRE);
    }

    private static void legend(Graphics2D g, List<LayerSummary> layers, int top) {
        g.setColor(Style.RULE);
        g.drawLine(MARGIN, top, Style.WIDTH - MARGIN, top);
        double x = MARGIN;
        for (LayerSummary.Type type : layers.stream().map(LayerSummary::type).distinct().sorted().toList()) {
            g.setColor(colour(type));
            g.fillRect((int) x, top + 13, 14, 14);
            g.setColor(Style.INK);
            g.setStroke(new BasicStroke(1f));
            g.drawRect((int) x, top + 13, 14, 14);
            g.setFont(Style.font(12.5f));
            Style.write(g, type.label(), x + 20, top + 25, Style.Align.LEFT);
            x += 20 + g.getFontMetrics().stringWidth(type.label()) + 20;
        }
        long all = layers.stream().mapToLong(LayerSummary::parameters).sum();
        long trainable = layers.stream().mapToLong(LayerSummary::trainable).sum();
        g.setFont(Style.bold(13));
        Style.write(g, Text.whole(all) + " parameters, " + Text.whole(trainable) + " of them trained",
                MARGIN, top + 50, Style.Align.LEFT);
    }
}
