package digits.training;

import digits.Progress;
import digits.acceleration.Acceleration;
import digits.data.DigitBatches;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Consumer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;

/**
 * The learning-rate range test of Smith, “Cyclical Learning Rates for Training Neural Networks” (2015, section 3.3):
 * trains for a few hundred steps while the learning rate grows exponentially, and watches the loss. Where it falls
 * steepest the network learns fastest; where it rises again the rate is too large.
 *
 * @param points rate and smoothed loss after each step, rates growing
 */
public record LearningRateFinder(List<Point> points) {
    private static final double SMOOTHING = 0.9;   // the share of the running mean of the loss that each step keeps
    private static final double DIVERGED = 4;      // a loss this many times the best one will not come down again

    /** One step: its learning rate, and the running mean of the loss up to it, corrected for the mean's start at 0. */
    public record Point(double rate, double loss) {
    }

    public LearningRateFinder {
        points = List.copyOf(points);
    }

    /**
     * Runs the test on an accelerated copy of the network.
     *
     * @param batches  training batches, scaled; they start again when they run out
     * @param from     the first learning rate, above 0
     * @param to       the last learning rate, above the first
     * @param steps    the largest number of steps, 10 or more; the test ends early when the loss diverges
     * @param progress gets a report after each step
     */
    public static LearningRateFinder of(MultiLayerNetwork network, DigitBatches batches, double from, double to,
                                        int steps, Consumer<? super Progress> progress) {
        Schedules.require(from > 0 && to > from,
                "learning rates from " + from + " to " + to + "; they have to grow from above 0");
        Schedules.require(steps >= 10, steps + " steps; a curve needs 10 or more");
        MultiLayerNetwork copy = network.clone();
        Acceleration.of(copy);
        List<Point> points = new ArrayList<>();
        double mean = 0;
        double best = Double.POSITIVE_INFINITY;
        for (int step = 0; step < steps && !Thread.currentThread().isInterrupted(); step++) {
            double rate = from * Math.pow(to / from, (double) step / (steps - 1));
            copy.setLearningRate(rate);
            if (!batches.hasNext()) batches.reset();
            copy.fit(batches.next());
            mean = SMOOTHING * mean + (1 - SMOOTHING) * copy.score();
            double loss = mean / (1 - Math.pow(SMOOTHING, step + 1));
            String done = "step " + (step + 1) + " of " + steps;
            if (!Double.isFinite(loss) || loss > DIVERGED * best) {
                progress.accept(Progress.of(1, "range test · ended early at " + done + ": the loss had risen"));
                break;
            }
            progress.accept(Progress.of((step + 1.0) / steps, "range test · " + done));
            best = Math.min(best, loss);
            points.add(new Point(rate, loss));
        }
        return new LearningRateFinder(points);
    }

    /** The rate with the lowest loss: too large for training; a tenth of it is a usual choice for the highest rate. */
    public double lowest() {
        return points.stream().min(Comparator.comparingDouble(Point::loss)).orElseThrow().rate();
    }
}
