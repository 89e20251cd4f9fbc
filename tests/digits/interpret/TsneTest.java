package digits.interpret;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import digits.Progress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.Test;

class TsneTest {
    /** Three clouds of 100 points in 20 dimensions, far from each other. */
    private static float[][] clouds() {
        Random random = new Random(1);
        float[][] vectors = new float[300][20];
        for (int i = 0; i < 300; i++) {
            for (int j = 0; j < 20; j++) vectors[i][j] = (float) (0.3 * random.nextGaussian() - (j == i / 100 ? 6 : 1));
        }
        return vectors;
    }

    @Test
    void neighborsAreInTheSameCloudAndTheSameSeedGivesTheSamePoints() {
        float[][] vectors = clouds();
        float[][] before = Arrays.stream(vectors).map(float[]::clone).toArray(float[][]::new);
        List<Progress> progress = new ArrayList<>();
        double[][] points = Tsne.of(vectors, 20, 4, progress::add);
        for (int i = 0; i < 300; i++) assertEquals(i / 100, nearest(points, i) / 100, "neighbor of point " + i);
        assertArrayEquals(before, vectors);
        assertEquals(0, progress.get(0).share());
        assertEquals(1, progress.get(progress.size() - 1).share());
        assertEquals("t-SNE · 100 %", progress.get(progress.size() - 1).line());

        assertTrue(Arrays.deepEquals(points, Tsne.of(vectors, 20, 4, done -> { })));
        assertFalse(Arrays.deepEquals(points, Tsne.of(vectors, 20, 5, done -> { })));
        assertEquals(0, Arrays.stream(points).mapToDouble(p -> p[0]).average().orElseThrow(), 1e-6);
    }

    private static int nearest(double[][] points, int i) {
        int nearest = -1;
        double least = Double.MAX_VALUE;
        for (int j = 0; j < points.length; j++) {
            double distance = Math.hypot(points[i][0] - points[j][0], points[i][1] - points[j][1]);
            if (j != i && distance < least) {
                least = distance;
                nearest = j;
            }
        }
        return nearest;
    }

    @Test
    void canBeStopped() {
        try {
            assertThrows(CancellationException.class, () -> Tsne.of(clouds(), 20, 1, done -> {
                if (done.share() > 0.1) Thread.currentThread().interrupt();
            }));
            assertTrue(Thread.currentThread().isInterrupted());
        } finally {
            Thread.interrupted();
        }
    }

    @Test
    void vectorsThatCannotBeMappedAreRefused() {
        assertThrows(IllegalArgumentException.class, () -> Tsne.of(clouds(), 100, 1, done -> { }),
                "perplexity too high");
        assertThrows(IllegalArgumentException.class, () -> Tsne.of(clouds(), 0, 1, done -> { }));
        assertThrows(IllegalArgumentException.class, () -> Tsne.of(new float[0][], 5, 1, done -> { }));
        assertThrows(IllegalArgumentException.class, () -> Tsne.of(new float[300][3], 5, 1, done -> { }),
                "all the same");
        float[][] nan = clouds();
        nan[7][3] = Float.NaN;
        assertTrue(assertThrows(IllegalArgumentException.class, () -> Tsne.of(nan, 5, 1, done -> { })).getMessage()
                .contains("vector 7"));
        float[][] ragged = clouds();
        ragged[8] = new float[19];
        assertTrue(assertThrows(IllegalArgumentException.class, () -> Tsne.of(ragged, 5, 1, done -> { })).getMessage()
                .contains("vector 8"));
    }
}
