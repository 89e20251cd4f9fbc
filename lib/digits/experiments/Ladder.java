package digits.experiments;

import digits.data.LabeledImages;
import digits.training.Epoch;
import digits.training.History;
import digits.training.TrainingProgress;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import tech.tablesaw.api.DoubleColumn;
import tech.tablesaw.api.IntColumn;
import tech.tablesaw.api.LongColumn;
import tech.tablesaw.api.StringColumn;
import tech.tablesaw.api.Table;

/**
 * Ideas tried one after another on the same images, each a rung: what it cost and what it brought on the validation images.
 */
public final class Ladder {
    /**
     * What one idea came to.
     *
     * @param name       what was changed
     * @param parameters of the network
     * @param batch      images per training step
     * @param epochs     passes over the training images
     * @param seconds    wall time of the training steps
     * @param loss       on the validation images
     * @param accuracy   share of the validation images recognised, 0 to 1
     */
    public record Rung(String name, long parameters, int batch, int epochs, double seconds, double loss, double accuracy) {
    }

    private final LabeledImages training;
    private final LabeledImages validation;
    private final long seed;
    private final List<Rung> rungs = new ArrayList<>();

    private Ladder(LabeledImages training, LabeledImages validation, long seed) {
        this.training = training;
        this.validation = validation;
        this.seed = seed;
    }

    /** A ladder on these images; the seed fixes weights, order and dropout of every rung. */
    public static Ladder on(LabeledImages training, LabeledImages validation, long seed) {
        return new Ladder(training, validation, seed);
    }

    /**
     * Trains a network from its start, accelerated, scaled to [0, 1], and validates it after the last epoch.
     *
     * @param progress told how far the training is
     */
    public Rung climb(String name, MultiLayerConfiguration configuration, int batch, int epochs, Consumer<TrainingProgress> progress) {
        FreshRun run = FreshRun.of(configuration, new FreshRun.Plan(training, validation, batch, epochs), seed, progress);
        History history = run.history();
        if (history.epochs().size() < epochs) throw new IllegalStateException("the training of «" + name + "» was stopped");
        Epoch last = history.epochs().get(epochs - 1);
        Rung rung = new Rung(name, run.network().numParams(), batch, epochs, history.epochs().stream().mapToDouble(Epoch::trainSeconds).sum(),
                last.validationLoss(), last.validationAccuracy());
        rungs.add(rung);
        return rung;
    }

    /** The rungs climbed so far, in order. */
    public List<Rung> rungs() {
        return List.copyOf(rungs);
    }

    /** One row a rung: name, parameters, batch, epochs, seconds of training, loss and accuracy on the validation images. */
    public Table table() {
        return Table.create("ladder",
                StringColumn.create("what", rungs.stream().map(Rung::name)),
                LongColumn.create("parameters", rungs.stream().mapToLong(Rung::parameters).toArray()),
                IntColumn.create("batch", rungs.stream().mapToInt(Rung::batch).toArray()),
                IntColumn.create("epochs", rungs.stream().mapToInt(Rung::epochs).toArray()),
                DoubleColumn.create("seconds", rungs.stream().mapToDouble(Rung::seconds).toArray()),
                DoubleColumn.create("val. loss", rungs.stream().mapToDouble(Rung::loss).toArray()),
                DoubleColumn.create("val. accuracy", rungs.stream().mapToDouble(Rung::accuracy).toArray()));
    }
}
