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

/** The finished epochs of a training, in order. */
public record History(List<Epoch> epochs) {
    public History {
        epochs = List.copyOf(epochs);
    }

    /** The epoch with the highest validation accuracy, then the lowest validation loss; empty without a validation. */
    public Optional<Epoch> best() {
        return epochs.stream().filter(e -> !Double.isNaN(e.validationAccuracy()))
                .max(Comparator.comparingDouble(Epoch::validationAccuracy)
                        .thenComparing(Comparator.comparingDouble(Epoch::validationLoss).reversed()));
    }

    /** The first epochs, at most this many. */
    public History first(int epochs) {
        return new History(this.epochs.subList(0, Math.min(epochs, this.epochs.size())));
    }

    /** The epochs that {@link Trainer#stopEarly early stopping} with this patience, 1 or more, would have trained. */
    public History until(int patience) {
        EarlyStopping.checkPatience(patience);
        for (int n = 1; n < epochs.size(); n++) {
            History before = first(n);
            if (n - before.best().map(Epoch::number).orElse(0) >= patience) return before;
        }
        return this;
    }

    /**
     * One row per training: its name, epochs, validation loss and accuracy after the last epoch, number and validation
     * accuracy of the best epoch, seconds of wall time with validation.
     *
     * @throws IllegalArgumentException if a training has no epoch with a validation
     */
    public static Table summary(Map<String, History> trainings) {
        trainings.forEach((name, history) -> {
            if (history.best().isPresent()) return;
            throw new IllegalArgumentException("“" + name + "” has no epoch with a validation");
        });
        List<History> all = List.copyOf(trainings.values());
        List<Epoch> last = all.stream().map(history -> history.epochs.get(history.epochs.size() - 1)).toList();
        List<Epoch> best = all.stream().map(history -> history.best().orElseThrow()).toList();
        return Table.create("trainings",
                StringColumn.create("training", trainings.keySet()),
                IntColumn.create("epochs", all.stream().mapToInt(history -> history.epochs.size()).toArray()),
                column("last val. loss", last, Epoch::validationLoss),
                column("last val. accuracy", last, Epoch::validationAccuracy),
                IntColumn.create("best epoch", best.stream().mapToInt(Epoch::number).toArray()),
                column("best val. accuracy", best, Epoch::validationAccuracy),
                column("seconds", all, history -> history.epochs.stream().mapToDouble(Epoch::seconds).sum()));
    }

    /** One row per epoch: losses, accuracies, seconds of wall time with validation, training images per second. */
    public Table table() {
        return Table.create("history",
                IntColumn.create("epoch", epochs.stream().mapToInt(Epoch::number).toArray()),
                column("loss", epochs, Epoch::trainLoss),
                column("accuracy", epochs, Epoch::trainAccuracy),
                column("val. loss", epochs, Epoch::validationLoss),
                column("val. accuracy", epochs, Epoch::validationAccuracy),
                column("seconds", epochs, Epoch::seconds),
                column("images/s", epochs, Epoch::imagesPerSecond));
    }

    private static <T> DoubleColumn column(String name, List<T> rows, ToDoubleFunction<T> value) {
        return DoubleColumn.create(name, rows.stream().mapToDouble(value).toArray());
    }
}
