package digits.data;

import digits.image.Grid;
import java.util.Arrays;
import java.util.Random;

/**
 * Carries out an {@link Augmentation}: {@link #draw} draws random numbers, {@link #apply} changes pixels accordingly,
 * between pixels by bilinear interpolation. For one thread at a time.
 */
final class Warp {
    private static final double SIGMA = 4;
    private static final float[] GAUSS = gauss();

    private final Augmentation augmentation;
    private final int rows;
    private final int columns;
    private final boolean interpolates;
    private final float[] before;
    private final float[] across;   // of the elastic distortion: how far each pixel is displaced
    private final float[] down;
    private final float[] smoothed;
    private int right;
    private int low;
    private boolean mirrored;
    private double cos;
    private double sin;

    Warp(Augmentation augmentation, int rows, int columns) {
        this.augmentation = augmentation;
        this.rows = rows;
        this.columns = columns;
        before = new float[rows * columns];
        boolean bends = augmentation.elastic() > 0;
        interpolates = augmentation.rotation() > 0 || augmentation.zoom() > 0 || bends;
        across = new float[bends ? before.length : 0];
        down = new float[across.length];
        smoothed = new float[across.length];
    }

    /** Weights of a Gaussian on one side of its center, up to 2.5 standard deviations. */
    private static float[] gauss() {
        float[] weights = new float[(int) (2.5 * SIGMA) + 1];
        for (int i = 0; i < weights.length; i++) weights[i] = (float) Math.exp(-i * i / (2 * SIGMA * SIGMA));
        return weights;
    }

    void draw(Random random) {
        int most = augmentation.shift();
        right = most == 0 ? 0 : random.nextInt(2 * most + 1) - most;
        low = most == 0 ? 0 : random.nextInt(2 * most + 1) - most;
        mirrored = augmentation.mirror() && random.nextBoolean();
        double angle = Math.toRadians(augmentation.rotation() * uniform(random));
        double larger = 1 + augmentation.zoom() * uniform(random);
        cos = Math.cos(angle) / larger;
        sin = Math.sin(angle) / larger;
        if (augmentation.elastic() > 0) {
            displace(across, random);
            displace(down, random);
        }
    }

    private static double uniform(Random random) {
        return 2 * random.nextDouble() - 1;
    }

    private void displace(float[] field, Random random) {
        for (int i = 0; i < field.length; i++) field[i] = 2 * random.nextFloat() - 1;
        smooth(field, smoothed, rows, columns, columns, 1);
        smooth(smoothed, field, columns, rows, 1, columns);
        double squares = 0;
        for (float value : field) squares += value * value;
        float scale = (float) (augmentation.elastic() / Math.sqrt(Math.max(squares / field.length, 1e-12)));
        for (int i = 0; i < field.length; i++) field[i] *= scale;
    }

    /** Smooths along one axis: lines {@code line} apart, of {@code length} values {@code step} apart. */
    private static void smooth(float[] from, float[] to, int lines, int length, int line, int step) {
        for (int l = 0; l < lines; l++) {
            for (int i = 0; i < length; i++) {
                float sum = 0;
                int first = Math.max(0, i - GAUSS.length + 1);
                int last = Math.min(length - 1, i + GAUSS.length - 1);
                for (int j = first; j <= last; j++) sum += GAUSS[Math.abs(i - j)] * from[l * line + j * step];
                to[l * line + i * step] = sum;
            }
        }
    }

    /** Changes the image whose pixels begin at {@code start}, row by row. */
    void apply(float[] pixels, int start) {
        System.arraycopy(pixels, start, before, 0, before.length);
        if (interpolates) lookUp(pixels, start);
        else move(pixels, start);
    }

    /** Moves whole pixels: nothing is interpolated. */
    private void move(float[] pixels, int start) {
        Arrays.fill(pixels, start, start + before.length, 0);
        for (int r = Math.max(0, low); r < Math.min(rows, rows + low); r++) {
            int from = (r - low) * columns;
            for (int c = Math.max(0, right); c < Math.min(columns, columns + right); c++) {
                int column = mirrored ? columns - 1 - c + right : c - right;
                pixels[start + r * columns + c] = before[from + column];
            }
        }
    }

    private void lookUp(float[] pixels, int start) {
        double middleRow = (rows - 1) / 2.0;
        double middleColumn = (columns - 1) / 2.0;
        boolean bends = augmentation.elastic() > 0;
        for (int r = 0; r < rows; r++) {
            for (int c = 0; c < columns; c++) {
                int at = r * columns + c;
                double y = r - middleRow - low + (bends ? down[at] : 0);
                double x = c - middleColumn - right + (bends ? across[at] : 0);
                double column = cos * x + sin * y;
                double row = cos * y - sin * x;
                pixels[start + at] = between(middleRow + row, middleColumn + (mirrored ? -column : column));
            }
        }
    }

    /** Unlike {@link Grid#between}, takes what lies outside the image as background. */
    private float between(double row, double column) {
        int top = (int) Math.floor(row);
        int left = (int) Math.floor(column);
        if (top < -1 || left < -1 || top >= rows || left >= columns) return 0;
        return Grid.bilinear(pixel(top, left), pixel(top, left + 1), pixel(top + 1, left), pixel(top + 1, left + 1),
                (float) (row - top), (float) (column - left));
    }

    private float pixel(int row, int column) {
        return row < 0 || column < 0 || row >= rows || column >= columns ? 0 : before[row * columns + column];
    }
}
