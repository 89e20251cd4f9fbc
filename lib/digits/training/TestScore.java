package digits.training;

import digits.evaluation.Predictions;

/**
 * The figures of a trained network on the test set.
 *
 * @param images   the number of test images
 * @param loss     mean categorical cross-entropy
 * @param accuracy share of the images recognized, 0 to 1
 */
public record TestScore(int images, double loss, double accuracy) {
    /** The score of these predictions. */
    public static TestScore of(Predictions onTestSet) {
        return new TestScore(onTestSet.size(), onTestSet.loss(), onTestSet.accuracy());
    }
}
