package digits.training;

import java.util.function.BooleanSupplier;
import org.deeplearning4j.datasets.iterator.AsyncShieldDataSetIterator;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;

/**
 * The rest of another iterator's batches, until a stop is requested. Batches are not made ahead on another thread: making one takes a
 * fraction of a millisecond, a training step over a hundred, and a stop takes effect after the current batch, not after a queue.
 */
final class StoppableBatches extends AsyncShieldDataSetIterator {
    private final transient BooleanSupplier stopped;

    StoppableBatches(DataSetIterator batches, BooleanSupplier stopped) {
        super(batches);
        this.stopped = stopped;
    }

    @Override
    public boolean hasNext() {
        return !stopped.getAsBoolean() && super.hasNext();
    }

    /** Deeplearning4j would start again from the first batch when it finds none left. */
    @Override
    public boolean resetSupported() {
        return false;
    }

    @Override
    public void reset() {
        throw new UnsupportedOperationException("the rest of an epoch cannot start again");
    }
}
