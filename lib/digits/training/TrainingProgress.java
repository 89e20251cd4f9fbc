package digits.training;

import digits.Progress;
import digits.Text;
import java.io.Serializable;
import java.util.List;

/**
 * The progress of a training.
 *
 * @param epoch           the current epoch, 1 for the first, of {@code epochs}
 * @param done            images processed in the current phase of the epoch
 * @param total           images of that phase
 * @param validating      false during the training images, true during the validation images
 * @param loss            mean training loss of this epoch so far; NaN before its first step
 * @param accuracy        share of this epoch's training images recognized so far, 0 to 1; NaN before its first step
 * @param imagesPerSecond training speed of this epoch so far; NaN before its first step
 * @param secondsLeft     estimate for the rest of the whole training; NaN before the very first step
 * @param note            a sentence for the reader, about the {@link Trainer#keptIn checkpoint} or the machine; often empty
 */
public record TrainingProgress(int epoch, int epochs, long done, long total, boolean validating, double loss,
                               double accuracy, double imagesPerSecond, double secondsLeft, List<Epoch> finished,
                               String note) implements Progress, Serializable {
    /** Progress without a note. */
    public TrainingProgress(int epoch, int epochs, long done, long total, boolean validating, double loss,
                            double accuracy, double imagesPerSecond, double secondsLeft, List<Epoch> finished) {
        this(epoch, epochs, done, total, validating, loss, accuracy, imagesPerSecond, secondsLeft, finished, "");
    }

    /** Whether the current epoch is finished, and so the last of {@link #finished}. Reported once per epoch. */
    public boolean betweenEpochs() {
        return finished.size() == epoch;
    }

    /** The share of this epoch's training images processed, 0 to 1; each epoch starts again at 0. */
    @Override
    public double share() {
        return validating || betweenEpochs() ? 1 : (double) done / total;
    }

    /** The share of the training images of all epochs processed, 0 to 1. */
    public double shareOfTraining() {
        return (epoch - 1 + share()) / epochs;
    }

    @Override
    public String line() {
        String phase = "epoch " + epoch + "/" + epochs + " · " + Text.percentDone(share());
        if (betweenEpochs()) {
            Epoch last = finished.get(finished.size() - 1);
            return phase + figures(last.trainLoss(), last.trainAccuracy())
                    + " · validation loss " + Text.decimal(last.validationLoss(), 4)
                    + " · validation accuracy " + Text.percent(last.validationAccuracy(), 2)
                    + " · " + Text.decimal(last.imagesPerSecond(), 0) + " images/s";
        }
        return phase + figures(loss, accuracy) + (share() == 1 ? " · validating" : "")
                + (Double.isNaN(imagesPerSecond) ? "" : " · " + Text.decimal(imagesPerSecond, 0) + " images/s")
                + (Double.isNaN(secondsLeft) ? "" : " · " + Text.duration(secondsLeft) + " left") + noteOnce();
    }

    /** The note, at the beginning of an epoch only. */
    public String noteOnce() {
        return note.isEmpty() || !Double.isNaN(loss) ? "" : " · " + note;
    }

    private static String figures(double loss, double accuracy) {
        return (Double.isNaN(loss) ? "" : " · loss " + Text.decimal(loss, 4))
                + (Double.isNaN(accuracy) ? "" : " · accuracy " + Text.percent(accuracy, 2));
    }
}
