package digits.pictures;

import digits.Text;
import digits.data.LabeledImages;
import digits.evaluation.Predictions;
import java.awt.BasicStroke;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.List;

/** Digits with captions, for example the most confident mistakes. */
public final class Gallery {
    private static final int MARGIN = 10;
    private static final int GAP = 8;
    private static final int LINE = 17;

    /**
     * One digit of the gallery.
     *
     * @param digit       its pixels
     * @param caption     first line under it, bold, as «4 read as 9»
     * @param detail      second line, as «99.8 %»; empty for none
     * @param highlighted framed and captioned in vermilion, as for a mistake
     */
    public record Item(Digit digit, String caption, String detail, boolean highlighted) {
    }

    private Gallery() {
    }

    /**
     * The digits in rows of {@code columns}, as large as fit into about 900 pixels; captions that do not fit are shortened.
     *
     * @throws IllegalArgumentException without an item, or if columns are not 1 to 30
     */
    public static BufferedImage of(List<Item> items, int columns) {
        checkColumns(columns);
        if (items.isEmpty()) throw new IllegalArgumentException("there are no digits to show");
        List<List<Item>> rows = new ArrayList<>();
        for (int i = 0; i < items.size(); i += columns) rows.add(items.subList(i, Math.min(items.size(), i + columns)));
        return rows(rows, Math.min(columns, items.size()));
    }

    /**
     * Images with what they are, what the network took them for, and how sure it was of that; wrong ones are highlighted.
     *
     * @param positions which images, in which order; without any, as for the mistakes of a network that made none, the
     *                  picture says that there is nothing to show
     * @throws IllegalArgumentException if columns are not 1 to 30
     */
    public static BufferedImage of(LabeledImages images, Predictions predictions, List<Integer> positions, int columns) {
        checkColumns(columns);
        if (positions.isEmpty()) return Style.nothingToShow();
        return of(positions.stream().map(i -> new Item(Digit.of(images, i),
                images.name(i) + " read as " + images.names().get(predictions.predicted(i)),
                Text.percent(predictions.probability(i, predictions.predicted(i)), 1), !predictions.correct(i))).toList(), columns);
    }

    static int checkColumns(int columns) {
        if (columns < 1 || columns > 30) throw new IllegalArgumentException("columns is " + columns + "; it has to be 1 to 30");
        return columns;
    }

    private static BufferedImage rows(List<List<Item>> rows, int columns) {
        List<Item> all = rows.stream().flatMap(List::stream).toList();
        int pixelsAcross = all.stream().mapToInt(i -> i.digit().columns()).max().orElseThrow();
        int pixelsDown = all.stream().mapToInt(i -> i.digit().rows()).max().orElseThrow();
        boolean details = all.stream().anyMatch(i -> !i.detail().isEmpty());
        boolean captions = details || all.stream().anyMatch(i -> !i.caption().isEmpty());

        int room = (Style.WIDTH - 2 * MARGIN - (columns - 1) * GAP) / columns;   // of one digit
        // whole multiples keep the pixels square; small digits take what room there is instead
        int side = room >= 2 * pixelsAcross ? pixelsAcross * Math.min(4, room / pixelsAcross) : Math.max(8, room);
        int height = Math.max(1, side * pixelsDown / pixelsAcross);
        // captions may be wider than a small digit: give each column what fits, the digit centred in it
        int cell = details ? Math.max(side, Math.min(room, 150)) : side;
        int text = !captions ? 0 : details ? 2 * LINE + 6 : LINE + 5;
        int row = height + text + GAP;

        BufferedImage picture = Style.paper(2 * MARGIN + columns * cell + (columns - 1) * GAP,
                2 * MARGIN + rows.size() * row - GAP);
        Graphics2D g = Style.pen(picture);
        for (int r = 0; r < rows.size(); r++) {
            for (int c = 0; c < rows.get(r).size(); c++) {
                draw(g, rows.get(r).get(c), MARGIN + c * (cell + GAP), MARGIN + r * row, cell, side, height);
            }
        }
        g.dispose();
        return picture;
    }

    private static void draw(Graphics2D g, Item item, int x, int y, int cell, int side, int height) {
        int left = x + (cell - side) / 2;
        item.digit().draw(g, left, y, side, height);
        g.setColor(item.highlighted() ? Style.VERMILION : Style.RULE);
        g.setStroke(new BasicStroke(item.highlighted() ? 2f : 1f));
        g.drawRect(left - 1, y - 1, side + 1, height + 1);
        double middle = x + cell / 2.0;
        g.setColor(item.highlighted() ? Style.mix(Style.VERMILION, Style.INK, 0.2) : Style.INK);
        g.setFont(Style.bold(13));
        Style.write(g, Style.fitted(g, item.caption(), cell + 2), middle, y + height + LINE, Style.Align.CENTRE);
        g.setColor(Style.MUTED);
        g.setFont(Style.font(12));
        Style.write(g, Style.fitted(g, item.detail(), cell + 2), middle, y + height + 2 * LINE - 1, Style.Align.CENTRE);
    }
}
