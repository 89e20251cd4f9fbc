package digits.onednn;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import digits.engine.KernelGeometry;
import digits.engine.NoCodeException;
import org.bytedeco.dnnl.global.dnnl;
import org.junit.jupiter.api.Test;

class PoolingTest {
    private static Pooling pooling(int side, int kernel, int padding) {
        int out = side + 2 * padding - kernel + 1;
        return new Pooling(dnnl.dnnl_f32, 2, 14, new KernelGeometry(new long[] {side, side}, new long[] {out, out},
                new long[] {kernel, kernel}, new long[] {1, 1}, new long[] {0, 0}, new long[] {padding, padding},
                new long[] {padding, padding}), true, false, true);
    }

    /** With these, oneDNN destroyed the heap, or gave wrong maxima. */
    @Test
    void windowsThatOneDnnComputesWrongAreRefused() {
        for (int[] bad : new int[][] {{3, 7, 2}, {1, 6, 4}, {1, 6, 3}, {5, 5, 4}, {6, 6, 4}, {4, 1, 1}}) {
            Exception e = assertThrows(NoCodeException.class, () -> pooling(bad[0], bad[1], bad[2]));
            assertTrue(e.getMessage().startsWith("a pooling window of " + bad[1]), e.getMessage());
        }
        for (int[] good : new int[][] {{3, 3, 1}, {3, 3, 0}, {4, 2, 1}, {6, 5, 2}}) {
            pooling(good[0], good[1], good[2]).close();
        }
    }
}
