package digits.training;

import digits.data.Batches;
import digits.data.LabeledImages;
import digits.data.Shards;
import digits.networks.Network;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * What workers do in a round of a {@link ParallelTrainer}, for one plan and its images. It keeps the networks that it
 * has built, as many as were in use at the same time, since building one takes longer than a step. Thread-safe.
 */
public final class RoundWorker {
    private final RoundPlan plan;
    private final Shards shards;
    private final ConcurrentLinkedQueue<Network> idle = new ConcurrentLinkedQueue<>();

    /** @throws IllegalArgumentException if there are fewer images than workers */
    public RoundWorker(RoundPlan plan, LabeledImages images) {
        this.plan = plan;
        shards = Shards.of(images, plan.batch(), plan.workers(), plan.augmentation(), plan.seed());
    }

    /**
     * Trains one worker's steps of a round, which depend on nothing but plan, images, state and the worker's number.
     *
     * @param worker from 0
     * @return the result, which says so if the loss was not a number; a worker without an image has no step
     * @throws CancellationException if the thread was interrupted; its flag stays set. It ends with the current step
     */
    public RoundExecutor.Result work(RoundExecutor.State state, int worker) {
        Network known = idle.poll();
        Network network = known != null ? known : plan.network().build(plan.seed());
        state.restore(network, worker);
        List<Step> steps = new ArrayList<>();
        LossGuard guard = new LossGuard();
        network.model().setListeners(List.of(guard));
        try {
            Batches batches = shards.batches(state.epoch(), worker, state.step(), plan.averageEvery());
            if (batches.hasNext()) EpochTraining.fit(network, batches, RoundWorker::interrupted, steps::addAll);
        } catch (IllegalStateException e) {
            if (guard.failure().isEmpty()) throw e;
            return new RoundExecutor.Result(worker, steps, state, guard.failure());
        }
        if (interrupted()) throw new CancellationException("the round was interrupted");
        RoundExecutor.State after = RoundExecutor.State.of(network, state.epoch(), state.step() + steps.size());
        idle.add(network);
        return new RoundExecutor.Result(worker, steps, after, "");
    }

    private static boolean interrupted() {
        return Thread.currentThread().isInterrupted();
    }
}
