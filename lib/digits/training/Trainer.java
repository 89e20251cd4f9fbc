package digits.training;

import digits.data.Batches;
import digits.evaluation.Predictions;
import digits.networks.Network;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.ToDoubleFunction;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.layers.BaseOutputLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.deeplearning4j.optimize.api.BaseTrainingListener;
import org.deeplearning4j.optimize.api.TrainingListener;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Trains a network epoch by epoch, validates after each epoch, and keeps the history.
 *
 * <p>The steps are those of Deeplearning4j's {@code fit}. This class adds figures as Keras reports them, progress
 * reports, and an end at any time: interrupting the thread (a notebook's stop button) ends the training after the
 * current batch. Network and {@link #history()} stay usable, and the next call of {@link #fit fit} continues the
 * training.
 */
public final class Trainer {
    /** A progress report costs an update of the page: at most two per second. */
    private static final long REPORT_NANOS = 500_000_000L;

    private final Network network;
    private final List<Epoch> epochs = new ArrayList<>();
    private Consumer<? super TrainingProgress> onProgress = progress -> { };
    private Optional<EarlyStopping> earlyStopping = Optional.empty();
    private Optional<RandomState> randomState = Optional.empty();   // to continue from, at the first epoch
    private boolean enough;
    private volatile boolean stopped;

    private Trainer(Network network) {
        this.network = network;
    }

    /**
     * A trainer of this network.
     *
     * @param seed seed of the dropout masks; the same seed, order of images and number of threads give the same network
     */
    public static Trainer of(MultiLayerNetwork network, long seed) {
        return of(Network.of(network), seed);
    }

    /** A trainer of this graph, which has one input and one output. */
    public static Trainer of(ComputationGraph graph, long seed) {
        return of(Network.of(graph), seed);
    }

    /** A trainer of either kind of network. */
    public static Trainer of(Network network, long seed) {
        Nd4j.getRandom().setSeed(seed);
        return new Trainer(network);
    }

    /**
     * A trainer that resumes an earlier training: numbers and order of the epochs, dropout masks and history continue
     * from its record; weights, running averages and the optimizer's state from its network's file. With the same
     * images, batches, seed and threads the network becomes the same, to the last bit, as without the interruption.
     *
     * @param network loaded with its updater's state
     * @param record  the record of its training
     * @throws IllegalArgumentException if the two do not belong together, or the record has no {@link RandomState}
     */
    public static Trainer resume(MultiLayerNetwork network, TrainingRecord record) {
        int epochs = record.epochs().size();
        if (network.getEpochCount() != epochs) {
            throw new IllegalArgumentException("the network has begun " + network.getEpochCount() + " epochs, its "
                    + "record has " + epochs + ": only training that ended after a whole epoch can be resumed exactly");
        }
        if (record.random() == null) {
            throw new IllegalArgumentException("the record has no state of the random numbers: an older version "
                    + "wrote it; train again from the start");
        }
        Trainer trainer = new Trainer(Network.of(network));
        trainer.epochs.addAll(record.epochs());
        trainer.randomState = Optional.of(record.random());
        return trainer;
    }

    /** Reports progress: at most twice per second, and at the end of each epoch. */
    public Trainer onProgress(Consumer<? super TrainingProgress> report) {
        onProgress = Objects.requireNonNull(report);
        return this;
    }

    /**
     * Ends a training early when the validation accuracy has not risen for this many epochs (an equal one counts if its
     * loss is lower). Whenever {@link #fit fit} returns, also after an interrupt, the network has the weights of its
     * best epoch, {@link History#best()}; the optimizer's state is not restored.
     *
     * @param patience the number of epochs to wait for an improvement, 1 or more; each call of {@code fit} counts anew
     * @throws IllegalStateException if epochs have already been trained: their weights are gone
     */
    public Trainer stopEarly(int patience) {
        if (!history().epochs().isEmpty()) {
            throw new IllegalStateException("ask for early stopping before the first epoch");
        }
        earlyStopping = Optional.of(new EarlyStopping(network.model(), patience));
        return this;
    }

    /** The epochs finished so far. */
    public History history() {
        synchronized (epochs) {
            return new History(epochs);
        }
    }

    /** True if the last {@link #fit fit} ended early because its thread was interrupted. */
    public boolean stopped() {
        return stopped;
    }

    /**
     * Trains for this many more epochs.
     *
     * @param training   training batches, scaled; {@link Batches#begin} gets the number of each epoch
     * @param validation validation batches, scaled the same way
     * @return the history of all epochs so far
     */
    public History fit(Batches training, Batches validation, int moreEpochs) {
        return fit(training, Optional.of(validation), moreEpochs);
    }

    /**
     * Trains without validating: the epochs' validation figures are NaN.
     *
     * @throws IllegalStateException after {@link #stopEarly}, which needs the validation accuracy
     */
    public History fit(Batches training, int moreEpochs) {
        return fit(training, Optional.empty(), moreEpochs);
    }

    private History fit(Batches training, Optional<Batches> validation, int moreEpochs) {
        if (moreEpochs < 1) throw new IllegalArgumentException(moreEpochs + " epochs: train for 1 or more");
        if (earlyStopping.isPresent() && validation.isEmpty()) {
            throw new IllegalStateException("early stopping needs the validation accuracy: give fit validation images");
        }
        stopped = false;
        randomState.ifPresent(RandomState::restore);
        randomState = Optional.empty();
        int before = history().epochs().size();
        earlyStopping.ifPresent(early -> early.begin(before));
        try {
            train(training, validation, before + moreEpochs);
        } finally {
            earlyStopping.ifPresent(EarlyStopping::restore);
        }
        return history();
    }

    private void train(Batches training, Optional<Batches> validation, int last) {
        enough = false;
        while (!stopped && !enough && history().epochs().size() < last) {
            Pass pass = new Pass(history().epochs().size() + 1, last, training.size(),
                    validation.map(Batches::size).orElse(0));
            List<TrainingListener> before = new ArrayList<>(network.listeners());
            network.model().addListeners(pass);
            try {
                training.begin(pass.epoch);
                network.fit(new StoppableBatches(training, () -> stopped));
            } finally {
                network.model().setListeners(before);
            }
            if (!stopped) pass.finish(validation);
        }
    }

    /** Whether a stop was requested; the thread's interrupt flag stays set for its owner. */
    private boolean interrupted() {
        if (Thread.currentThread().isInterrupted()) stopped = true;
        return stopped;
    }

    /** Ends a validation after an interrupt. */
    private static final class Stop extends RuntimeException {
        private static final long serialVersionUID = 1;

        Stop() {
            super(null, null, false, false);
        }
    }

    /** One pass over the training images and its figures. */
    private final class Pass extends BaseTrainingListener {
        private final int epoch;
        private final int lastEpoch;
        private final long total;
        private final long validationTotal;
        private final long start = System.nanoTime();
        private long trainNanos;
        private long reported = start;
        private long done;
        private int batch;
        private long right;
        private double lossSum;

        Pass(int epoch, int lastEpoch, long total, long validationTotal) {
            this.epoch = epoch;
            this.lastEpoch = lastEpoch;
            this.total = total;
            this.validationTotal = validationTotal;
            report(0, false);
        }

        /**
         * The predictions for the batch are gone by now; the last layer, ten products per image, computes them again.
         */
        @Override
        public void onBackwardPass(Model model) {
            BaseOutputLayer<?> layer = network.outputLayer();
            float[] predicted = layer.activate(false, LayerWorkspaceMgr.noWorkspaces()).dup('c').data().asFloat();
            float[] truth = layer.getLabels().dup('c').data().asFloat();
            batch = layer.getLabels().rows();
            int classes = truth.length / batch;
            for (int at = 0; at < truth.length; at += classes) {
                if (largest(predicted, at, classes) == largest(truth, at, classes)) right++;
            }
        }

        /** Position of the first largest value. In Java: for ten numbers a native call takes longer. */
        private static int largest(float[] values, int from, int count) {
            int best = from;
            for (int i = from + 1; i < from + count; i++) if (values[i] > values[best]) best = i;
            return best;
        }

        @Override
        public void iterationDone(Model model, int iteration, int epochNumber) {
            lossSum += model.score() * batch;
            done += batch;
            trainNanos = System.nanoTime() - start;
            if (!interrupted()) reportNowAndThen(done, false);
        }

        void finish(Optional<Batches> validation) {
            long from = System.nanoTime();
            double loss = Double.NaN;
            double accuracy = Double.NaN;
            try {
                if (validation.isPresent()) {
                    report(0, true);
                    Predictions predictions = validate(validation.get());
                    loss = predictions.loss();
                    accuracy = predictions.accuracy();
                }
            } catch (Stop asked) {
                return;
            }
            double seconds = trainNanos / 1e9;
            Epoch result = new Epoch(epoch, lossSum / done, (double) right / done, loss, accuracy, seconds,
                    (System.nanoTime() - from) / 1e9, done / seconds);
            synchronized (epochs) {
                epochs.add(result);
            }
            enough = earlyStopping.map(early -> early.ends(history())).orElse(false);
            if (validation.isPresent()) report(validationTotal, true);
            else report(total, false);
        }

        private Predictions validate(Batches validation) {
            return Predictions.of(network, validation, step -> {
                if (interrupted()) throw new Stop();
                reportNowAndThen(step.done(), true);
            });
        }

        private void reportNowAndThen(long phaseDone, boolean validating) {
            if (System.nanoTime() - reported >= REPORT_NANOS) report(phaseDone, validating);
        }

        private void report(long phaseDone, boolean validating) {
            reported = System.nanoTime();
            double speed = done == 0 ? Double.NaN : done / (trainNanos / 1e9);
            List<Epoch> finished = history().epochs();
            onProgress.accept(new TrainingProgress(epoch, lastEpoch, phaseDone, validating ? validationTotal : total,
                    validating,
                    done == 0 ? Double.NaN : lossSum / done, done == 0 ? Double.NaN : (double) right / done, speed,
                    secondsLeft(speed, finished), finished));
        }

        /** From this epoch's speed; at its very start, from that of the epochs before. */
        private double secondsLeft(double speed, List<Epoch> finished) {
            if (finished.size() == lastEpoch) return 0;
            double training = done > 0 ? total / speed : mean(finished, Epoch::trainSeconds);
            double validation = finished.isEmpty() ? 0 : mean(finished, Epoch::validationSeconds);
            return Math.max(0, (lastEpoch - epoch + 1) * (training + validation) - (reported - start) / 1e9);
        }

        private static double mean(List<Epoch> epochs, ToDoubleFunction<Epoch> seconds) {
            return epochs.stream().mapToDouble(seconds).average().orElse(Double.NaN);
        }
    }
}
