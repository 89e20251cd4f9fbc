package digits.training;

import java.util.function.BooleanSupplier;
import org.deeplearning4j.datasets.iterator.EarlyTerminationDataSetIterator;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;

/**
 * The rest of an epoch's batches, which end when a stop is requested.
 *
 * <p>They are not made ahead on another thread: making one takes a fraction of a millisecond, a training step over a
 * hundred, and a stop is to take effect after the current batch, not after those in a queue.
 */
final class StoppableBatches extends EarlyTerminationDataSetIterator {
    private static final long serialVersionUID = 1;

    private final transient BooleanSupplier stopped;

    StoppableBatches(DataSetIterator batches, BooleanSupplier stopped) {
        super(batches, Integer.MAX_VALUE);
        this.stopped = stopped;
    }

    @Override
    public boolean hasNext() {
        return !stopped.getAsBoolean() && super.hasNext();
    }

    @Override
    public boolean asyncSupported() {
        return false;
    }

    /** False: Deeplearning4j would start again from the first batch when there are none left. */
    @Override
    public boolean resetSupported() {
        return false;
    }

    @Override
    public void reset() {
        throw new UnsupportedOperationException("the rest of an epoch cannot start again");
    }
}
