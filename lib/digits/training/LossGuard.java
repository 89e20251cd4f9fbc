package digits.training;

import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.optimize.api.BaseTrainingListener;

/** Ends a training at the first step whose loss is not a number: no later step would repair the network. */
public final class LossGuard extends BaseTrainingListener {
    private String failure = "";

    /** @throws IllegalStateException if the loss is not a number; it ends the training */
    @Override
    public void iterationDone(Model model, int iteration, int epoch) {
        if (Double.isFinite(model.score())) return;
        failure = "the loss was " + model.score() + " in step " + iteration + " of epoch " + (epoch + 1);
        throw new IllegalStateException(failure);
    }

    /** Why the training was ended, or empty. */
    public String failure() {
        return failure;
    }
}
