package digits.training;

import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.ToDoubleFunction;
import tech.tablesaw.api.DoubleColumn;
import tech.tablesaw.api.IntColumn;
import tech.tablesaw.api.StringColumn;
import tech.tablesaw.api.Table;

/** The epochs of a training so far, in order. */
public record History(List<Epoch> epochs) {

    public History {
        epochs = List.copyOf(epochs);
    }

    /** The epoch with the highest validation accuracy; of equal ones that with the lowest validation loss; none without a validation. */
    public Optional<Epoch> best() {
        return epochs.stream().filter(e -> !Double.isNaN(e.validationAccuracy())).max(Comparator.comparingDouble(Epoch::validationAccuracy)
                .thenComparing(Comparator.comparingDouble(Epoch::validationLoss).reversed()));
    }

    /** The first so many epochs; all if there are no more. */
    public History first(int epochs) {
        return new History(this.epochs.subList(0, Math.min(epochs, this.epochs.size())));
    }

    /**
     * The epochs after which {@link Trainer#stopEarly early stopping} with this patience would have ended the training; all of them if it
     * would not have.
     *
     * @param patience how many epochs in a row may bring nothing, 1 or more
     */
    public History until(int patience) {
        if (patience < 1) throw new IllegalArgumentException("patience of " + patience + " epochs; 1 or more are needed to see that none is better");
        for (int n = 1; n < epochs.size(); n++) {
            History before = first(n);
            if (n - before.best().map(Epoch::number).orElse(0) >= patience) return before;
        }
        return this;
    }

    /**
     * One row a training, by its name: epochs, validation loss and accuracy after the last of them, number and validation
     * accuracy of the best one, seconds of wall time with validation.
     *
     * @throws IllegalArgumentException if one has no epoch with a validation
     */
    public static Table summary(Map<String, History> trainings) {
        trainings.forEach((name, history) -> {
            if (history.best().isEmpty()) throw new IllegalArgumentException("«" + name + "» has no epoch with a validation");
        });
        List<Epoch> last = trainings.values().stream().map(history -> history.epochs.get(history.epochs.size() - 1)).toList();
        List<Epoch> best = trainings.values().stream().map(history -> history.best().orElseThrow()).toList();
        return Table.create("trainings",
                StringColumn.create("training", trainings.keySet()),
                IntColumn.create("epochs", trainings.values().stream().mapToInt(history -> history.epochs.size()).toArray()),
                column("last val. loss", last, Epoch::validationLoss),
                column("last val. accuracy", last, Epoch::validationAccuracy),
                IntColumn.create("best epoch", best.stream().mapToInt(Epoch::number).toArray()),
                column("best val. accuracy", best, Epoch::validationAccuracy),
                column("seconds", List.copyOf(trainings.values()), History::seconds));
    }

    private double seconds() {
        return epochs.stream().mapToDouble(e -> e.trainSeconds() + e.validationSeconds()).sum();
    }

    private static <T> DoubleColumn column(String name, List<T> rows, ToDoubleFunction<T> value) {
        return DoubleColumn.create(name, rows.stream().mapToDouble(value).toArray());
    }

    /** One row an epoch: losses, accuracies, seconds of wall time with validation, training images a second. */
    public Table table() {
        return Table.create("history",
                IntColumn.create("epoch", epochs.stream().mapToInt(Epoch::number).toArray()),
                column("loss", Epoch::trainLoss),
                column("accuracy", Epoch::trainAccuracy),
                column("val. loss", Epoch::validationLoss),
                column("val. accuracy", Epoch::validationAccuracy),
                column("seconds", e -> e.trainSeconds() + e.validationSeconds()),
                column("images/s", Epoch::imagesPerSecond));
    }

    private DoubleColumn column(String name, ToDoubleFunction<Epoch> value) {
        return column(name, epochs, value);
    }
}
