package digits.evaluation;

import digits.Text;
import java.util.ArrayList;
import java.util.List;

/**
 * Calibration of predictions: do they hold as often as their probabilities say? The images are grouped by the
 * probability of their predicted class into bins of equal width, as in Guo, Pleiss, Sun, Weinberger (“On Calibration of
 * Modern Neural Networks”, 2017); each bin's mean probability is compared with the share of its images recognized.
 *
 * @param bins those that contain images, in ascending order
 */
public record Calibration(List<Bin> bins) {
    /** The number of bins in the experiments of Guo and others. */
    public static final int BINS = 15;

    /**
     * Images whose highest probability is more than {@code from} and at most {@code to}.
     *
     * @param images     how many, 1 or more
     * @param right      how many of them were recognized
     * @param confidence the mean of their highest probabilities, 0 to 1
     */
    public record Bin(double from, double to, int images, int right, double confidence) {
        /** The share recognized, with its confidence interval. */
        public Interval accuracy() {
            return Interval.wilson(right, images);
        }
    }

    public Calibration {
        bins = List.copyOf(bins);
    }

    /** The calibration of these predictions in {@value #BINS} bins. */
    public static Calibration of(Predictions predictions) {
        return of(predictions, BINS);
    }

    /** The same in 1 to 1,000 bins. */
    public static Calibration of(Predictions predictions, int bins) {
        if (bins < 1 || bins > 1_000) throw new IllegalArgumentException(bins + " bins; there may be 1 to 1,000");
        int[] images = new int[bins];
        int[] right = new int[bins];
        double[] sums = new double[bins];
        for (int i = 0; i < predictions.size(); i++) {
            double confidence = predictions.confidence(i);
            int bin = Math.max(0, Math.min(bins - 1, (int) Math.ceil(confidence * bins) - 1));
            images[bin]++;
            sums[bin] += confidence;
            if (predictions.correct(i)) right[bin]++;
        }
        List<Bin> filled = new ArrayList<>();
        for (int b = 0; b < bins; b++) {
            if (images[b] == 0) continue;
            filled.add(new Bin((double) b / bins, (b + 1.0) / bins, images[b], right[b],
                    Math.min(1, sums[b] / images[b])));   // rounding
        }
        return new Calibration(filled);
    }

    /** The number of images. */
    public int images() {
        return bins.stream().mapToInt(Bin::images).sum();
    }

    /** The mean of all highest probabilities, 0 to 1: the accuracy that the network expects. */
    public double confidence() {
        return bins.stream().mapToDouble(bin -> bin.confidence() * bin.images()).sum() / images();
    }

    /** The share of images recognized, 0 to 1. */
    public double accuracy() {
        return bins.stream().mapToDouble(Bin::right).sum() / images();
    }

    /**
     * The expected calibration error (ECE; Naeini, Cooper, Hauskrecht 2015): the mean difference between a bin's
     * probability and its accuracy, weighted by the bins' images. 0 is perfect, 1 the worst.
     */
    public double error() {
        return bins.stream().mapToDouble(bin ->
                Math.abs(bin.right() - bin.confidence() * bin.images())).sum() / images();
    }

    /** For example “99.29 % right, 99.50 % expected, calibration error 0.23 %”. */
    @Override
    public String toString() {
        return Text.percent(accuracy(), 2) + " right, " + Text.percent(confidence(), 2)
                + " expected, calibration error " + Text.percent(error(), 2);
    }
}
