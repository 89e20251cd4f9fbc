package digits.experiments;

import digits.data.LabeledImages;
import digits.training.TrainingProgress;
import java.util.List;
import java.util.Optional;

/** Trains planned runs: in this process one after the other, or elsewhere several at once. */
@FunctionalInterface
public interface RunExecutor {
    /** The images of all runs of an experiment; {@code test} are those to test on after the training, if any. */
    record Images(LabeledImages training, LabeledImages validation, Optional<LabeledImages> test) {
    }

    /** Gets the reports of an executor; may be called by several threads. */
    interface Listener {
        /** A run is this far. */
        void progress(RunPlan plan, TrainingProgress progress);

        /** A run is over, with or without a result. */
        void finished(RunPlan plan, Run run);
    }

    /** Trains the runs in any order and returns when all are over, or early if the thread is interrupted. */
    void execute(List<RunPlan> plans, Images images, Listener listener);

    /** Trains in this process and on the calling thread, one run after the other. */
    static RunExecutor local() {
        return (plans, images, listener) -> {
            for (RunPlan plan : plans) {
                if (Thread.currentThread().isInterrupted()) return;
                Optional<Run> run = plan.train(images, progress -> listener.progress(plan, progress));
                if (run.isEmpty()) return;
                listener.finished(plan, run.get());
            }
        };
    }
}
