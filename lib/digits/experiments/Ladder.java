package digits.experiments;

import digits.data.LabeledImages;
import digits.training.Epoch;
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

/** An experiment in steps: ideas tried one after another on the same images, with the cost and effect of each. */
public final class Ladder {
    private final LabeledImages training;
    private final LabeledImages validation;
    private final long seed;
    private final List<Run> rungs = new ArrayList<>();

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
     * Trains a network from the start, accelerated, on images scaled to [0, 1], and validates it after each epoch.
     *
     * @param name     the idea
     * @param progress gets the progress of the training
     * @throws IllegalStateException if the thread was interrupted or the training failed: there is no such rung then
     */
    public Run climb(String name, MultiLayerConfiguration configuration, int batch, int epochs,
                     Consumer<? super TrainingProgress> progress) {
        List<Run> runs = Experiment.on(training, validation).batch(batch).epochs(epochs).seeds(seed)
                .with(name, same -> configuration)
                .onProgress(report -> report.running().forEach(run -> progress.accept(run.training()))).run().runs();
        if (runs.isEmpty()) throw new IllegalStateException("the training of “" + name + "” was stopped");
        if (runs.get(0).failed()) throw new IllegalStateException("“" + name + "”: " + runs.get(0).failure());
        rungs.add(runs.get(0));
        return runs.get(0);
    }

    /** The rungs climbed so far, in order. */
    public List<Run> rungs() {
        return List.copyOf(rungs);
    }

    /** One row per rung: name, parameters, batch, epochs, seconds of training, loss and accuracy on the validation images. */
    public Table table() {
        return Table.create("ladder",
                StringColumn.create("what", rungs.stream().map(Run::setting)),
                LongColumn.create("parameters", rungs.stream().mapToLong(Run::parameters).toArray()),
                IntColumn.create("batch", rungs.stream().mapToInt(Run::batch).toArray()),
                IntColumn.create("epochs", rungs.stream().mapToInt(rung -> rung.epochs().size()).toArray()),
                DoubleColumn.create("seconds", rungs.stream().mapToDouble(rung ->
                        rung.epochs().stream().mapToDouble(Epoch::trainSeconds).sum()).toArray()),
                DoubleColumn.create("val. loss", rungs.stream().mapToDouble(rung -> rung.last().validationLoss()).toArray()),
                DoubleColumn.create("val. accuracy",
                        rungs.stream().mapToDouble(rung -> rung.last().validationAccuracy()).toArray()));
    }
}
