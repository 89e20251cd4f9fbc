package digits.pictures;

import digits.Text;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.geom.AffineTransform;
import java.awt.image.BufferedImage;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * A confusion matrix as a picture: {@code counts[i][j]} images with the true label i were predicted as j. Rows are the
 * true classes, columns the predicted ones, and the axes say so, since other libraries print the transpose.
 *
 * <p>What is right (the diagonal) is shaded blue, mistakes vermilion, each on a scale of its own: on one common scale a
 * single mistake among a thousand right ones could not be seen.
 */
public final class ConfusionMatrixPicture {
    private static final int CELL = 54;
    private static final int LEFT = 84;
    private static final int TOP = 92;
    private static final int MARGIN = 20;
    private static final int SUMS = 72;

    private ConfusionMatrixPicture() {
    }

    /** The matrix of the ten digits. */
    public static BufferedImage of(long[][] counts) {
        return of(counts, IntStream.range(0, counts.length).mapToObj(String::valueOf).toArray(String[]::new));
    }

    /**
     * The matrix with these names of rows and columns.
     *
     * @throws IllegalArgumentException if the matrix is empty, not square, negative somewhere, or the names do not fit it
     */
    public static BufferedImage of(long[][] counts, String[] names) {
        check(counts, names);
        String kind = digits(names) ? "digit" : "class";
        return of(counts, names, title(counts), "true " + kind, "predicted " + kind);
    }

    /** The same with another title and other axes: {@code down} names the rows, {@code across} the columns. */
    static BufferedImage of(long[][] counts, String[] names, String title, String down, String across) {
        int n = check(counts, names);
        int left = left(names);
        BufferedImage picture = Style.paper(left + n * CELL + SUMS + MARGIN, TOP + n * CELL + MARGIN);
        Graphics2D g = Style.pen(picture);
        g.setFont(Style.bold(14));
        Style.write(g, Style.fitted(g, title, picture.getWidth() - 16), picture.getWidth() / 2.0, 28, Style.Align.CENTRE);
        axes(g, names, n, left, down, across);
        long mostRight = IntStream.range(0, n).mapToLong(i -> counts[i][i]).max().orElseThrow();
        long mostWrong = IntStream.range(0, n).mapToLong(i -> IntStream.range(0, n).filter(j -> j != i)
                .mapToLong(j -> counts[i][j]).max().orElse(0)).max().orElseThrow();
        for (int i = 0; i < n; i++) {
            for (int j = 0; j < n; j++) {
                cell(g, counts[i][j], left + j * CELL, i, i == j, i == j ? mostRight : mostWrong);
            }
            g.setFont(Style.font(13));
            g.setColor(Style.MUTED);
            Style.write(g, Text.whole(Arrays.stream(counts[i]).sum()), left + n * CELL + SUMS - 8, middle(i), Style.Align.RIGHT);
        }
        g.dispose();
        return picture;
    }

    private static int check(long[][] counts, String[] names) {
        int n = counts.length;
        if (n == 0) throw new IllegalArgumentException("the confusion matrix is empty");
        if (names.length != n) {
            throw new IllegalArgumentException("the confusion matrix has " + n + " rows, but there are " + names.length
                    + " names");
        }
        for (int i = 0; i < n; i++) {
            if (counts[i].length != n) {
                throw new IllegalArgumentException("row " + i + " of the confusion matrix has " + counts[i].length
                        + " columns, not " + n);
            }
            for (int j = 0; j < n; j++) {
                if (counts[i][j] < 0) {
                    throw new IllegalArgumentException("the count of true " + i + " predicted " + j + " is " + counts[i][j]);
                }
            }
        }
        return n;
    }

    private static String title(long[][] counts) {
        long all = Arrays.stream(counts).flatMapToLong(Arrays::stream).sum();
        long right = IntStream.range(0, counts.length).mapToLong(i -> counts[i][i]).sum();
        String share = all == 0 ? "" : " (" + Text.percent((double) right / all, 2) + ")";
        return Text.whole(right) + " of " + Text.whole(all) + " right" + share + ", " + Text.whole(all - right) + " wrong";
    }

    private static void axes(Graphics2D g, String[] names, int n, int left, String down, String across) {
        g.setFont(Style.font(14));
        g.setColor(Style.MUTED);
        double centre = left + n * CELL / 2.0;
        double middle = TOP + n * CELL / 2.0;
        Style.write(g, across, centre, TOP - 34, Style.Align.CENTRE);
        AffineTransform upright = g.getTransform();
        g.rotate(-Math.PI / 2, 28, middle);
        Style.write(g, down, 28, middle, Style.Align.CENTRE);
        g.setTransform(upright);
        g.setFont(Style.font(13));
        Style.write(g, "images", left + n * CELL + SUMS - 8, TOP - 10, Style.Align.RIGHT);
        g.setFont(Style.bold(14));
        g.setColor(Style.INK);
        for (int i = 0; i < n; i++) {
            Style.write(g, Style.fitted(g, names[i], CELL - 2), left + (i + 0.5) * CELL, TOP - 10, Style.Align.CENTRE);
            Style.write(g, Style.fitted(g, names[i], left - 48), left - 12, middle(i), Style.Align.RIGHT);
        }
    }

    private static void cell(Graphics2D g, long count, int x, int i, boolean right, long most) {
        // 0 is white; one mistake is already a fifth of the way to the full colour
        double share = count == 0 ? 0 : right ? 0.25 + 0.75 * count / most : 0.2 + 0.8 * (count - 1) / Math.max(1, most - 1);
        Color ground = Style.mix(Style.PAPER, right ? Style.BLUE : Style.VERMILION, share);
        int y = TOP + i * CELL;
        g.setColor(ground);
        g.fillRect(x, y, CELL, CELL);
        g.setColor(Style.RULE);
        g.drawRect(x, y, CELL, CELL);
        g.setFont(right ? Style.bold(14) : Style.font(14));
        g.setColor(count == 0 ? Style.mix(Style.PAPER, Style.MUTED, 0.55) : Style.textOn(ground));
        String number = Text.whole(count);
        if (g.getFontMetrics().stringWidth(number) > CELL - 4) g.setFont(g.getFont().deriveFont(10.5f));
        Style.write(g, number, x + CELL / 2.0, middle(i), Style.Align.CENTRE);
    }

    private static boolean digits(String[] names) {
        return IntStream.range(0, names.length).allMatch(i -> names[i].equals(String.valueOf(i)));
    }

    /** Room on the left for the longest name, within reason. */
    private static int left(String[] names) {
        Graphics2D g = Style.pen(Style.paper(1, 1));
        g.setFont(Style.bold(14));
        int widest = Arrays.stream(names).mapToInt(g.getFontMetrics()::stringWidth).max().orElseThrow();
        g.dispose();
        return Math.max(LEFT, 52 + Math.min(110, widest));
    }

    private static double middle(int row) {
        return TOP + (row + 0.5) * CELL + 5;
    }
}
