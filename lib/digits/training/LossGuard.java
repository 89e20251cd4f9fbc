package digits.training;

import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.optimize.api.BaseTrainingListener;

/** Ends a training at the first step whose loss is not a number: no later step would repair the network. */
public final class LossGuard extends BaseTrainingListener {

    /** The training has diverged. */
    public static final class Diverged extends RuntimeException {
        private static final long serialVersionUID = 1;

        Diverged(String message) {
            super(message);
        }
    }

    @Override
    public void iterationDone(Model model, int iteration, int epoch) {
        if (!Double.isFinite(model.score())) {
            throw new Diverged("the loss was " + model.score() + " in step " + iteration + " of epoch " + (epoch + 1));
        }
    }

    /** Describes the first epoch with a loss that is not a number; empty if there is none. */
    public static String check(History history) {
        return history.epochs().stream()
                .filter(e -> !Double.isFinite(e.trainLoss()) || !Double.isFinite(e.validationLoss())).findFirst()
                .map(e -> "the loss on the validation images was " + e.validationLoss() + " after epoch " + e.number())
                .orElse("");
    }
}
