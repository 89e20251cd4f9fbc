package digits.pictures;

import digits.image.Ink;
import java.awt.BasicStroke;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.geom.Line2D;
import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.List;

/** How a drawing becomes a digit like MNIST's: one panel for each step, in order. */
public final class InkSteps {
    private static final int MARGIN = 12;
    private static final int GAP = 18;
    private static final int CAPTION = 26;
    private static final int DETAIL = 22;
    private static final int GRID = 40;   // images with fewer pixels a side show them

    /**
     * One panel.
     *
     * @param picture what is drawn into it, its aspect kept
     * @param detail  its size, under it
     * @param centre  row and column of the cross that marks the centre of mass; null for none
     */
    private record Panel(BufferedImage picture, String caption, String detail, double[] centre) {
    }

    private InkSteps() {
    }

    /** A drawing, what is left when it is cropped, scaled into 20×20, and centred in 28×28. */
    public static BufferedImage of(Ink drawing) {
        return of(List.of(panel(drawing, "drawn", false)), drawing);
    }

    /** A photograph, the ink found in it, and the same steps. */
    public static BufferedImage of(BufferedImage photo, Ink ink) {
        return of(List.of(new Panel(photo, "photographed", size(photo), null), panel(ink, "its ink", false)), ink);
    }

    private static BufferedImage of(List<Panel> first, Ink ink) {
        Ink cropped = ink.cropped();
        Ink scaled = cropped.scaledInto(Ink.BOX);
        Ink centred = scaled.centeredIn(Ink.SIDE);
        List<Panel> panels = new ArrayList<>(first);
        panels.add(panel(cropped, "cropped", false));
        panels.add(panel(scaled, "scaled", true));
        panels.add(panel(centred, "centred", true));
        return draw(panels);
    }

    private static Panel panel(Ink ink, String caption, boolean centre) {
        BufferedImage picture = new BufferedImage(ink.grid().columns(), ink.grid().rows(), BufferedImage.TYPE_INT_RGB);
        for (int r = 0; r < ink.grid().rows(); r++) {
            for (int c = 0; c < ink.grid().columns(); c++) picture.setRGB(c, r, Style.shade(ink.grid().value(r, c)).getRGB());
        }
        return new Panel(picture, caption, size(picture), centre ? ink.grid().centerOfMass() : null);
    }

    private static String size(BufferedImage picture) {
        return picture.getWidth() + " × " + picture.getHeight();
    }

    private static BufferedImage draw(List<Panel> panels) {
        int side = (Style.WIDTH - 2 * MARGIN + GAP) / panels.size() - GAP;
        BufferedImage all = Style.paper(2 * MARGIN + panels.size() * (side + GAP) - GAP, 2 * MARGIN + CAPTION + side + DETAIL);
        Graphics2D g = Style.pen(all);
        for (int i = 0; i < panels.size(); i++) draw(g, panels.get(i), MARGIN + i * (side + GAP), MARGIN + CAPTION, side);
        g.dispose();
        return all;
    }

    private static void draw(Graphics2D g, Panel panel, int x, int y, int side) {
        g.setFont(Style.bold(14));
        g.setColor(Style.INK);
        Style.write(g, panel.caption(), x + side / 2.0, y - 10, Style.Align.CENTRE);
        g.setFont(Style.font(12));
        g.setColor(Style.MUTED);
        Style.write(g, panel.detail(), x + side / 2.0, y + side + 18, Style.Align.CENTRE);

        BufferedImage picture = panel.picture();
        int longer = Math.max(picture.getWidth(), picture.getHeight());
        // small images: the pixel grid of 28×28 for all, so that one sees how 20×20 lies in it
        double scale = (double) side / (longer <= Ink.SIDE ? Ink.SIDE : longer);
        int width = (int) Math.round(picture.getWidth() * scale);
        int height = (int) Math.round(picture.getHeight() * scale);
        int left = x + (side - width) / 2;
        int top = y + (side - height) / 2;
        g.setColor(Style.mix(Style.PAPER, Style.RULE, 0.35));
        g.fillRect(x, y, side, side);
        g.setRenderingHint(RenderingHints.KEY_INTERPOLATION, longer < GRID ? RenderingHints.VALUE_INTERPOLATION_NEAREST_NEIGHBOR
                : RenderingHints.VALUE_INTERPOLATION_BILINEAR);
        g.drawImage(picture, left, top, width, height, null);
        g.setColor(Style.GREY);
        g.drawRect(left - 1, top - 1, width + 1, height + 1);
        if (panel.centre() == null) return;
        double row = top + (panel.centre()[0] + 0.5) * scale;
        double column = left + (panel.centre()[1] + 0.5) * scale;
        g.setColor(Style.VERMILION);
        g.setStroke(new BasicStroke(2f));
        g.draw(new Line2D.Double(column - 9, row, column + 9, row));
        g.draw(new Line2D.Double(column, row - 9, column, row + 9));
        g.setStroke(new BasicStroke(1f));
    }
}
