package digits.cluster;

import digits.experiments.Run;
import digits.experiments.RunExecutor;
import digits.experiments.RunPlan;
import digits.training.RunEnvironment;
import java.io.Serializable;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ExecutionException;
import java.util.function.Supplier;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaFutureAction;
import org.apache.spark.api.java.JavaSparkContext;

/**
 * Trains each run in a Spark job, so that results arrive one by one, and a run that ends its executor each time fails
 * alone. A run that was interrupted begins anew: checkpoints would lie on the disk of a machine that may be gone.
 */
final class ClusterRuns implements RunExecutor {
    private static final int POLL_MILLIS = 50;
    private static final long REPORT_NANOS = 500_000_000L;

    private final JavaSparkContext context;

    ClusterRuns(JavaSparkContext context) {
        this.context = context;
    }

    /** The images of all runs; {@code test} is null if there are none to test on. */
    private record Shipment(ShippedImages training, ShippedImages validation, ShippedImages test)
            implements Serializable {
        Images images() {
            return new Images(training.images(), validation.images(),
                    Optional.ofNullable(test).map(ShippedImages::images));
        }
    }

    /** Submits a job that Spark's page shows under this name, and whose tasks are interrupted if it is canceled. */
    static <T> JavaFutureAction<T> submit(JavaSparkContext context, String name, Map<String, String> others,
                                          Supplier<JavaFutureAction<T>> job) {
        Map<String, String> properties = new HashMap<>(others);
        properties.put("spark.job.description", name);
        properties.put("spark.job.interruptOnCancel", "true");
        properties.forEach(context::setLocalProperty);
        try {
            return job.get();
        } finally {
            properties.keySet().forEach(property -> context.setLocalProperty(property, null));
        }
    }

    /** @throws ClusterException if a network needs a class that only a notebook has, or if the session ends */
    @Override
    public void execute(List<RunPlan> plans, Images images, Listener listener) {
        for (RunPlan plan : plans) SameComputation.requireClasses(plan.label(), plan.configuration());
        if (plans.isEmpty() || Thread.currentThread().isInterrupted()) return;
        try (ShippedImages training = ShippedImages.of(context, images.training());
             ShippedImages validation = ShippedImages.of(context, images.validation());
             ShippedImages test = images.test().map(all -> ShippedImages.of(context, all)).orElse(null);
             Jobs jobs = new Jobs(plans, new Shipment(training, validation, test), listener)) {
            jobs.run(images.training().size());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** The jobs of an experiment; all reports to the listener come from the calling thread. */
    private final class Jobs implements AutoCloseable {
        private final Shipment images;
        private final Listener listener;
        private final Queue<RunPlan> waiting;
        private final Map<RunPlan, JavaFutureAction<List<Run>>> open = new LinkedHashMap<>();   // as submitted
        private final RunReports reports = new RunReports();

        Jobs(List<RunPlan> plans, Shipment images, Listener listener) {
            this.images = images;
            this.listener = listener;
            waiting = new ArrayDeque<>(plans);
            context.sc().addSparkListener(reports);
        }

        void run(int total) throws InterruptedException {
            long reported = System.nanoTime();
            while (!waiting.isEmpty() || !open.isEmpty()) {
                // an executor that gets free finds the next one waiting
                while (!waiting.isEmpty() && open.size() < 2 * context.defaultParallelism()) submit(waiting.remove());
                Thread.sleep(POLL_MILLIS);
                for (Iterator<RunPlan> all = open.keySet().iterator(); all.hasNext();) {
                    RunPlan plan = all.next();
                    if (!open.get(plan).isDone()) continue;
                    Run run = result(plan, open.get(plan));
                    all.remove();
                    listener.finished(plan, run);
                }
                if (System.nanoTime() - reported < REPORT_NANOS) continue;
                reported = System.nanoTime();
                for (RunPlan plan : open.keySet()) {
                    reports.latest(name(plan), plan, total).ifPresent(progress -> listener.progress(plan, progress));
                }
            }
        }

        private static String name(RunPlan plan) {
            return plan.label() + ", seed " + plan.seed();
        }

        private void submit(RunPlan plan) {
            RunPlan sent = plan.withoutCheckpoint();
            Shipment shipped = images;
            Map<String, String> here = SameComputation.environment();
            RunReports.Report report = new RunReports.Report();
            context.sc().register(report);
            reports.expect(name(plan));
            open.put(plan, ClusterRuns.submit(context, name(plan), Map.of(RunReports.NAME, name(plan)),
                    () -> context.parallelize(List.of(0), 1).map(i -> {
                        SameComputation.require(here);
                        return sent.train(shipped.images(), report::add).orElseThrow(() -> {
                            TaskContext.get().killTaskIfInterrupted();   // says so to Spark
                            return new IllegalStateException("the run was interrupted");
                        });
                    }).collectAsync()));
        }

        private Run result(RunPlan plan, JavaFutureAction<List<Run>> job) throws InterruptedException {
            try {
                return job.get().get(0);
            } catch (ExecutionException e) {
                if (context.sc().isStopped()) {
                    throw new ClusterException("The session on the cluster has ended. The runs that are finished are "
                            + "kept if the experiment has a folder: connect again, and the others are trained", e);
                }
                String failure = ClusterException.of("the training ended in an error", e.getCause()).getMessage();
                return new Run(plan.setting(), plan.rate(), plan.seed(), plan.batch(), RunEnvironment.threads(), 0,
                        List.of(), 0, null, Double.NaN, failure, "");
            }
        }

        /** Also stops what is not finished. */
        @Override
        public void close() {
            open.values().forEach(job -> job.cancel(true));
            context.sc().removeSparkListener(reports);
        }
    }
}
