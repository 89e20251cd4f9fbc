package digits.interpret;

import digits.Progress;
import digits.Text;
import java.util.concurrent.CancellationException;
import java.util.function.Consumer;

/**
 * Maps vectors to points in the plane so that neighbors stay neighbors: t-SNE (van der Maaten, Hinton: “Visualizing
 * data using t-SNE”, 2008) in its fast form (van der Maaten: “Accelerating t-SNE using tree-based algorithms”, 2014),
 * computed by Marco Hutter's library bh-tsne.
 *
 * <p>Only neighborhood has a meaning: not the axes, not the distance between far groups, and not the size of a group.
 */
public final class Tsne {
    private Tsne() { }

    /** The map with the usual perplexity, 30; see {@link #of(float[][], double, long, Consumer)}. */
    public static double[][] of(float[][] vectors, long seed, Consumer<? super Progress> progress) {
        return of(vectors, 30, seed, progress);
    }

    /**
     * Computes the map. The same vectors and seed give the same points.
     *
     * @param vectors    one row per point, all of the same length
     * @param perplexity approximate number of neighbors of each point, above 0; three times as many others are needed
     * @param seed       seed of the initial positions
     * @param progress   notified in each of 1,000 iterations; may throw to stop
     * @return x and y of each point, centered on 0
     * @throws IllegalArgumentException if the vectors are too few, of different lengths, all the same, or not finite
     * @throws CancellationException    if the thread is interrupted (a notebook's stop button); it stays interrupted
     */
    public static double[][] of(float[][] vectors, double perplexity, long seed, Consumer<? super Progress> progress) {
        double[][] input = scaled(vectors, perplexity);
        de.javagl.tsne.Tsne tsne = new de.javagl.tsne.Tsne();
        tsne.setOutputDims(2);
        tsne.setInitialDims(0);   // without its own reduction of dimensions first
        tsne.setPerplexity(perplexity);
        tsne.setMaxIterations(1_000);
        tsne.setRandomSeed(seed);
        tsne.setMessageConsumer(null);
        tsne.setProgressConsumer(done -> progress.accept(Progress.of(done, "t-SNE · " + Text.percent(done, 0))));
        double[][] points = tsne.run(input);
        if (points == null) throw new CancellationException("the map was interrupted before it was finished");
        return points;
    }

    /** Scales all numbers together to 0 … 1: the library divides by the largest one, which may be 0 or negative. */
    private static double[][] scaled(float[][] vectors, double perplexity) {
        if (!(perplexity > 0) || vectors.length - 1 < 3 * perplexity) {
            throw new IllegalArgumentException("a perplexity of " + perplexity + " for " + vectors.length
                    + " points; it must be above 0, and there must be three times as many other points");
        }
        double min = Double.POSITIVE_INFINITY;
        double max = Double.NEGATIVE_INFINITY;
        for (int i = 0; i < vectors.length; i++) {
            if (vectors[i].length != vectors[0].length) {
                throw new IllegalArgumentException(
                        "vector " + i + " has " + vectors[i].length + " numbers, the first one " + vectors[0].length);
            }
            for (float value : vectors[i]) {
                if (!Float.isFinite(value)) throw new IllegalArgumentException("vector " + i + " contains " + value);
                min = Math.min(min, value);
                max = Math.max(max, value);
            }
        }
        if (!(max > min)) throw new IllegalArgumentException("all vectors are the same, so there is nothing to map");
        double[][] scaled = new double[vectors.length][vectors[0].length];
        for (int i = 0; i < scaled.length; i++) {
            for (int j = 0; j < scaled[i].length; j++) scaled[i][j] = (vectors[i][j] - min) / (max - min);
        }
        return scaled;
    }
}
