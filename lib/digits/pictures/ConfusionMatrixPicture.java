package digits.pictures;

import digits.Text;
import digits.evaluation.Agreement;
import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.geom.AffineTransform;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A confusion matrix as a picture: {@code counts[i][j]} images with the true label i were predicted as j. Rows are the
 * true classes, columns the predicted ones, and the axes say so, since other libraries print the transpose.
 *
 * <p>Correct predictions (the diagonal) are shaded blue, mistakes vermilion, each on its own scale: on a common scale a
 * single mistake among a thousand correct predictions would be invisible.
 */
public final class ConfusionMatrixPicture {
    private static final int CELL = 54;
    private static final int LEFT = 84;
    private static final int TOP = 92;
    private static final int MARGIN = 20;
    private static final int SUMS = 72;

    private ConfusionMatrixPicture() { }

    /** The matrix of the ten digits. */
    public static Picture of(long[][] counts) {
        return of(counts, Style.digits(counts.length));
    }

    /** The square matrix of counts from 0, with these names of rows and columns. */
    public static Picture of(long[][] counts, List<String> names) {
        check(counts, names);
        String kind = names.equals(Style.digits(names.size())) ? "digit" : "class";
        long all = Arrays.stream(counts).flatMapToLong(Arrays::stream).sum();
        long right = IntStream.range(0, counts.length).mapToLong(i -> counts[i][i]).sum();
        String share = all == 0 ? "" : " (" + Text.percent((double) right / all, 2) + ")";
        String title = Text.whole(right) + " of " + Text.whole(all) + " right" + share + ", " + Text.whole(all - right)
                + " wrong";
        return of("Confusion matrix: ", "most frequent mistake: %s predicted as %s", counts, names, title,
                "true " + kind, "predicted " + kind);
    }

    /**
     * The predictions of two networks, named such as “after 1 epoch”: rows are the first network's, columns the
     * second's. Blue where they agree, rightly or wrongly, vermilion where they differ.
     */
    public static Picture of(Agreement agreement, String first, String second) {
        int images = agreement.first().size();
        int agreed = agreement.agreed();
        String title = "the same prediction for " + Text.whole(agreed) + " of " + Text.whole(images) + " ("
                + Text.percent((double) agreed / images, 2) + "), different ones for " + Text.whole(images - agreed);
        return of("Two networks' predictions: ", "most frequent difference: %s by the first, %s by the second",
                agreement.counts(), Style.digits(agreement.first().classes()), title, "prediction of: " + first,
                "prediction of: " + second);
    }

    /** {@code down} names the rows, {@code across} the columns. */
    private static Picture of(String what, String most, long[][] counts, List<String> names, String title,
            String down, String across) {
        int n = counts.length;
        // room on the left for the longest name, within reason
        int widest = names.stream().mapToInt(name -> Style.width(Style.bold(14), name)).max().orElseThrow();
        int left = Math.max(LEFT, 52 + Math.min(110, widest));
        int width = left + n * CELL + SUMS + MARGIN;
        long mostRight = IntStream.range(0, n).mapToLong(i -> counts[i][i]).max().orElseThrow();
        long mostWrong = IntStream.range(0, n).mapToLong(i -> IntStream.range(0, n).filter(j -> j != i)
                .mapToLong(j -> counts[i][j]).max().orElse(0)).max().orElseThrow();
        // names that do not fit above their columns are turned
        int turned = widest * 0.75 <= CELL - 2 ? 0 : (int) (0.72 * Math.min(110, widest)) - 6;
        String sentence = what + title + most(counts, names, most) + ".";
        return Style.picture(width, TOP + turned + n * CELL + MARGIN, sentence, g -> {
            Style.centered(g, Style.bold(14), Style.INK, title, width / 2.0, 28, width - 16);
            g.translate(0, turned);
            axes(g, names, left, turned, down, across);
            for (int i = 0; i < n; i++) {
                for (int j = 0; j < n; j++) {
                    cell(g, counts[i][j], left + j * CELL, i, i == j, i == j ? mostRight : mostWrong);
                }
                Style.rightAligned(g, Style.font(13), Style.MUTED, Text.whole(Arrays.stream(counts[i]).sum()),
                        left + n * CELL + SUMS - 8, middle(i));
            }
        });
    }

    /** Two names in a form, those of the first of the largest numbers off the diagonal; empty if all are 0. */
    private static String most(long[][] counts, List<String> names, String form) {
        int n = counts.length;
        int most = IntStream.range(0, n * n).filter(at -> at / n != at % n).boxed()
                .min(Comparator.comparingLong(at -> -counts[at / n][at % n])).orElse(0);
        long times = counts[most / n][most % n];
        return most / n == most % n || times == 0 ? "" : "; " + form.formatted(names.get(most / n),
                names.get(most % n)) + ", " + Text.count(times, "time");
    }

    private static void check(long[][] counts, List<String> names) {
        int n = counts.length;
        if (n == 0 || names.size() != n) {
            throw new IllegalArgumentException("a confusion matrix of " + n + " rows for " + names.size() + " names");
        }
        for (int i = 0; i < n; i++) {
            if (counts[i].length != n || Arrays.stream(counts[i]).anyMatch(count -> count < 0)) {
                throw new IllegalArgumentException("row " + i + " of the confusion matrix has to be " + n
                        + " counts of 0 or more: " + Arrays.toString(counts[i]));
            }
        }
    }

    private static void axes(Graphics2D g, List<String> names, int left, int turned, String down, String across) {
        int n = names.size();
        double middle = TOP + n * CELL / 2.0;
        Font bold = Style.bold(14);
        Style.centered(g, Style.font(14), Style.MUTED, across, left + n * CELL / 2.0, TOP - 34 - turned);
        AffineTransform upright = g.getTransform();
        g.rotate(-Math.PI / 2, 28, middle);
        Style.centered(g, Style.font(14), Style.MUTED, down, 28, middle);
        g.setTransform(upright);
        Style.rightAligned(g, Style.font(13), Style.MUTED, "images", left + n * CELL + SUMS - 8, TOP - 10);
        for (int i = 0; i < n; i++) {
            if (turned == 0) {
                Style.centered(g, bold, Style.INK, names.get(i), left + (i + 0.5) * CELL, TOP - 10, CELL - 2);
            } else {
                g.rotate(-Math.PI / 4, left + (i + 0.5) * CELL, TOP - 6);
                String name = Style.fitted(bold, names.get(i), 110);
                Style.write(g, bold, Style.INK, name, left + (i + 0.5) * CELL, TOP - 6);
                g.setTransform(upright);
            }
            Style.rightAligned(g, bold, Style.INK, Style.fitted(bold, names.get(i), left - 48), left - 12, middle(i));
        }
    }

    private static void cell(Graphics2D g, long count, int x, int i, boolean right, long most) {
        // 0 is white; one mistake is already a fifth of the way to the full color
        double share = count == 0 ? 0 : right ? 0.25 + 0.75 * count / most
                : 0.2 + 0.8 * (count - 1) / Math.max(1, most - 1);
        Color ground = Style.mix(Style.PAPER, right ? Style.BLUE : Style.VERMILION, share);
        Style.box(g, ground, Style.RULE, x, TOP + i * CELL, CELL, CELL);
        String number = Text.whole(count);
        Font font = right ? Style.bold(14) : Style.font(14);
        if (Style.width(font, number) > CELL - 4) font = font.deriveFont(10.5f);
        Style.centered(g, font, count == 0 ? Style.mix(Style.PAPER, Style.MUTED, 0.55) : Style.textOn(ground), number,
                x + CELL / 2.0, middle(i));
    }

    private static double middle(int row) {
        return TOP + (row + 0.5) * CELL + 5;
    }
}
