package digits.experiments;

import digits.data.LabeledImages;
import digits.training.Epoch;
import digits.training.TrainingProgress;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import tech.tablesaw.api.StringColumn;
import tech.tablesaw.api.Table;

/** An experiment in steps: ideas tried one after another on the same images, with the cost and effect of each. */
public final class Ladder {
    private final Supplier<Experiment> experiment;
    private final List<Run> rungs = new ArrayList<>();

    private Ladder(Supplier<Experiment> experiment) {
        this.experiment = experiment;
    }

    /** A ladder on these images; the seed fixes weights, order and dropout of every rung. */
    public static Ladder on(LabeledImages training, LabeledImages validation, long seed) {
        return new Ladder(() -> Experiment.on(training, validation).seeds(seed));
    }

    /**
     * Trains a network from the start, accelerated, on images scaled to [0, 1], and validates it after each epoch.
     *
     * @throws IllegalStateException if the thread was interrupted or the training failed: there is no such rung then
     */
    public Run climb(String name, MultiLayerConfiguration configuration, int batch, int epochs,
                     Consumer<? super TrainingProgress> progress) {
        List<Run> runs = experiment.get().batch(batch).epochs(epochs).with(name, seed -> configuration)
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

    /** One row per rung: name, parameters, batch, epochs, seconds of training, validation loss and accuracy. */
    public Table table() {
        return Table.create("ladder", StringColumn.create("what", rungs.stream().map(Run::setting)),
                Runs.integers("parameters", rungs, run -> (int) run.parameters()),
                Runs.integers("batch", rungs, Run::batch),
                Runs.integers("epochs", rungs, run -> run.epochs().size()),
                Runs.numbers("seconds", rungs, run -> run.epochs().stream().mapToDouble(Epoch::trainSeconds).sum()),
                Runs.numbers("val. loss", rungs, run -> run.last().validationLoss()),
                Runs.numbers("val. accuracy", rungs, run -> run.last().validationAccuracy()));
    }
}
