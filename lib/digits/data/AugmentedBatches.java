package digits.data;

import digits.files.Sha256;
import java.nio.FloatBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.IntUnaryOperator;
import org.deeplearning4j.datasets.iterator.AsyncShieldDataSetIterator;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.dataset.api.DataSetPreProcessor;
import org.nd4j.linalg.factory.Nd4j;

/**
 * The batches of another iterator with each image changed at random, as seed, epoch and its place in it decide. A
 * background thread makes them, up to {@value #AHEAD} ahead of the training; it ends by itself 0.1 s after its last
 * work, so that nothing needs to be closed.
 *
 * <p>The batches have features of shape [b, channels, rows, columns] ({@code FLOAT}), in no workspace; 0 is the
 * background, whatever the scale. The other iterator must not be used otherwise meanwhile.
 */
public final class AugmentedBatches extends AsyncShieldDataSetIterator implements Batches {
    private static final int AHEAD = 4;

    private final transient Batches batches;
    private final transient Augmentation augmentation;
    private final long seed;
    private final transient IntUnaryOperator place;   // in the epoch, of an image of these batches
    private final transient ThreadPoolExecutor thread;
    private final transient Deque<CompletableFuture<DataSet>> ahead = new ArrayDeque<>();
    private int epoch;
    private int asked;    // batches of this epoch that the thread was asked to make
    private int given;    // images of this epoch that were handed out
    private int made;     // images of this epoch that the thread has changed; only the thread's until it is waited for
    private transient Warp warp;
    private float[] pixels = new float[0];

    private AugmentedBatches(Batches batches, Augmentation augmentation, long seed, int epoch, IntUnaryOperator place) {
        super(Objects.requireNonNull(batches, "batches"));
        this.batches = batches;
        this.augmentation = Objects.requireNonNull(augmentation, "augmentation");
        this.seed = seed;
        this.epoch = epoch;
        this.place = place;
        thread = new ThreadPoolExecutor(1, 1, 100, TimeUnit.MILLISECONDS, new LinkedBlockingQueue<>(), work -> {
            Thread worker = new Thread(work, "augmentation");
            worker.setDaemon(true);
            return worker;
        });
        thread.allowCoreThreadTimeOut(true);
    }

    /** These batches, which have to be at the beginning of an epoch, with changes that the seed decides. */
    public static AugmentedBatches of(Batches batches, Augmentation augmentation, long seed) {
        return new AugmentedBatches(batches, augmentation, seed, 0, i -> i);
    }

    /** A part of an epoch's batches, with the changes that their images have in the whole epoch. */
    static AugmentedBatches part(Batches batches, Augmentation augmentation, long seed, int epoch, int... places) {
        return new AugmentedBatches(batches, augmentation, seed, epoch, i -> places[i]);
    }

    @Override
    public String fingerprint() {
        String changes = batches.fingerprint() + " " + augmentation + " " + seed;
        return Sha256.of(changes.getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public int size() {
        return batches.size();
    }

    @Override
    public boolean hasNext() {
        return given < size();
    }

    /** The next batch; waits for it if necessary. An interrupt stays set, but does not prevent the batch. */
    @Override
    public DataSet next() {
        if (!hasNext()) throw new NoSuchElementException("the epoch is over; reset() begins the next one");
        askAhead();
        DataSet next = await(ahead.remove());
        given += next.numExamples();
        askAhead();
        return next;
    }

    private void askAhead() {
        int inEpoch = (size() + batch() - 1) / batch();
        for (; ahead.size() < AHEAD && asked < inEpoch; asked++) {
            ahead.add(CompletableFuture.supplyAsync(this::make, thread));
        }
    }

    /** On the background thread. */
    private DataSet make() {
        MemoryWorkspace none = Nd4j.getMemoryManager().scopeOutOfWorkspaces();
        try (none) {
            DataSet batch = batches.next();
            INDArray features = batch.getFeatures();
            if (features.rank() != 4 || features.dataType() != DataType.FLOAT) {
                throw new IllegalArgumentException("features of shape " + Arrays.toString(features.shape()) + " of "
                        + features.dataType() + "; augmentation needs [images, channels, rows, columns] of FLOAT");
            }
            if (features.ordering() != 'c' || features.isView()) batch.setFeatures(features = features.dup('c'));
            change(features);
            return batch;
        }
    }

    private void change(INDArray features) {
        int channels = (int) features.size(1);
        int plane = (int) (features.size(2) * features.size(3));
        if (warp == null) warp = new Warp(augmentation, (int) features.size(2), (int) features.size(3));
        if (pixels.length != features.length()) pixels = new float[(int) features.length()];
        FloatBuffer values = features.data().asNioFloat();
        values.get(pixels);
        for (int i = 0; i < features.size(0); i++, made++) {
            warp.draw(Augmentation.random(seed, epoch, place.applyAsInt(made)));
            for (int c = 0; c < channels; c++) warp.apply(pixels, (i * channels + c) * plane);
        }
        values.rewind().put(pixels);
    }

    private static <T> T await(CompletableFuture<T> coming) {
        try {
            return coming.join();
        } catch (CompletionException failed) {
            if (failed.getCause() instanceof RuntimeException telling) throw telling;
            throw new IllegalStateException(failed.getCause());
        }
    }

    /** Begins the next epoch, whether or not this one was read to its end. */
    @Override
    public void reset() {
        begin(epoch + 1);
    }

    @Override
    public void begin(int number) {
        ahead.forEach(batch -> batch.cancel(false));
        ahead.clear();
        await(CompletableFuture.runAsync(() -> { }, thread));   // behind the batch that is being made, if there is one
        batches.begin(number);
        epoch = number;
        asked = given = made = 0;
    }

    @Override
    public DataSet next(int n) {
        if (n == batch()) return next();
        throw new UnsupportedOperationException("a batch of " + n + " images; they are made ahead with " + batch());
    }

    /** Sets that of the other iterator, which comes before the changes; not in the middle of an epoch. */
    @Override
    public void setPreProcessor(DataSetPreProcessor preProcessor) {
        if (asked > 0) throw new IllegalStateException("batches are made ahead: set it before the first of an epoch");
        batches.setPreProcessor(preProcessor);
    }
}
