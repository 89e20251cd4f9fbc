package digits.pictures;

import digits.Text;
import digits.data.Augmentation;
import digits.data.LabeledImages;
import digits.evaluation.Predictions;
import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Graphics2D;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Many images at a glance, in rows, with captions: those of a set, augmented ones, or the mistakes of a network. */
public final class Gallery {
    private static final int MARGIN = 10;
    private static final int GAP = 8;
    private static final int LINE = 17;
    private static final int MOST_COLUMNS = 30;

    /**
     * One image with a bold line under it, such as “4 read as 9”, and a second one, such as “99.8 %”; both may be
     * empty. A highlighted one, for mistakes, is framed and captioned in vermilion.
     */
    public record Item(Digit digit, String caption, String detail, boolean highlighted) {
    }

    private Gallery() { }

    /** The images in rows of 1 to 30 columns, as large as fit into about 900 pixels; long captions are shortened. */
    public static Picture of(List<Item> items, int columns) {
        if (items.isEmpty()) throw new IllegalArgumentException("there are no digits to show");
        return picture(items, Math.min(Style.checkColumns(columns, MOST_COLUMNS), items.size()));
    }

    /** The first images of a set, each with the name of its label, in 1 to 30 columns and 1 to 50 rows at most. */
    public static Picture of(LabeledImages images, int columns, int rows) {
        if (rows < 1 || rows > 50) throw new IllegalArgumentException("rows is " + rows + "; it has to be 1 to 50");
        return of(IntStream.range(0, Math.min(images.size(), Style.checkColumns(columns, MOST_COLUMNS) * rows))
                .mapToObj(i -> new Item(Digit.of(images, i), images.name(i), "", false)).toList(), columns);
    }

    /**
     * The images at these positions, in 1 to 30 columns, with their label, the prediction and its probability; wrong
     * ones are highlighted. Without positions, such as mistakes of a perfect network, it says “nothing to show”.
     */
    public static Picture of(LabeledImages images, Predictions predictions, List<Integer> positions,
            int columns) {
        Style.checkColumns(columns, MOST_COLUMNS);
        if (positions.isEmpty()) return Style.nothingToShow();
        return of(positions.stream().map(i -> item(images, predictions, i)).toList(), columns);
    }

    /**
     * Augmented versions of image {@code i}, by random changes with this seed, in 2 to 30 columns: one row per
     * augmentation in the map's order, each starting with the image itself and the augmentation's name.
     */
    public static Picture augmented(LabeledImages images, int i, Map<String, Augmentation> rows, int columns,
            long seed) {
        if (rows.isEmpty()) throw new IllegalArgumentException("there is no augmentation to show");
        if (columns == 1) throw new IllegalArgumentException("one column has no room for a variant");
        Style.checkColumns(columns, MOST_COLUMNS);
        List<Item> items = new ArrayList<>();
        rows.forEach((name, augmentation) -> {
            items.add(new Item(Digit.of(images, i), name, "original", false));
            LabeledImages variants = augmentation.variants(images, i, columns - 1, seed);
            for (int v = 0; v < variants.size(); v++) items.add(new Item(Digit.of(variants, v), "", "", false));
        });
        return of(items, columns);
    }

    /** Image {@code i} with its label, the prediction and its probability. */
    static Item item(LabeledImages images, Predictions predictions, int i) {
        int predicted = predictions.predicted(i);
        String name = images.names().get(predicted);
        String probability = Text.percent(predictions.probability(i, predicted), 1);
        boolean brief = images.names().stream().allMatch(each -> each.length() == 1);
        return new Item(Digit.of(images, i), brief ? images.name(i) + " read as " + name : images.name(i),
                brief ? probability : "→ " + name + " " + probability, !predictions.correct(i));
    }

    /** Writes the two lines of an item below {@code y}, centered and not wider than {@code width}. */
    static void captions(Graphics2D g, Item item, double middle, int y, int width) {
        Color color = item.highlighted() ? Style.mix(Style.VERMILION, Style.INK, 0.2) : Style.INK;
        Style.centered(g, Style.bold(13), color, item.caption(), middle, y + LINE, width);
        Style.centered(g, Style.font(12), Style.MUTED, item.detail(), middle, y + 2 * LINE - 1, width);
    }

    /** The width that the widest line of the captions needs. */
    private static int widest(List<Item> items) {
        return items.stream().mapToInt(item -> Math.max(Style.width(Style.bold(13), item.caption()),
                Style.width(Style.font(12), item.detail()))).max().orElse(0);
    }

    /** The captions, “: 4 read as 9, 99.8 %; …”. */
    static String sentence(List<Item> items) {
        List<String> captions = items.stream().map(item -> Stream.of(item.caption(), item.detail())
                .filter(line -> !line.isEmpty()).collect(Collectors.joining(", "))
                .replace("→", "read as"))
                .filter(caption -> !caption.isEmpty()).toList();
        boolean details = items.stream().anyMatch(item -> !item.detail().isEmpty());
        return captions.isEmpty() ? "" : ": " + Picture.list(captions, details ? "; " : ", ");
    }

    private static Picture picture(List<Item> items, int columns) {
        int across = items.stream().mapToInt(i -> i.digit().columns()).max().orElseThrow();
        int down = items.stream().mapToInt(i -> i.digit().rows()).max().orElseThrow();
        boolean details = items.stream().anyMatch(i -> !i.detail().isEmpty());
        boolean captions = details || items.stream().anyMatch(i -> !i.caption().isEmpty());
        int room = (Style.WIDTH - 2 * MARGIN - (columns - 1) * GAP) / columns;   // of one digit
        // whole multiples keep the pixels square; digits that are smaller than that take all the room
        int side = room >= 2 * across ? across * Math.min(4, room / across) : Math.max(8, room);
        int height = Math.max(1, side * down / across);
        // captions may be wider than a small digit: each column gets what fits, the digit centered in it
        int cell = Math.max(side, Math.min(room, widest(items)));
        int row = height + (!captions ? 0 : details ? 2 * LINE + 6 : LINE + 5) + GAP;
        int rows = (items.size() + columns - 1) / columns;
        String sentence = "A gallery of " + Text.count(items.size(), "image") + sentence(items) + ".";
        return Style.picture(2 * MARGIN + columns * (cell + GAP) - GAP, 2 * MARGIN + rows * row - GAP, sentence, g -> {
            for (int i = 0; i < items.size(); i++) {
                Item item = items.get(i);
                int x = MARGIN + i % columns * (cell + GAP) + (cell - side) / 2;
                int y = MARGIN + i / columns * row;
                item.digit().draw(g, x, y, side, height);
                g.setStroke(new BasicStroke(item.highlighted() ? 2f : 1f));
                Style.frame(g, item.highlighted() ? Style.VERMILION : Style.RULE, x, y, side, height);
                captions(g, item, MARGIN + i % columns * (cell + GAP) + cell / 2.0, y + height, cell + 2);
            }
        });
    }
}
