package digits.training;

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
public record SweepProgress(Map<String, Integer> planned, List<SweepRun> finished, Optional<Running> running, double secondsLeft) {

    public SweepProgress {
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
    public record Running(String setting, String label, long seed, Progress training) {
    }

    /** All runs of the sweep. */
    public int total() {
        return planned.values().stream().mapToInt(Integer::intValue).sum();
    }
}
