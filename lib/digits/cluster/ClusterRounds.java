package digits.cluster;

import digits.data.LabeledImages;
import digits.training.RoundExecutor;
import digits.training.RoundPlan;
import digits.training.RoundWorker;
import java.io.Serializable;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.stream.IntStream;
import org.apache.spark.api.java.JavaFutureAction;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;

/**
 * Executes each round of a parallel training in a Spark job with one task per worker, which receives the state by
 * broadcast. Spark repeats the task of an executor that ends, elsewhere; the results are added by the driver, in the
 * order of the workers, since Spark's own sums depend on which result arrives first.
 */
final class ClusterRounds implements RoundExecutor {
    private final JavaSparkContext context;

    ClusterRounds(JavaSparkContext context) {
        this.context = context;
    }

    /** @throws ClusterException if the network needs a class that only a notebook has, or there are too many images */
    @Override
    public Session open(RoundPlan plan, LabeledImages images) {
        SameComputation.requireClasses("the network", plan.network().configuration());
        return new Rounds(plan, images);
    }

    /** Plan and images on an executor; the object is the same for all tasks of the process, and so are its networks. */
    private static final class Workplace implements Serializable {
        private final RoundPlan plan;
        private final ShippedImages images;
        private final Map<String, String> driver = SameComputation.environment();
        private transient RoundWorker worker;

        Workplace(RoundPlan plan, ShippedImages images) {
            this.plan = plan;
            this.images = images;
        }

        synchronized RoundWorker worker() {
            if (worker != null) return worker;
            SameComputation.require(driver);
            worker = new RoundWorker(plan, images.images());
            return worker;
        }
    }

    private final class Rounds implements Session {
        private final List<Integer> workers;
        private final ShippedImages images;
        private final Broadcast<Workplace> place;

        Rounds(RoundPlan plan, LabeledImages training) {
            workers = IntStream.range(0, plan.workers()).boxed().toList();
            images = ShippedImages.of(context, training);
            place = context.broadcast(new Workplace(plan, images));
        }

        @Override
        public List<Result> round(State state) {
            String name = "round at step " + state.step() + " of epoch " + state.epoch();
            Broadcast<Workplace> there = place;
            Broadcast<State> sent = context.broadcast(state);
            try {
                return await(name, ClusterRuns.submit(context, name, Map.of(),
                        () -> context.parallelize(workers, workers.size())
                                .map(worker -> there.value().worker().work(sent.value(), worker)).collectAsync()));
            } finally {
                ShippedImages.forget(sent);   // otherwise each executor would keep the states of all rounds
            }
        }

        private List<Result> await(String name, JavaFutureAction<List<Result>> job) {
            try {
                return job.get();
            } catch (InterruptedException e) {
                job.cancel(true);
                Thread.currentThread().interrupt();
                throw new CancellationException("the " + name + " was interrupted");
            } catch (ExecutionException e) {
                throw ClusterException.of("The " + name + " of the training could not be executed", e.getCause());
            }
        }

        @Override
        public void close() {
            ShippedImages.forget(place);
            images.close();
        }
    }
}
