package digits.training;

import digits.Text;
import digits.data.Augmentation;
import digits.data.DigitBatches;
import digits.data.LabeledImages;
import digits.data.Shards;
import digits.networks.Network;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Function;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;

/**
 * Data-parallel training by periodic parameter averaging, also called local SGD (Stich, “Local SGD Converges Fast and
 * Communicates Little”, 2018). In each round every worker takes some steps on its share of the images, from the same
 * network; then the workers' networks are averaged.
 *
 * <p>Workers are logical. Their number decides the result, not that of processes or machines: it is the same to the
 * last bit wherever a worker's steps are taken, with the same number of threads and the same instruction set. A single
 * worker trains as {@link Trainer} does with {@link DigitBatches#shuffled shuffled} batches of the same seed.
 *
 * <p>Averaged are the weights, the running averages of batch normalization, which are among the parameters, and the
 * optimizer's state. {@link Shards} describes how the images of an epoch are dealt to the workers. Steps are those of
 * each worker, for schedules too: {@code Schedules.stepsOf(images, workers · batch, epochs)}.
 *
 * @param <N> the kind of network
 */
public final class ParallelTrainer<N extends Model> {
    private static final double WARM_UP = 0.05;   // share of the steps
    private static final int VALIDATION_BATCH = 500;

    private final Class<N> kind;
    private final Function<Rate, PlannedNetwork> configuration;
    private final long seed;
    private int workers = 2;
    private int averageEvery = 16;
    private int batch = 128;
    private Optional<Double> rateTimes = Optional.empty();
    private Augmentation augmentation = Augmentation.NONE;
    private RoundExecutor executor = RoundExecutor.local();
    private Optional<Path> folder = Optional.empty();
    private Consumer<? super TrainingProgress> onProgress = progress -> { };
    private Optional<Training> training = Optional.empty();   // from the first fit on

    /** How the learning rates are changed; see {@link ScaledRate}. */
    private record Rate(double factor, int warmUp) {
    }

    private record Training(RoundPlan plan, Rate rate, Network network, Trainer trainer) {
    }

    private ParallelTrainer(Class<N> kind, Function<Rate, PlannedNetwork> configuration, long seed) {
        this.kind = kind;
        this.configuration = configuration;
        this.seed = seed;
    }

    /**
     * A training of a sequence of layers, from the start.
     *
     * @param seed of weights, order, augmentation and dropout
     */
    public static ParallelTrainer<MultiLayerNetwork> of(MultiLayerConfiguration configuration, long seed) {
        MultiLayerConfiguration own = configuration.clone();
        return new ParallelTrainer<>(MultiLayerNetwork.class, rate -> PlannedNetwork.of(
                rate.factor == 1 ? own : ScaledRate.of(own, rate.factor, rate.warmUp)), seed);
    }

    /** The same for a graph of layers. */
    public static ParallelTrainer<ComputationGraph> of(ComputationGraphConfiguration configuration, long seed) {
        ComputationGraphConfiguration own = configuration.clone();
        return new ParallelTrainer<>(ComputationGraph.class, rate -> PlannedNetwork.of(
                rate.factor == 1 ? own : ScaledRate.of(own, rate.factor, rate.warmUp)), seed);
    }

    /** The number of logical workers, 1 or more and at most that of the training images; the default is 2. */
    public ParallelTrainer<N> workers(int logical) {
        Schedules.require(logical > 0, logical + " workers; there have to be 1 or more");
        return set(() -> workers = logical);
    }

    /**
     * Averages after this many steps and at the end of each epoch; the default is 16. A smaller number costs more
     * communication; a larger one lets the workers' networks move further apart.
     */
    public ParallelTrainer<N> averageEvery(int steps) {
        Schedules.require(steps > 0, "an average every " + steps + " steps; it has to be 1 or more");
        return set(() -> averageEvery = steps);
    }

    /** Images per step and worker, 1 or more; the default is 128. */
    public ParallelTrainer<N> batch(int imagesPerWorker) {
        Schedules.require(imagesPerWorker > 0, "a batch of " + imagesPerWorker + " images; it needs 1 or more");
        return set(() -> batch = imagesPerWorker);
    }

    /**
     * Multiplies the configuration's learning rates by this factor; 1 leaves them as they are. The default is the
     * number of workers: with n workers an epoch has only 1/n of the steps, and each averages over n times as many
     * images, so that it may be larger. This is the linear scaling rule of Goyal et al., “Accurate, Large Minibatch
     * SGD” (2017); the best factor differs from task to task (Shallue et al., “Measuring the Effects of Data
     * Parallelism on Neural Network Training”, JMLR 2019). The factor grows linearly from 1 in the first 5 % of the
     * steps of the first {@link #fit fit}. An updater without a learning rate stays as it is.
     */
    public ParallelTrainer<N> rateTimes(double factor) {
        Schedules.require(factor > 0 && factor < Double.POSITIVE_INFINITY,
                "a learning rate times " + factor + "; the factor has to be above 0");
        return set(() -> rateTimes = Optional.of(factor));
    }

    /** Changes the training images at random, differently in each epoch. */
    public ParallelTrainer<N> augmented(Augmentation how) {
        Objects.requireNonNull(how, "how");
        return set(() -> augmentation = how);
    }

    /**
     * Keeps a checkpoint in this folder after each epoch, as {@link Trainer#keptIn} does: if this process ends, the
     * same call in another one continues after the last whole epoch, to the same result.
     */
    public ParallelTrainer<N> keptIn(Path folder) {
        return set(() -> this.folder = Optional.of(folder));
    }

    private ParallelTrainer<N> set(Runnable change) {
        if (training.isPresent()) throw new IllegalStateException("training has begun: set it before the first fit");
        change.run();
        return this;
    }

    /** Executes the rounds elsewhere than in this process. */
    public ParallelTrainer<N> rounds(RoundExecutor where) {
        executor = Objects.requireNonNull(where, "where");
        return this;
    }

    /** Reports progress: after a round, at most twice per second, and at the end of each epoch. */
    public ParallelTrainer<N> onProgress(Consumer<? super TrainingProgress> report) {
        onProgress = Objects.requireNonNull(report, "report");
        return this;
    }

    /**
     * Trains for this many more epochs and validates after each. An interrupt of the thread ends the training and
     * discards the current round; the next call continues it.
     *
     * @param images     to train on, at least one per worker; they are scaled to [0, 1]
     * @param validation images to validate on, in this process
     * @return the history of all epochs so far
     * @throws IllegalArgumentException if there are too few images
     * @throws IllegalStateException    if the loss was not a number, or a worker's result cannot be used
     */
    public History fit(LabeledImages images, LabeledImages validation, int moreEpochs) {
        Schedules.require(moreEpochs > 0, moreEpochs + " epochs: train for 1 or more");
        Schedules.require(validation.size() > 0, "there are no validation images");
        Shards shards = Shards.of(images, batch, workers, augmentation, seed);
        if (training.isEmpty()) training = Optional.of(begin(shards.steps(), moreEpochs));
        Training current = training.get();
        current.trainer.onProgress(onProgress);
        try (RoundExecutor.Session session = executor.open(current.plan, images)) {
            return current.trainer.fit(new Rounds(current, session, images, shards.steps()),
                    Optional.of(DigitBatches.inOrder(validation, VALIDATION_BATCH).scaled()), moreEpochs);
        }
    }

    private Training begin(int steps, int epochs) {
        double factor = rateTimes.orElse((double) workers);
        Rate rate = new Rate(factor, factor == 1 ? 0 : (int) Math.ceil(WARM_UP * steps * epochs));
        RoundPlan plan = new RoundPlan(configuration.apply(rate), seed, workers, averageEvery, batch, augmentation);
        Network network = plan.network().build(seed);
        Trainer trainer = Trainer.of(network, seed);
        folder.ifPresent(trainer::keptIn);
        return new Training(plan, rate, network, trainer);
    }

    /** The network after the last round, accelerated; IllegalStateException before the first {@link #fit fit}. */
    public N network() {
        return kind.cast(begun().network.model());
    }

    /** The epochs finished so far. */
    public History history() {
        return training.map(current -> current.trainer.history()).orElse(new History(List.of()));
    }

    /** True if the last {@link #fit fit} ended early because its thread was interrupted. */
    public boolean stopped() {
        return training.isPresent() && begun().trainer.stopped();
    }

    private Training begun() {
        return training.orElseThrow(() -> new IllegalStateException("there is no network yet: train it first"));
    }

    /** An epoch in rounds. */
    private record Rounds(Training training, RoundExecutor.Session session, LabeledImages images, int steps)
            implements EpochTraining {
        @Override
        public int size() {
            return images.size();
        }

        @Override
        public String fingerprint() {
            RoundPlan plan = training.plan;
            return Fingerprint.of(images.sha256(), "seed " + plan.seed(), "workers " + plan.workers(),
                    "average every " + plan.averageEvery(), "batch " + plan.batch(), plan.augmentation().toString());
        }

        @Override
        public String note() {
            RoundPlan plan = training.plan;
            Rate rate = training.rate;
            return Text.count(plan.workers(), "worker") + " × " + plan.batch() + " images, averaged every "
                    + Text.count(plan.averageEvery(), "step") + "; learning rate × " + Text.decimal(rate.factor, 2)
                    + (rate.factor == 1 ? "." : " after a warm-up of " + Text.count(rate.warmUp, "step") + ".");
        }

        @Override
        public void train(int epoch, BooleanSupplier stopped, Consumer<List<Step>> taken) {
            for (int step = 0; step < steps && !stopped.getAsBoolean(); step += training.plan.averageEvery()) {
                RoundExecutor.State before = RoundExecutor.State.of(training.network, epoch, step);
                List<RoundExecutor.Result> results;
                try {
                    results = session.round(before);
                } catch (CancellationException e) {
                    if (!Thread.currentThread().isInterrupted()) throw e;
                    before.random().restore();
                    taken.accept(List.of());   // which notices the interrupt
                    return;
                }
                int count = Math.min(training.plan.averageEvery(), steps - step);
                Averaging.of(results, before, training.plan.workers(), count).restore(training.network, 0);
                taken.accept(inOrder(results, count));
            }
            training.network.setCounters(training.network.iterations(), epoch);
        }

        /** The first step of each worker, then the second ones. */
        private static List<Step> inOrder(List<RoundExecutor.Result> results, int count) {
            List<RoundExecutor.Result> byWorker = Averaging.inOrder(results);
            List<Step> all = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                for (RoundExecutor.Result each : byWorker) if (i < each.steps().size()) all.add(each.steps().get(i));
            }
            return all;
        }
    }
}
