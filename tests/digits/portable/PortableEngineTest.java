package digits.portable;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import digits.engine.Engine;
import digits.engine.KernelGeometry;
import digits.engine.NoCodeException;
import digits.engine.Region;
import digits.engine.Workers;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.openblas.global.openblas_nolapack;
import org.junit.jupiter.api.Test;

/** What the comparisons of whole layers do not show: threads, and OpenBLAS's setting. */
class PortableEngineTest {
    private static final int IMAGES = 40;

    private final Engine engine = new PortableEngine();
    private final Random random = new Random(1);
    private final List<FloatPointer> held = new ArrayList<>();

    private Region array(int... shape) {
        int length = IntStream.of(shape).reduce(1, Math::multiplyExact);
        float[] numbers = new float[length];
        for (int i = 0; i < length; i++) numbers[i] = (float) random.nextGaussian();
        FloatPointer memory = new FloatPointer(numbers);
        held.add(memory);
        return new Region(memory.address(), (long) length * Float.BYTES);
    }

    private static KernelGeometry geometry(long in, long out, long kernel) {
        return new KernelGeometry(pair(in), pair(out), pair(kernel), pair(1), pair(0), pair(0), pair(0));
    }

    private static long[] pair(long number) {
        return new long[] {number, number};
    }

    /** Results of every computation, one array after the other. */
    private List<float[]> results() {
        List<float[]> results = new ArrayList<>();
        random.setSeed(1);
        Engine.Affine convolution = engine.convolution(IMAGES, 16, 24, geometry(14, 12, 3), true, true, true);
        affine(convolution, array(IMAGES, 14, 14, 16), array(24, 16, 3, 3), 24, array(IMAGES, 12, 12, 24), results);
        Engine.Affine dense = engine.dense(IMAGES, 700, 600, true, true);
        affine(dense, array(IMAGES, 700), array(600, 700), 600, array(IMAGES, 600), results);
        Region x = array(IMAGES, 14, 14, 16);
        Region y = array(IMAGES, 14, 14, 16);
        Region dx = array(IMAGES, 14, 14, 16);
        Region[] vectors = IntStream.range(0, 4).mapToObj(i -> array(16)).toArray(Region[]::new);
        Engine.Normalization normalization = engine.normalization(IMAGES, 16, 14, 14, 1e-3, true);
        normalization.forward(x, vectors[0], vectors[1], y);
        normalization.backward(x, vectors[0], vectors[1], y, dx, vectors[2], vectors[3]);
        for (Region each : List.of(y, dx, vectors[2], vectors[3])) results.add(floats(each));
        Region pooled = array(IMAGES, 12, 12, 16);
        engine.pooling(IMAGES, 16, geometry(14, 12, 3), false, false, true).forward(x, pooled);
        results.add(floats(pooled));
        engine.sum(x.bytes() / Float.BYTES).run(x, y, dx);
        results.add(floats(dx));
        return results;
    }

    private void affine(Engine.Affine affine, Region x, Region weights, int out, Region y, List<float[]> results) {
        Region bias = array(out);
        affine.forward(x, weights, bias, y);
        results.add(floats(y));
        affine.reluGradient(y, y, y);
        affine.weightGradient(x, y, weights, bias);
        results.add(floats(weights));
        results.add(floats(bias));
        affine.inputGradient(y, weights, x);
        results.add(floats(x));
        affine.close();
    }

    private static float[] floats(Region region) {
        return region.read((int) (region.bytes() / Float.BYTES));
    }

    /** While another pass is running, the caller processes all parts itself, in one thread. */
    @Test
    void noFigureDependsOnTheNumberOfThreads() {
        List<float[]> shared = results();
        List<float[]> alone = new ArrayList<>();
        Workers.each(2, (part, worker) -> {
            if (part == 0) alone.addAll(results());
        });
        assertEquals(shared.size(), alone.size());
        for (int i = 0; i < shared.size(); i++) assertArrayEquals(shared.get(i), alone.get(i), "array " + i);
    }

    @Test
    void openBlasHasOneThreadInPassesAndItsThreadsAgainAfterwards() {
        assertEquals(Optional.empty(), OpenBlas.missing());
        OpenBlas.restoreThreads();
        int before = openblas_nolapack.blas_get_num_threads();
        for (int i = 0; i < 3; i++) {
            OpenBlas.shared(2, (part, worker) -> assertEquals(1, openblas_nolapack.blas_get_num_threads()));
        }
        OpenBlas.restoreThreads();
        assertEquals(before, openblas_nolapack.blas_get_num_threads());
    }

    @Test
    void aLargeMeanDoesNotCostPrecision() {
        Region x = array(6, 5, 5, 3);
        float[] numbers = floats(x);
        for (int i = 0; i < numbers.length; i++) numbers[i] += 10_000;
        x.write(numbers);
        Engine.Normalization normalization = engine.normalization(6, 3, 5, 5, 1e-3, true);
        normalization.forward(x, array(3), array(3), array(6, 5, 5, 3));
        for (int c = 0; c < 3; c++) {
            int channel = c;
            double mean = IntStream.range(0, 150).mapToDouble(i -> numbers[3 * i + channel]).average().orElseThrow();
            double variance = IntStream.range(0, 150).mapToDouble(i -> numbers[3 * i + channel] - mean)
                    .map(difference -> difference * difference).average().orElseThrow();
            assertEquals(mean, normalization.mean()[c], 1e-3);
            assertEquals(variance, normalization.variance()[c], 1e-4 * variance);
        }
    }

    @Test
    void aWindowWithoutPixelsIsRefused() {
        var geometry = new KernelGeometry(pair(2), pair(5), pair(2), pair(1), pair(0), pair(2), pair(2));
        var e = assertThrows(NoCodeException.class, () -> engine.pooling(1, 1, geometry, true, false, true));
        assertTrue(e.getMessage().contains("no pixel"), e.getMessage());
    }
}
