package digits.engine;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.nativeblas.NativeOps;
import org.nd4j.nativeblas.NativeOpsHolder;

/**
 * Shares passes over long arrays among as many threads as the native libraries use ({@code OMP_NUM_THREADS}), the
 * caller's included; among all processors where ND4J is built without OpenMP. How the work is cut depends only on its
 * size, so results do not depend on the number of threads.
 */
public final class Workers {
    private static final int SPINS = 2_000;     // tens of microseconds: the next pass often follows immediately
    private static final int PART = 1 << 15;    // minimum count of numbers
    private static final int MOST_PARTS = 16;

    private static final AtomicBoolean BUSY = new AtomicBoolean();
    private static final Thread[] HELPERS = helpers();
    private static volatile Job current;

    private Workers() { }

    /** A part of the work. */
    public interface Part {
        /** @param worker the thread's number, from 0 to {@link #count()} - 1; no two threads share one at a time */
        void run(int part, int worker);
    }

    /** Number of threads, including the caller's. */
    public static int count() {
        return HELPERS.length + 1;
    }

    /** A range of the work: from, inclusive, to end, exclusive. */
    public interface Range {
        void run(int from, int end, int worker);
    }

    /** Processes the units from 0 to {@code units} - 1, which are this many numbers together, in ranges. */
    public static void ranges(int units, long numbers, Range work) {
        int parts = Math.min(units, parts(numbers));
        each(parts, (part, worker) ->
                work.run((int) ((long) part * units / parts), (int) ((part + 1L) * units / parts), worker));
    }

    /** Number of parts to cut a pass over this many numbers into. */
    public static int parts(long numbers) {
        return (int) Math.max(1, Math.min(MOST_PARTS, numbers / PART));
    }

    /** Processes all parts, then returns. If another pass is running, the caller processes all parts itself. */
    public static void each(int parts, Part work) {
        if (parts == 1 || HELPERS.length == 0 || !BUSY.compareAndSet(false, true)) {
            for (int part = 0; part < parts; part++) work.run(part, 0);
            return;
        }
        Job job = new Job(parts, work, new AtomicInteger(), new AtomicInteger(), new AtomicReference<>());
        try {
            current = job;
            for (int i = 0; i < Math.min(parts - 1, HELPERS.length); i++) LockSupport.unpark(HELPERS[i]);
            job.help(0);
            for (int spin = 0; job.done.get() < parts; spin++) {
                if (spin < SPINS) Thread.onSpinWait();
                else Thread.yield();
            }
        } finally {
            current = null;
            BUSY.set(false);
        }
        Throwable failure = job.failure.get();
        if (failure != null) throw new IllegalStateException("a part of the work failed", failure);
    }

    /**
     * Computes with this number of OpenMP threads in oneDNN, which changes nothing for other threads. (Where oneDNN and
     * ND4J have different OpenMP libraries, as on Windows, oneDNN keeps its threads.)
     */
    public static <T> T withOpenMp(int threads, Supplier<T> work) {
        NativeOps library = NativeOpsHolder.getInstance().getDeviceNativeOps();
        int before = library.ompGetMaxThreads();
        if (before == threads) return work.get();
        library.setOmpNumThreads(threads);
        try {
            return work.get();
        } finally {
            library.setOmpNumThreads(before);
        }
    }

    private static Thread[] helpers() {
        Nd4j.getBackend();   // loads its native library if necessary
        Thread[] helpers = new Thread[threads(NativeOpsHolder.getInstance().getDeviceNativeOps().ompGetMaxThreads(),
                System.getenv("OMP_NUM_THREADS"), Runtime.getRuntime().availableProcessors()) - 1];
        for (int i = 0; i < helpers.length; i++) {
            int worker = i + 1;
            helpers[i] = new Thread(() -> work(worker), "digits-worker-" + worker);
            helpers[i].setDaemon(true);
            helpers[i].start();
        }
        return helpers;
    }

    /** Number of threads where ND4J has this many. Without OpenMP, as on macOS with ARM, it always has one. */
    static int threads(int openMp, String variable, int processors) {
        if (openMp > 1) return openMp;
        if (variable == null) return processors;
        return variable.strip().matches("[1-9][0-9]{0,2}") ? Integer.parseInt(variable.strip()) : 1;
    }

    private static void work(int worker) {
        NativeOpsHolder.getInstance().getDeviceNativeOps().setOmpNumThreads(1);   // a helper needs no help
        Job last = null;
        while (true) {
            Job job = current;
            for (int spin = 0; spin < SPINS && (job == null || job == last); spin++) {
                Thread.onSpinWait();
                job = current;
            }
            if (job == null || job == last) {
                last = null;   // hold no job while waiting
                LockSupport.park(Workers.class);
            } else {
                last = job;
                job.help(worker);
            }
        }
    }

    /** A pass: the next part to process, how many are done, and an error of one that failed. */
    private record Job(int parts, Part work, AtomicInteger next, AtomicInteger done,
                       AtomicReference<Throwable> failure) {
        void help(int worker) {
            for (int part = next.getAndIncrement(); part < parts; part = next.getAndIncrement()) {
                try {
                    work.run(part, worker);
                } catch (Throwable thrown) {
                    failure.set(thrown);
                }
                done.incrementAndGet();
            }
        }
    }
}
