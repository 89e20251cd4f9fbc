package digits.image;

import digits.data.DataException;
import java.awt.image.BufferedImage;
import java.util.Arrays;

/**
 * A photograph of a digit on paper, turned into ink. The light is never even and the paper never white, so each place is compared with
 * the paper around it: what is darker than that by more than a threshold is ink. The threshold is Otsu's («A threshold selection method
 * from gray-level histograms», 1979): the one that parts the differences into two groups as different as can be. Light writing on dark
 * ground is inverted first; what touches the picture's edge (a finger, the table) and specks are left out.
 */
public final class Photo {
    private static final int LONGEST = 640;      // more pixels than a digit needs, few enough to be quick
    private static final int TILES = 8;          // along the longer side: the paper's brightness is found for each
    private static final double PAPER = 0.9;     // in each tile the brightness that this share of it does not exceed is the paper's
    private static final float FAINTEST = 0.12f; // writing is darker than its paper by at least this
    private static final double SPECK = 0.08;    // of the largest piece's ink: what has less is no part of the digit
    private static final int LEVELS = 256;

    private final int rows;
    private final int columns;
    private final float[] values;   // brightness, 0 black to 1 white; then ink

    private Photo(Ink picture) {
        rows = picture.rows();
        columns = picture.columns();
        values = new float[rows * columns];
        for (int i = 0; i < values.length; i++) values[i] = picture.at(i / columns, i % columns);
    }

    /**
     * The ink in a photograph.
     *
     * @throws DataException if nothing on it is much darker, or much lighter, than the rest
     */
    public static Ink ink(BufferedImage picture) {
        Photo photo = new Photo(brightness(picture));
        if (photo.isDark()) for (int i = 0; i < photo.values.length; i++) photo.values[i] = 1 - photo.values[i];
        photo.compareWithPaper();
        photo.threshold();
        photo.dropWhatIsNoDigit();
        return Ink.of(photo.rows, photo.columns, photo.values);
    }

    /** How bright a colour is, 0 to 1 (ITU-R BT.601). */
    static float brightness(int rgb) {
        return (0.299f * (rgb >> 16 & 0xff) + 0.587f * (rgb >> 8 & 0xff) + 0.114f * (rgb & 0xff)) / 255f;
    }

    /** The picture's brightness, made smaller if it is large; what is transparent is white. */
    private static Ink brightness(BufferedImage picture) {
        int width = picture.getWidth();
        int height = picture.getHeight();
        double scale = Math.min(1, (double) LONGEST / Math.max(width, height));
        int columns = Math.max(1, (int) Math.round(width * scale));
        int rows = Math.max(1, (int) Math.round(height * scale));
        float[] sums = new float[rows * columns];
        int[] counts = new int[sums.length];
        for (int y = 0; y < height; y++) {
            int[] line = picture.getRGB(0, y, width, 1, null, 0, width);
            int row = (int) ((long) y * rows / height);
            for (int x = 0; x < width; x++) {
                int i = row * columns + (int) ((long) x * columns / width);
                sums[i] += 1 - (line[x] >>> 24) / 255f * (1 - brightness(line[x]));
                counts[i]++;
            }
        }
        for (int i = 0; i < sums.length; i++) sums[i] /= counts[i];
        return Ink.of(rows, columns, sums);
    }

    /** Whether it is light writing on dark ground: most of the picture's edge belongs to its darker part. */
    private boolean isDark() {
        float threshold = otsu(values);
        int dark = 0;
        int all = 0;
        for (int r = 0; r < rows; r++) {
            for (int c = 0; c < columns; c++) {
                if (!onEdge(r, c)) continue;
                all++;
                if (values[r * columns + c] <= threshold) dark++;
            }
        }
        return 2 * dark > all;
    }

    private boolean onEdge(int row, int column) {
        return row == 0 || column == 0 || row == rows - 1 || column == columns - 1;
    }

    /** How much darker each place is than the paper around it. */
    private void compareWithPaper() {
        int side = Math.max(1, (Math.max(rows, columns) + TILES - 1) / TILES);
        int down = (rows + side - 1) / side;
        int across = (columns + side - 1) / side;
        float[] tiles = new float[down * across];
        for (int t = 0; t < tiles.length; t++) tiles[t] = paper(t / across * side, t % across * side, side);
        // a tile full of ink has no paper of its own: that of its brighter neighbours is taken
        float[] paper = new float[tiles.length];
        for (int t = 0; t < tiles.length; t++) {
            float[] around = new float[9];
            int n = 0;
            for (int r = Math.max(0, t / across - 1); r <= Math.min(down - 1, t / across + 1); r++) {
                for (int c = Math.max(0, t % across - 1); c <= Math.min(across - 1, t % across + 1); c++) around[n++] = tiles[r * across + c];
            }
            Arrays.sort(around, 0, n);
            float brighter = around[3 * n / 4];
            paper[t] = tiles[t] < brighter - FAINTEST ? brighter : tiles[t];
        }
        for (int i = 0; i < values.length; i++) {
            double r = Math.max(0, Math.min(down - 1, (i / columns + 0.5) / side - 0.5));
            double c = Math.max(0, Math.min(across - 1, (i % columns + 0.5) / side - 0.5));
            values[i] = Math.max(0, between(paper, across, down, r, c) - values[i]);
        }
    }

    private float paper(int top, int left, int side) {
        float[] tile = new float[side * side];
        int n = 0;
        for (int r = top; r < Math.min(rows, top + side); r++) {
            for (int c = left; c < Math.min(columns, left + side); c++) tile[n++] = values[r * columns + c];
        }
        Arrays.sort(tile, 0, n);
        return tile[(int) (PAPER * (n - 1))];
    }

    private static float between(float[] tiles, int across, int down, double row, double column) {
        int top = (int) row;
        int left = (int) column;
        int below = Math.min(down - 1, top + 1);
        int right = Math.min(across - 1, left + 1);
        double upper = tiles[top * across + left] * (1 - column + left) + tiles[top * across + right] * (column - left);
        double lower = tiles[below * across + left] * (1 - column + left) + tiles[below * across + right] * (column - left);
        return (float) (upper * (1 - row + top) + lower * (row - top));
    }

    /** Ink is what is above Otsu's threshold; from half of it the ink grows, so that strokes keep soft edges. */
    private void threshold() {
        float threshold = otsu(values);
        double above = 0;
        int n = 0;
        for (float value : values) {
            if (value <= threshold) continue;
            above += value;
            n++;
        }
        if (n == 0 || above / n < FAINTEST) {
            throw new DataException("No digit can be seen in the picture: nothing in it is much darker or lighter than the rest.");
        }
        float full = (float) (above / n);
        float none = Math.max(0, 2 * threshold - full);
        for (int i = 0; i < values.length; i++) values[i] = Math.max(0, Math.min(1, (values[i] - none) / (full - none)));
    }

    /** The number that parts these, all 0 to 1, into two groups with the largest variance between them. */
    static float otsu(float[] values) {
        long[] histogram = new long[LEVELS];
        double sum = 0;
        for (float value : values) {
            int level = Math.round(value * (LEVELS - 1));
            histogram[level]++;
            sum += level;
        }
        double best = -1;
        int first = 0;
        int last = 0;
        long below = 0;
        double sumBelow = 0;
        for (int level = 0; level < LEVELS - 1; level++) {
            below += histogram[level];
            sumBelow += (double) level * histogram[level];
            long above = values.length - below;
            if (below == 0 || above == 0) continue;
            double distance = sumBelow / below - (sum - sumBelow) / above;
            double variance = (double) below * above * distance * distance;
            if (variance > best * (1 + 1e-12)) {
                best = variance;
                first = level;
            }
            if (variance >= best * (1 - 1e-12)) last = level;   // between two clean groups every level is as good: take the middle
        }
        return ((first + last) / 2f + 0.5f) / (LEVELS - 1);
    }

    /** Leaves out the pieces that touch the picture's edge, unless all do, and those with little ink beside the largest. */
    private void dropWhatIsNoDigit() {
        int[] piece = new int[values.length];   // 0: none
        double[] mass = new double[16];
        boolean[] edge = new boolean[16];
        int pieces = 0;
        int[] queue = new int[values.length];
        for (int start = 0; start < values.length; start++) {
            if (piece[start] != 0 || values[start] < 0.5f) continue;
            pieces++;
            if (pieces == mass.length) {
                mass = Arrays.copyOf(mass, 2 * pieces);
                edge = Arrays.copyOf(edge, 2 * pieces);
            }
            int end = 0;
            queue[end++] = start;
            piece[start] = pieces;
            for (int at = 0; at < end; at++) {
                int r = queue[at] / columns;
                int c = queue[at] % columns;
                mass[pieces] += values[queue[at]];
                edge[pieces] |= onEdge(r, c);
                for (int dr = -1; dr <= 1; dr++) {
                    for (int dc = -1; dc <= 1; dc++) {
                        if (r + dr < 0 || c + dc < 0 || r + dr >= rows || c + dc >= columns) continue;
                        int next = (r + dr) * columns + c + dc;
                        // the soft edges of a stroke belong to it
                        if (piece[next] == 0 && values[next] > 0 && (values[next] >= 0.5f || values[queue[at]] >= 0.5f)) {
                            piece[next] = pieces;
                            queue[end++] = next;
                        }
                    }
                }
            }
        }
        boolean allAtEdge = true;
        for (int p = 1; p <= pieces; p++) allAtEdge &= edge[p];
        double largest = 0;
        for (int p = 1; p <= pieces; p++) if (allAtEdge || !edge[p]) largest = Math.max(largest, mass[p]);
        for (int i = 0; i < values.length; i++) {
            int p = piece[i];
            if (p == 0 || edge[p] && !allAtEdge || mass[p] < SPECK * largest) values[i] = 0;
        }
    }
}
