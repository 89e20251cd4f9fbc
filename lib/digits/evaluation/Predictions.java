package digits.evaluation;

import digits.Progress;
import digits.Text;
import digits.data.Batches;
import digits.data.DigitBatches;
import digits.data.LabeledImages;
import digits.networks.Network;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;

/** Class probabilities predicted for a set of labeled images. */
public final class Predictions {
    private static final double CLIP = 1e-7;   // Keras's backend.epsilon()

    private final float[][] probabilities;
    private final int[] labels;

    private Predictions(float[][] probabilities, int[] labels) {
        this.probabilities = probabilities;
        this.labels = labels;
    }

    /** Predictions from known probabilities, one row per image, one column per class, and each image's true class. */
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

    /**
     * Predicts all batches from the first, without dropout.
     *
     * @param batches  features as the network reads them, one-hot labels
     * @param progress gets a report after each batch; may throw an exception to stop
     */
    public static Predictions of(MultiLayerNetwork network, DataSetIterator batches,
                                 Consumer<? super Progress> progress) {
        return of(Network.of(network), batches, progress);
    }

    /** The same for either kind of network. */
    public static Predictions of(Network network, DataSetIterator batches, Consumer<? super Progress> progress) {
        List<float[]> probabilities = new ArrayList<>();
        IntStream.Builder labels = IntStream.builder();
        int total = batches instanceof Batches counted ? counted.size() : 0;
        batches.reset();
        while (batches.hasNext()) {
            DataSet batch = batches.next();
            Collections.addAll(probabilities, Network.rows(network.output(batch.getFeatures())));
            for (int label : batch.getLabels().argMax(1).toIntVector()) labels.add(label);
            int done = probabilities.size();
            progress.accept(Progress.of(total == 0 ? Double.NaN : (double) done / total,
                    "predicting · " + Text.whole(done) + (total == 0 ? "" : " of " + Text.whole(total)) + " images"));
        }
        if (probabilities.isEmpty()) throw new IllegalArgumentException("there are no images to predict");
        return new Predictions(probabilities.toArray(float[][]::new), labels.build().toArray());
    }

    /**
     * Predicts each image five times, as it is and moved by one pixel up, down, left and right, and takes the mean of
     * the five: test-time augmentation. What comes in from outside is background.
     *
     * @param images   scaled to [0, 1] here
     * @param progress gets a report after each batch; may throw an exception to stop
     */
    public static Predictions shifted(Network network, LabeledImages images, Consumer<? super Progress> progress) {
        int[][] moves = {{0, 0}, {-1, 0}, {1, 0}, {0, -1}, {0, 1}};
        List<Predictions> all = new ArrayList<>();
        for (int[] move : moves) {
            LabeledImages moved = images.map(image -> image.pad(1, 1, image.rows() + 2, image.columns() + 2)
                    .crop(1 + move[0], 1 + move[1], image.rows(), image.columns()));
            double done = all.size();
            all.add(of(network, DigitBatches.inOrder(moved, 500).scaled(), step -> progress.accept(
                    Progress.of((done + step.share()) / moves.length, step.line()))));
        }
        return mean(all);
    }

    /**
     * The mean of the probabilities that several networks, an ensemble, predicted for the same images.
     *
     * @throws IllegalArgumentException if there is none, or they differ in their labels or classes
     */
    public static Predictions mean(List<Predictions> members) {
        if (members.isEmpty()) throw new IllegalArgumentException("an ensemble needs at least one member");
        Predictions first = members.get(0);
        float[][] mean = new float[first.size()][first.classes()];
        for (Predictions member : members) {
            if (!Arrays.equals(member.labels, first.labels) || member.classes() != first.classes()) {
                throw new IllegalArgumentException("the members of an ensemble predicted different images");
            }
            for (int i = 0; i < mean.length; i++) {
                for (int c = 0; c < mean[i].length; c++) mean[i][c] += member.probabilities[i][c] / members.size();
            }
        }
        return new Predictions(mean, first.labels);
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
        return labels[i];
    }

    /** The class with the highest probability for image {@code i}; of equal ones the first. */
    public int predicted(int i) {
        float[] p = probabilities[i];
        int best = 0;
        for (int c = 1; c < p.length; c++) if (p[c] > p[best]) best = c;
        return best;
    }

    /** The probability of the predicted class of image {@code i}, 0 to 1. */
    public double confidence(int i) {
        return probability(i, predicted(i));
    }

    /** The probability of the predicted class of every image, 0 to 1. */
    public double[] confidences() {
        return IntStream.range(0, size()).mapToDouble(this::confidence).toArray();
    }

    public boolean correct(int i) {
        return predicted(i) == label(i);
    }

    /** The probability of class {@code c} for image {@code i}, 0 to 1. */
    public double probability(int i, int c) {
        return probabilities[i][c];
    }

    /** The probabilities of all classes for image {@code i}, which sum to 1. */
    public double[] probabilities(int i) {
        return IntStream.range(0, classes()).mapToDouble(c -> probability(i, c)).toArray();
    }

    /** The same as single precision numbers: what {@link #of(float[][], int[])} takes; a copy. */
    float[] row(int i) {
        return probabilities[i].clone();
    }

    /** The share of images recognized, 0 to 1. */
    public double accuracy() {
        return (double) right(0, size()) / size();
    }

    /** How many of the images {@code from} to {@code to} (exclusive) were recognized. */
    public int right(int from, int to) {
        return (int) IntStream.range(from, to).filter(this::correct).count();
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
