package digits.data;

import digits.files.Sha256;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.OptionalLong;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.dataset.api.DataSetPreProcessor;
import org.nd4j.linalg.dataset.api.preprocessor.ImagePreProcessingScaler;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Images as Deeplearning4j reads them: batches with features of shape [b, 1, rows, columns] (NCHW, {@code FLOAT}, 0 to
 * 255 unless {@linkplain #scaled scaled}) and one-hot labels of shape [b, classes]. Each epoch has every image exactly
 * once; the last batch may be smaller than the others. For one thread at a time. The arrays are new for each batch (in
 * the open workspace, if there is one) and belong to the caller.
 */
public final class DigitBatches implements Batches {
    private final LabeledImages images;
    private final int batch;
    private final OptionalLong seed;
    private LabeledImages inThisEpochsOrder;
    private int epoch;
    private int next;
    private float[] pixels = new float[0];   // refilled for each batch: ND4J copies it
    private float[] oneHot = new float[0];
    private DataSetPreProcessor preProcessor;

    private DigitBatches(LabeledImages images, int batch, OptionalLong seed) {
        if (batch < 1) throw new IllegalArgumentException("a batch of " + batch + " images; it needs 1 or more");
        this.images = images;
        this.batch = batch;
        this.seed = seed;
        begin(0);
    }

    /** Batches in the order of the images, the same in each epoch. */
    public static DigitBatches inOrder(LabeledImages images, int batch) {
        return new DigitBatches(images, batch, OptionalLong.empty());
    }

    /** Batches in a new random order each epoch, which seed and epoch decide. */
    public static DigitBatches shuffled(LabeledImages images, int batch, long seed) {
        return new DigitBatches(images, batch, OptionalLong.of(seed));
    }

    /** These batches with pixels from 0 to 1, as networks read them; returns this. */
    public DigitBatches scaled() {
        setPreProcessor(new ImagePreProcessingScaler(0, 1));
        return this;
    }

    @Override
    public void begin(int number) {
        if (number < 0) throw new IllegalArgumentException("epoch " + number + "; it has to be 0 or more");
        epoch = number;
        next = 0;
        inThisEpochsOrder = seed.isEmpty() ? images
                : images.subset(Shuffle.order(images.size(), seed.getAsLong(), number));
    }

    @Override
    public String fingerprint() {
        DigitBatches first = new DigitBatches(images, batch, seed);
        first.setPreProcessor(preProcessor);   // the first batch tells what it does
        float[] scaled = first.next().getFeatures().dup('c').data().asFloat();
        ByteBuffer bytes = ByteBuffer.allocate(4 * scaled.length);
        bytes.asFloatBuffer().put(scaled);
        String order = images.sha256() + " batch " + batch + " " + seed;
        return new Sha256().add(order.getBytes(StandardCharsets.UTF_8)).add(bytes.array()).hex();
    }

    @Override
    public int size() {
        return images.size();
    }

    @Override
    public boolean hasNext() {
        return next < images.size();
    }

    @Override
    public DataSet next() {
        return next(batch);
    }

    /** The next {@code n} images of the epoch, or fewer at its end. */
    @Override
    public DataSet next(int n) {
        if (n < 1) throw new IllegalArgumentException("a batch of " + n + " images; it needs 1 or more");
        if (!hasNext()) throw new NoSuchElementException("the epoch is over; reset() begins the next one");
        int count = Math.min(n, images.size() - next);
        int pixelsEach = images.rows() * images.columns();
        if (pixels.length != count * pixelsEach) {
            pixels = new float[count * pixelsEach];
            oneHot = new float[count * images.classes()];
        }
        inThisEpochsOrder.copyPixels(next, next + count, pixels);
        Arrays.fill(oneHot, 0);
        for (int i = 0; i < count; i++) oneHot[i * images.classes() + inThisEpochsOrder.label(next + i)] = 1;
        next += count;
        DataSet made = new DataSet(array(pixels, count, 1, images.rows(), images.columns()),
                array(oneHot, count, images.classes()));
        if (preProcessor != null) preProcessor.preProcess(made);
        return made;
    }

    /** Copies values into a new array, in a third of the time of {@code Nd4j.create(float[])}. */
    private static INDArray array(float[] values, long... shape) {
        INDArray array = Nd4j.createUninitialized(DataType.FLOAT, shape, 'c');
        array.data().asNioFloat().put(values);
        return array;
    }

    /** Begins the next epoch, whether or not this one was read to its end. */
    @Override
    public void reset() {
        begin(epoch + 1);
    }

    @Override
    public boolean resetSupported() {
        return true;
    }

    @Override
    public boolean asyncSupported() {
        return true;
    }

    @Override
    public int batch() {
        return batch;
    }

    @Override
    public int inputColumns() {
        return images.rows() * images.columns();
    }

    @Override
    public int totalOutcomes() {
        return images.classes();
    }

    @Override
    public List<String> getLabels() {
        return images.names();
    }

    @Override
    public void setPreProcessor(DataSetPreProcessor preProcessor) {
        this.preProcessor = preProcessor;
    }

    @Override
    public DataSetPreProcessor getPreProcessor() {
        return preProcessor;
    }
}
