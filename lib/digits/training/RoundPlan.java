package digits.training;

import digits.data.Augmentation;
import java.io.Serializable;

/**
 * A data-parallel training: everything but the images and the state, as plain values that can travel to another
 * process.
 *
 * @param network      to be trained
 * @param seed         of weights, order, augmentation and dropout
 * @param workers      number of logical workers, 1 or more
 * @param averageEvery steps per round, 1 or more
 * @param batch        images per step and worker, 1 or more
 * @param augmentation random changes of the training images
 */
public record RoundPlan(PlannedNetwork network, long seed, int workers, int averageEvery, int batch,
                        Augmentation augmentation) implements Serializable {
    /** @throws IllegalArgumentException naming the value that is out of its range */
    public RoundPlan {
        Schedules.require(workers > 0, workers + " workers; there have to be 1 or more");
        Schedules.require(averageEvery > 0, "an average every " + averageEvery + " steps; it has to be 1 or more");
        Schedules.require(batch > 0, "a batch of " + batch + " images; it needs 1 or more");
    }
}
