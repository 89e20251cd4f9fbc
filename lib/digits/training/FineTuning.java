package digits.training;

import digits.Progress;
import digits.Settings;
import digits.Text;
import digits.acceleration.Acceleration;
import digits.data.Augmentation;
import digits.data.AugmentedBatches;
import digits.data.DigitBatches;
import digits.data.LabeledImages;
import digits.data.Split;
import digits.evaluation.Predictions;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.dataset.api.preprocessor.ImagePreProcessingScaler;
import tech.tablesaw.api.DoubleColumn;
import tech.tablesaw.api.IntColumn;
import tech.tablesaw.api.StringColumn;
import tech.tablesaw.api.Table;

/**
 * Fine-tuning: trains a copy of a trained network a little further on a few drawings of one hand. Three things keep a
 * network of several hundred thousand parameters from memorizing thirty drawings and forgetting the rest: a low
 * learning rate; data augmentation, which shows each drawing in many variants; and <i>rehearsal</i>, images of the
 * original training set in every batch (Robins: “Catastrophic Forgetting, Rehearsal and Pseudorehearsal”, 1995).
 *
 * <p>Two fifths of the drawings, class by class, are held back. They tell what the network has gained; the
 * original validation images tell what it has forgotten. The same images, seed and threads give the same network.
 */
public final class FineTuning {
    /** The smallest number of drawings. */
    public static final int FEWEST = 5;
    private static final double HELD_BACK = 0.4;
    private static final double RATE = 1e-4;
    private static final int BATCH = 64;
    private static final int EPOCHS = 4;
    private static final int DRAWN = 300;          // images of the own hand per epoch: variants of the drawings
    private static final int REHEARSED = 600;      // images of the original training set per epoch
    private static final int VALIDATED = 2_000;
    private static final Augmentation CHANGES = Augmentation.NONE.shifted(1).rotated(8).zoomed(0.1).bent(1);

    /**
     * What fine-tuning has changed.
     *
     * @param network     the fine-tuned copy, accelerated
     * @param history     of its training; the epochs' validation figures are NaN
     * @param trained     the drawings that it has learned from
     * @param heldBack    the drawings that it has not seen
     * @param before      the original network's predictions for those held back
     * @param after       the fine-tuned network's
     * @param knownBefore the original network's predictions for images of its validation set
     * @param knownAfter  the fine-tuned network's
     */
    public record Result(MultiLayerNetwork network, History history, LabeledImages trained, LabeledImages heldBack,
                         Predictions before, Predictions after, Predictions knownBefore, Predictions knownAfter) {
        /** One row each for the drawings held back and the validation images: number, accuracy, and loss. */
        public Table table() {
            return Table.create("fine-tuning",
                    StringColumn.create("images", "drawings held back", "validation images"),
                    IntColumn.create("number", before.size(), knownBefore.size()),
                    DoubleColumn.create("accuracy before", before.accuracy(), knownBefore.accuracy()),
                    DoubleColumn.create("accuracy after", after.accuracy(), knownAfter.accuracy()),
                    DoubleColumn.create("loss before", before.loss(), knownBefore.loss()),
                    DoubleColumn.create("loss after", after.loss(), knownAfter.loss()));
        }

        /**
         * Saves the fine-tuned network with its record: it names the data set of the original's, whose classes it has,
         * and the original network's checksum.
         *
         * @param original the record of the network that was fine-tuned
         * @param settings of this process
         * @throws java.io.UncheckedIOException if the file cannot be written; the earlier file is still there
         */
        public void save(TrainingRecord original, Settings settings, Path file) {
            String from = original.sha256() == null ? "" : " network " + original.sha256().substring(0, 16);
            TrainingRecord record = TrainingRecord.of(history, network.numParams(), original.dataset(),
                    "fine-tuned" + from + " on " + Text.count(trained.size(), "own drawing"), DRAWN + REHEARSED,
                    knownBefore.size(), settings);
            record.save(network, new ImagePreProcessingScaler(0, 1), file);
        }
    }

    private final MultiLayerNetwork original;
    private final LabeledImages drawings;
    private final Split known;
    private final long seed;
    private Consumer<? super Progress> onProgress = progress -> { };
    private int rehearsed = REHEARSED;

    private FineTuning(MultiLayerNetwork original, LabeledImages drawings, Split known, long seed) {
        this.original = original;
        this.drawings = drawings;
        this.known = known;
        this.seed = seed;
    }

    /**
     * A fine-tuning of a copy of this network, which stays as it is.
     *
     * @param network  reads [n, 1, rows, columns] scaled to [0, 1]; predicts a probability for each class
     * @param drawings of one hand, {@value #FEWEST} or more, in MNIST's form
     * @param known    the images that the network was trained on, and those that it was validated on
     * @param seed     decides which drawings are held back, the rehearsed images, the order and the changes
     * @throws IllegalArgumentException if there are too few drawings, or the classes are not the same
     */
    public static FineTuning of(MultiLayerNetwork network, LabeledImages drawings, Split known, long seed) {
        if (drawings.size() < FEWEST) {
            throw new IllegalArgumentException(drawings.size() + " drawings; fine-tuning needs " + FEWEST
                    + " or more, better five of each class");
        }
        if (!drawings.names().equals(known.training().names()) || known.validation().size() == 0) {
            throw new IllegalArgumentException("the drawings have the classes " + drawings.names()
                    + ", the known images " + known.training().names() + "; they have to be the same");
        }
        return new FineTuning(network, drawings, known, seed);
    }

    /** Reports progress, a few times per second; its consumer may throw an exception to stop. */
    public FineTuning onProgress(Consumer<? super Progress> report) {
        onProgress = Objects.requireNonNull(report);
        return this;
    }

    /** Without rehearsal: as many steps, but on the drawings only, which shows what the network then forgets. */
    public FineTuning withoutRehearsal() {
        rehearsed = 0;
        return this;
    }

    /**
     * Fine-tunes the copy and measures before and after.
     *
     * @throws CancellationException if the thread was interrupted; its interrupt flag stays set
     */
    public Result run() {
        Split own = Split.stratified(drawings, HELD_BACK, seed);
        LabeledImages validation = known.validation().size() <= VALIDATED ? known.validation()
                : Split.stratified(known.validation(), (double) VALIDATED / known.validation().size(), seed)
                .validation();
        MultiLayerNetwork network = copy(original);
        Predictions before = predict(network, own.validation(), 0, 0);
        Predictions knownBefore = predict(network, validation, 0, 0.15);
        Trainer trainer = Trainer.of(network, seed)
                .onProgress(step -> report(0.15, 0.85, step.shareOfTraining(), "fine-tuning · epoch " + step.epoch()
                        + " of " + EPOCHS));
        History history = trainer.fit(batches(own.training()), EPOCHS);
        if (trainer.stopped()) throw new CancellationException("fine-tuning was stopped");
        Predictions after = predict(network, own.validation(), 0.85, 0.85);
        Predictions knownAfter = predict(network, validation, 0.85, 1);
        return new Result(network, history, own.training(), own.validation(), before, after, knownBefore,
                knownAfter);
    }

    /** The same layers and weights with a fresh optimizer at a low learning rate. */
    private static MultiLayerNetwork copy(MultiLayerNetwork network) {
        MultiLayerConfiguration configuration = network.getLayerWiseConfigurations().clone();
        configuration.setIterationCount(0);
        configuration.setEpochCount(0);
        MultiLayerNetwork copy = new MultiLayerNetwork(configuration);
        copy.init(network.params(), true);
        copy.setLearningRate(RATE);
        Acceleration.of(copy);
        return copy;
    }

    /** As many variants of the drawings in each epoch, however few drawings there are, among known images. */
    private AugmentedBatches batches(LabeledImages own) {
        int variants = Math.max(DRAWN + REHEARSED - rehearsed, own.size());
        LabeledImages mixed = own.subset(IntStream.range(0, variants).map(i -> i % own.size()).toArray());
        if (rehearsed > 0) {
            LabeledImages training = known.training();
            LabeledImages some = training.size() <= rehearsed ? training
                    : Split.stratified(training, (double) rehearsed / training.size(), seed).validation();
            mixed = mixed.and(some);
        }
        return AugmentedBatches.of(DigitBatches.shuffled(mixed, BATCH, seed).scaled(), CHANGES, seed);
    }

    private Predictions predict(MultiLayerNetwork network, LabeledImages images, double from, double to) {
        return Predictions.of(network, DigitBatches.inOrder(images, 250).scaled(), step -> {
            if (Thread.currentThread().isInterrupted()) throw new CancellationException("fine-tuning was stopped");
            report(from, to, step.share(), "fine-tuning · measuring accuracy");
        });
    }

    private void report(double from, double to, double share, String line) {
        onProgress.accept(Progress.of(Math.min(1, from + (to - from) * share), line));
    }
}
