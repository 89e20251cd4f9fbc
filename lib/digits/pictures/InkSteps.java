package digits.pictures;

import digits.image.Ink;
import java.awt.BasicStroke;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.geom.Line2D;
import java.awt.image.BufferedImage;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** The steps from a drawing to a digit like MNIST's, one panel per step. */
public final class InkSteps {
    private static final int MARGIN = 12;
    private static final int GAP = 18;
    private static final int CAPTION = 26;
    private static final int DETAIL = 22;
    private static final int SMALL = 40;   // images with fewer pixels a side show them as squares

    /** A picture with its caption, and row and column of its center of mass, which a cross marks; null for no cross. */
    private record Panel(BufferedImage picture, String caption, double[] center) {
    }

    private InkSteps() { }

    /** A drawing, cropped, scaled into 20×20, and centered in 28×28. */
    public static Picture of(Ink drawing) {
        return of(List.of(panel(drawing, "drawn", false)), drawing);
    }

    /** A photograph, the ink found in it, and the same steps. */
    public static Picture of(BufferedImage photo, Ink ink) {
        return of(List.of(new Panel(photo, "photographed", null), panel(ink, "its ink", false)), ink);
    }

    private static Picture of(List<Panel> first, Ink ink) {
        Ink cropped = ink.cropped();
        Ink scaled = cropped.scaledInto(Ink.BOX);
        List<Panel> panels = Stream.concat(first.stream(), Stream.of(panel(cropped, "cropped", false),
                panel(scaled, "scaled", true), panel(scaled.centeredIn(Ink.SIDE), "centered", true))).toList();
        int side = (Style.WIDTH - 2 * MARGIN + GAP) / panels.size() - GAP;
        int width = 2 * MARGIN + panels.size() * (side + GAP) - GAP;
        String sentence = "The steps to a digit like MNIST's: " + Picture.list(panels.stream().map(p -> p.caption()
                + " (" + p.picture().getWidth() + " × " + p.picture().getHeight() + ")").toList()) + ".";
        int height = 2 * MARGIN + CAPTION + side + DETAIL;
        return Style.picture(width, height, sentence, g -> IntStream.range(0, panels.size())
                .forEach(i -> draw(g, panels.get(i), MARGIN + i * (side + GAP), MARGIN + CAPTION, side)));
    }

    private static Panel panel(Ink ink, String caption, boolean center) {
        return new Panel(Style.pixels(ink.grid()), caption, center ? ink.grid().centerOfMass() : null);
    }

    private static void draw(Graphics2D g, Panel panel, int x, int y, int side) {
        BufferedImage picture = panel.picture();
        String size = picture.getWidth() + " × " + picture.getHeight();
        Style.centered(g, Style.bold(14), Style.INK, panel.caption(), x + side / 2.0, y - 10);
        Style.centered(g, Style.font(12), Style.MUTED, size, x + side / 2.0, y + side + 18);
        int longer = Math.max(picture.getWidth(), picture.getHeight());
        // all small images on the pixel grid of 28×28: it shows where 20×20 lies in it
        double scale = (double) side / (longer <= Ink.SIDE ? Ink.SIDE : longer);
        int width = (int) Math.round(picture.getWidth() * scale);
        int height = (int) Math.round(picture.getHeight() * scale);
        int left = x + (side - width) / 2;
        int top = y + (side - height) / 2;
        g.setColor(Style.mix(Style.PAPER, Style.RULE, 0.35));
        g.fillRect(x, y, side, side);
        Style.draw(g, picture, longer < SMALL ? RenderingHints.VALUE_INTERPOLATION_NEAREST_NEIGHBOR
                : RenderingHints.VALUE_INTERPOLATION_BILINEAR, left, top, width, height);
        Style.frame(g, Style.GRAY, left, top, width, height);
        if (panel.center() == null) return;
        double row = top + (panel.center()[0] + 0.5) * scale;
        double column = left + (panel.center()[1] + 0.5) * scale;
        g.setColor(Style.VERMILION);
        g.setStroke(new BasicStroke(2f));
        g.draw(new Line2D.Double(column - 9, row, column + 9, row));
        g.draw(new Line2D.Double(column, row - 9, column, row + 9));
        g.setStroke(new BasicStroke(1f));
    }
}
