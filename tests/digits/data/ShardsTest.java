package digits.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import digits.Examples;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.nd4j.linalg.dataset.DataSet;

class ShardsTest {
    private static final Augmentation SHIFTED = Augmentation.NONE.shifted(2);

    /** The pixels of all images of some batches. */
    private static List<float[]> pixels(Batches batches) {
        List<float[]> all = new ArrayList<>();
        while (batches.hasNext()) {
            DataSet batch = batches.next();
            float[] values = batch.getFeatures().dup('c').data().asFloat();
            for (int at = 0; at < values.length; at += 784) all.add(Arrays.copyOfRange(values, at, at + 784));
        }
        return all;
    }

    private static void assertSame(List<float[]> expected, List<float[]> actual) {
        assertEquals(expected.size(), actual.size());
        for (int i = 0; i < expected.size(); i++) assertArrayEquals(expected.get(i), actual.get(i));
    }

    /** Step by step and worker by worker, the images of an epoch in its order, with the changes of a whole epoch. */
    @ParameterizedTest
    @CsvSource({"96, 16, 1", "96, 16, 3", "97, 16, 3", "100, 8, 2", "35, 8, 4", "7, 1, 5", "5, 8, 5", "12, 100, 5"})
    void everyImageIsDealtOncePerEpoch(int size, int batch, int workers) {
        LabeledImages images = Examples.bars(size, 1);
        AugmentedBatches whole = AugmentedBatches.of(DigitBatches.shuffled(images, batch, 7).scaled(), SHIFTED, 7);
        Shards shards = Shards.of(images, batch, workers, SHIFTED, 7);
        for (int epoch : new int[] {1, 2}) {
            whole.begin(epoch);
            List<float[]> dealt = new ArrayList<>();
            for (int step = 0; step < shards.steps(); step++) {
                List<Integer> sizes = new ArrayList<>();
                for (int worker = 0; worker < workers; worker++) {
                    Batches own = shards.batches(epoch, worker, step, 1);
                    sizes.add(own.size());
                    dealt.addAll(pixels(own));
                }
                int most = sizes.get(0);
                assertTrue(most <= batch && sizes.stream().allMatch(n -> n == most || n == most - 1), sizes.toString());
                assertTrue(step == shards.steps() - 1 || sizes.get(workers - 1) == batch, "only the last is short");
            }
            assertSame(pixels(whole), dealt);
        }
    }

    @Test
    void severalStepsAreThoseOneByOne() {
        Shards shards = Shards.of(Examples.bars(203, 1), 16, 3, SHIFTED, 7);
        assertEquals(5, shards.steps());
        for (int worker = 0; worker < 3; worker++) {
            List<float[]> each = new ArrayList<>();
            for (int step = 1; step < 5; step++) each.addAll(pixels(shards.batches(2, worker, step, 1)));
            Batches together = shards.batches(2, worker, 1, Integer.MAX_VALUE);
            assertEquals(16, together.batch());
            assertSame(each, pixels(together));
            assertFalse(shards.batches(2, worker, 5, 3).hasNext(), "after the last step there is nothing");
        }
    }

    @Test
    void impossibleNumbersAreRefused() {
        LabeledImages images = Examples.bars(10, 1);
        assertThrows(IllegalArgumentException.class, () -> Shards.of(images, 0, 1, SHIFTED, 1));
        assertThrows(IllegalArgumentException.class, () -> Shards.of(images, 1, 0, SHIFTED, 1));
        assertEquals("11 workers for 10 images; each needs at least one image", assertThrows(
                IllegalArgumentException.class, () -> Shards.of(images, 1, 11, SHIFTED, 1)).getMessage());
        Shards large = Shards.of(images, Integer.MAX_VALUE, 10, Augmentation.NONE, 1);
        assertEquals(1, large.steps());
        assertEquals(1, large.batches(1, 9, 0, 1).size());
    }
}
