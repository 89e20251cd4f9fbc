package digits.image;

import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Finds the ink in a photograph of a digit on paper. The light is never even and the paper never white, so each pixel
 * is compared with the paper around it: ink is what is darker by more than a threshold. The threshold is Otsu's (“A
 * threshold selection method from gray-level histograms”, 1979), which splits the differences into two groups that are
 * as different as possible. Light writing on a dark ground is inverted first; whatever touches the edge of the picture
 * (a finger, the table) is left out, and so are specks.
 */
public final class Photo {
    private static final int LONGEST = 640;      // pixels: more than a digit needs, few enough to be fast
    private static final int TILES = 8;          // along the longer side: the brightness of the paper is found for each
    private static final double PAPER = 0.9;     // this percentile of a tile is the brightness of its paper
    private static final float FAINTEST = 0.12f; // writing is darker than its paper by at least this
    private static final double SPECK = 0.08;    // of the largest piece's ink: a piece with less is a speck
    private static final int LEVELS = 256;

    private Photo() { }

    /**
     * The ink in a photograph.
     *
     * @throws PictureException if nothing in it is much darker, or much lighter, than the rest
     */
    public static Ink ink(BufferedImage picture) {
        Grid light = brightness(picture);
        return Ink.of(largePieces(inked(darkerThanPaper(isDark(light) ? light.map(value -> 1 - value) : light))));
    }

    /** How dark a color looks on white paper, 0 to 1 (ITU-R BT.601); transparent colors are as light as the paper. */
    static float darkness(int argb) {
        float brightness = (0.299f * (argb >> 16 & 0xff) + 0.587f * (argb >> 8 & 0xff) + 0.114f * (argb & 0xff)) / 255f;
        return (argb >>> 24) / 255f * (1 - brightness);
    }

    /** The brightness of the picture, 0 (black) to 1 (white), scaled down if the picture is large. */
    private static Grid brightness(BufferedImage picture) {
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
                sums[i] += 1 - darkness(line[x]);
                counts[i]++;
            }
        }
        for (int i = 0; i < sums.length; i++) sums[i] = Math.max(0, Math.min(1, sums[i] / counts[i]));
        return Grid.of(rows, columns, sums);
    }

    /** Whether this is light writing on a dark ground: most of the picture's edge belongs to its darker part. */
    private static boolean isDark(Grid light) {
        float[] values = light.values();
        float threshold = otsu(values);
        int[] edge = IntStream.range(0, values.length)
                .filter(i -> onEdge(light, i / light.columns(), i % light.columns())).toArray();
        return 2 * IntStream.of(edge).filter(i -> values[i] <= threshold).count() > edge.length;
    }

    private static boolean onEdge(Grid grid, int row, int column) {
        return row == 0 || column == 0 || row == grid.rows() - 1 || column == grid.columns() - 1;
    }

    /** How much darker each pixel is than the paper around it. */
    private static Grid darkerThanPaper(Grid light) {
        int columns = light.columns();
        int side = Math.max(1, (Math.max(light.rows(), columns) + TILES - 1) / TILES);
        Grid paper = paper(light, side);
        float[] darker = light.values();
        for (int i = 0; i < darker.length; i++) {
            float around = paper.between((i / columns + 0.5) / side - 0.5, (i % columns + 0.5) / side - 0.5);
            darker[i] = Math.max(0, around - darker[i]);
        }
        return Grid.of(light.rows(), columns, darker);
    }

    /** The brightness of the paper in each tile of this side. */
    private static Grid paper(Grid light, int side) {
        int down = (light.rows() + side - 1) / side;
        int across = (light.columns() + side - 1) / side;
        float[] tiles = new float[down * across];
        for (int t = 0; t < tiles.length; t++) {
            int top = t / across * side;
            int left = t % across * side;
            tiles[t] = light.crop(top, left, Math.min(side, light.rows() - top), Math.min(side, light.columns() - left))
                    .percentile(PAPER);
        }
        // a tile full of ink shows no paper: take that of its brighter neighbors
        Grid found = Grid.of(down, across, tiles);
        for (int t = 0; t < tiles.length; t++) {
            int top = Math.max(0, t / across - 1);
            int left = Math.max(0, t % across - 1);
            float[] around = found.crop(top, left, Math.min(down, t / across + 2) - top,
                    Math.min(across, t % across + 2) - left).values();
            Arrays.sort(around);
            float brighter = around[3 * around.length / 4];
            if (tiles[t] < brighter - FAINTEST) tiles[t] = brighter;
        }
        return Grid.of(down, across, tiles);
    }

    /** Differences above Otsu's threshold are ink; it sets in half the distance below, so that edges stay soft. */
    private static Grid inked(Grid darker) {
        float[] values = darker.values();
        float threshold = otsu(values);
        double above = 0;
        int n = 0;
        for (float value : values) {
            if (value <= threshold) continue;
            above += value;
            n++;
        }
        if (n == 0 || above / n < FAINTEST) {
            throw new PictureException(
                    "No digit can be seen in the picture: nothing in it is much darker or lighter than the rest.");
        }
        float full = (float) (above / n);
        float none = Math.max(0, 2 * threshold - full);
        return darker.map(value -> Math.max(0, Math.min(1, ((float) value - none) / (full - none))));
    }

    /** The number that splits these, all 0 to 1, into two groups with the largest variance between them. */
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
            // every level between two clean groups is as good: take the middle
            if (variance >= best * (1 - 1e-12)) last = level;
        }
        return ((first + last) / 2f + 0.5f) / (LEVELS - 1);
    }

    /** Leaves out pieces at the edge of the picture, unless all are, and those with little ink beside the largest. */
    private static Grid largePieces(Grid ink) {
        float[] values = ink.values();
        boolean[] taken = new boolean[values.length];
        List<Piece> pieces = new ArrayList<>();
        for (int start = 0; start < values.length; start++) {
            if (!taken[start] && values[start] >= 0.5f) pieces.add(piece(ink, start, taken));
        }
        boolean allAtEdge = pieces.stream().allMatch(Piece::atEdge);
        pieces.removeIf(piece -> piece.atEdge() && !allAtEdge);
        double largest = pieces.stream().mapToDouble(Piece::mass).max().orElse(0);
        float[] digit = new float[values.length];
        for (Piece piece : pieces) {
            if (piece.mass() >= SPECK * largest) for (int pixel : piece.pixels()) digit[pixel] = values[pixel];
        }
        return Grid.of(ink.rows(), ink.columns(), digit);
    }

    /** Connected pixels with ink, and how much ink they hold. */
    private record Piece(List<Integer> pixels, double mass, boolean atEdge) { }

    /** Finds the piece that this pixel belongs to, and marks its pixels as taken. */
    private static Piece piece(Grid ink, int start, boolean[] taken) {
        int columns = ink.columns();
        List<Integer> pixels = new ArrayList<>(List.of(start));
        double mass = 0;
        boolean atEdge = false;
        taken[start] = true;
        for (int at = 0; at < pixels.size(); at++) {
            int row = pixels.get(at) / columns;
            int column = pixels.get(at) % columns;
            float value = ink.value(row, column);
            mass += value;
            atEdge |= onEdge(ink, row, column);
            for (int r = Math.max(0, row - 1); r <= Math.min(ink.rows() - 1, row + 1); r++) {
                for (int c = Math.max(0, column - 1); c <= Math.min(columns - 1, column + 1); c++) {
                    float next = ink.value(r, c);
                    // the soft edges of a stroke belong to it
                    if (!taken[r * columns + c] && next > 0 && (next >= 0.5f || value >= 0.5f)) {
                        taken[r * columns + c] = true;
                        pixels.add(r * columns + c);
                    }
                }
            }
        }
        return new Piece(pixels, mass, atEdge);
    }
}
