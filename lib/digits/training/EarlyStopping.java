package digits.training;

import org.deeplearning4j.nn.api.Model;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Keeps the weights of a training's {@link History#best()}, and ends it when no epoch was better for too long. */
final class EarlyStopping {
    private final Model network;
    final int patience;
    int patientFrom;   // number of the epoch since which there was no improvement
    INDArray weights;  // of the best epoch; null before the first

    EarlyStopping(Model network, int patience) {
        checkPatience(patience);
        this.network = network;
        this.patience = patience;
    }

    static void checkPatience(int epochs) {
        Schedules.require(epochs > 0, "patience of " + epochs + " epochs; it takes 1 or more to see no improvement");
    }

    /** Each call of {@code fit} waits anew. */
    void begin(int epochsSoFar) {
        patientFrom = epochsSoFar;
    }

    /** Examines the epoch that has just ended; true if the training is to end. */
    boolean ends(History history) {
        int now = history.epochs().size();
        if (history.best().map(Epoch::number).orElse(0) == now) {
            weights = network.params().dup();   // they include batch normalization's running averages
            patientFrom = now;
        }
        return hasWaited(now);
    }

    /** Whether there was no improvement for so long that no epoch is to follow this one. */
    boolean hasWaited(int epochsSoFar) {
        return epochsSoFar - patientFrom >= patience;
    }

    /** Restores the best weights, if there was an epoch. */
    void restore() {
        if (weights != null) network.setParams(weights);
    }
}
