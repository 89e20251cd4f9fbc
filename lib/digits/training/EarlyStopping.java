package digits.training;

import org.deeplearning4j.nn.api.Model;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Watches a training's validation accuracy, keeps the weights of its best epoch, and says when waiting for a better one has
 * taken too long. The best epoch is {@link History#best()}: of equal accuracies that with the lower loss, of equal ones
 * in both the first.
 */
final class EarlyStopping {
    private final Model network;
    private final int patience;
    private int best;          // number of the best epoch, 0 before there is one
    private int patientFrom;   // number of the epoch since which nothing became better
    private INDArray weights;

    EarlyStopping(Model network, int patience) {
        if (patience < 1) throw new IllegalArgumentException("patience of " + patience + " epochs; 1 or more are needed to see that none is better");
        this.network = network;
        this.patience = patience;
    }

    /** A new call of {@code fit} is a new wish to wait. */
    void begin(int epochsSoFar) {
        patientFrom = epochsSoFar;
    }

    /** Looks at the epoch that has just ended; true if it was the last one to wait for. */
    boolean ends(History history) {
        int now = history.epochs().size();
        int bestNow = history.best().map(Epoch::number).orElse(0);
        if (bestNow == now) {
            weights = network.params().dup();   // batch normalisation's running averages are among them
            best = now;
            patientFrom = now;
        }
        return now - patientFrom >= patience;
    }

    /** Puts the best weights back, if there was an epoch. */
    void restore() {
        if (best > 0) network.setParams(weights);
    }
}
