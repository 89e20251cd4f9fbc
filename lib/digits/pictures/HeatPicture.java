package digits.pictures;

import digits.image.Grid;
import java.awt.Graphics2D;
import java.awt.geom.Line2D;
import java.awt.image.BufferedImage;
import java.util.Arrays;
import java.util.List;

/** A digit and what a network's answer depends on: panels beside each other, each with its caption. */
public final class HeatPicture {
    private static final int MARGIN = 12;
    private static final int GAP = 16;
    private static final int CAPTION = 26;
    private static final int LEGEND = 34;

    /**
     * One panel.
     *
     * @param digit   drawn alone if there is no plane, over it otherwise
     * @param plane   of the digit's size, or null
     * @param signed  whether the plane's sign counts (blue above 0, vermilion below) or only how large it is (white to vermilion)
     * @param caption above it
     */
    public record Panel(Digit digit, Grid plane, boolean signed, String caption) {
        public Panel {
            if (plane != null && (plane.rows() != digit.rows() || plane.columns() != digit.columns())) {
                throw new IllegalArgumentException("a plane of " + plane.rows() + "×" + plane.columns() + " for a digit of "
                        + digit.rows() + "×" + digit.columns());
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

    private HeatPicture() {
    }

    /**
     * The panels, as large as fit into about 900 pixels. Panels of one kind share one scale, so that they can be compared; that of saliency
     * ends where one of a hundred pixels is still stronger, since single pixels would else make all others pale.
     *
     * @throws IllegalArgumentException if there are not 1 to 8 panels
     */
    public static BufferedImage of(Panel... panels) {
        if (panels.length < 1 || panels.length > 8) throw new IllegalArgumentException(panels.length + " panels; there have to be 1 to 8");
        List<Panel> all = List.of(panels);
        int larger = all.stream().mapToInt(p -> Math.max(p.digit().rows(), p.digit().columns())).max().orElseThrow();
        int side = larger * Math.max(1, Math.min(9, ((Style.WIDTH - 2 * MARGIN + GAP) / panels.length - GAP) / larger));
        int width = 2 * MARGIN + panels.length * (side + GAP) - GAP;
        double signed = limit(all, true);
        double heat = limit(all, false);
        boolean legends = all.stream().anyMatch(p -> p.plane() != null);
        BufferedImage picture = Style.paper(width, 2 * MARGIN + CAPTION + side + (legends ? LEGEND : 0));
        Graphics2D g = Style.pen(picture);
        for (int i = 0; i < panels.length; i++) panel(g, panels[i], panels[i].signed() ? signed : heat, MARGIN + i * (side + GAP), side);
        g.dispose();
        return picture;
    }

    private static double limit(List<Panel> panels, boolean signed) {
        return panels.stream().filter(p -> p.plane() != null && p.signed() == signed)
                .mapToDouble(p -> signed ? strong(p.plane()) : p.plane().max()).max().orElse(0);
    }

    /** The strength that one of a hundred numbers exceeds. */
    private static double strong(Grid plane) {
        float[] strengths = plane.values();
        for (int i = 0; i < strengths.length; i++) strengths[i] = Math.abs(strengths[i]);
        Arrays.sort(strengths);
        return strengths[(int) Math.min(strengths.length - 1, Math.round(0.99 * strengths.length))];
    }

    private static void panel(Graphics2D g, Panel panel, double limit, int x, int side) {
        int y = MARGIN + CAPTION;
        g.setFont(Style.bold(14));
        g.setColor(Style.INK);
        Style.write(g, Style.fitted(g, panel.caption(), side), x + side / 2.0, y - 10, Style.Align.CENTRE);
        draw(g, panel, limit, x, y, side);
        g.setColor(Style.RULE);
        g.drawRect(x - 1, y - 1, side + 1, side + 1);
        if (panel.plane() == null) return;
        int strip = side / 3;
        if (panel.signed()) ColorScale.SIGNED.legend(g, "against", "for", x + (side - strip) / 2, y + side + 14, strip);
        else ColorScale.HEAT.legend(g, "nothing", "most", x + (side - strip) / 2, y + side + 14, strip);
    }

    private static void draw(Graphics2D g, Panel panel, double limit, int x, int y, int side) {
        if (panel.plane() == null) panel.digit().draw(g, x, y, side, side);
        else if (panel.signed()) {
            ColorScale.SIGNED.draw(g, panel.plane(), limit, x, y, side, side);
            outline(g, panel.digit(), x, y, side);
        } else ColorScale.HEAT.draw(g, panel.plane(), panel.digit(), limit, x, y, side, side);
    }

    /** A line between the pixels that are more ink than paper and the others. */
    private static void outline(Graphics2D g, Digit digit, int x, int y, int side) {
        g.setColor(Style.mix(Style.PAPER, Style.INK, 0.75));
        double width = (double) side / digit.columns();
        double height = (double) side / digit.rows();
        for (int r = 0; r < digit.rows(); r++) {
            for (int c = 0; c < digit.columns(); c++) {
                boolean ink = digit.ink(r, c) >= 0.5;
                double left = x + c * width;
                double top = y + r * height;
                if (r > 0 && ink != digit.ink(r - 1, c) >= 0.5) g.draw(new Line2D.Double(left, top, left + width, top));
                if (c > 0 && ink != digit.ink(r, c - 1) >= 0.5) g.draw(new Line2D.Double(left, top, left, top + height));
            }
        }
    }
}
