package digits.onednn;

import digits.engine.NativeResource;
import digits.engine.NoCodeException;
import digits.engine.Region;
import digits.engine.Workers;
import java.nio.FloatBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.function.Function;
import java.util.function.IntConsumer;
import java.util.stream.LongStream;

/**
 * Predicts batches of any size with programs for a few images each, on several threads. A program's arrays are so small
 * that they stay in a core's cache from layer to layer, and its threads meet only at the batch's end.
 */
public final class Lanes implements NativeResource {
    /** Compiles the computations of a network for images of this shape; the first number is how many there are. */
    public interface Compiler {
        Inference compile(long... shape);
    }

    private static final int MOST_TOGETHER = 4;
    private static final long CACHE = 1 << 20;     // bytes of a program's arrays, unless it is for one image
    private static final int PROGRAMS = 4;       // per lane

    private final Compiler compiler;
    private final int lanes = Math.max(Workers.count(), Runtime.getRuntime().availableProcessors());
    private final Semaphore permits = new Semaphore(lanes);
    private final Deque<Map<List<Long>, Inference>> free = new ArrayDeque<>();   // this monitor guards it
    private boolean closed;

    /** Compiles no program before the first prediction. */
    public Lanes(Compiler compiler) {
        this.compiler = compiler;
        for (int i = 0; i < lanes; i++) free.add(new LinkedHashMap<>(PROGRAMS + 1, 1, true));
    }

    /** The same for images at an address. */
    public float[] run(Region images, long... shape) {
        return run(images.floats(images.bytes() / Float.BYTES), shape);
    }

    /**
     * Predicts images.
     *
     * @param images the remaining numbers are theirs
     * @param shape  of the images; its first number is how many there are, 1 or more
     * @return as many numbers for each image
     * @throws NoCodeException          if oneDNN has no code for images of this shape
     * @throws IllegalArgumentException if the images do not fit the network, or are too large
     * @throws IllegalStateException    if this is closed
     */
    public float[] run(FloatBuffer images, long... shape) {
        int n = Math.toIntExact(shape[0]);
        int together = together(n, shape);
        List<Long> some = shape(together, shape);
        int perImage = images.remaining() / n;
        int perResult = with(some, Inference::results) / together;
        float[] results = new float[Math.multiplyExact(n, perResult)];
        each((n + together - 1) / together, part -> {
            int first = part * together;
            int count = Math.min(together, n - first);
            FloatBuffer from = images.slice(images.position() + first * perImage, count * perImage);
            FloatBuffer to = FloatBuffer.wrap(results, first * perResult, count * perResult);
            with(some, program -> {
                program.run(from, to);
                return null;
            });
        });
        return results;
    }

    /** Processes the parts in several threads; fails as the part that failed. */
    private static void each(int parts, IntConsumer work) {
        try {
            Workers.each(parts, (part, worker) -> work.accept(part));
        } catch (IllegalStateException failed) {
            throw failed.getCause() instanceof RuntimeException cause ? cause : failed;
        }
    }

    /**
     * How many images a program computes together, which depends only on the batch and the images' size: more share the
     * reading of the weights, as long as they fit into the cache. No more than four: of eight, oneDNN's matrix
     * products rounded the last differently with AVX2. (With four, tested with AVX2, AVX and SSE4.1 only.)
     */
    private int together(int n, long... shape) {
        if (n < 4) return 1;
        long fit = CACHE / with(shape(1, shape), Inference::bytes);
        return (int) Long.highestOneBit(Math.max(1, Math.min(Math.min(n / 2, MOST_TOGETHER), fit)));
    }

    private static List<Long> shape(int n, long... shape) {
        return LongStream.concat(LongStream.of(n), LongStream.of(shape).skip(1)).boxed().toList();
    }

    /** Lends a program to the task, in which oneDNN starts no threads. */
    private <T> T with(List<Long> shape, Function<Inference, T> task) {
        permits.acquireUninterruptibly();
        try {
            Map<List<Long>, Inference> lane = take();
            try {
                return Workers.withOpenMp(1, () -> task.apply(program(lane, shape)));
            } finally {
                give(lane);
            }
        } finally {
            permits.release();
        }
    }

    private synchronized Map<List<Long>, Inference> take() {
        if (closed) throw new IllegalStateException("this network has been closed");
        return free.pop();   // the one used last, whose arrays may still be in the cache
    }

    private synchronized void give(Map<List<Long>, Inference> lane) {
        free.push(lane);
    }

    private Inference program(Map<List<Long>, Inference> lane, List<Long> shape) {
        Inference known = lane.get(shape);
        if (known != null) return known;
        Inference program = compiler.compile(shape.stream().mapToLong(size -> size).toArray());
        lane.put(shape, program);
        if (lane.size() > PROGRAMS) lane.remove(lane.keySet().iterator().next()).close();
        return program;
    }

    /** Frees the native memory after the predictions that are running. */
    @Override
    public void close() {
        permits.acquireUninterruptibly(lanes);
        try {
            synchronized (this) {
                closed = true;
                for (Map<List<Long>, Inference> lane : free) {
                    lane.values().forEach(Inference::close);
                    lane.clear();
                }
            }
        } finally {
            permits.release(lanes);
        }
    }
}
