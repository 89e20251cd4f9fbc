package digits.benchmark;

import com.google.gson.Gson;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleSupplier;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;
import org.bytedeco.dnnl.global.dnnl;
import org.bytedeco.javacpp.FloatPointer;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Measures what this machine can do at most, with as many threads as OMP_NUM_THREADS says, and prints it as JSON:
 * {@code gflop_per_s}, the multiplications and additions of 32-bit numbers in a large matrix product, by the faster of
 * ND4J's OpenBLAS and oneDNN; {@code copy_gb_per_s}, the bytes read and written in copies too large for the caches.
 */
public final class MachinePeak {
    private static final int ROWS = 2048;
    private static final int REPETITIONS = 20;
    private static final int COPIED = 64 << 20;

    private MachinePeak() { }

    public static void main(String[] arguments) {
        INDArray a = Nd4j.rand(ROWS, ROWS);
        INDArray b = Nd4j.rand(ROWS, ROWS);
        INDArray product = Nd4j.create(new long[] {ROWS, ROWS}, 'f');
        FloatPointer[] matrices = Stream.of(a, b, product)
                .map(matrix -> new FloatPointer(matrix.data().pointer())).toArray(FloatPointer[]::new);
        double openBlas = least(() -> seconds(() -> a.mmuli(b, product)));
        double oneDnn = least(() -> seconds(() -> dnnl.dnnl_sgemm((byte) 'N', (byte) 'N', ROWS, ROWS, ROWS, 1,
                matrices[0], ROWS, matrices[1], ROWS, 0, matrices[2], ROWS)));
        double operations = 2.0 * ROWS * ROWS * ROWS;
        int threads = Integer.parseInt(System.getenv("OMP_NUM_THREADS"));
        System.out.println(new Gson().toJson(Map.of(
                "gflop_per_s", operations / Math.min(openBlas, oneDnn) / 1e9,
                "openblas_gflop_per_s", operations / openBlas / 1e9, "onednn_gflop_per_s", operations / oneDnn / 1e9,
                "copy_gb_per_s", 2.0 * COPIED * threads / copySeconds(threads) / 1e9)));
    }

    private static double copySeconds(int threads) {
        List<ByteBuffer[]> pairs = Stream.generate(() -> new ByteBuffer[] {ByteBuffer.allocateDirect(COPIED),
            ByteBuffer.allocateDirect(COPIED)}).limit(threads).toList();
        return least(() -> seconds(() -> {
            List<Thread> copying = pairs.stream().map(pair -> new Thread(() -> pair[0].put(0, pair[1], 0, COPIED)))
                    .toList();
            copying.forEach(Thread::start);
            copying.forEach(MachinePeak::join);
        }));
    }

    private static void join(Thread thread) {
        try {
            thread.join();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static double least(DoubleSupplier measurement) {
        return DoubleStream.generate(measurement).limit(REPETITIONS).min().orElseThrow();
    }

    private static double seconds(Runnable work) {
        long start = System.nanoTime();
        work.run();
        return (System.nanoTime() - start) / 1e9;
    }
}
