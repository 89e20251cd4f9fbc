package digits.acceleration;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.nativeblas.NativeOpsHolder;

/**
 * Shares out passes over long arrays to as many threads as the native libraries use ({@code OMP_NUM_THREADS}). The caller works
 * too and takes what nobody else has begun: where other programs keep the processor busy, it does most by itself.
 *
 * <p>How the work is cut into parts depends on its size only, so that sums come out the same with any number of threads.
 */
final class Workers {
    private static final int SPINS = 2_000;   // some tens of microseconds: the next pass often follows at once
    private static final int PART = 1 << 15;   // numbers, at least
    private static final int MOST_PARTS = 16;

    private static final AtomicBoolean BUSY = new AtomicBoolean();
    private static final Thread[] HELPERS = helpers();
    private static volatile Job current;

    private Workers() {
    }

    /** A part of the work. */
    @FunctionalInterface
    interface Part {
        /** @param worker who does it, from 0 to {@link #count()} - 1: nobody else has this number meanwhile */
        void run(int part, int worker);
    }

    /** How many threads there are, the caller's included. */
    static int count() {
        return HELPERS.length + 1;
    }

    /** Into how many parts to cut a pass over so many numbers. */
    static int parts(long numbers) {
        return (int) Math.max(1, Math.min(MOST_PARTS, numbers / PART));
    }

    /** Does all parts, and returns when they are done. Two threads that come at once are served, the second one by itself. */
    static void each(int parts, Part work) {
        if (parts == 1 || HELPERS.length == 0 || !BUSY.compareAndSet(false, true)) {
            for (int part = 0; part < parts; part++) work.run(part, 0);
            return;
        }
        Job job = new Job(parts, work);
        try {
            current = job;
            for (Thread helper : HELPERS) LockSupport.unpark(helper);
            job.help(0);
            job.await();
        } finally {
            current = null;
            BUSY.set(false);
        }
        if (job.failure != null) throw new IllegalStateException("a part of the work failed", job.failure);
    }

    private static Thread[] helpers() {
        Nd4j.getBackend();   // loads its native library, if nobody has
        int threads = Math.max(1, NativeOpsHolder.getInstance().getDeviceNativeOps().ompGetMaxThreads());
        Thread[] helpers = new Thread[threads - 1];
        for (int i = 0; i < helpers.length; i++) {
            int worker = i + 1;
            helpers[i] = new Thread(() -> work(worker), "digits-worker-" + worker);
            helpers[i].setDaemon(true);
            helpers[i].start();
        }
        return helpers;
    }

    private static void work(int worker) {
        Job last = null;
        while (true) {
            Job job = current;
            for (int spin = 0; spin < SPINS && (job == null || job == last); spin++) {
                Thread.onSpinWait();
                job = current;
            }
            if (job == null || job == last) {
                last = null;   // nothing is held while waiting
                LockSupport.park(Workers.class);
            } else {
                last = job;
                job.help(worker);
            }
        }
    }

    private static final class Job {
        private final int parts;
        private final Part work;
        private final AtomicInteger next = new AtomicInteger();
        private final AtomicInteger done = new AtomicInteger();
        private volatile Throwable failure;

        Job(int parts, Part work) {
            this.parts = parts;
            this.work = work;
        }

        void help(int worker) {
            for (int part = next.getAndIncrement(); part < parts; part = next.getAndIncrement()) {
                try {
                    work.run(part, worker);
                } catch (Throwable thrown) {
                    failure = thrown;
                }
                done.incrementAndGet();
            }
        }

        void await() {
            for (int spin = 0; done.get() < parts; spin++) {
                if (spin < SPINS) Thread.onSpinWait();
                else Thread.yield();
            }
        }
    }
}
