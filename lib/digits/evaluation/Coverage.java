package digits.evaluation;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Accuracy against coverage for a network with a reject option (Chow, “On Optimum Recognition Error and Reject
 * Tradeoff”, 1970): it predicts an image only if its highest probability reaches a threshold, and hands the others to a
 * person. The coverage is the share of images that it predicts; their share of mistakes is the <i>selective risk</i>
 * (El-Yaniv and Wiener, 2010).
 */
public final class Coverage {
    private final double[] confidences;   // from high to low
    private final int[] mistakes;         // among the first n images, at n; one more than there are images

    private Coverage(double[] confidences, int[] mistakes) {
        this.confidences = confidences;
        this.mistakes = mistakes;
    }

    /**
     * What remains at one threshold.
     *
     * @param threshold the lowest probability that is accepted
     * @param accepted  number of images that the network predicts
     * @param rejected  number of images that it hands to a person
     * @param mistakes  number of accepted images that were not recognized
     */
    public record Point(double threshold, int accepted, int rejected, int mistakes) {
        /** The share of images accepted, 0 to 1. */
        public double coverage() {
            return (double) accepted / (accepted + rejected);
        }

        /** The share of the accepted images that were recognized, 0 to 1; NaN if none was accepted. */
        public double accuracy() {
            return accepted == 0 ? Double.NaN : (double) (accepted - mistakes) / accepted;
        }
    }

    /** Orders the predictions by their highest probability. */
    public static Coverage of(Predictions predictions) {
        List<Integer> order = IntStream.range(0, predictions.size()).boxed()
                .sorted(Comparator.comparingDouble((Integer i) -> -predictions.confidence(i))).toList();
        int[] mistakes = new int[order.size() + 1];
        for (int n = 0; n < order.size(); n++) {
            mistakes[n + 1] = mistakes[n] + (predictions.correct(order.get(n)) ? 0 : 1);
        }
        return new Coverage(order.stream().mapToDouble(predictions::confidence).toArray(), mistakes);
    }

    /** What remains if predictions with a probability below {@code threshold} are rejected. */
    public Point at(double threshold) {
        int accepted = 0;
        while (accepted < confidences.length && confidences[accepted] >= threshold) accepted++;
        return new Point(threshold, accepted, confidences.length - accepted, mistakes[accepted]);
    }

    /** The curve from full coverage down: a point for each probability that occurs, as the threshold. */
    public List<Point> points() {
        List<Point> points = new ArrayList<>();
        for (int n = confidences.length; n > 0; n--) {
            if (n < confidences.length && confidences[n] == confidences[n - 1]) continue;
            points.add(new Point(confidences[n - 1], n, confidences.length - n, mistakes[n]));
        }
        return points;
    }

    /**
     * The point of the highest coverage whose accuracy is at least this, 0 to 1. Choose its threshold on validation
     * images, then use {@link #at} on others. If there is none, the threshold is infinite and everything is rejected.
     */
    public Point reaching(double accuracy) {
        return points().stream().filter(point -> point.accuracy() >= accuracy).findFirst()
                .orElseGet(() -> at(Double.POSITIVE_INFINITY));
    }
}
