package digits.training;

import java.io.Serializable;

/**
 * The figures of one pass over the training images.
 *
 * @param number             1 for the first
 * @param trainLoss          mean categorical cross-entropy over the epoch's batches, with dropout, as Keras reports it
 * @param trainAccuracy      share of the training images recognized during the epoch, 0 to 1, with dropout
 * @param validationLoss     mean cross-entropy on the validation images after the epoch, without dropout
 * @param validationAccuracy share of the validation images recognized after the epoch, 0 to 1
 * @param trainSeconds       wall time of the training steps
 * @param validationSeconds  wall time of the validation
 * @param imagesPerSecond    training images divided by {@code trainSeconds}
 */
public record Epoch(int number, double trainLoss, double trainAccuracy, double validationLoss,
                    double validationAccuracy, double trainSeconds, double validationSeconds, double imagesPerSecond)
        implements Serializable {
    /** Wall time of training and validation. */
    public double seconds() {
        return trainSeconds + validationSeconds;
    }
}
