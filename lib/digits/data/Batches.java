package digits.data;

import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;

/**
 * Batches for Deeplearning4j that know how many images an epoch has, so that a training can say how far it is: {@link DigitBatches},
 * and whatever changes their images on the way.
 */
public interface Batches extends DataSetIterator {
    /** How many images an epoch has, from one {@code reset()} to the next; 1 or more. */
    int size();
}
