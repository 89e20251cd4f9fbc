package digits.experiments;

import digits.Progress;
import digits.Text;
import digits.training.TrainingProgress;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * How far a sweep is.
 *
 * @param planned     runs of each setting's name, in the order of the settings
 * @param finished    the runs that are over, failed ones and those found on disk too
 * @param running     the run under way, if one is
 * @param secondsLeft estimate for the rest of the sweep; NaN before the very first step
 */
public record ExperimentProgress(Map<String, Integer> planned, List<Run> finished, Optional<Running> running, double secondsLeft)
        implements Progress {

    public ExperimentProgress {
        planned = Collections.unmodifiableMap(new LinkedHashMap<>(planned));
        finished = List.copyOf(finished);
    }

    /**
     * A run under way.
     *
     * @param setting  its name
     * @param label    its name and rate
     * @param seed     of its weights, order and dropout
     * @param training how far its training is
     */
    public record Running(String setting, String label, long seed, TrainingProgress training) {
    }

    /** All runs of the sweep. */
    public int total() {
        return planned.values().stream().mapToInt(Integer::intValue).sum();
    }

    /** The share of the planned runs that are over, 0 to 1. */
    @Override
    public double share() {
        return (double) finished.size() / total();
    }

    @Override
    public String line() {
        if (running.isEmpty()) return finished.size() + "/" + total() + " runs";
        TrainingProgress training = running.get().training();
        return "run " + (finished.size() + 1) + "/" + total() + " · " + running.get().label() + ", seed " + running.get().seed()
                + " · epoch " + training.epoch() + "/" + training.epochs()
                + (Double.isNaN(training.loss()) ? "" : " · loss " + Text.decimal(training.loss(), 4))
                + (Double.isNaN(secondsLeft) ? "" : " · " + Text.duration(secondsLeft) + " left");
    }
}
