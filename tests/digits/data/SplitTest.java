package digits.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeout;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SplitTest {
    /** MNIST's own label counts. */
    private static final int[] MNIST = {5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949};

    @Test
    void sizesAreExactly80And20() {
        LabeledImages images = withLabels(MNIST);
        for (Split split : new Split[] {Split.random(images, 0.2, 42), Split.stratified(images, 0.2, 42)}) {
            assertEquals(48_000, split.training().size());
            assertEquals(12_000, split.validation().size());
        }
    }

    @Test
    void partsAreDisjointAndTogetherAreAll() {
        LabeledImages images = withLabels(MNIST).take(10_000);
        for (Split split : new Split[] {Split.random(images, 0.2, 1), Split.stratified(images, 0.37, 1)}) {
            assertEquals(0, Split.shared(split.training(), split.validation()));
            assertArrayEquals(IntStream.range(0, images.size()).map(images::origin).sorted().toArray(),
                    IntStream.concat(IntStream.of(origins(split.training())), IntStream.of(origins(split.validation())))
                            .sorted().toArray());
        }
    }

    @Test
    void everyImageIsInOneFoldAndEveryFoldHasItsShareOfEachLabel() {
        LabeledImages images = withLabels(MNIST).take(10_007);
        List<int[]> folds = Split.folds(images, 5, 1);
        assertEquals(5, folds.size());
        assertArrayEquals(IntStream.range(0, images.size()).toArray(),
                folds.stream().flatMapToInt(IntStream::of).sorted().toArray());
        int[] counts = images.labelCounts();
        for (int[] fold : folds) {
            assertEquals(images.size() / 5.0, fold.length, 0.99);
            int[] held = images.subset(fold).labelCounts();
            for (int label = 0; label < 10; label++) assertEquals(counts[label] / 5.0, held[label], 0.99);
        }
        assertArrayEquals(folds.get(3), Split.folds(images, 5, 1).get(3));
        assertFalse(Arrays.equals(folds.get(3), Split.folds(images, 5, 2).get(3)));
        assertThrows(IllegalArgumentException.class, () -> Split.folds(images, 1, 1));
        assertThrows(IllegalArgumentException.class, () -> Split.folds(images.take(3), 4, 1));
    }

    @Test
    void sharedCountsImagesInBoth() {
        LabeledImages images = withLabels(MNIST).take(100);
        assertEquals(100, Split.shared(images, images));
        assertEquals(10, Split.shared(images.take(30), images.subset(IntStream.range(20, 60).toArray())));
        assertEquals(1, Split.shared(images.subset(5, 5, 6), images.subset(5, 5)));
    }

    @Test
    void sharedFindsCopiesInSetsOfDifferentFiles() {
        byte[] train = new byte[1_000 * 784];
        byte[] test = new byte[200 * 784];
        new Random(1).nextBytes(train);
        new Random(2).nextBytes(test);
        LabeledImages a = LabeledImages.of(train, new byte[1_000], 28, 28);
        assertEquals(0, Split.shared(a, LabeledImages.of(test.clone(), new byte[200], 28, 28)));

        System.arraycopy(train, 999 * 784, test, 7 * 784, 784);
        System.arraycopy(train, 0, test, 199 * 784, 784);
        byte[] otherLabels = new byte[200];
        Arrays.fill(otherLabels, (byte) 5);
        LabeledImages b = LabeledImages.of(test, otherLabels, 28, 28);
        assertEquals(2, Split.shared(a, b), "the copies count whatever their place and label");
        assertEquals(2, Split.shared(b, a));
        assertEquals(1, Split.shared(a, b.subset(7, 7, 8)), "an image that is there twice counts once");
        assertEquals(0, Split.shared(a.take(999), b.take(199)));

        test[7 * 784 + 783] ^= 1;
        assertEquals(1, Split.shared(a, LabeledImages.of(test, otherLabels, 28, 28)),
                "one other pixel makes another image");
    }

    @Test
    void sharedIsQuickForSetsAsLargeAsMnist() {
        byte[] train = new byte[48_000 * 784];
        new Random(1).nextBytes(train);
        LabeledImages a = LabeledImages.of(train, new byte[48_000], 28, 28);
        LabeledImages b = LabeledImages.of(Arrays.copyOf(train, 10_000 * 784), new byte[10_000], 28, 28);
        assertTimeout(Duration.ofSeconds(10), () -> assertEquals(10_000, Split.shared(a, b)));   // 0.3 s on two cores
    }

    @ParameterizedTest
    @ValueSource(doubles = {0.2, 0.1, 1 / 3.0, 0.5, 0.29, 0.999})
    void stratifiedKeepsEachLabelsShareWithinOneImage(double share) {
        Random random = new Random(7);
        for (int[] counts : Stream.concat(Stream.of(MNIST),
                Stream.generate(() -> random.ints(10, 0, 300).toArray()).limit(20)).toList()) {
            LabeledImages images = withLabels(counts);
            Split split = Split.stratified(images, share, 3);
            assertEquals(Math.round(images.size() * share), split.validation().size());
            int[] validation = split.validation().labelCounts();
            int[] training = split.training().labelCounts();
            for (int label = 0; label < 10; label++) {
                assertEquals(counts[label] * share, validation[label], 1,
                        "label " + label + " of " + Arrays.toString(counts));
                assertEquals(counts[label], training[label] + validation[label]);
            }
        }
    }

    @Test
    void randomDoesNotStratify() {
        int[] validation = Split.random(withLabels(MNIST), 0.2, 42).validation().labelCounts();
        assertTrue(IntStream.range(0, 10).anyMatch(label -> Math.abs(validation[label] - 0.2 * MNIST[label]) > 5),
                Arrays.toString(validation));
    }

    @Test
    void sameSeedSameSplitOtherSeedAnother() {
        LabeledImages images = withLabels(MNIST).take(5_000);
        Supplier<int[]> stratified = () -> origins(Split.stratified(images, 0.2, 42).validation());
        Supplier<int[]> random = () -> origins(Split.random(images, 0.2, 42).training());
        assertArrayEquals(stratified.get(), stratified.get());
        assertArrayEquals(random.get(), random.get());
        assertFalse(Arrays.equals(stratified.get(), origins(Split.stratified(images, 0.2, 43).validation())));
        assertFalse(Arrays.equals(random.get(), origins(Split.random(images, 0.2, 43).training())));
    }

    @Test
    void bothPartsAreShuffled() {
        LabeledImages sorted = withLabels(MNIST);   // 0, 0, …, 9, 9
        for (Split split : new Split[] {Split.random(sorted, 0.2, 42), Split.stratified(sorted, 0.2, 42)}) {
            for (LabeledImages part : new LabeledImages[] {split.training(), split.validation()}) {
                int[] first = part.take(1_000).labelCounts();
                for (int label = 0; label < 10; label++) assertEquals(100, first[label], 50, Arrays.toString(first));
            }
        }
    }

    @Test
    void ordersAreTheSameOnEveryPlatform() {
        // worked out apart from this code, from the published algorithms of SplitMix64, Random, Fisher and Yates
        assertArrayEquals(new int[] {0, 4, 1, 2, 7, 8, 9, 5, 3, 6}, Shuffle.order(10, 42));
    }

    @Test
    void sharesOutsideZeroToOneAreRefused() {
        LabeledImages images = withLabels(MNIST).take(100);
        for (double bad : new double[] {0, 1, -0.2, 20, Double.NaN, Double.POSITIVE_INFINITY}) {
            String message = assertThrows(IllegalArgumentException.class, () -> Split.random(images, bad, 1))
                    .getMessage();
            assertTrue(message.contains(String.valueOf(bad)) && message.contains("above 0 and below 1"), message);
            assertThrows(IllegalArgumentException.class, () -> Split.stratified(images, bad, 1));
        }
        assertTrue(assertThrows(IllegalArgumentException.class, () -> Split.stratified(images, 0.001, 1))
                .getMessage().contains("nothing to validate on"));
        assertTrue(assertThrows(IllegalArgumentException.class, () -> Split.random(images, 0.999, 1))
                .getMessage().contains("nothing to train on"));
    }

    private static int[] origins(LabeledImages images) {
        return IntStream.range(0, images.size()).map(images::origin).toArray();
    }

    /** Images of one pixel, sorted by label. */
    private static LabeledImages withLabels(int[] counts) {
        byte[] labels = new byte[IntStream.of(counts).sum()];
        int at = 0;
        for (int label = 0; label < counts.length; label++) {
            Arrays.fill(labels, at, at += counts[label], (byte) label);
        }
        return LabeledImages.of(new byte[labels.length], labels, 1, 1);
    }

    /** The first images of a part are a fair sample of it, not what one class left over. */
    @Test
    void bothPartsAreWellMixed() {
        Split split = Split.stratified(withLabels(MNIST), 0.2, 42);
        for (LabeledImages part : List.of(split.training(), split.validation())) {
            int tenth = part.size() / 10;
            int[] counts = part.take(tenth).labelCounts();
            for (int label = 0; label < 10; label++) {
                double expected = tenth * (double) part.labelCounts()[label] / part.size();
                assertEquals(expected, counts[label], 4 * Math.sqrt(expected),
                        "label " + label + " among the first " + tenth);
            }
        }
    }
}
