package digits.training;

import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.ToDoubleFunction;

import tech.tablesaw.api.DoubleColumn;
import tech.tablesaw.api.IntColumn;
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
        return DoubleColumn.create(name, epochs.stream().mapToDouble(value).toArray());
    }
}
