package digits.pictures;

import digits.Text;
import digits.data.LabeledImages;
import digits.evaluation.Predictions;
import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.util.List;
import java.util.stream.IntStream;

/** A network's prediction for one image: a bar per class with its probability, and beside it the image. */
public final class PredictionPicture {
    private static final int ROW = 26;
    private static final int WIDTH = 460;
    private static final int RIGHT = 150;
    private static final int TOP = 40;
    private static final int MARGIN = 10;

    private PredictionPicture() { }

    /** Image {@code i} of a set and the prediction for it. */
    public static Picture of(LabeledImages images, Predictions predictions, int i) {
        return of(Digit.of(images, i), predictions.probabilities(i), images.label(i), images.names());
    }

    /** The digit, enlarged, beside {@link #bars}. */
    public static Picture of(Digit digit, double[] probabilities, int trueLabel) {
        return of(digit, probabilities, trueLabel, Style.digits(probabilities.length));
    }

    private static Picture of(Digit digit, double[] probabilities, int trueLabel, List<String> names) {
        Picture bars = bars(probabilities, trueLabel, names);
        int scale = Math.max(1, (bars.height() - 20) / digit.rows());
        int left = digit.columns() * scale + 22 + 16;
        return Style.picture(left + bars.width(), bars.height(), bars.toString(), g -> {
            digit.drawEnlarged(g, 10, (bars.height() - digit.rows() * scale - 2) / 2, scale);
            g.drawImage(bars, left, 0, bars.width(), bars.height(), null);
        });
    }

    /** A bar per digit for its probability, 0 to 1; the highest is blue if it is the true label's, vermilion if not. */
    public static Picture bars(double[] probabilities, int trueLabel) {
        return bars(probabilities, trueLabel, Style.digits(probabilities.length));
    }

    private static Picture bars(double[] probabilities, int trueLabel, List<String> names) {
        if (names.size() != probabilities.length) {
            throw new IllegalArgumentException(names.size() + " names for " + probabilities.length + " probabilities");
        }
        int predicted = check(probabilities, trueLabel);
        String title = "predicted " + names.get(predicted) + " with " + Text.percent(probabilities[predicted], 2)
                + (predicted == trueLabel ? ": right" : ", but it is a " + names.get(trueLabel));
        String sentence = "Probabilities of " + names.size() + " classes: " + title + ".";
        // ten bars of about 10 % each would all look like stubs
        double end = probabilities[predicted] <= 0.2 ? 0.2 : 1;
        int bottom = TOP + probabilities.length * ROW;
        return Style.picture(WIDTH, bottom + MARGIN + (end < 1 ? 14 : 0), sentence, g -> {
            Style.write(g, Style.bold(14), Style.INK, title, MARGIN, 24);
            int widest = names.stream().mapToInt(name -> Style.width(Style.bold(13), name)).max().orElse(0);
            int left = 24 + Math.max(10, Math.min(120, widest));
            for (int i = 0; i < probabilities.length; i++) {
                Color color = i != predicted ? Style.GRAY : i == trueLabel ? Style.BLUE : Style.VERMILION;
                bar(g, names.get(i), probabilities[i], end, color, i == trueLabel, left, TOP + i * ROW);
            }
            String scale = end < 1 ? "bars end at 20 %" : "";
            Style.rightAligned(g, Style.font(12), Style.MUTED, scale, WIDTH - RIGHT, bottom + 14);
        });
    }

    private static void bar(Graphics2D g, String name, double probability, double end, Color color, boolean isTrue,
            int x, int y) {
        int room = WIDTH - x - RIGHT;
        g.setColor(Style.mix(Style.PAPER, Style.RULE, 0.5));
        g.fillRect(x, y + 3, room, ROW - 6);
        g.setColor(color);
        g.fillRect(x, y + 3, (int) Math.round(room * probability / end), ROW - 6);
        boolean said = isTrue || color != Style.GRAY;
        Font font = said ? Style.bold(13) : Style.font(13);
        Color text = said ? Style.INK : Style.MUTED;
        Style.rightAligned(g, font, text, Style.fitted(font, name, x - 20), x - 12, y + 18);
        Style.rightAligned(g, font, text, Text.percent(probability, 2), x + room + 76, y + 18);
        if (isTrue) Style.write(g, font, text, "◂ true", x + room + 88, y + 18);
    }

    /** The most probable class. */
    private static int check(double[] probabilities, int trueLabel) {
        int n = probabilities.length;
        if (trueLabel < 0 || trueLabel >= n) {
            throw new IllegalArgumentException("the true label is " + trueLabel + ", but there are " + n + " classes");
        }
        for (int i = 0; i < n; i++) {
            double p = probabilities[i];
            // rounding may lift a softmax's sum, and so its largest term, a hair above 1
            if (!(p >= 0 && p <= 1 + 1e-5)) {
                throw new IllegalArgumentException("the probability of " + i + " is " + p + "; it has to be 0 to 1");
            }
        }
        return IntStream.range(0, n).reduce((a, b) -> probabilities[b] > probabilities[a] ? b : a).orElseThrow();
    }
}
