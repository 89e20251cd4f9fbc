package digits.data;

import java.util.List;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.dataset.api.DataSetPreProcessor;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;

/** The batches of another iterator, handed on unchanged: a subclass overrides what differs. Not to be read ahead by Deeplearning4j. */
public abstract class DelegatingBatches implements DataSetIterator {
    protected final transient DataSetIterator batches;

    protected DelegatingBatches(DataSetIterator batches) {
        this.batches = batches;
    }

    @Override
    public boolean hasNext() {
        return batches.hasNext();
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
    public int batch() {
        return batches.batch();
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
    public List<String> getLabels() {
        return batches.getLabels();
    }

    @Override
    public boolean asyncSupported() {
        return false;
    }

    @Override
    public boolean resetSupported() {
        return batches.resetSupported();
    }

    @Override
    public void reset() {
        batches.reset();
    }

    @Override
    public DataSetPreProcessor getPreProcessor() {
        return batches.getPreProcessor();
    }

    @Override
    public void setPreProcessor(DataSetPreProcessor preProcessor) {
        batches.setPreProcessor(preProcessor);
    }
}
