package digits.pictures;

import digits.Text;
import digits.image.Grid;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.util.List;

/**
 * A convolution's filters: each weight a square, blue where ink raises the filter's output, vermilion where it lowers
 * it, white where it does not matter. All filters share one scale, so that weak ones look weak; numbered from 0.
 */
public final class FilterPicture {
    private static final int MARGIN = 12;
    private static final int SIDE = 72;
    private static final int COLUMN = 88;
    private static final int ROW = 98;
    private static final int LEGEND = 44;

    private FilterPicture() { }

    /** The filters in rows of 1 to 10 {@code columns} with their legend. */
    public static BufferedImage of(List<Grid> filters, int columns) {
        if (filters.isEmpty()) throw new IllegalArgumentException("there are no filters to show");
        int rows = (filters.size() + Style.checkColumns(columns, 10) - 1) / columns;
        double limit = filters.stream().mapToDouble(Grid::magnitude).max().orElseThrow();
        int width = Math.max(340, 2 * MARGIN + Math.min(columns, filters.size()) * COLUMN - (COLUMN - SIDE));
        return Style.picture(width, 2 * MARGIN + LEGEND + rows * ROW - 10, g -> {
            ColorScale.SIGNED.legend(g, "against, " + Text.decimal(-limit, 2), Text.decimal(limit, 2) + ", for",
                    width / 2 - 60, MARGIN + 4, 120);
            for (int i = 0; i < filters.size(); i++) {
                filter(g, filters.get(i), limit, i, MARGIN + i % columns * COLUMN, MARGIN + LEGEND + i / columns * ROW);
            }
        });
    }

    private static void filter(Graphics2D g, Grid filter, double limit, int number, int x, int y) {
        int square = Math.max(1, SIDE / Math.max(filter.rows(), filter.columns()));
        int width = square * filter.columns();
        int height = square * filter.rows();
        int left = x + (SIDE - width) / 2;
        ColorScale.SIGNED.draw(g, filter, null, limit, left, y, width, height);
        g.setColor(Style.RULE);
        for (int r = 0; r <= filter.rows(); r++) g.fillRect(left, y + r * square, width + 1, 1);
        for (int c = 0; c <= filter.columns(); c++) g.fillRect(left + c * square, y, 1, height + 1);
        Style.centered(g, Style.font(11), Style.MUTED, String.valueOf(number), left + width / 2.0, y + height + 13);
    }
}
