package digits.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.AsyncDataSetIterator;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;
import org.nd4j.linalg.dataset.api.preprocessor.ImagePreProcessingScaler;
import org.nd4j.linalg.factory.Nd4j;

class DigitBatchesTest {
    /** 300 images; the first two pixels of each are its number, in base 256; its label is its last digit. */
    private final LabeledImages images = numbered(300);

    @Test
    void shapesTypesAndTheLastPartialBatch() {
        DigitBatches batches = DigitBatches.inOrder(images, 128);
        List<DataSet> all = read(batches);
        assertEquals(3, all.size());
        for (int b = 0; b < 3; b++) {
            int size = b < 2 ? 128 : 44;
            assertArrayEquals(new long[] {size, 1, 28, 28}, all.get(b).getFeatures().shape());
            assertArrayEquals(new long[] {size, 10}, all.get(b).getLabels().shape());
            assertEquals(DataType.FLOAT, all.get(b).getFeatures().dataType());
            assertEquals(DataType.FLOAT, all.get(b).getLabels().dataType());
        }
        assertEquals(128, batches.batch());
        assertEquals(784, batches.inputColumns());
        assertEquals(10, batches.totalOutcomes());
        assertEquals(List.of("0", "1", "2", "3", "4", "5", "6", "7", "8", "9"), batches.getLabels());
        assertTrue(batches.asyncSupported() && batches.resetSupported());
    }

    @Test
    void pixelsAndLabelsAreThoseOfTheImages() {
        int i = 0;
        for (DataSet batch : read(DigitBatches.inOrder(images, 77))) {
            for (int row = 0; row < batch.numExamples(); row++, i++) {
                for (int y = 0; y < 28; y += 9) for (int x = 0; x < 28; x += 9) {
                    assertEquals(images.pixel(i, y, x), batch.getFeatures().getFloat(row, 0, y, x));
                }
                float[] oneHot = batch.getLabels().getRow(row).toFloatVector();
                for (int label = 0; label < 10; label++) assertEquals(label == i % 10 ? 1 : 0, oneHot[label]);
            }
        }
        assertEquals(300, i);
    }

    @Test
    void theScalerBrings0To255To0To1() {
        DigitBatches batches = DigitBatches.inOrder(images, 300);
        INDArray raw = batches.next().getFeatures();
        assertEquals(255, raw.maxNumber().floatValue());
        assertEquals(0, raw.minNumber().floatValue());
        batches.reset();
        ImagePreProcessingScaler scaler = new ImagePreProcessingScaler(0, 1);
        batches.setPreProcessor(scaler);
        assertSame(scaler, batches.getPreProcessor());
        INDArray scaled = batches.next().getFeatures();
        assertArrayEquals(raw.div(255).reshape(-1).toFloatVector(), scaled.reshape(-1).toFloatVector(), 1e-6f);
        assertEquals(1, scaled.maxNumber().floatValue());
        DigitBatches other = DigitBatches.inOrder(images, 300);
        assertSame(other, other.scaled());
        assertEquals(scaled, other.next().getFeatures());
    }

    @Test
    void everyEpochHasEveryImageOnceInAnOrderOfItsOwn() {
        DigitBatches batches = DigitBatches.shuffled(images, 128, 42);
        List<int[]> epochs = new ArrayList<>();
        for (int epoch = 0; epoch < 4; epoch++) {
            int[] order = numbers(batches);
            assertArrayEquals(IntStream.range(0, 300).toArray(), IntStream.of(order).sorted().toArray());
            for (int[] earlier : epochs) assertFalse(Arrays.equals(earlier, order));
            epochs.add(order);
            batches.reset();
        }
        DigitBatches again = DigitBatches.shuffled(images, 64, 42);
        for (int[] epoch : epochs) {
            assertArrayEquals(epoch, numbers(again), "seed and epoch fix the order, not the batch size");
            again.reset();
        }
        assertFalse(Arrays.equals(epochs.get(0), numbers(DigitBatches.shuffled(images, 128, 43))));
        assertFalse(Arrays.equals(epochs.get(1), numbers(DigitBatches.shuffled(images, 128, 43))),
                "the next seed's first epoch is not this seed's second");
    }

    @Test
    void anEpochCanBeBegunByItsNumber() {
        DigitBatches counted = DigitBatches.shuffled(images, 64, 42);
        DigitBatches named = DigitBatches.shuffled(images, 64, 42);
        for (int epoch = 1; epoch <= 3; epoch++) counted.reset();
        named.begin(3);
        assertArrayEquals(numbers(counted), numbers(named));
        counted.reset();
        named.reset();
        assertArrayEquals(numbers(counted), numbers(named), "and reset continues from there");
        assertThrows(IllegalArgumentException.class, () -> named.begin(-1));
    }

    @Test
    void withoutSeedTheOrderStays() {
        DigitBatches batches = DigitBatches.inOrder(images.subset(5, 3, 299), 2);
        assertArrayEquals(new int[] {5, 3, 299}, numbers(batches));
        batches.reset();
        assertArrayEquals(new int[] {5, 3, 299}, numbers(batches));
    }

    @Test
    void resetInTheMiddleBeginsTheNextEpoch() {
        DigitBatches cut = DigitBatches.shuffled(images, 100, 1);
        cut.next();
        cut.reset();
        DigitBatches whole = DigitBatches.shuffled(images, 100, 1);
        numbers(whole);
        whole.reset();
        assertArrayEquals(numbers(whole), numbers(cut));
    }

    @Test
    void batchesHandedOutStayAsTheyAre() {
        DigitBatches batches = DigitBatches.inOrder(images, 100);
        DataSet first = batches.next();
        float[] before = first.getFeatures().dup().reshape(-1).toFloatVector();
        float[] labels = first.getLabels().dup().reshape(-1).toFloatVector();
        batches.next();
        batches.next();
        assertArrayEquals(before, first.getFeatures().reshape(-1).toFloatVector());
        assertArrayEquals(labels, first.getLabels().reshape(-1).toFloatVector());
    }

    @Test
    void worksBehindAnAsynchronousIterator() {
        DigitBatches batches = DigitBatches.shuffled(images, 32, 9);
        int[] direct = numbers(DigitBatches.shuffled(images, 32, 9));
        AsyncDataSetIterator async = new AsyncDataSetIterator(batches, 4, true);
        try {
            assertArrayEquals(direct, numbers(async));
            async.reset();
            int[] second = numbers(async);
            assertFalse(Arrays.equals(direct, second));
            assertArrayEquals(IntStream.range(0, 300).toArray(), IntStream.of(second).sorted().toArray());
        } finally {
            async.shutdown();
        }
    }

    @Test
    void worksInAWorkspace() {
        DigitBatches batches = DigitBatches.inOrder(images, 100);
        for (int b = 0; b < 3; b++) {
            try (MemoryWorkspace workspace = Nd4j.getWorkspaceManager().getAndActivateWorkspace("batches")) {
                DataSet batch = batches.next();
                assertTrue(batch.getFeatures().isAttached());
                assertEquals(100 * b, number(batch, 0), workspace.getId());
            }
        }
    }

    @Test
    void misuseIsRefused() {
        assertThrows(IllegalArgumentException.class, () -> DigitBatches.inOrder(images, 0));
        DigitBatches batches = DigitBatches.inOrder(images, 300);
        assertThrows(IllegalArgumentException.class, () -> batches.next(0));
        assertEquals(7, batches.next(7).numExamples());
        batches.next();
        assertFalse(batches.hasNext());
        assertTrue(assertThrows(NoSuchElementException.class, batches::next).getMessage().contains("reset()"));
    }

    private static List<DataSet> read(DataSetIterator batches) {
        List<DataSet> all = new ArrayList<>();
        while (batches.hasNext()) all.add(batches.next());
        return all;
    }

    private static int[] numbers(DataSetIterator batches) {
        IntStream.Builder numbers = IntStream.builder();
        while (batches.hasNext()) {
            DataSet batch = batches.next();
            for (int row = 0; row < batch.numExamples(); row++) {
                int number = number(batch, row);
                assertEquals(1, batch.getLabels().getFloat(row, number % 10), "label of image " + number);
                numbers.add(number);
            }
        }
        return numbers.build().toArray();
    }

    private static int number(DataSet batch, int row) {
        INDArray features = batch.getFeatures();
        return (int) (256 * features.getFloat(row, 0, 0, 0) + features.getFloat(row, 0, 0, 1));
    }

    private static LabeledImages numbered(int count) {
        byte[] pixels = Arrays.copyOfRange(IdxBytes.images(count), 16, 16 + count * 784);
        byte[] labels = new byte[count];
        for (int i = 0; i < count; i++) {
            pixels[i * 784] = (byte) (i >> 8);
            pixels[i * 784 + 1] = (byte) i;
            labels[i] = (byte) (i % 10);
        }
        return LabeledImages.of(pixels, labels, 28, 28);
    }
}
