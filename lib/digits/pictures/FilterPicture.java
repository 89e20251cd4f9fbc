package digits.pictures;

import digits.Text;
import digits.image.Grid;
import java.awt.Graphics2D;
import java.util.List;

/**
 * A convolution's filters, or the weights of the neurons that see a whole image: each weight a square, blue where ink
 * raises the output, vermilion where it lowers it, white where it does not matter. All filters share one scale, so that
 * weak ones look weak; numbered from 0. Lines separate the weights of filters of up to 12×12.
 */
public final class FilterPicture {
    private static final int MARGIN = 12;
    private static final int SIDE = 72;
    private static final int COLUMN = 88;
    private static final int CAPTION = 26;
    private static final int LINED = 12;
    private static final int LEGEND = 44;

    private FilterPicture() { }

    /** The filters in rows of 1 to 10 {@code columns} with their legend. */
    public static Picture of(List<Grid> filters, int columns) {
        if (filters.isEmpty()) throw new IllegalArgumentException("there are no filters to show");
        int rows = (filters.size() + Style.checkColumns(columns, 10) - 1) / columns;
        double limit = filters.stream().mapToDouble(Grid::magnitude).max().orElseThrow();
        int side = filters.stream().anyMatch(filter -> larger(filter) > LINED) ? COLUMN - 4 : SIDE;
        int width = Math.max(340, 2 * MARGIN + Math.min(columns, filters.size()) * COLUMN - (COLUMN - side));
        Grid first = filters.get(0);
        String sentence = Text.count(filters.size(), "filter") + " of " + first.rows() + "×" + first.columns()
                + " weights from " + Text.decimal(filters.stream().mapToDouble(Grid::min).min().orElseThrow(), 2)
                + " to " + Text.decimal(filters.stream().mapToDouble(Grid::max).max().orElseThrow(), 2)
                + ": blue where ink raises the output, vermilion where it lowers it.";
        return Style.picture(width, 2 * MARGIN + LEGEND + rows * (side + CAPTION) - 10, sentence, g -> {
            ColorScale.SIGNED.legend(g, "against, " + Text.decimal(-limit, 2), Text.decimal(limit, 2) + ", for",
                    width / 2 - 60, MARGIN + 4, 120);
            for (int i = 0; i < filters.size(); i++) {
                filter(g, filters.get(i), limit, i, side, MARGIN + i % columns * COLUMN,
                        MARGIN + LEGEND + i / columns * (side + CAPTION));
            }
        });
    }

    private static int larger(Grid filter) {
        return Math.max(filter.rows(), filter.columns());
    }

    private static void filter(Graphics2D g, Grid filter, double limit, int number, int side, int x, int y) {
        int square = Math.max(1, side / larger(filter));
        int width = square * filter.columns();
        int height = square * filter.rows();
        int left = x + (side - width) / 2;
        ColorScale.SIGNED.draw(g, filter, null, limit, left, y, width, height);
        g.setColor(Style.RULE);
        int every = larger(filter) > LINED ? larger(filter) : 1;   // only the frame of a large one
        for (int r = 0; r <= filter.rows(); r += every) g.fillRect(left, y + r * square, width + 1, 1);
        for (int c = 0; c <= filter.columns(); c += every) g.fillRect(left + c * square, y, 1, height + 1);
        Style.centered(g, Style.font(11), Style.MUTED, String.valueOf(number), left + width / 2.0, y + height + 13);
    }
}
