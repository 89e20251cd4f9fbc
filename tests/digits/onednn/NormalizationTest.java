package digits.onednn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import digits.engine.Region;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.bytedeco.dnnl.global.dnnl;
import org.bytedeco.javacpp.FloatPointer;
import org.junit.jupiter.api.Test;

class NormalizationTest {
    private static final int IMAGES = 3;
    private static final int CHANNELS = 32;
    private static final int SIDE = 9;

    /** The code for small caches rounds other sums, and is otherwise the same. */
    @Test
    void bothCodesComputeTheSame() {
        assumeTrue(OneDnn.missing().isEmpty(), "NOT TESTED: oneDNN is missing here");
        int numbers = IMAGES * CHANNELS * SIDE * SIDE;
        int[] sizes = {numbers, CHANNELS, CHANNELS, numbers, numbers, numbers, CHANNELS, CHANNELS};
        List<FloatPointer> memory = IntStream.of(sizes).mapToObj(FloatPointer::new).toList();
        Region[] r = memory.stream().map(p -> new Region(p.address(), p.capacity() * Float.BYTES))
                .toArray(Region[]::new);
        float[][][] results = new float[2][][];
        for (int small = 0; small < 2; small++) {
            Random random = new Random(42);
            for (int i : new int[] {0, 1, 2, 4}) {
                float[] values = new float[sizes[i]];
                for (int j = 0; j < values.length; j++) values[j] = (float) random.nextGaussian();
                r[i].write(values);
            }
            try (Normalization normalization = new Normalization(dnnl.dnnl_f32, IMAGES, CHANNELS, SIDE, SIDE, 1e-3,
                    true, small == 1)) {
                normalization.forward(r[0], r[1], r[2], r[3]);
                normalization.backward(r[0], r[1], r[2], r[4], r[5], r[6], r[7]);
                results[small] = new float[][] {r[3].read(numbers), r[5].read(numbers), r[6].read(CHANNELS),
                    r[7].read(CHANNELS), normalization.mean(), normalization.variance()};
            }
        }
        memory.forEach(FloatPointer::close);
        for (int i = 0; i < results[0].length; i++) assertArrayEquals(results[0][i], results[1][i], 1e-4f);
        float mean = 0;
        for (float variance : results[1][5]) mean += variance / CHANNELS;
        assertTrue(Math.abs(mean - 1) < 0.1, "of normal numbers it is 1: " + mean);
    }
}
