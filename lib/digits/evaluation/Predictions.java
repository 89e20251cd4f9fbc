package digits.evaluation;

import digits.Progress;
import digits.Text;
import digits.data.Batches;
import digits.networks.Network;
import java.util.Arrays;
import java.util.Objects;
import java.util.function.Consumer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;

/** Class probabilities predicted for a set of labeled images. */
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
     * The progress of a prediction after a batch.
     *
     * @param done  images predicted so far
     * @param total images to predict; 0 if unknown
     */
    public record Step(int done, int total) implements Progress {
        @Override
        public double share() {
            return total == 0 ? Double.NaN : (double) done / total;
        }

        @Override
        public String line() {
            return "predicting · " + Text.whole(done) + (total == 0 ? "" : " of " + Text.whole(total)) + " images";
        }
    }

    /**
     * Predictions from probabilities that are already known.
     *
     * @param probabilities one row per image, one column per class
     * @param labels        the true class of each image
     */
    public static Predictions of(float[][] probabilities, int[] labels) {
        if (probabilities.length != labels.length) {
            throw new IllegalArgumentException(
                    probabilities.length + " rows of probabilities for " + labels.length + " labels");
        }
        return new Predictions(probabilities.clone(), labels.clone());
    }

    /** Predicts all batches from the first, without dropout and without reporting progress. */
    public static Predictions of(MultiLayerNetwork network, DataSetIterator batches) {
        return of(Network.of(network), batches, step -> { });
    }

    /** Predicts all batches from the first, without dropout and without reporting progress. */
    public static Predictions of(ComputationGraph graph, DataSetIterator batches) {
        return of(Network.of(graph), batches, step -> { });
    }

    /**
     * Predicts all batches from the first, without dropout.
     *
     * @param batches  features as the network reads them, one-hot labels
     * @param progress gets a report after each batch; may throw an exception to stop
     */
    public static Predictions of(MultiLayerNetwork network, DataSetIterator batches, Consumer<? super Step> progress) {
        return of(Network.of(network), batches, progress);
    }

    /** The same for either kind of network. */
    public static Predictions of(Network network, DataSetIterator batches, Consumer<? super Step> progress) {
        float[][] probabilities = new float[1024][];
        int[] labels = new int[1024];
        int total = batches instanceof Batches counted ? counted.size() : 0;
        int n = 0;
        batches.reset();
        while (batches.hasNext()) {
            DataSet batch = batches.next();
            float[][] rows = rows(network.output(batch.getFeatures()));
            int[] truth = batch.getLabels().argMax(1).toIntVector();
            if (n + rows.length > labels.length) {
                int room = Math.max(2 * labels.length, n + rows.length);
                probabilities = Arrays.copyOf(probabilities, room);
                labels = Arrays.copyOf(labels, room);
            }
            System.arraycopy(rows, 0, probabilities, n, rows.length);
            System.arraycopy(truth, 0, labels, n, rows.length);
            n += rows.length;
            progress.accept(new Step(n, total));
        }
        if (n == 0) throw new IllegalArgumentException("there are no images to predict");
        return new Predictions(Arrays.copyOf(probabilities, n), Arrays.copyOf(labels, n));
    }

    /** Copies a matrix of floats, faster than {@code toFloatMatrix()}, which makes an ND4J array of each row first. */
    private static float[][] rows(INDArray matrix) {
        float[] numbers = matrix.dup('c').data().asFloat();
        int columns = matrix.columns();
        float[][] rows = new float[matrix.rows()][];
        for (int i = 0; i < rows.length; i++) rows[i] = Arrays.copyOfRange(numbers, i * columns, (i + 1) * columns);
        return rows;
    }

    /** The number of images. */
    public int size() {
        return labels.length;
    }

    /** The number of classes. */
    public int classes() {
        return probabilities[0].length;
    }

    /** The true class of image {@code i}. */
    public int label(int i) {
        return labels[Objects.checkIndex(i, size())];
    }

    /** The class with the highest probability for image {@code i}; of equal ones the first. */
    public int predicted(int i) {
        float[] p = probabilities[Objects.checkIndex(i, size())];
        int best = 0;
        for (int c = 1; c < p.length; c++) if (p[c] > p[best]) best = c;
        return best;
    }

    /** The probability of the predicted class of image {@code i}, 0 to 1. */
    public double confidence(int i) {
        return probability(i, predicted(i));
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

    /** The share of images recognized, 0 to 1. */
    public double accuracy() {
        int right = 0;
        for (int i = 0; i < size(); i++) if (correct(i)) right++;
        return (double) right / size();
    }

    /** Mean categorical cross-entropy: −ln of the probability of the true class, clipped as Keras does. */
    public double loss() {
        double sum = 0;
        for (int i = 0; i < size(); i++) {
            sum -= Math.log(Math.min(1 - CLIP, Math.max(CLIP, probabilities[i][labels[i]])));
        }
        return sum / size();
    }
}
