package digits.experiments;

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
public record ExperimentProgress(Map<String, Integer> planned, List<Run> finished, Optional<Running> running, double secondsLeft) {

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
}
