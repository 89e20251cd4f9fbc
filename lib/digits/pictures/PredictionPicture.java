package digits.pictures;

import digits.data.LabeledImages;
import digits.evaluation.Predictions;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.util.List;
import java.util.stream.IntStream;

/** One digit and, beside it, what a network makes of it. */
public final class PredictionPicture {
    private PredictionPicture() {
    }

    /** Image {@code i} and what the network said of it. */
    public static BufferedImage of(LabeledImages images, Predictions predictions, int i) {
        return of(Digit.of(images, i), predictions.probabilities(i), images.label(i), images.names());
    }

    /**
     * The digit, enlarged, beside the bars of {@link ProbabilityBars#of}, which are named 0, 1, 2 …
     *
     * @param probabilities one for each label, 0 to 1
     * @param trueLabel     the digit the image shows
     */
    public static BufferedImage of(Digit digit, double[] probabilities, int trueLabel) {
        return of(digit, probabilities, trueLabel, IntStream.range(0, probabilities.length).mapToObj(String::valueOf).toList());
    }

    /**
     * The image, enlarged, beside the bars of {@link ProbabilityBars#of}.
     *
     * @param probabilities one for each label, 0 to 1
     * @param trueLabel     what the image shows
     * @param names         of the labels
     */
    public static BufferedImage of(Digit digit, double[] probabilities, int trueLabel, List<String> names) {
        BufferedImage bars = ProbabilityBars.of(probabilities, trueLabel, names);
        BufferedImage pixels = digit.enlarged(Math.max(1, (bars.getHeight() - 20) / digit.rows()));
        BufferedImage framed = Style.paper(pixels.getWidth() + 20, bars.getHeight());
        Graphics2D g = framed.createGraphics();
        g.drawImage(pixels, 10, (framed.getHeight() - pixels.getHeight()) / 2, null);
        g.dispose();
        return Figures.sideBySide(framed, bars);
    }
}
