package digits.image;

import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Finds the ink in a photograph of digits on paper. The light is never even and the paper never white, so each pixel is
 * compared with the paper around it ({@link PaperLight}); light writing on a dark ground is inverted first. Printed
 * lines are removed ({@link RuledLines}). Ink is what remains darker than a threshold that depends on the darkest
 * strokes; whatever touches the edge of the picture (a finger, the table) is left out, and so are specks
 * ({@link Shapes}). Strokes much thinner than MNIST's are made thicker.
 */
public final class Photo {
    private static final int LONGEST = 640;        // pixels: more than a digit needs, few enough to be fast
    private static final float FAINTEST = 0.07f;   // writing is darker than its paper by at least this share
    private static final double STROKES = 0.8;     // this percentile of all that is darker is the darkness of ink
    private static final double SMALLEST = 0.04;   // of the picture's longer side: the grain of empty paper is smaller
    private static final double PEN = 0.1;         // width of MNIST's strokes, in heights of a digit

    private Photo() { }

    /**
     * The ink of the digit in a photograph. A picture of 28×28 pixels that looks like one of MNIST's, or an enlarged
     * one, comes back pixel by pixel.
     *
     * @throws PictureException if nothing in it is much darker, or much lighter, than the rest, or if it shows several
     *                          digits: {@link #digits} reads them
     */
    public static Ink ink(BufferedImage picture) {
        List<Ink> digits = digits(picture);
        if (digits.size() > 1) throw Shapes.several(digits.size(), "Photo.digits(…)");
        return digits.get(0);
    }

    /**
     * The ink of each digit of a number in a photograph, from left to right.
     *
     * @throws PictureException if nothing in it is much darker, or much lighter, than the rest, or if there are too
     *                          many shapes
     */
    public static List<Ink> digits(BufferedImage picture) {
        Ink ready = inMnistsForm(picture);
        if (ready != null) return List.of(ready);
        Grid light = brightness(picture);
        Grid ink = inked(RuledLines.removed(PaperLight.darkness(light)));
        List<Shapes.Piece> pieces = new ArrayList<>(Shapes.pieces(ink));
        if (!pieces.stream().allMatch(piece -> piece.touchesEdge(ink.rows(), ink.columns()))) {
            pieces.removeIf(piece -> piece.touchesEdge(ink.rows(), ink.columns()));
        }
        List<Shapes.Piece> digits = Shapes.digits(pieces, ink.columns());
        double least = SMALLEST * Math.max(ink.rows(), ink.columns());
        digits = digits.stream().filter(digit -> digit.length() >= least).toList();
        if (digits.isEmpty()) throw nothing();
        return digits.stream().map(digit -> written(ink, digit)).toList();
    }

    /** One digit's ink where it was in the picture, with strokes about as wide as MNIST's for its size. */
    private static Ink written(Grid all, Shapes.Piece digit) {
        Grid strokes = Shapes.ink(all, digit).grid();
        int more = Math.max(0, (int) Math.round((PEN * digit.length() - strokeWidth(strokes)) / 2));
        Grid wide = PaperLight.spread(strokes.pad(more, more, strokes.rows() + 2 * more, strokes.columns() + 2 * more),
                more);
        float[] place = new float[all.rows() * all.columns()];
        for (int r = 0; r < wide.rows(); r++) {
            for (int c = 0; c < wide.columns(); c++) {
                int row = digit.top() - more + r;
                int column = digit.left() - more + c;
                boolean inside = row >= 0 && column >= 0 && row < all.rows() && column < all.columns();
                if (inside) place[row * all.columns() + column] = wide.value(r, c);
            }
        }
        return Ink.ofOneDigit(Grid.of(all.rows(), all.columns(), place));
    }

    private static PictureException nothing() {
        return new PictureException(
                "No digit can be seen in the picture: nothing in it is much darker or lighter than the rest.");
    }

    /** The ink of an image like MNIST's, white on black or black on white, perhaps enlarged; null for others. */
    private static Ink inMnistsForm(BufferedImage picture) {
        int side = picture.getWidth();
        if (side != picture.getHeight() || side % Ink.SIDE != 0 || side > 40 * Ink.SIDE) return null;
        Grid image = Ink.of(picture).grid().averaged(Ink.SIDE, Ink.SIDE);
        float tolerance = side == Ink.SIDE ? Ink.PAPER : 1 / 255f;   // of a JPEG that small
        int paper = 0;
        int ink = 0;
        int edge = 0;
        for (int i = 0; i < Ink.SIDE * Ink.SIDE; i++) {
            int row = i / Ink.SIDE;
            int column = i % Ink.SIDE;
            if (Math.min(row, column) > 0 && Math.max(row, column) < Ink.SIDE - 1) continue;
            edge++;
            if (image.value(row, column) <= tolerance) paper++;
            if (image.value(row, column) >= 1 - tolerance) ink++;
        }
        Ink found = Ink.of(ink > paper ? image.map(value -> 1 - value) : image);
        return Math.max(paper, ink) >= 0.9 * edge && found.isInMnistsForm() ? found : null;
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
            int[] line = Pixels.row(picture, y);
            int row = (int) ((long) y * rows / height);
            for (int x = 0; x < width; x++) {
                int i = row * columns + (int) ((long) x * columns / width);
                sums[i] += 1 - Pixels.darkness(line[x]);
                counts[i]++;
            }
        }
        for (int i = 0; i < sums.length; i++) sums[i] = Math.max(0, Math.min(1, sums[i] / counts[i]));
        return Grid.of(rows, columns, sums);
    }

    /** Ink from 0 to 1; a stroke's edge lies where it is half as dark as its middle. */
    private static Grid inked(Grid darkness) {
        float[] values = darkness.values();
        float half = darkness.percentile(0.5);
        boolean filled = half > darkness.percentile(0.99) / 2;   // more ink than paper, as around a 1 that was cut out
        float blank = filled ? darkness.percentile(0.05) : half;
        float[] below = values.clone();
        for (int i = 0; i < below.length; i++) below[i] = Math.abs(below[i] - blank);
        Arrays.sort(below);
        float grain = 1.48f * below[below.length / 2];   // its standard deviation
        float least = filled ? FAINTEST : Math.max(FAINTEST, 6 * grain);
        float[] strokes = values.clone();
        int n = 0;
        for (float value : values) if (value - blank > least) strokes[n++] = value - blank;
        if (n == 0) throw nothing();
        Arrays.sort(strokes, 0, n);
        float full = strokes[(int) (STROKES * (n - 1))];
        float none = Math.max(least / 2, 0.2f * full);
        return darkness.map(value -> Math.max(0, Math.min(1, ((float) value - blank - none) / (0.8f * full - none))));
    }

    /** Twice the area of the strokes, divided by the length of their outline. */
    private static double strokeWidth(Grid grid) {
        double area = 0;
        int edge = 0;
        for (int r = 0; r < grid.rows(); r++) {
            for (int c = 0; c < grid.columns(); c++) {
                area += grid.value(r, c);
                boolean last = r == 0 || c == 0 || r == grid.rows() - 1 || c == grid.columns() - 1;
                if (grid.value(r, c) >= 0.5f && (last || grid.value(r - 1, c) < 0.5f || grid.value(r + 1, c) < 0.5f
                        || grid.value(r, c - 1) < 0.5f || grid.value(r, c + 1) < 0.5f)) edge++;
            }
        }
        return 2 * area / Math.max(1, edge);
    }
}
