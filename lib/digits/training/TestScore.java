package digits.training;

/**
 * What a trained network got on the test set.
 *
 * @param images   how many it was tested on
 * @param loss     mean categorical cross-entropy
 * @param accuracy share of the images recognised, 0 to 1
 */
public record TestScore(int images, double loss, double accuracy) {
}
