package digits.training;

import org.nd4j.linalg.schedule.CycleSchedule;
import org.nd4j.linalg.schedule.FixedSchedule;
import org.nd4j.linalg.schedule.ISchedule;
import org.nd4j.linalg.schedule.ScheduleType;
import org.nd4j.linalg.schedule.StepSchedule;

/**
 * The usual learning-rate schedules, as Deeplearning4j's updaters read them:
 * {@code new Adam(Schedules.cosine(0.001, steps))}. A step is one batch; the first one has the number 0.
 */
public final class Schedules {
    private static final double CYCLE_START = 0.1;   // one cycle begins and ends its climb at this share of the highest
    private static final double CYCLE_END = 0.01;    // and fades toward this share of its first rate

    private Schedules() { }

    /** The number of steps of a training: batches per epoch (the last one may be smaller) times epochs. */
    public static int stepsOf(int images, int batch, int epochs) {
        require(images > 0 && batch > 0 && epochs > 0,
                images + " images, batch " + batch + ", " + epochs + " epochs; each has to be 1 or more");
        return Math.multiplyExact(epochs, (images - 1) / batch + 1);
    }

    /** The same rate in every step. */
    public static ISchedule constant(double rate) {
        checkRate(rate);
        return new FixedSchedule(rate);
    }

    /** {@code rate · factor^⌊t / every⌋}: multiplied by {@code factor}, such as 0.1, after each {@code every} steps. */
    public static ISchedule step(double rate, double factor, int every) {
        checkRate(rate);
        checkSteps(every);
        require(factor > 0 && factor < 1, "the rate times " + factor + "; it has to be between 0 and 1");
        return new StepSchedule(ScheduleType.ITERATION, rate, factor, every);
    }

    /** From {@code rate} to 0 along half a cosine, see {@link CosineSchedule}. */
    public static ISchedule cosine(double rate, int steps) {
        checkRate(rate);
        return new CosineSchedule(rate, 0, steps);
    }

    /**
     * Smith's “1cycle” (2018): linearly from a tenth of the highest rate up to it and back, then in the last fifth of
     * the steps exponentially from that tenth to nearly a thousandth. Training beyond the last step begins the next
     * cycle.
     */
    public static ISchedule oneCycle(double highest, int steps) {
        checkRate(highest);
        checkSteps(steps);
        int fade = Math.max(1, steps / 5);
        // an odd remainder would leave a step between descent and fading for which CycleSchedule gives a higher rate
        if ((steps - fade) % 2 == 1) fade++;
        return new CycleSchedule(ScheduleType.ITERATION, CYCLE_START * highest, highest, steps, fade,
                Math.pow(CYCLE_END, 1.0 / fade));
    }

    static void checkSteps(int steps) {
        require(steps > 0, steps + " steps; a schedule needs 1 or more");
    }

    private static void checkRate(double rate) {
        require(rate > 0 && rate < Double.POSITIVE_INFINITY, "a learning rate of " + rate + "; it has to be above 0");
    }

    static void require(boolean condition, String message) {
        if (!condition) throw new IllegalArgumentException(message);
    }
}
