package digits.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The threads that share passes over long arrays, and what must not depend on them. */
class WorkersTest {
    @Test
    void everyPartIsDoneOnceAndNoWorkerDoesTwoAtOnce() {
        for (int round = 0; round < 500; round++) {
            AtomicIntegerArray done = new AtomicIntegerArray(16);
            AtomicIntegerArray busy = new AtomicIntegerArray(Workers.count());
            Workers.each(16, (part, worker) -> {
                assertEquals(1, busy.incrementAndGet(worker), "worker " + worker + " does two parts at once");
                done.incrementAndGet(part);
                busy.decrementAndGet(worker);
            });
            for (int part = 0; part < 16; part++) {
                assertEquals(1, done.get(part), "part " + part + " of round " + round);
            }
        }
    }

    @Test
    void twoCallersAtOnceAreBothServed() {
        int[] sums = new int[2];
        CompletableFuture<?>[] callers = IntStream.range(0, 2).mapToObj(caller -> CompletableFuture.runAsync(() -> {
            for (int round = 0; round < 300; round++) {
                AtomicIntegerArray done = new AtomicIntegerArray(8);
                Workers.each(8, (part, worker) -> done.incrementAndGet(part));
                for (int part = 0; part < 8; part++) sums[caller] += done.get(part);
            }
        })).toArray(CompletableFuture[]::new);
        CompletableFuture.allOf(callers).join();
        assertArrayEquals(new int[] {2_400, 2_400}, sums);
    }

    @Test
    void aPartThatFailsIsReportedAndTheNextWorkRuns() {
        var thrown = assertThrows(RuntimeException.class, () -> Workers.each(8, (part, worker) -> {
            if (part == 3) throw new ArithmeticException("part 3");
        }));
        assertTrue(String.valueOf(thrown.getCause() == null ? thrown : thrown.getCause()).contains("part 3"),
                thrown.toString());
        int[] done = new int[8];
        Workers.each(8, (part, worker) -> done[part]++);
        assertEquals(8, Arrays.stream(done).sum());
    }

    @Test
    void withoutOpenMpThereAreAsManyThreadsAsProcessorsOrAsWanted() {
        assertEquals(4, Workers.threads(4, null, 8));
        assertEquals(8, Workers.threads(1, null, 8));
        assertEquals(3, Workers.threads(1, " 3 ", 8));
        assertEquals(1, Workers.threads(1, "1", 8));
        assertEquals(1, Workers.threads(1, "all", 8));
    }

    @Test
    void partsDependOnTheSizeOnly() {
        assertEquals(1, Workers.parts(1));
        assertEquals(1, Workers.parts(40_000));
        assertEquals(3, Workers.parts(100_000));
        assertEquals(16, Workers.parts(1L << 33));
    }
}
