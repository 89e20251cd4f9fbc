package digits.training;

import java.util.List;
import java.util.function.BooleanSupplier;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.dataset.api.DataSetPreProcessor;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;

/**
 * The rest of another iterator's batches, until somebody asks to stop.
 *
 * <p>Batches are not made ahead on another thread: making one takes a fraction of a millisecond where a training step
 * takes over a hundred, and a stop is to come after the batch under way, not after those in a queue.
 */
final class StoppableBatches implements DataSetIterator {
    private static final long serialVersionUID = 1;

    private final transient DataSetIterator batches;
    private final transient BooleanSupplier stopped;

    StoppableBatches(DataSetIterator batches, BooleanSupplier stopped) {
        this.batches = batches;
        this.stopped = stopped;
    }

    @Override
    public boolean hasNext() {
        return !stopped.getAsBoolean() && batches.hasNext();
    }

    @Override
    public DataSet next() {
        return batches.next();
    }

    @Override
    public DataSet next(int examples) {
        return batches.next(examples);
    }

    @Override
    public int inputColumns() {
        return batches.inputColumns();
    }

    @Override
    public int totalOutcomes() {
        return batches.totalOutcomes();
    }

    @Override
    public int batch() {
        return batches.batch();
    }

    @Override
    public boolean asyncSupported() {
        return false;
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

    @Override
    public DataSetPreProcessor getPreProcessor() {
        return batches.getPreProcessor();
    }

    @Override
    public void setPreProcessor(DataSetPreProcessor preProcessor) {
        batches.setPreProcessor(preProcessor);
    }

    @Override
    public List<String> getLabels() {
        return batches.getLabels();
    }
}
