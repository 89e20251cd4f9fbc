package digits.evaluation;

import digits.networks.Network;
import java.util.Arrays;
import java.util.Objects;
import java.util.function.IntConsumer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;

/** What a network says of a number of images whose labels are known: a probability for each class and image. */
public final class Predictions {
    /** Keras clips probabilities to [1e-7, 1 − 1e-7] before it takes the logarithm (its {@code backend.epsilon()}). */
    private static final double CLIP = 1e-7;

    private final float[][] probabilities;
    private final int[] labels;

    private Predictions(float[][] probabilities, int[] labels) {
        this.probabilities = probabilities;
        this.labels = labels;
    }

    /**
     * Predictions from probabilities that are known already.
     *
     * @param probabilities one row an image, one column a class
     * @param labels        the true class of each image
     */
    public static Predictions of(float[][] probabilities, int[] labels) {
        if (probabilities.length != labels.length) {
            throw new IllegalArgumentException(probabilities.length + " rows of probabilities for " + labels.length + " labels");
        }
        return new Predictions(probabilities.clone(), labels.clone());
    }

    /** Runs the network, dropout off, over all batches from the first. */
    public static Predictions of(MultiLayerNetwork network, DataSetIterator batches) {
        return of(Network.of(network), batches, done -> { });
    }

    /** Runs the graph, dropout off, over all batches from the first. */
    public static Predictions of(ComputationGraph graph, DataSetIterator batches) {
        return of(Network.of(graph), batches, done -> { });
    }

    /**
     * Runs the network, dropout off, over all batches from the first.
     *
     * @param batches  features as the network wants them, labels one-hot
     * @param progress told after each batch how many images are done; may throw to stop
     */
    public static Predictions of(MultiLayerNetwork network, DataSetIterator batches, IntConsumer progress) {
        return of(Network.of(network), batches, progress);
    }

    /** The same for either kind of network. */
    public static Predictions of(Network network, DataSetIterator batches, IntConsumer progress) {
        float[][] probabilities = new float[1024][];
        int[] labels = new int[1024];
        int n = 0;
        batches.reset();
        while (batches.hasNext()) {
            DataSet batch = batches.next();
            INDArray output = network.output(batch.getFeatures());
            float[][] rows = Network.rows(output);
            int[] truth = batch.getLabels().argMax(1).toIntVector();
            if (n + rows.length > labels.length) {
                int room = Math.max(2 * labels.length, n + rows.length);
                probabilities = Arrays.copyOf(probabilities, room);
                labels = Arrays.copyOf(labels, room);
            }
            System.arraycopy(rows, 0, probabilities, n, rows.length);
            System.arraycopy(truth, 0, labels, n, rows.length);
            n += rows.length;
            progress.accept(n);
        }
        if (n == 0) throw new IllegalArgumentException("there are no images to predict");
        return new Predictions(Arrays.copyOf(probabilities, n), Arrays.copyOf(labels, n));
    }

    /** How many images. */
    public int size() {
        return labels.length;
    }

    /** How many classes. */
    public int classes() {
        return probabilities[0].length;
    }

    /** The true class of image {@code i}. */
    public int label(int i) {
        return labels[Objects.checkIndex(i, size())];
    }

    /** The class that the network gives the highest probability; of equal ones the first. */
    public int predicted(int i) {
        float[] p = probabilities[Objects.checkIndex(i, size())];
        int best = 0;
        for (int c = 1; c < p.length; c++) if (p[c] > p[best]) best = c;
        return best;
    }

    public boolean correct(int i) {
        return predicted(i) == label(i);
    }

    /** The probability of class {@code c} for image {@code i}, 0 to 1. */
    public double probability(int i, int c) {
        return probabilities[Objects.checkIndex(i, size())][c];
    }

    /** The probabilities of all classes for image {@code i}, which sum to 1. */
    public double[] probabilities(int i) {
        float[] p = probabilities[Objects.checkIndex(i, size())];
        double[] copy = new double[p.length];
        for (int c = 0; c < p.length; c++) copy[c] = p[c];
        return copy;
    }

    /** The share of images recognised, 0 to 1. */
    public double accuracy() {
        int right = 0;
        for (int i = 0; i < size(); i++) if (correct(i)) right++;
        return (double) right / size();
    }

    /** Mean categorical cross-entropy: −ln of the probability given to the true class, clipped as Keras does. */
    public double loss() {
        double sum = 0;
        for (int i = 0; i < size(); i++) {
            sum -= Math.log(Math.min(1 - CLIP, Math.max(CLIP, probabilities[i][labels[i]])));
        }
        return sum / size();
    }
}
