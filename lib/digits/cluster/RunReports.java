package digits.cluster;

import digits.experiments.RunPlan;
import digits.training.TrainingProgress;
import java.time.Instant;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerExecutorMetricsUpdate;
import org.apache.spark.scheduler.SparkListenerJobStart;
import org.apache.spark.scheduler.SparkListenerTaskStart;
import org.apache.spark.scheduler.TaskInfo;
import org.apache.spark.util.AccumulatorV2;
import scala.jdk.javaapi.CollectionConverters;

/** Where the runs are trained and how far they are: the executors' heartbeats carry it. */
final class RunReports extends SparkListener {
    /** A property of each job, by which its stage is found. */
    static final String NAME = "digits.run";

    private final Map<String, Running> jobs = new ConcurrentHashMap<>();     // by name
    private final Map<Integer, Running> stages = new ConcurrentHashMap<>();

    /** The progress of a training, from its task to the driver. */
    static final class Report extends AccumulatorV2<TrainingProgress, TrainingProgress> {
        private volatile TrainingProgress latest;   // the heartbeat is another thread

        @Override
        public boolean isZero() {
            return latest == null;
        }

        @Override
        public Report copy() {
            Report copy = new Report();
            copy.latest = latest;
            return copy;
        }

        @Override
        public void reset() {
            latest = null;
        }

        @Override
        public void add(TrainingProgress progress) {
            latest = progress;
        }

        @Override
        public void merge(AccumulatorV2<TrainingProgress, TrainingProgress> other) {
            latest = other.value();
        }

        @Override
        public TrainingProgress value() {
            return latest;
        }
    }

    /** A job; without a note it has not begun. */
    private static final class Running {
        private volatile String note = "";
        private volatile TrainingProgress progress;
    }

    /** Expects a job whose property {@link #NAME} has this value. */
    void expect(String name) {
        jobs.put(name, new Running());
    }

    /** The progress of a job that has begun, with a note that says where. */
    Optional<TrainingProgress> latest(String name, RunPlan plan, int images) {
        Running job = jobs.get(name);
        if (job.note.isEmpty()) return Optional.empty();
        double none = Double.NaN;
        TrainingProgress p = job.progress;
        if (p == null) p = new TrainingProgress(1, plan.epochs(), 0, images, false, none, none, none, none, List.of());
        return Optional.of(new TrainingProgress(p.epoch(), p.epochs(), p.done(), p.total(), p.validating(), p.loss(),
                p.accuracy(), p.imagesPerSecond(), p.secondsLeft(), p.finished(), name + ": " + job.note));
    }

    @Override
    public void onJobStart(SparkListenerJobStart start) {
        Running job = jobs.get(start.properties().getProperty(NAME, ""));
        if (job == null) return;
        for (Object stage : CollectionConverters.asJava(start.stageIds())) stages.put((Integer) stage, job);
    }

    @Override
    public void onTaskStart(SparkListenerTaskStart start) {
        Running job = stages.get(start.stageId());
        if (job == null) return;
        TaskInfo task = start.taskInfo();
        LocalTime since = Instant.ofEpochMilli(task.launchTime()).atZone(ZoneId.systemDefault()).toLocalTime();
        job.progress = null;   // of an earlier attempt
        job.note = "executor " + task.executorId() + " on " + task.host() + ", since "
                + since.truncatedTo(ChronoUnit.SECONDS)
                + (task.attemptNumber() == 0 ? "" : ", attempt " + (task.attemptNumber() + 1));
    }

    @Override
    public void onExecutorMetricsUpdate(SparkListenerExecutorMetricsUpdate update) {
        for (var task : CollectionConverters.asJava(update.accumUpdates())) {
            Running job = stages.get((Integer) task._2());
            if (job == null) continue;
            for (var each : CollectionConverters.asJava(task._4())) {
                if (each.update().isDefined() && each.update().get() instanceof TrainingProgress progress) {
                    job.progress = progress;
                }
            }
        }
    }
}
