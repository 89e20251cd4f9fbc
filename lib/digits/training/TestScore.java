package digits.training;

import digits.evaluation.Predictions;
import java.io.Serializable;

/** A trained network on the test set: number of images, mean cross-entropy, share of them recognized, 0 to 1. */
public record TestScore(int images, double loss, double accuracy) implements Serializable {
    /** The score of these predictions. */
    public static TestScore of(Predictions onTestSet) {
        return new TestScore(onTestSet.size(), onTestSet.loss(), onTestSet.accuracy());
    }
}
