package digits.pictures;

import digits.Text;
import digits.data.LabeledImages;
import digits.image.Grid;
import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.util.Objects;

/**
 * One step of a convolution: the patch of the image that the filter covers, patch times filter, the products and their
 * sum, and the feature map as far as it is computed when the filter moves row by row. Numbers of the map are blue above
 * 0, vermilion below; the scale is that of the whole map.
 */
public final class ConvolutionPicture {
    private static final int MARGIN = 14;
    private static final int TITLE = 30;
    private static final int SIDE = 252;
    private static final int BLOCK = 126;   // a patch, a filter or its products
    private static final int GAP = 26;
    private static final int LARGEST = 5;

    private ConvolutionPicture() { }

    /**
     * Image {@code i} of a set beneath a filter whose upper left corner is at this row and column.
     *
     * @param filter of 1×1 to 5×5 weights, on pixels from 0 (background) to 1 (ink); its stride is 1
     * @throws IndexOutOfBoundsException if the filter does not fit there
     */
    public static Picture of(LabeledImages images, int i, Grid filter, int row, int column) {
        return of(images.grid(i), filter, row, column);
    }

    /** The same for an image of numbers from 0 (background) to 1 (ink). */
    public static Picture of(Grid image, Grid filter, int row, int column) {
        if (filter.rows() > LARGEST || filter.columns() > LARGEST) {
            throw new IllegalArgumentException("a filter of " + size(filter) + "; it can have up to 5×5 weights");
        }
        Grid map = image.convolved(filter, 1);
        Objects.checkIndex(row, map.rows());
        Objects.checkIndex(column, map.columns());
        int middle = MARGIN + SIDE + GAP;
        int right = middle + 2 * BLOCK + 44 + GAP;
        int computed = row * map.columns() + column + 1;
        String sentence = "A filter of " + size(filter) + " at row " + row + ", column " + column + " of an image of "
                + size(image) + ": its " + Text.count(filter.rows() * filter.columns(), "product") + " sum up to "
                + NumberGrid.text(map.value(row, column)) + "; " + Text.whole(computed) + " of "
                + Text.whole(map.rows() * map.columns()) + " numbers of the feature map are computed.";
        return Style.picture(right + SIDE + MARGIN, 2 * MARGIN + TITLE + 2 * BLOCK + 2 * TITLE, sentence, g -> {
            image(g, image, filter, row, column);
            calculation(g, image.crop(row, column, filter.rows(), filter.columns()), filter, middle);
            map(g, map, row, column, right);
        });
    }

    private static String size(Grid grid) {
        return grid.rows() + "×" + grid.columns();
    }

    private static int top() {
        return MARGIN + TITLE;
    }

    private static void title(Graphics2D g, String text, double middle, int y) {
        Style.centered(g, Style.bold(14), Style.INK, text, middle, y - 9);
    }

    private static void image(Graphics2D g, Grid image, Grid filter, int row, int column) {
        int cell = Math.max(1, SIDE / Math.max(image.rows(), image.columns()));
        int x = MARGIN + (SIDE - cell * image.columns()) / 2;
        title(g, "the image, " + size(image), MARGIN + SIDE / 2.0, top());
        new Digit(image).draw(g, x, top(), cell * image.columns(), cell * image.rows());
        Style.frame(g, Style.GRAY, x, top(), cell * image.columns(), cell * image.rows());
        NumberGrid.mark(g, x, top(), cell, row, column, filter.rows(), filter.columns());
    }

    private static void calculation(Graphics2D g, Grid patch, Grid filter, int x) {
        int cell = BLOCK / Math.max(filter.rows(), filter.columns());
        int second = x + BLOCK + 44;
        int lower = top() + BLOCK + 2 * TITLE;
        float[] numbers = patch.values();
        for (int i = 0; i < numbers.length; i++) numbers[i] *= filter.values()[i];
        NumberGrid products = NumberGrid.signed(new Grid(filter.rows(), filter.columns(), numbers));
        title(g, "patch", x + BLOCK / 2.0, top());
        title(g, "filter", second + BLOCK / 2.0, top());
        title(g, numbers.length + " products", x + BLOCK / 2.0, lower);
        title(g, "their sum", second + BLOCK / 2.0, lower);
        NumberGrid.ink(patch).draw(g, x, top(), cell);
        NumberGrid.mark(g, x, top(), cell, 0, 0, filter.rows(), filter.columns());
        NumberGrid.signed(filter).draw(g, second, top(), cell);
        products.draw(g, x, lower, cell);
        Style.centered(g, Style.bold(24), Style.INK, "×", x + BLOCK + 22, top() + BLOCK / 2.0 + 8);
        Style.centered(g, Style.bold(24), Style.INK, "=", x + BLOCK + 22, lower + BLOCK / 2.0 + 8);
        Style.centered(g, Style.bold(30), Style.INK, NumberGrid.text(patch.convolved(filter, 1).value(0, 0)),
                second + BLOCK / 2.0, lower + BLOCK / 2.0 + 11);
    }

    private static void map(Graphics2D g, Grid map, int row, int column, int left) {
        int cell = Math.max(1, SIDE / Math.max(map.rows(), map.columns()));
        int x = left + (SIDE - cell * map.columns()) / 2;
        int width = cell * map.columns();
        int height = cell * map.rows();
        double limit = map.magnitude();
        int last = row * map.columns() + column;
        Color open = Style.mix(Style.PAPER, Style.RULE, 0.7);
        title(g, "the feature map, " + size(map), left + SIDE / 2.0, top());
        Style.draw(g, Style.pixels(map.rows(), map.columns(), (r, c) -> (r * map.columns() + c > last ? open
                : ColorScale.SIGNED.of(map.value(r, c), limit)).getRGB()),
                RenderingHints.VALUE_INTERPOLATION_NEAREST_NEIGHBOR, x, top(), width, height);
        Style.frame(g, Style.GRAY, x, top(), width, height);
        g.setColor(Style.INK);
        g.setStroke(new BasicStroke(2f));
        g.drawRect(x + column * cell, top() + row * cell, cell, cell);
        g.setStroke(new BasicStroke(1f));
        ColorScale.SIGNED.legend(g, NumberGrid.text(-limit), NumberGrid.text(limit), left + SIDE / 2 - 48,
                top() + height + 16, 96);
    }
}
