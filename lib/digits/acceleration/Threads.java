package digits.acceleration;

import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.ForkJoinTask;
import java.util.function.IntConsumer;

import org.nd4j.linalg.factory.Nd4j;

/** Loops in Java on several threads: as many as the native library has. */
final class Threads {
    /** A part of a loop. */
    interface Part {
        void run(int from, int to);
    }

    private static final int COUNT = Nd4j.getEnvironment().maxMasterThreads();

    private Threads() {
    }

    /** Runs the loop from 0 to n in parts of nearly the same size, one for each thread; this thread does the first of them. */
    static void share(int n, Part loop) {
        int parts = Math.max(1, Math.min(COUNT, n));
        ForkJoinTask<?>[] others = new ForkJoinTask<?>[parts - 1];
        IntConsumer run = part -> loop.run((int) ((long) n * part / parts), (int) ((long) n * (part + 1) / parts));
        for (int i = 1; i < parts; i++) {
            int part = i;
            others[i - 1] = ForkJoinPool.commonPool().submit(() -> run.accept(part));
        }
        run.accept(0);
        for (ForkJoinTask<?> other : others) other.join();
    }

}
