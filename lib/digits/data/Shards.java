package digits.data;

import java.util.stream.IntStream;

/**
 * An epoch's images, dealt to several workers. Each epoch has every image exactly once, in the order that
 * {@link DigitBatches#shuffled} gives it, and deals it anew, so that each worker sees images of all kinds. A step takes
 * the next {@code workers · batch} images: the first batch is worker 0's, the next one worker 1's. The images of the
 * last step, if there are fewer, are divided evenly; with fewer images than workers the last workers get none. A
 * single worker gets the batches of {@code DigitBatches.shuffled}. Thread-safe.
 */
public final class Shards {
    private final LabeledImages images;
    private final int batch;
    private final int workers;
    private final Augmentation augmentation;
    private final long seed;
    private volatile Epoch last = new Epoch(-1, new int[0]);   // to shuffle once per epoch

    private record Epoch(int number, int[] order) {
    }

    private Shards(LabeledImages images, int batch, int workers, Augmentation augmentation, long seed) {
        this.images = images;
        this.batch = batch;
        this.workers = workers;
        this.augmentation = augmentation;
        this.seed = seed;
    }

    /**
     * Shards of these images.
     *
     * @param batch        images per step and worker, 1 or more
     * @param workers      1 or more
     * @param augmentation random changes, by epoch and place in it, as those of {@link AugmentedBatches}
     * @param seed         of the order and of the changes
     * @throws IllegalArgumentException if there are fewer images than workers
     */
    public static Shards of(LabeledImages images, int batch, int workers, Augmentation augmentation, long seed) {
        if (batch < 1) throw new IllegalArgumentException("a batch of " + batch + " images; it needs 1 or more");
        if (workers < 1) throw new IllegalArgumentException(workers + " workers; there have to be 1 or more");
        if (workers > images.size()) {
            throw new IllegalArgumentException(workers + " workers for " + images.size()
                    + " images; each needs at least one image");
        }
        return new Shards(images, batch, workers, augmentation, seed);
    }

    /** Steps per epoch. */
    public int steps() {
        long all = (long) workers * batch;
        return (int) ((images.size() + all - 1) / all);
    }

    /**
     * One worker's batches of some steps of an epoch, scaled to [0, 1]; none if there are too few images for it.
     *
     * @param epoch  1 for the first
     * @param worker from 0
     * @param step   the first step, from 0
     * @param count  number of steps; fewer at the end of the epoch
     */
    public Batches batches(int epoch, int worker, int step, int count) {
        int[] places = IntStream.range(step, (int) Math.min((long) step + count, steps()))
                .flatMap(each -> places(worker, each)).toArray();
        int[] order = order(epoch);
        LabeledImages own = images.subset(IntStream.of(places).map(place -> order[place]).toArray());
        DigitBatches plain = DigitBatches.inOrder(own, batch).scaled();
        return augmentation.equals(Augmentation.NONE) ? plain
                : AugmentedBatches.part(plain, augmentation, seed, epoch, places);
    }

    /** The places in the epoch of a worker's images in one step. */
    private IntStream places(int worker, int step) {
        long first = (long) step * workers * batch;
        int all = (int) Math.min((long) workers * batch, images.size() - first);
        int each = all / workers;
        int more = all % workers;   // the first workers get one more
        int from = (int) first + worker * each + Math.min(worker, more);
        return IntStream.range(from, from + each + (worker < more ? 1 : 0));
    }

    private int[] order(int epoch) {
        Epoch known = last;
        if (known.number != epoch) last = known = new Epoch(epoch, Shuffle.order(images.size(), seed, epoch));
        return known.order;
    }
}
