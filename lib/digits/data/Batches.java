package digits.data;

import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;

/** Batches for Deeplearning4j that know how many images an epoch has, so that a training can report how far it is. */
public interface Batches extends DataSetIterator {
    /** How many images an epoch has, from one {@code reset()} to the next; 1 or more. */
    int size();

    /**
     * Begins an epoch by its number, as a training does that resumes; {@code reset()} begins the next one.
     *
     * @param epoch 1 for the first of a training; before it, batches are in epoch 0
     * @throws IllegalArgumentException if it is negative
     */
    void begin(int epoch);

    /** SHA-256 of all that decides the batches: images, batch size, order, scaling and random changes. */
    String fingerprint();
}
