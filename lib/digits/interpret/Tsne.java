package digits.interpret;

import java.util.concurrent.CancellationException;
import java.util.function.DoubleConsumer;

/**
 * Vectors as points on a map, neighbours beside neighbours: t-SNE (van der Maaten, Hinton: «Visualizing data using t-SNE», 2008) in its
 * fast form (van der Maaten: «Accelerating t-SNE using tree-based algorithms», 2014), computed by Marco Hutter's library bh-tsne.
 *
 * <p>Only who is near whom means something: not the axes, not the distance between far groups, and not how large a group is drawn.
 */
public final class Tsne {
    /** About how many neighbours of each point are looked at; the usual value. */
    public static final double PERPLEXITY = 30;

    private static final int ITERATIONS = 1_000;

    private Tsne() {
    }

    /** The map with the usual perplexity; see {@link #of(float[][], double, long, DoubleConsumer)}. */
    public static double[][] of(float[][] vectors, long seed, DoubleConsumer progress) {
        return of(vectors, PERPLEXITY, seed, progress);
    }

    /**
     * The map: the same vectors and seed give the same points.
     *
     * @param vectors    one row a point, all of one length
     * @param perplexity about how many neighbours of each point are looked at, above 0; there have to be three times as many other points
     * @param seed       of the points' first places
     * @param progress   told from 0 to 1 how far it is, in each of 1,000 steps; may throw to stop
     * @return x and y of each point, centred on 0
     * @throws IllegalArgumentException if the vectors are too few, of different lengths, all the same, or not numbers
     * @throws CancellationException    if the thread is interrupted (a notebook's stop button); it stays interrupted
     */
    public static double[][] of(float[][] vectors, double perplexity, long seed, DoubleConsumer progress) {
        double[][] input = check(vectors, perplexity);
        de.javagl.tsne.Tsne tsne = new de.javagl.tsne.Tsne();
        tsne.setOutputDims(2);
        tsne.setInitialDims(0);   // none of its own reduction before
        tsne.setPerplexity(perplexity);
        tsne.setMaxIterations(ITERATIONS);
        tsne.setRandomSeed(seed);
        tsne.setMessageConsumer(null);
        tsne.setProgressConsumer(progress);
        double[][] points = tsne.run(input);
        if (points == null) throw new CancellationException("the map was interrupted before it was finished");
        return points;
    }

    /** The vectors moved and scaled to 0 … 1 in all: the library divides by the largest number, which may be 0 or negative. */
    private static double[][] check(float[][] vectors, double perplexity) {
        if (!(perplexity > 0) || vectors.length - 1 < 3 * perplexity) {
            throw new IllegalArgumentException("a perplexity of " + perplexity + " for " + vectors.length
                    + " points; it has to be above 0, and there have to be three times as many other points");
        }
        double min = Double.POSITIVE_INFINITY;
        double max = Double.NEGATIVE_INFINITY;
        for (int i = 0; i < vectors.length; i++) {
            if (vectors[i].length != vectors[0].length) {
                throw new IllegalArgumentException("vector " + i + " has " + vectors[i].length + " numbers, the first one " + vectors[0].length);
            }
            for (float value : vectors[i]) {
                if (!Float.isFinite(value)) throw new IllegalArgumentException("vector " + i + " has a number that is " + value);
                min = Math.min(min, value);
                max = Math.max(max, value);
            }
        }
        if (!(max > min)) throw new IllegalArgumentException("all numbers of all vectors are the same: there is nothing to tell points apart by");
        double[][] scaled = new double[vectors.length][vectors[0].length];
        for (int i = 0; i < scaled.length; i++) {
            for (int j = 0; j < scaled[i].length; j++) scaled[i][j] = (vectors[i][j] - min) / (max - min);
        }
        return scaled;
    }
}
