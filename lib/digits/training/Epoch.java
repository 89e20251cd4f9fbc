package digits.training;

/**
 * What one pass over the training images brought.
 *
 * @param number             1 for the first
 * @param trainLoss          mean categorical cross-entropy over the epoch's batches, dropout on, as Keras reports it
 * @param trainAccuracy      share of the training images recognised during the epoch, 0 to 1, dropout on
 * @param validationLoss     mean cross-entropy on the validation images after the epoch, dropout off
 * @param validationAccuracy share of the validation images recognised after the epoch, 0 to 1
 * @param trainSeconds       wall time of the training steps
 * @param validationSeconds  wall time of the validation
 * @param imagesPerSecond    training images by {@code trainSeconds}
 */
public record Epoch(int number, double trainLoss, double trainAccuracy, double validationLoss, double validationAccuracy,
                    double trainSeconds, double validationSeconds, double imagesPerSecond) {
}
