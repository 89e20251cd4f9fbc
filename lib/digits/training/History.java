package digits.training;

import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** The epochs of a training so far, in order. */
public record History(List<Epoch> epochs) {

    public History {
        epochs = List.copyOf(epochs);
    }

    /** The epoch with the highest validation accuracy; of equal ones that with the lowest validation loss. */
    public Optional<Epoch> best() {
        return epochs.stream().max(Comparator.comparingDouble(Epoch::validationAccuracy)
                .thenComparing(Comparator.comparingDouble(Epoch::validationLoss).reversed()));
    }
}
