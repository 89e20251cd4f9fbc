package digits.image;

import java.util.Arrays;

/**
 * The brightness that a picture would have without writing: its paper in the light that falls on it. It is the
 * morphological closing of the picture (Serra: “Image Analysis and Mathematical Morphology”, 1982): strokes narrower
 * than a window disappear, and the edge of a shadow stays where it is.
 */
final class PaperLight {
    private static final int NARROW = 10;         // half windows along the longer side: strokes are narrower
    private static final int WIDE = 4;
    private static final double COVERED = 0.12;   // of the picture: with more ink, the digit fills the picture
    private static final double CONTRAST = 0.04;  // of writing, when light and dark writing are told apart
    private static final int COARSE = 160;        // pixels along the longer side are enough for that
    private static final int LEVELS = 255;
    private static final int CALM = 4;            // pixels on both sides over which grain is averaged
    private static final int SMALL = 150;         // pixels: a smaller picture is not smoothed

    private PaperLight() { }

    /** How much darker than the paper each pixel is, as a share of the paper's brightness; see {@link Photo}. */
    static Grid darkness(Grid picture) {
        Grid light = Math.max(picture.rows(), picture.columns()) < SMALL ? picture : smoothed(picture);
        int longer = Math.max(light.rows(), light.columns());
        Grid written = isDark(light) ? light.map(value -> 1 - value) : light;
        Grid wide = share(written, closed(written, Math.max(1, longer / WIDE)));
        float half = wide.percentile(0.99) / 2;
        double covered = wide.map(value -> value > half ? 1 : 0).mean();
        // thick strokes need a wide window, which is less exact at the edges of shadows
        return covered > COVERED ? wide : share(written, closed(written, Math.max(1, longer / NARROW)));
    }

    private static Grid share(Grid light, Grid paper) {
        float[] dark = light.values();
        float[] blank = paper.values();
        for (int i = 0; i < dark.length; i++) {
            dark[i] = Math.max(0, Math.min(1, 1 - (dark[i] + 0.02f) / (blank[i] + 0.02f)));
        }
        return Grid.of(light.rows(), light.columns(), dark);
    }

    /**
     * Whether this is light writing on a dark ground: what differs from the median around it is mostly lighter. Writing
     * covers less than half of the paper, and the median does not soften the edge of a shadow.
     */
    private static boolean isDark(Grid light) {
        int shrunk = Math.max(1, Math.max(light.rows(), light.columns()) / COARSE);
        Grid coarse = light.averaged(Math.max(1, light.rows() / shrunk), Math.max(1, light.columns() / shrunk));
        int reach = Math.max(1, Math.max(coarse.rows(), coarse.columns()) / 8);
        Grid around = padded(coarse, reach);
        double lighter = 0;
        int[] histogram = new int[LEVELS + 1];
        for (int r = 0; r < coarse.rows(); r++) {
            Arrays.fill(histogram, 0);
            for (int c = 0; c < around.columns(); c++) {
                count(around, r, c, reach, 1, histogram);
                if (c < 2 * reach) continue;
                if (c > 2 * reach) count(around, r, c - 2 * reach - 1, reach, -1, histogram);
                double difference = coarse.value(r, c - 2 * reach) - median(histogram) / (double) LEVELS;
                if (Math.abs(difference) > CONTRAST) lighter += difference;
            }
        }
        return lighter > 0;
    }

    /** Adds the pixels of a column, in {@code 2 · reach + 1} rows, to a histogram, or removes them. */
    private static void count(Grid grid, int row, int column, int reach, int weight, int... histogram) {
        for (int r = row; r <= row + 2 * reach; r++) {
            histogram[Math.round(LEVELS * grid.value(r, column))] += weight;
        }
    }

    private static int median(int... histogram) {
        int all = 0;
        for (int n : histogram) all += n;
        int below = 0;
        int level = 0;
        while (2 * (below + histogram[level]) < all) below += histogram[level++];
        return level;
    }

    /** Each number mixed with its neighbors, 1 : 2 : 1 in both directions: less grain. */
    private static Grid smoothed(Grid grid) {
        return smoothedAcross(smoothedAcross(grid).transposed()).transposed();
    }

    private static Grid smoothedAcross(Grid grid) {
        int columns = grid.columns();
        float[] values = grid.values();
        float[] smooth = values.clone();
        for (int i = 0; i < values.length; i++) {
            int c = i % columns;
            if (c > 0 && c < columns - 1) smooth[i] = (values[i - 1] + 2 * values[i] + values[i + 1]) / 4;
        }
        return Grid.of(grid.rows(), columns, smooth);
    }

    /** The closing with a square of {@code 2 · reach + 1} pixels. */
    private static Grid closed(Grid grid, int reach) {
        Grid around = padded(grid, reach);
        Grid largest = largestAcross(largestAcross(around, reach).transposed(), reach).map(value -> -value);
        Grid closed = largestAcross(largestAcross(largest, reach).transposed(), reach);
        return closed.map(value -> -value).crop(reach, reach, grid.rows(), grid.columns());
    }

    private static Grid padded(Grid grid, int reach) {
        return paddedAcross(paddedAcross(grid, reach).transposed(), reach).transposed();
    }

    /** Continues each row on both sides as its point reflection, smoothed, so that a slope of brightness goes on. */
    private static Grid paddedAcross(Grid grid, int reach) {
        int columns = grid.columns();
        int wide = columns + 2 * reach;
        float[] values = grid.values();
        float[] padded = new float[grid.rows() * wide];
        for (int r = 0; r < grid.rows(); r++) {
            System.arraycopy(values, r * columns, padded, r * wide + reach, columns);
            double[] sums = new double[columns + 1];
            for (int c = 0; c < columns; c++) sums[c + 1] = sums[c] + values[r * columns + c];
            for (int k = 1; k <= reach; k++) {
                int inside = Math.min(k, columns - 1);
                padded[r * wide + reach - k] = reflected(sums, 0, inside);
                padded[r * wide + reach + columns - 1 + k] = reflected(sums, columns - 1, columns - 1 - inside);
            }
        }
        return Grid.of(grid.rows(), wide, padded);
    }

    /** Twice the value at the edge less the value inside, each the mean of some neighbors; 0 to 1. */
    private static float reflected(double[] sums, int edge, int inside) {
        return (float) Math.max(0, Math.min(1, 2 * around(sums, edge) - around(sums, inside)));
    }

    private static double around(double[] sums, int at) {
        int from = Math.max(0, at - CALM);
        int to = Math.min(sums.length - 1, at + CALM + 1);
        return (sums[to] - sums[from]) / (to - from);
    }

    /** The largest value within reach in each row (with a queue of falling values, so that the reach costs nothing). */
    private static Grid largestAcross(Grid grid, int reach) {
        int columns = grid.columns();
        float[] values = grid.values();
        float[] largest = new float[values.length];
        int[] queue = new int[columns];
        for (int r = 0; r < grid.rows(); r++) {
            int from = r * columns;
            int head = 0;
            int tail = 0;
            for (int c = 0; c < columns + reach; c++) {
                if (c < columns) {
                    while (tail > head && values[from + queue[tail - 1]] <= values[from + c]) tail--;
                    queue[tail++] = c;
                }
                int center = c - reach;
                if (center < 0) continue;
                while (queue[head] < center - reach) head++;
                largest[from + center] = values[from + queue[head]];
            }
        }
        return Grid.of(grid.rows(), columns, largest);
    }

    /** The largest value in a disc, nearly: in an octagon around each cell. */
    static Grid spread(Grid grid, int radius) {
        Grid result = grid;
        for (int step = 0; step < radius; step++) result = neighbors(result, step % 2 == 1);
        return result;
    }

    private static Grid neighbors(Grid grid, boolean diagonal) {
        int rows = grid.rows();
        int columns = grid.columns();
        float[] largest = grid.values();
        for (int r = 0; r < rows; r++) {
            for (int c = 0; c < columns; c++) {
                for (int d = 0; d < 9; d++) {
                    int y = r + d / 3 - 1;
                    int x = c + d % 3 - 1;
                    boolean corner = y != r && x != c;
                    if (y < 0 || x < 0 || y >= rows || x >= columns || corner && !diagonal) continue;
                    largest[r * columns + c] = Math.max(largest[r * columns + c], grid.value(y, x));
                }
            }
        }
        return Grid.of(rows, columns, largest);
    }
}
