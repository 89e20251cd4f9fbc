package digits.pictures;

import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.util.stream.IntStream;

/** A network's answer for one image: a bar of its probability for each digit, the true digit marked. */
public final class ProbabilityBars {
    private static final int ROW = 26;
    private static final int WIDTH = 460;
    private static final int LEFT = 34;
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
        int predicted = check(probabilities, trueLabel);
        BufferedImage picture = Style.paper(WIDTH, TOP + probabilities.length * ROW + MARGIN);
        Graphics2D g = Style.pen(picture);
        g.setFont(Style.bold(14));
        Style.write(g, title(probabilities, predicted, trueLabel), MARGIN, 24, Style.Align.LEFT);
        int room = WIDTH - LEFT - RIGHT;
        for (int i = 0; i < probabilities.length; i++) {
            int y = TOP + i * ROW;
            Color colour = i != predicted ? Style.GREY : i == trueLabel ? Style.BLUE : Style.VERMILION;
            g.setColor(Style.mix(Style.PAPER, Style.RULE, 0.5));
            g.fillRect(LEFT, y + 3, room, ROW - 6);
            g.setColor(colour);
            g.fillRect(LEFT, y + 3, (int) Math.round(room * probabilities[i]), ROW - 6);
            boolean said = i == trueLabel || i == predicted;
            g.setColor(said ? Style.INK : Style.MUTED);
            g.setFont(said ? Style.bold(13) : Style.font(13));
            Style.write(g, String.valueOf(i), LEFT - 12, y + 18, Style.Align.RIGHT);
            Style.write(g, Text.percent(probabilities[i], 2), LEFT + room + 76, y + 18, Style.Align.RIGHT);
            if (i == trueLabel) {
                Style.write(g, "◂ true", LEFT + room + 88, y + 18, Style.Align.LEFT);
            }
        }
        g.dispose();
        return picture;
    }

    private static String title(double[] probabilities, int predicted, int trueLabel) {
        String share = " with " + Text.percent(probabilities[predicted], 2);
        return predicted == trueLabel ? "predicted " + predicted + share + ": right"
                : "predicted " + predicted + share + ", but it is a " + trueLabel;
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
