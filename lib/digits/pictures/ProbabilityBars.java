package digits.pictures;

import digits.Text;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.util.List;
import java.util.stream.IntStream;

/** A network's answer for one image: a bar of its probability for each digit, the true digit marked. */
public final class ProbabilityBars {
    private static final int ROW = 26;
    private static final int WIDTH = 460;
    private static final int RIGHT = 150;
    private static final int TOP = 40;
    private static final int MARGIN = 10;

    private ProbabilityBars() {
    }

    /**
     * The bars, 0 at the top. The most probable digit is coloured: blue if it is the true one, vermilion if not.
     *
     * @param probabilities one for each label, 0 to 1
     * @param trueLabel     the digit the image shows
     * @throws IllegalArgumentException if there are none, one is not between 0 and 1, or the true label has none
     */
    public static BufferedImage of(double[] probabilities, int trueLabel) {
        return of(probabilities, trueLabel, IntStream.range(0, probabilities.length).mapToObj(String::valueOf).toList());
    }

    /**
     * The same with names for the labels.
     *
     * @throws IllegalArgumentException also if there is not one name for each probability
     */
    public static BufferedImage of(double[] probabilities, int trueLabel, List<String> names) {
        if (names.size() != probabilities.length) {
            throw new IllegalArgumentException(names.size() + " names for " + probabilities.length + " probabilities");
        }
        int predicted = check(probabilities, trueLabel);
        BufferedImage picture = Style.paper(WIDTH, TOP + probabilities.length * ROW + MARGIN);
        Graphics2D g = Style.pen(picture);
        g.setFont(Style.bold(14));
        Style.write(g, title(probabilities[predicted], names.get(predicted), names.get(trueLabel)), MARGIN, 24, Style.Align.LEFT);
        g.setFont(Style.bold(13));
        int left = 24 + Math.max(10, Math.min(120, names.stream().mapToInt(g.getFontMetrics()::stringWidth).max().orElse(0)));
        int room = WIDTH - left - RIGHT;
        for (int i = 0; i < probabilities.length; i++) {
            int y = TOP + i * ROW;
            Color colour = i != predicted ? Style.GREY : i == trueLabel ? Style.BLUE : Style.VERMILION;
            g.setColor(Style.mix(Style.PAPER, Style.RULE, 0.5));
            g.fillRect(left, y + 3, room, ROW - 6);
            g.setColor(colour);
            g.fillRect(left, y + 3, (int) Math.round(room * probabilities[i]), ROW - 6);
            boolean said = i == trueLabel || i == predicted;
            g.setColor(said ? Style.INK : Style.MUTED);
            g.setFont(said ? Style.bold(13) : Style.font(13));
            Style.write(g, Style.fitted(g, names.get(i), left - 20), left - 12, y + 18, Style.Align.RIGHT);
            Style.write(g, Text.percent(probabilities[i], 2), left + room + 76, y + 18, Style.Align.RIGHT);
            if (i == trueLabel) {
                Style.write(g, "◂ true", left + room + 88, y + 18, Style.Align.LEFT);
            }
        }
        g.dispose();
        return picture;
    }

    private static String title(double probability, String predicted, String trueName) {
        String share = " with " + Text.percent(probability, 2);
        return predicted.equals(trueName) ? "predicted " + predicted + share + ": right"
                : "predicted " + predicted + share + ", but it is a " + trueName;
    }

    private static int check(double[] probabilities, int trueLabel) {
        if (probabilities.length == 0) throw new IllegalArgumentException("there are no probabilities to show");
        if (trueLabel < 0 || trueLabel >= probabilities.length) {
            throw new IllegalArgumentException("the true label is " + trueLabel + ", but there are probabilities for 0 to "
                    + (probabilities.length - 1));
        }
        for (int i = 0; i < probabilities.length; i++) {
            // rounding may lift a softmax's sum, and so its largest term, a hair above 1
            if (!(probabilities[i] >= 0 && probabilities[i] <= 1 + 1e-5)) {
                throw new IllegalArgumentException("the probability of " + i + " is " + probabilities[i]
                        + "; it has to be 0 to 1");
            }
        }
        return IntStream.range(0, probabilities.length).reduce((a, b) -> probabilities[b] > probabilities[a] ? b : a)
                .orElseThrow();
    }
}
