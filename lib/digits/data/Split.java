package digits.data;

import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.stream.IntStream;

/** A training set and a validation set in random order; together they are exactly the images that were split. */
public record Split(LabeledImages training, LabeledImages validation) {
    /** Draws the validation images from all images alike; parameters and errors as of {@link #stratified}. */
    public static Split random(LabeledImages images, double validationShare, long seed) {
        int wanted = validationSize(images, validationShare);
        int[] order = Shuffle.order(images.size(), seed);
        return new Split(images.subset(Arrays.copyOfRange(order, wanted, order.length)),
                images.subset(Arrays.copyOf(order, wanted)));
    }

    /**
     * Draws the validation images label by label, so that each label has the same share of both parts, to within one
     * image: what rounding leaves goes to the labels with the largest remainders.
     *
     * @param validationShare above 0 and below 1, for example 0.2; it is rounded to whole images
     * @throws IllegalArgumentException if the share is not, or leaves one part empty
     */
    public static Split stratified(LabeledImages images, double validationShare, long seed) {
        int wanted = validationSize(images, validationShare);
        int[] left = validationCounts(images.labelCounts(), validationShare, wanted);
        int[] training = new int[images.size() - wanted];
        int[] validation = new int[wanted];
        int t = 0;
        int v = 0;
        for (int position : Shuffle.order(images.size(), seed)) {
            if (left[images.label(position)]-- > 0) validation[v++] = position;
            else training[t++] = position;
        }
        // the end of each part has only the classes that were not full yet: shuffle it
        return new Split(images.subset(training).subset(Shuffle.order(training.length, seed, 1)),
                images.subset(validation).subset(Shuffle.order(validation.length, seed, 2)));
    }

    /**
     * Divides the images into folds for cross-validation: the positions of each fold's images, in random order. Each
     * image is in exactly one fold; folds differ by one image at most, in all and of each label.
     *
     * @param folds number of folds, 2 or more, and at most one per image
     */
    public static List<int[]> folds(LabeledImages images, int folds, long seed) {
        if (folds < 2 || folds > images.size()) {
            throw new IllegalArgumentException(folds + " folds of " + images.size()
                    + " images; there have to be 2 or more, and no more than images");
        }
        int[] byLabel = IntStream.of(Shuffle.order(images.size(), seed)).boxed()
                .sorted(Comparator.comparing(images::label)).mapToInt(i -> i).toArray();   // stable: dealt like cards
        return IntStream.range(0, folds).mapToObj(fold -> {
            int[] dealt = IntStream.iterate(fold, i -> i < byLabel.length, i -> i + folds).map(i -> byLabel[i])
                    .toArray();
            return IntStream.of(Shuffle.order(dealt.length, seed, fold + 1)).map(i -> dealt[i]).toArray();
        }).toList();
    }

    /**
     * How many different images are in both sets: in subsets of one loaded set, the same images of that set; in sets
     * from different files, such as training and test, images whose pixels are all equal, whatever their labels.
     */
    public static int shared(LabeledImages a, LabeledImages b) {
        BiFunction<LabeledImages, Integer, Object> identity =
                a.sameOriginAs(b) ? LabeledImages::origin : LabeledImages::bytes;
        Set<Object> inA = new HashSet<>(2 * a.size());
        for (int i = 0; i < a.size(); i++) inA.add(identity.apply(a, i));
        return (int) IntStream.range(0, b.size()).mapToObj(i -> identity.apply(b, i)).distinct()
                .filter(inA::contains).count();
    }

    private static int validationSize(LabeledImages images, double share) {
        if (!(share > 0 && share < 1)) {
            throw new IllegalArgumentException("the validation share is " + share
                    + "; it has to be above 0 and below 1, for example 0.2 for 20 %");
        }
        int wanted = (int) Math.round(images.size() * share);
        if (wanted == 0 || wanted == images.size()) {
            throw new IllegalArgumentException(String.format(Locale.ROOT,
                    "a share of %s of %,d images leaves nothing to %s; take more images or another share",
                    share, images.size(), wanted == 0 ? "validate on" : "train on"));
        }
        return wanted;
    }

    private static int[] validationCounts(int[] counts, double share, int wanted) {
        int[] chosen = IntStream.of(counts).map(count -> (int) (count * share)).toArray();
        IntStream.range(0, counts.length).boxed()
                .sorted(Comparator.comparingDouble((Integer label) -> chosen[label] - counts[label] * share))
                .limit(wanted - IntStream.of(chosen).sum()).toList().forEach(label -> chosen[label]++);
        return chosen;
    }
}
