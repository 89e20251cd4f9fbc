package digits.pictures;

import digits.Text;
import digits.data.LabeledImages;
import digits.evaluation.Predictions;
import digits.image.Grid;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.geom.Line2D;
import java.util.List;
import java.util.stream.IntStream;

/** A digit and the pixels that a prediction depends on: panels beside each other, or a gallery of many digits. */
public final class HeatPicture {
    private static final int MARGIN = 12;
    private static final int GAP = 16;
    private static final int CAPTION = 26;
    private static final int LEGEND = 34;
    private static final int GALLERY_GAP = 22;

    /**
     * A digit under its caption: alone if {@code heat} is null, otherwise with a grid of its size, which is blue above
     * 0 and vermilion below if {@code signed}, and white (0) to vermilion if not.
     */
    public record Panel(Digit digit, Grid heat, boolean signed, String caption) {
        public Panel {
            if (heat != null && (heat.rows() != digit.rows() || heat.columns() != digit.columns())) {
                throw new IllegalArgumentException("a grid " + heat + " for a digit " + digit.ink());
            }
        }

        /** The digit alone. */
        public static Panel of(Digit digit, String caption) {
            return new Panel(digit, null, false, caption);
        }

        /** Saliency, with its sign, and the digit's outline over it. */
        public static Panel saliency(Digit digit, Grid saliency, String caption) {
            return new Panel(digit, saliency, true, caption);
        }

        /** Grad-CAM, and the digit over it. */
        public static Panel gradCam(Digit digit, Grid map, String caption) {
            return new Panel(digit, map, false, caption);
        }
    }

    private HeatPicture() { }

    /**
     * 1 to 8 panels, as large as fit into about 900 pixels. Panels of one kind share one scale, so that they can be
     * compared; that of saliency ends at the 99th percentile, since single pixels would make all others pale.
     */
    public static Picture of(Panel... panels) {
        int n = panels.length;
        if (n < 1 || n > 8) throw new IllegalArgumentException(n + " panels; there have to be 1 to 8");
        List<Panel> all = List.of(panels);
        int larger = all.stream().mapToInt(p -> Math.max(p.digit().rows(), p.digit().columns())).max().orElseThrow();
        int side = larger * Math.max(1, Math.min(9, ((Style.WIDTH - 2 * MARGIN + GAP) / n - GAP) / larger));
        double signed = limit(all, true);
        double heat = limit(all, false);
        boolean legends = all.stream().anyMatch(p -> p.heat() != null);
        int height = 2 * MARGIN + CAPTION + side + (legends ? LEGEND : 0);
        String sentence = Text.count(n, "panel") + " with an image: " + Picture.list(all.stream().map(p -> p.caption()
                + (p.heat() == null ? "" : p.signed() ? " (saliency)" : " (Grad-CAM)")).toList()) + ".";
        int width = 2 * MARGIN + n * (side + GAP) - GAP;
        return Style.picture(width, height, sentence, g -> IntStream.range(0, n).forEach(i ->
                panel(g, panels[i], panels[i].signed() ? signed : heat, MARGIN + i * (side + GAP), side)));
    }

    /**
     * The digits at these positions beside their Grad-CAM maps, one each and of their size, in 1 to 6 columns, with
     * label, prediction and probability. Each map has its own scale: it shows where, not how much. Without positions
     * the picture says “nothing to show”.
     */
    public static Picture gallery(LabeledImages images, Predictions predictions, List<Integer> positions,
            List<Grid> maps, int columns) {
        Style.checkColumns(columns, 6);
        if (positions.size() != maps.size()) {
            throw new IllegalArgumentException(positions.size() + " images and " + maps.size() + " maps");
        }
        if (positions.isEmpty()) return Style.nothingToShow();
        int room = (Style.WIDTH - 2 * MARGIN + GALLERY_GAP) / columns - GALLERY_GAP;
        int side = images.columns() * Math.max(1, Math.min(4, (room / 2 - 2) / images.columns()));
        int rows = (positions.size() + columns - 1) / columns;
        int row = side + 52;
        List<Gallery.Item> items = positions.stream().map(i -> Gallery.item(images, predictions, i)).toList();
        String sentence = "Grad-CAM maps of " + Text.count(items.size(), "image") + Gallery.sentence(items) + ".";
        return Style.picture(Style.WIDTH, 2 * MARGIN + LEGEND + rows * row - 10, sentence, g -> {
            ColorScale.HEAT.legend(g, "evidence for the prediction: none", "most", Style.WIDTH / 2, MARGIN + 2, 110);
            for (int i = 0; i < positions.size(); i++) {
                Gallery.Item item = items.get(i);
                int x = MARGIN + i % columns * (room + GALLERY_GAP) + (room - 2 * side - 2) / 2;
                int y = MARGIN + LEGEND + i / columns * row;
                int right = x + side + 2;
                Color frame = item.highlighted() ? Style.VERMILION : Style.RULE;
                item.digit().draw(g, x, y, side, side);
                ColorScale.HEAT.draw(g, maps.get(i), item.digit(), maps.get(i).max(), right, y, side, side);
                Style.frame(g, frame, x, y, side, side);
                Style.frame(g, frame, right, y, side, side);
                Gallery.captions(g, item, right - 1, y + side, 2 * side + GALLERY_GAP);
            }
        });
    }

    private static double limit(List<Panel> panels, boolean signed) {
        return panels.stream().filter(p -> p.heat() != null && p.signed() == signed)
                .mapToDouble(p -> signed ? p.heat().map(Math::abs).percentile(0.99) : p.heat().max()).max().orElse(0);
    }

    private static void panel(Graphics2D g, Panel panel, double limit, int x, int side) {
        int y = MARGIN + CAPTION;
        Style.centered(g, Style.bold(14), Style.INK, panel.caption(), x + side / 2.0, y - 10, side);
        int strip = side / 3;
        if (panel.heat() == null) panel.digit().draw(g, x, y, side, side);
        else if (panel.signed()) {
            ColorScale.SIGNED.draw(g, panel.heat(), null, limit, x, y, side, side);
            outline(g, panel.digit(), x, y, side);
            ColorScale.SIGNED.legend(g, "against", "for", x + (side - strip) / 2, y + side + 14, strip);
        } else {
            ColorScale.HEAT.draw(g, panel.heat(), panel.digit(), limit, x, y, side, side);
            ColorScale.HEAT.legend(g, "nothing", "most", x + (side - strip) / 2, y + side + 14, strip);
        }
        Style.frame(g, Style.RULE, x, y, side, side);
    }

    /** Draws a line between the pixels that are more ink than paper and the others. */
    private static void outline(Graphics2D g, Digit digit, int x, int y, int side) {
        g.setColor(Style.mix(Style.PAPER, Style.INK, 0.75));
        double width = (double) side / digit.columns();
        double height = (double) side / digit.rows();
        for (int r = 0; r < digit.rows(); r++) {
            for (int c = 0; c < digit.columns(); c++) {
                boolean ink = digit.ink(r, c) >= 0.5;
                boolean above = digit.ink(Math.max(0, r - 1), c) >= 0.5;
                boolean before = digit.ink(r, Math.max(0, c - 1)) >= 0.5;
                double left = x + c * width;
                double top = y + r * height;
                if (ink != above) g.draw(new Line2D.Double(left, top, left + width, top));
                if (ink != before) g.draw(new Line2D.Double(left, top, left, top + height));
            }
        }
    }
}
