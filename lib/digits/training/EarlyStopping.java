package digits.training;

import org.deeplearning4j.nn.api.Model;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Watches the validation accuracy of a training, keeps the weights of the best epoch, {@link History#best()}, and ends
 * the training when no epoch has been better for too long.
 */
final class EarlyStopping {
    private final Model network;
    private final int patience;
    private int best;          // number of the best epoch, 0 before the first
    private int patientFrom;   // number of the epoch since which there was no improvement
    private INDArray weights;

    EarlyStopping(Model network, int patience) {
        checkPatience(patience);
        this.network = network;
        this.patience = patience;
    }

    static void checkPatience(int epochs) {
        if (epochs < 1) {
            throw new IllegalArgumentException(
                    "patience of " + epochs + " epochs; it takes 1 or more to see no improvement");
        }
    }

    /** Each call of {@code fit} waits anew. */
    void begin(int epochsSoFar) {
        patientFrom = epochsSoFar;
    }

    /** Examines the epoch that has just ended; true if the training is to end. */
    boolean ends(History history) {
        int now = history.epochs().size();
        int bestNow = history.best().map(Epoch::number).orElse(0);
        if (bestNow == now) {
            weights = network.params().dup();   // they include batch normalization's running averages
            best = now;
            patientFrom = now;
        }
        return now - patientFrom >= patience;
    }

    /** Restores the best weights, if there was an epoch. */
    void restore() {
        if (best > 0) network.setParams(weights);
    }
}
