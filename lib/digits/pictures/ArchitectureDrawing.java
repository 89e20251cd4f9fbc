package digits.pictures;

import digits.Text;
import digits.networks.LayerSummary;
import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Graphics2D;
import java.util.List;

/**
 * A network as a picture: one block per layer, in reading order. The face of a block shows height and width of the
 * layer's output, its depth grows with the logarithm of the channels; a plain list of numbers is an upright bar. Under
 * each block: what the layer does, its output's shape, its parameters.
 */
public final class ArchitectureDrawing {
    private static final int MARGIN = 14;
    private static final int PER_ROW = 6;
    private static final int FACE = 84;          // of the largest output
    private static final int BLOCKS = 118;       // height of the part of a row that blocks stand in
    private static final int ROW = BLOCKS + 74;
    private static final int LEGEND = 64;

    private ArchitectureDrawing() { }

    /** @throws IllegalArgumentException without a layer */
    public static Picture of(List<LayerSummary> layers) {
        if (layers.isEmpty()) throw new IllegalArgumentException("the network has no layers to draw");
        int rows = (layers.size() + PER_ROW - 1) / PER_ROW;
        int perRow = (layers.size() + rows - 1) / rows;
        double largest = layers.stream().filter(LayerSummary::spatial)
                .mapToLong(l -> Math.max(l.shape().get(0), l.shape().get(1))).max().orElse(1);
        double cell = (Style.WIDTH - 2.0 * MARGIN) / Math.max(3, perRow);
        return Style.picture(Style.WIDTH, MARGIN + rows * ROW + LEGEND, sentence(layers), g -> {
            for (int i = 0; i < layers.size(); i++) {
                boolean first = i % perRow == 0;
                double left = MARGIN + i % perRow * cell;
                int top = MARGIN + i / perRow * ROW;
                if (i > 0) arrow(g, first ? MARGIN - 6 : left - 14, top + BLOCKS / 2.0 + 4, first ? 16 : 28);
                block(g, layers.get(i), left + cell / 2, top, largest);
                labels(g, layers.get(i), left + cell / 2, top + BLOCKS, cell - 6);
            }
            legend(g, layers, MARGIN + rows * ROW);
        });
    }

    private static String sentence(List<LayerSummary> layers) {
        return "A network drawn as " + Text.count(layers.size(), "block") + ": " + Picture.list(layers.stream()
                .map(layer -> layer.kind() + " (" + layer.outputShape() + ")").toList()) + "; " + sum(layers) + ".";
    }

    private static String sum(List<LayerSummary> layers) {
        long all = layers.stream().mapToLong(LayerSummary::parameters).sum();
        long trainable = layers.stream().mapToLong(LayerSummary::trainable).sum();
        return Text.whole(all) + " parameters, " + Text.whole(trainable) + " of them trained";
    }

    static Color color(LayerSummary.Type type) {
        return switch (type) {
            case INPUT -> Style.PAPER;
            case CONVOLUTION -> Style.BLUE;
            case NORMALIZATION -> Style.SKY;
            case POOLING -> Style.GREEN;
            case DROPOUT -> Style.YELLOW;
            case FLATTEN -> Style.GRAY;
            case DENSE -> Style.VERMILION;
            case OTHER -> Style.PURPLE;
        };
    }

    private static void block(Graphics2D g, LayerSummary layer, double middle, int top, double largest) {
        Color color = color(layer.type());
        g.setStroke(new BasicStroke(1f));
        if (!layer.spatial()) {
            bar(g, layer.shape().get(0), middle, top, color);
            return;
        }
        int height = (int) Math.max(6, Math.round(FACE * layer.shape().get(0) / largest));
        int width = (int) Math.max(6, Math.round(FACE * layer.shape().get(1) / largest));
        int depth = (int) Math.round(3 + 3.2 * Math.log(layer.shape().get(2)) / Math.log(2));
        int x = (int) Math.round(middle - (width + depth) / 2.0);
        int y = (int) Math.round(top + BLOCKS / 2.0 + 4 - (height - depth) / 2.0);
        int right = x + width;
        side(g, Style.mix(color, Color.WHITE, 0.35), new int[] {x, x + depth, right + depth, right},
                new int[] {y, y - depth, y - depth, y});
        side(g, Style.mix(color, Style.INK, 0.3), new int[] {right, right + depth, right + depth, right},
                new int[] {y, y - depth, y + height - depth, y + height});
        side(g, color, new int[] {x, right, right, x}, new int[] {y, y, y + height, y + height});
    }

    private static void side(Graphics2D g, Color color, int[] x, int[] y) {
        g.setColor(color);
        g.fillPolygon(x, y, x.length);
        g.setColor(Style.INK);
        g.drawPolygon(x, y, x.length);
    }

    /** Draws a list of n numbers: as cells if there are few, otherwise as a bar as long as their logarithm. */
    private static void bar(Graphics2D g, long n, double middle, int top, Color color) {
        int height = (int) Math.round(Math.min(BLOCKS - 14, 10 + 8.8 * Math.log(Math.max(2.0, n)) / Math.log(2)));
        int width = 18;
        int x = (int) Math.round(middle - width / 2.0);
        if (n <= 16) height = (int) n * 7;
        int y = (int) Math.round(top + BLOCKS / 2.0 + 4 - height / 2.0);
        Style.box(g, color, Style.INK, x, y, width, height);
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
        String parameters = layer.parameters() == 0 ? "no parameters" : Text.count(layer.parameters(), "parameter");
        Style.centered(g, Style.bold(12.5), Style.INK, layer.kind(), middle, y + 16, room);
        Style.centered(g, Style.font(12.5), Style.INK, layer.outputShape(), middle, y + 33, room);
        Style.centered(g, Style.font(12.5), Style.MUTED, parameters, middle, y + 50, room);
    }

    private static void legend(Graphics2D g, List<LayerSummary> layers, int top) {
        g.setColor(Style.RULE);
        g.drawLine(MARGIN, top, Style.WIDTH - MARGIN, top);
        g.setStroke(new BasicStroke(1f));
        double x = MARGIN;
        for (LayerSummary.Type type : layers.stream().map(LayerSummary::type).distinct().sorted().toList()) {
            Style.box(g, color(type), Style.INK, (int) x, top + 13, 14, 14);
            Style.write(g, Style.font(12.5), Style.INK, type.label(), x + 20, top + 25);
            x += 40 + Style.width(Style.font(12.5), type.label());
        }
        Style.write(g, Style.bold(13), Style.INK, sum(layers), MARGIN, top + 50);
    }
}
