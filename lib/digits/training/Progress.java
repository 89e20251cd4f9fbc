package digits.training;

import java.util.List;

/**
 * How far a training is.
 *
 * @param epoch           the epoch under way, 1 for the first
 * @param epochs          the last epoch of this training
 * @param done            images done in this epoch's phase
 * @param total           images of this epoch's phase
 * @param validating      false while the training images run, true while the validation images do
 * @param loss            mean training loss of this epoch so far; NaN before its first step
 * @param accuracy        share of this epoch's training images recognised so far, 0 to 1; NaN before its first step
 * @param imagesPerSecond training speed of this epoch so far; NaN before its first step
 * @param secondsLeft     estimate for the rest of the whole training; NaN before the very first step
 * @param finished        the epochs that are complete
 */
public record Progress(int epoch, int epochs, long done, long total, boolean validating, double loss, double accuracy,
                       double imagesPerSecond, double secondsLeft, List<Epoch> finished) {
}
