package digits.training;

import digits.data.Batches;
import digits.evaluation.Predictions;
import digits.files.SavedArray;
import digits.files.Sha256;
import digits.networks.Network;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Trains a network epoch by epoch, validates after each epoch, and keeps the history.
 *
 * <p>The steps are those of Deeplearning4j's {@code fit}. This class adds figures as Keras reports them, progress
 * reports, and an end at any time: after an interrupt of the thread (a notebook's stop button) the training ends with
 * the current batch, and the next call of {@link #fit fit} continues it. With {@link #keptIn}, a training also survives
 * the end of its process.
 */
public final class Trainer {
    private static final long REPORT_NANOS = 500_000_000L;   // a report costs an update of the page

    private final Network network;
    private final List<Epoch> epochs = new CopyOnWriteArrayList<>();   // another thread may look at the history
    private Consumer<? super TrainingProgress> onProgress = progress -> { };
    private Optional<EarlyStopping> earlyStopping = Optional.empty();
    private TrainingRecord.RandomState random;   // where the next fit begins, on whatever thread
    private Optional<Function<String, Path>> place = Optional.empty();   // of the checkpoint, from the fingerprint
    private boolean removes;                     // the checkpoint of a finished training
    private Optional<Checkpoint> checkpoint = Optional.empty();
    private final List<Checkpoint> unfinished = new ArrayList<>();   // of calls of fit that were stopped
    private String note = "";                    // for the reader, about the checkpoint
    private volatile boolean stopped;

    private Trainer(Network network, TrainingRecord.RandomState random) {
        this.network = network;
        this.random = random;
    }

    /**
     * A trainer of this network.
     *
     * @param seed seed of the dropout masks; the same seed, order of images and number of threads give the same network
     */
    public static Trainer of(MultiLayerNetwork network, long seed) {
        return of(Network.of(network), seed);
    }

    /** The same for either kind of network. */
    public static Trainer of(Network network, long seed) {
        Nd4j.getRandom().setSeed(seed);
        return new Trainer(network, TrainingRecord.RandomState.now());
    }

    /**
     * A trainer that resumes an earlier training. With the same images, batches, seed and threads the network becomes
     * the same, to the last bit, as without the interruption.
     *
     * @param network loaded with its updater's state
     * @param record  the record of its training: order of the epochs, dropout masks and history continue from it
     * @throws IllegalArgumentException if the two do not belong together, or the record has no random state
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
        Trainer trainer = new Trainer(Network.of(network), record.random());
        trainer.epochs.addAll(record.epochs());
        return trainer;
    }

    /** Reports progress: at most twice per second, and at the end of each epoch. */
    public Trainer onProgress(Consumer<? super TrainingProgress> report) {
        onProgress = Objects.requireNonNull(report);
        return this;
    }

    /**
     * Ends a training early when there was no better epoch for some time. Whenever {@link #fit fit} returns, also after
     * an interrupt, the network has the weights of its {@link History#best()}; the optimizer's state is not restored.
     *
     * @param patience the number of epochs to wait for an improvement, 1 or more; each call of {@code fit} counts anew
     * @throws IllegalStateException if epochs have already been trained: their weights are gone
     */
    public Trainer stopEarly(int patience) {
        if (!epochs.isEmpty()) throw new IllegalStateException("ask for early stopping before the first epoch");
        earlyStopping = Optional.of(new EarlyStopping(network.model(), patience));
        return this;
    }

    /**
     * Keeps a checkpoint in this folder after each epoch: the network, its optimizer's state, early stopping and the
     * random numbers. If the process ends before {@link #fit fit} does, the same call in another process continues
     * after the last whole epoch, and the network becomes the same to the last bit as without the interruption. “The
     * same” means the same network, images, batches, seed, epochs, library, native binary, engine, instruction set and
     * number of threads; each training has its own checkpoint, and a damaged one is set aside. What the trainer found
     * is the {@link TrainingProgress#note note} of its reports. The checkpoint is deleted when training has finished.
     */
    public Trainer keptIn(Path folder) {
        place = Optional.of(sum -> folder.resolve("training-" + sum.substring(0, 12) + ".checkpoint"));
        removes = true;
        return this;
    }

    /** Keeps its checkpoint in this file, also after the last epoch: the caller deletes it when the result is safe. */
    public Trainer keptAs(Path file) {
        place = Optional.of(sum -> file);
        removes = false;
        return this;
    }

    /** The epochs finished so far. */
    public History history() {
        return new History(epochs);
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
        return fit(EpochTraining.of(network, training), validation, moreEpochs);
    }

    History fit(EpochTraining training, Optional<Batches> validation, int moreEpochs) {
        if (moreEpochs < 1) throw new IllegalArgumentException(moreEpochs + " epochs: train for 1 or more");
        if (earlyStopping.isPresent() && validation.isEmpty()) {
            throw new IllegalStateException("early stopping needs the validation accuracy: give fit validation images");
        }
        stopped = false;
        random.restore();
        int last = epochs.size() + moreEpochs;
        earlyStopping.ifPresent(early -> early.begin(epochs.size()));
        note = training.note();
        checkpoint = place.map(file -> {
            String fingerprint = fingerprint(training, validation, last);
            return new Checkpoint(file.apply(fingerprint), fingerprint, network);
        });
        checkpoint.ifPresent(found -> {
            unfinished.add(found);
            note = Stream.of(training.note(), restored(found, last)).filter(text -> !text.isEmpty())
                    .collect(Collectors.joining(" "));
        });
        try {
            boolean more = earlyStopping.map(early -> !early.hasWaited(epochs.size())).orElse(true);
            while (more && epochs.size() < last) more = train(training, validation, last);
        } finally {
            earlyStopping.ifPresent(EarlyStopping::restore);
            random = TrainingRecord.RandomState.now();
        }
        if (removes && !stopped) {
            unfinished.forEach(Checkpoint::delete);
            unfinished.clear();
        }
        return history();
    }

    /** Of all that decides how the training ends, as it is before its first step. */
    private String fingerprint(EpochTraining training, Optional<Batches> validation, int last) {
        INDArray updater = network.updaterState();
        return Fingerprint.of(Fingerprint.ofEnvironment(), network.configuration(),
                Stream.of(network.layers()).map(layer -> layer.getClass().getName()).collect(Collectors.joining(" ")),
                Sha256.of(SavedArray.write(network.model().params())),
                updater == null ? "" : Sha256.of(SavedArray.write(updater)),
                "steps " + network.iterations() + ", epochs " + network.epochs() + " and " + epochs.size(),
                "to " + last, random.toString(), "patience " + earlyStopping.map(early -> early.patience).orElse(0),
                training.fingerprint(), validation.map(Batches::fingerprint).orElse("no validation"));
    }

    /** Continues from a checkpoint, if there is one, and says so in one sentence. */
    private String restored(Checkpoint found, int last) {
        try {
            if (!found.restore(epochs, earlyStopping)) return "";
            return "An interrupted training was found and continues with epoch " + (epochs.size() + 1) + " of " + last
                    + "; to start afresh, stop it and delete " + found.name() + ".";
        } catch (IOException damaged) {
            return "The training starts from the beginning, because its checkpoint " + found.name()
                    + " cannot be used (" + damaged.getMessage() + "); " + found.setAside() + ".";
        }
    }

    /** After an epoch. A full disk is no reason to end a training. */
    private void keep(Checkpoint current) {
        try {
            current.save(epochs, earlyStopping);
        } catch (UncheckedIOException unwritable) {
            note = "If this process ends, the training is lost: " + unwritable.getMessage() + ".";
        }
    }

    /** Trains an epoch; false if it was stopped or is to be the last. */
    private boolean train(EpochTraining training, Optional<Batches> validation, int last) {
        Pass pass = new Pass(epochs.size() + 1, last, training.size(), validation.map(Batches::size).orElse(0));
        training.train(pass.epoch, () -> stopped, pass::add);
        return !stopped && pass.finish(validation);
    }

    /** Whether a stop was requested; the thread's interrupt flag stays set for its owner. */
    private boolean interrupted() {
        if (Thread.currentThread().isInterrupted()) stopped = true;
        return stopped;
    }

    /** One pass over the training images and its figures. */
    private final class Pass {
        private final int epoch;
        private final int lastEpoch;
        private final long total;
        private final long validationTotal;
        private final long start = System.nanoTime();
        private long trainNanos;
        private long reported = start;
        private long done;
        private long right;
        private double lossSum;

        Pass(int epoch, int lastEpoch, long total, long validationTotal) {
            this.epoch = epoch;
            this.lastEpoch = lastEpoch;
            this.total = total;
            this.validationTotal = validationTotal;
            report(0, false);
        }

        void add(List<Step> steps) {
            for (Step step : steps) {
                lossSum += step.loss() * step.images();
                right += step.right();
                done += step.images();
            }
            trainNanos = System.nanoTime() - start;
            if (!interrupted()) reportNowAndThen(done, false);
        }

        /** Validates and keeps the figures; false if that was stopped, or if early stopping has waited enough. */
        boolean finish(Optional<Batches> validation) {
            long from = System.nanoTime();
            if (validation.isPresent()) report(0, true);
            Optional<Predictions> predictions = validation.flatMap(this::validate);
            if (stopped) return false;
            double loss = predictions.map(Predictions::loss).orElse(Double.NaN);
            double accuracy = predictions.map(Predictions::accuracy).orElse(Double.NaN);
            double seconds = trainNanos / 1e9;
            epochs.add(new Epoch(epoch, lossSum / done, (double) right / done, loss, accuracy, seconds,
                    (System.nanoTime() - from) / 1e9, done / seconds));
            boolean enough = earlyStopping.map(early -> early.ends(history())).orElse(false);
            checkpoint.ifPresent(Trainer.this::keep);
            report(validation.isPresent() ? validationTotal : total, validation.isPresent());
            return !enough;
        }

        /** Empty after an interrupt. */
        private Optional<Predictions> validate(Batches validation) {
            try {
                return Optional.of(Predictions.of(network, validation, step -> {
                    if (interrupted()) throw new CancellationException();
                    reportNowAndThen(Math.round(step.share() * validationTotal), true);
                }));
            } catch (CancellationException e) {
                if (stopped) return Optional.empty();
                throw e;
            }
        }

        private void reportNowAndThen(long phaseDone, boolean validating) {
            if (System.nanoTime() - reported >= REPORT_NANOS) report(phaseDone, validating);
        }

        private void report(long phaseDone, boolean validating) {
            reported = System.nanoTime();
            double speed = done / (trainNanos / 1e9);   // as the means below NaN, 0 / 0, before the first step
            List<Epoch> finished = history().epochs();
            onProgress.accept(new TrainingProgress(epoch, lastEpoch, phaseDone, validating ? validationTotal : total,
                    validating, lossSum / done, (double) right / done, speed, secondsLeft(speed, finished), finished,
                    note));
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
