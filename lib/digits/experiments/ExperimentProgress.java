package digits.experiments;

import digits.Progress;
import digits.Text;
import digits.training.Epoch;
import digits.training.TrainingProgress;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The progress of an experiment.
 *
 * @param planned     number of runs of each setting's name, in the order of the settings
 * @param finished    the runs that are over, including failed ones and those found on disk
 * @param running     the current runs: one, or several if they are trained elsewhere
 * @param secondsLeft estimate for the rest of the experiment; NaN before the very first step
 */
public record ExperimentProgress(Map<String, Integer> planned, List<Run> finished, List<Running> running,
                                 double secondsLeft) implements Progress {
    public ExperimentProgress {
        planned = Collections.unmodifiableMap(new LinkedHashMap<>(planned));
        finished = List.copyOf(finished);
        running = List.copyOf(running);
    }

    /** A current run: its setting's name, the label of name and rate, its seed, and the progress of its training. */
    public record Running(String setting, String label, long seed, TrainingProgress training) {
    }

    public int total() {
        return planned.values().stream().mapToInt(Integer::intValue).sum();
    }

    @Override
    public double share() {
        double current = running.stream().mapToDouble(run -> run.training().shareOfTraining()).sum();
        return Math.min(1, (finished.size() + current) / total());
    }

    @Override
    public String line() {
        String left = Double.isNaN(secondsLeft) ? "" : " · " + Text.duration(secondsLeft) + " left";
        String runs = finished.size() + "/" + total() + " runs";
        if (running.isEmpty()) return runs;
        if (running.size() > 1) return runs + " · " + running.size() + " at once" + left;
        Running run = running.get(0);
        TrainingProgress training = run.training();
        List<Epoch> epochs = training.finished();
        return "run " + (finished.size() + 1) + "/" + total() + " · " + run.label() + ", seed " + run.seed()
                + " · epoch " + training.epoch() + "/" + training.epochs()
                + (Double.isNaN(training.loss()) ? "" : " · loss " + Text.decimal(training.loss(), 4))
                + (epochs.isEmpty() ? "" : " · validation accuracy "
                        + Text.percent(epochs.get(epochs.size() - 1).validationAccuracy(), 2)) + left
                + training.noteOnce();
    }
}
