package digits.acceleration;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.nd4j.linalg.api.ndarray.INDArray;

/** Comparisons of arrays by their numbers, whatever their memory layout. */
final class Closeness {
    private Closeness() {
    }

    /** The largest difference is at most {@code tolerance} times the largest expected number. */
    static void assertClose(String what, INDArray expected, INDArray actual, double tolerance) {
        assertArrayEquals(expected.shape(), actual.shape(), what);
        float[] e = expected.dup('c').data().asFloat();
        float[] a = actual.dup('c').data().asFloat();
        double scale = 0;
        double worst = 0;
        int at = 0;
        for (int i = 0; i < e.length; i++) {
            assertTrue(Float.isFinite(a[i]), what + "[" + i + "] is " + a[i]);
            scale = Math.max(scale, Math.abs(e[i]));
            if (Math.abs(e[i] - a[i]) > worst) {
                worst = Math.abs(e[i] - a[i]);
                at = i;
            }
        }
        assertTrue(worst <= tolerance * scale + 1e-9,
                "%s: %g instead of %g at %d, %.2e of the largest (%g); allowed %.0e"
                .formatted(what, a[at], e[at], at, worst / scale, scale, tolerance));
    }
}
