package digits.evaluation;

import digits.data.LabeledImages;
import digits.data.Split;
import java.util.Comparator;
import java.util.List;
import java.util.function.BiFunction;
import java.util.stream.IntStream;
import tech.tablesaw.api.DoubleColumn;
import tech.tablesaw.api.IntColumn;
import tech.tablesaw.api.Table;

/**
 * Finds labels that are probably wrong: confident learning (Northcutt, Jiang, Chuang: “Confident learning: Estimating
 * uncertainty in dataset labels”, Journal of Artificial Intelligence Research 70, 2021). It needs predictions by
 * networks that have not seen the labels in question, such as those of {@link #crossValidated}.
 */
public final class LabelErrors {
    /**
     * Positions, from 0, in MNIST's test set of 10,000 images, of the 15 labels that several people called wrong
     * (Northcutt, Athalye, Mueller: “Pervasive label errors in test sets destabilize machine learning benchmarks”,
     * 2021; labelerrors.com).
     */
    public static final List<Integer> PUBLISHED_IN_MNISTS_TEST_SET = List.of(947, 1621, 1901, 2130, 2462, 2597, 2654,
            3520, 3558, 5937, 6651, 6783, 8527, 9679, 9729);

    private LabelErrors() { }

    /**
     * Predictions for all images, in their order, each by a network that was not trained on it: cross-validation.
     *
     * @param folds   number of parts, 2 or more; for each of them a network is trained on all others
     * @param predict trains on the first images and predicts the second ones, in their order
     */
    public static Predictions crossValidated(LabeledImages images, int folds, long seed,
                                             BiFunction<LabeledImages, LabeledImages, Predictions> predict) {
        float[][] rows = new float[images.size()][];
        int[] fold = new int[images.size()];
        List<int[]> parts = Split.folds(images, folds, seed);
        for (int f = 0; f < folds; f++) for (int i : parts.get(f)) fold[i] = f;
        for (int f = 0; f < folds; f++) {
            int held = f;
            int[] part = parts.get(f);
            int[] others = IntStream.range(0, fold.length).filter(i -> fold[i] != held).toArray();
            Predictions predicted = predict.apply(images.subset(others), images.subset(part));
            if (predicted.size() != part.length) {
                throw new IllegalArgumentException(predicted.size() + " predictions for the " + part.length
                        + " images of fold " + (f + 1) + "; each needs one, in their order");
            }
            for (int p = 0; p < part.length; p++) rows[part[p]] = predicted.row(p);
        }
        return Predictions.of(rows, IntStream.range(0, fold.length).map(images::label).toArray());
    }

    /**
     * The confident joint: {@code C[i][j] = k} means that k images labeled i are confidently of class j. An image is
     * confidently of a class if its probability is at least as high as it is on average for the images with that label;
     * of several such classes the most probable counts. Images that are confidently of no class are not counted.
     */
    public static long[][] confidentJoint(Predictions predictions) {
        long[][] counts = new long[predictions.classes()][predictions.classes()];
        int[] confident = confidentClasses(predictions);
        for (int i = 0; i < confident.length; i++) if (confident[i] >= 0) counts[predictions.label(i)][confident[i]]++;
        return counts;
    }

    /**
     * Positions of the images that are confidently of another class than their label, those off the diagonal of the
     * {@link #confidentJoint}: the one whose label has the lowest probability first.
     */
    public static List<Integer> suspects(Predictions predictions) {
        int[] confident = confidentClasses(predictions);
        return ErrorAnalysis.leastBelievedLabels(predictions, predictions.size()).stream()
                .filter(i -> confident[i] >= 0 && confident[i] != predictions.label(i)).toList();
    }

    /** For each image the class that it confidently is, or −1. */
    private static int[] confidentClasses(Predictions predictions) {
        double[] sums = new double[predictions.classes()];
        int[] labeled = new int[predictions.classes()];
        for (int i = 0; i < predictions.size(); i++) {
            sums[predictions.label(i)] += predictions.probability(i, predictions.label(i));
            labeled[predictions.label(i)]++;
        }
        return IntStream.range(0, predictions.size()).map(i -> IntStream.range(0, predictions.classes())
                .filter(c -> labeled[c] > 0 && predictions.probability(i, c) >= sums[c] / labeled[c]).boxed()
                .max(Comparator.comparingDouble(c -> predictions.probability(i, c))).orElse(-1)).toArray();
    }

    /**
     * One row per position: the label, the prediction and its probability, the probability of the label, and its rank
     * among all images, 1 for the lowest.
     */
    public static Table table(Predictions predictions, List<Integer> positions) {
        List<Integer> order = ErrorAnalysis.leastBelievedLabels(predictions, predictions.size());
        int[] ranks = new int[order.size()];
        for (int r = 0; r < ranks.length; r++) ranks[order.get(r)] = r + 1;
        int[] at = positions.stream().mapToInt(i -> i).toArray();
        return Table.create("label errors", IntColumn.create("position", at),
                IntColumn.create("label", IntStream.of(at).map(predictions::label).toArray()),
                IntColumn.create("predicted", IntStream.of(at).map(predictions::predicted).toArray()),
                DoubleColumn.create("its probability", IntStream.of(at).mapToDouble(predictions::confidence).toArray()),
                DoubleColumn.create("probability of the label", IntStream.of(at)
                        .mapToDouble(i -> predictions.probability(i, predictions.label(i))).toArray()),
                IntColumn.create("rank", IntStream.of(at).map(i -> ranks[i]).toArray()));
    }
}
