package digits.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import digits.Examples;
import digits.training.History;
import digits.training.Trainer;
import java.util.ArrayList;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.memory.conf.WorkspaceConfiguration;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.dataset.api.preprocessor.ImagePreProcessingScaler;
import org.nd4j.linalg.factory.Nd4j;

@Timeout(60)
class AugmentedBatchesTest {
    private static final Augmentation MUCH = Augmentation.NONE.shifted(2).rotated(10).zoomed(0.1).bent(0.7).flipped();

    private final LabeledImages images = Examples.bars(70, 1);

    private AugmentedBatches augmented(Augmentation augmentation, long seed) {
        return AugmentedBatches.of(Examples.shuffled(images, 16, 3), augmentation, seed);
    }

    private static List<INDArray> features(Batches batches, int pauseMillis) throws InterruptedException {
        List<INDArray> all = new ArrayList<>();
        while (batches.hasNext()) {
            Thread.sleep(pauseMillis);
            all.add(batches.next().getFeatures());
        }
        return all;
    }

    @Test
    void withoutChangesItIsTheOtherIterator() throws InterruptedException {
        AugmentedBatches same = augmented(Augmentation.NONE, 1);
        Batches plain = Examples.shuffled(images, 16, 3);
        for (int epoch = 0; epoch < 3; epoch++) {
            int seen = 0;
            while (same.hasNext()) {
                DataSet a = same.next();
                DataSet b = plain.next();
                assertEquals(b.getFeatures(), a.getFeatures());
                assertEquals(b.getLabels(), a.getLabels());
                seen += a.numExamples();
            }
            assertEquals(70, seen);
            assertFalse(plain.hasNext());
            assertThrows(NoSuchElementException.class, same::next);
            same.reset();
            plain.reset();
        }
        assertEquals(70, same.size());
        assertEquals(16, same.batch());
        assertEquals(10, same.totalOutcomes());
    }

    @Test
    void seedAndEpochDecideAndNoTiming() throws InterruptedException {
        AugmentedBatches fast = augmented(MUCH, 5);
        AugmentedBatches slow = augmented(MUCH, 5);
        List<INDArray> first = features(fast, 0);
        assertEquals(first, features(slow, 20));
        fast.reset();
        slow.reset();
        slow.next();
        List<INDArray> second = features(fast, 5);
        assertEquals(second.subList(1, second.size()), features(slow, 0));
        assertNotEquals(first, second);
        assertNotEquals(first, features(augmented(MUCH, 6), 0));
    }

    @Test
    void anEpochGivenUpHalfwayDoesNotMatterForTheNext() throws InterruptedException {
        AugmentedBatches whole = augmented(MUCH, 5);
        features(whole, 0);
        whole.reset();
        AugmentedBatches half = augmented(MUCH, 5);
        half.next();
        half.reset();
        assertEquals(features(whole, 0), features(half, 0));
    }

    @Test
    void valuesStayWithinTheScale() throws InterruptedException {
        for (INDArray batch : features(augmented(MUCH, 1), 0)) {
            assertTrue(batch.minNumber().floatValue() >= 0 && batch.maxNumber().floatValue() <= 1.0001f);
            assertTrue(batch.maxNumber().floatValue() > 0.5f);
        }
    }

    @Test
    void theArraysOutliveAWorkspace() {
        AugmentedBatches batches = augmented(MUCH, 1);
        DataSet made;
        MemoryWorkspace open = Nd4j.getWorkspaceManager()
                .getAndActivateWorkspace(WorkspaceConfiguration.builder().initialSize(1 << 20).build(), "TEST");
        try (open) {
            made = batches.next();
        }
        assertFalse(made.getFeatures().isAttached());
        assertFalse(made.getLabels().isAttached());
        assertTrue(made.getFeatures().sumNumber().doubleValue() > 0);
    }

    @Test
    void noThreadIsLeftBehind() throws InterruptedException {
        AugmentedBatches batches = augmented(MUCH, 1);
        batches.next();
        assertTrue(threads() > 0);
        for (int wait = 0; threads() > 0 && wait < 100; wait++) Thread.sleep(50);
        assertEquals(0, threads(), "the thread ends by itself though the epoch was given up");
        assertEquals(54, features(batches, 0).stream().mapToLong(b -> b.size(0)).sum(), "and another continues");
    }

    @Test
    void anErrorComesOutAndTheNextEpochWorks() {
        AtomicInteger failures = new AtomicInteger(1);
        Batches other = Examples.inOrder(images, 16);
        other.setPreProcessor(data -> {
            if (failures.getAndDecrement() > 0) throw new IllegalStateException("a bad batch");
        });
        AugmentedBatches batches = AugmentedBatches.of(other, MUCH, 1);
        assertEquals("a bad batch", assertThrows(IllegalStateException.class, batches::next).getMessage());
        batches.reset();
        assertEquals(16, batches.next().numExamples());
        assertThrows(IllegalStateException.class, () -> batches.setPreProcessor(new ImagePreProcessingScaler(0, 1)));
        assertThrows(UnsupportedOperationException.class, () -> batches.next(3));
    }

    @Test
    void anInterruptIsKeptAndTheBatchStillComes() {
        AugmentedBatches batches = augmented(MUCH, 1);
        Thread.currentThread().interrupt();
        assertEquals(16, batches.next().numExamples());
        assertTrue(Thread.interrupted());
    }

    @Test
    void aTrainingOnItIsRepeatableAndAnInterruptEndsIt() throws InterruptedException {
        assertEquals(losses(), losses());

        Trainer trainer = Trainer.of(Examples.smallNetwork(1), 1);
        trainer.onProgress(progress -> Thread.currentThread().interrupt());
        trainer.fit(augmented(MUCH, 1), 5);
        assertTrue(Thread.interrupted());
        assertTrue(trainer.stopped());
        for (int wait = 0; threads() > 0 && wait < 100; wait++) Thread.sleep(50);
        assertEquals(0, threads());
    }

    private List<Double> losses() {
        History history = Trainer.of(Examples.smallNetwork(1), 1)
                .fit(augmented(MUCH, 1), Examples.inOrder(images, 16), 2);
        return history.epochs().stream()
                .flatMap(epoch -> java.util.stream.Stream.of(epoch.trainLoss(), epoch.validationLoss())).toList();
    }

    private static long threads() {
        return Thread.getAllStackTraces().keySet().stream().filter(thread -> thread.getName().equals("augmentation"))
                .count();
    }
}
