package digits.image;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Removes the lines printed on paper from a map of darkness, and closes the strokes that they cross. A line is found by
 * a Hough transform (Duda and Hart: “Use of the Hough transformation to detect lines and curves in pictures”, 1972) as
 * a thin dark ridge that runs through the whole picture, up to 20° from the horizontal; the transposed map gives the
 * vertical ones.
 */
final class RuledLines {
    private static final double STEEPEST = 0.36;    // tangent of the largest angle
    private static final double COVERED = 0.6;      // of a line's length in the picture must be a ridge
    private static final float RIDGE = 0.035f;      // how much darker than both sides
    private static final int[] REACH = {3, 6, 11};  // pixels from a ridge to its sides: for thin and thick lines
    private static final int WIDEST = 12;           // pixels from the middle of a line to its edge
    private static final int MOST = 80;
    private static final float INKED = 0.12f;       // ink on a line is darker than the line by this much

    private final int rows;
    private final int columns;
    private final float[] dark;
    private final int slopes;
    private final int deepest;     // the largest distance of a line's middle above or below the picture
    private final int[][] votes;

    private RuledLines(Grid darkness) {
        rows = darkness.rows();
        columns = darkness.columns();
        dark = darkness.values();
        slopes = 2 * (int) (STEEPEST * columns / 2 / 1.5) + 1;   // neighbors differ by 1.5 pixels at the edge
        deepest = (int) (STEEPEST * columns / 2) + 2;
        votes = new int[slopes][rows + 2 * deepest + 2];
    }

    /**
     * The map without lines.
     *
     * @param darkness how much darker than blank paper each pixel is, 0 to 1
     */
    static Grid removed(Grid darkness) {
        Grid rowsDone = new RuledLines(darkness).withoutLines();
        return new RuledLines(rowsDone.transposed()).withoutLines().transposed();
    }

    /** Row of the line's middle, and how far it falls from one column to the next. */
    private record Line(double middle, double slope) { }

    private double slope(int s) {
        return slopes == 1 ? 0 : STEEPEST * (2.0 * s / (slopes - 1) - 1);
    }

    private int row(double middle, double slope, int column) {
        return (int) Math.floor(middle + slope * (column - columns / 2.0));
    }

    private Grid withoutLines() {
        boolean[] ridge = ridges();
        for (int i = 0; i < ridge.length; i++) if (ridge[i]) vote(i, 1);
        List<Line> found = new ArrayList<>();
        while (found.size() < MOST) {
            Line line = strongest();
            if (line == null) break;
            found.add(line);
            take(line, ridge);
        }
        found.removeIf(line -> found.size() < 3 && !reachesBothEdges(line));
        float[] clean = dark.clone();
        for (Line line : found) erase(line, clean);
        return Grid.of(rows, columns, clean);
    }

    /** Where a pixel is darker than those above and below at the same distance. */
    private boolean[] ridges() {
        boolean[] ridge = new boolean[dark.length];
        for (int i = 0; i < dark.length; i++) {
            int r = i / columns;
            for (int reach : REACH) {
                if (r - reach < 0 || r + reach >= rows) break;
                float beside = Math.max(dark[i - reach * columns], dark[i + reach * columns]);
                ridge[i] |= dark[i] - beside > Math.max(RIDGE, 0.35f * dark[i]);
            }
        }
        return ridge;
    }

    private void vote(int pixel, int weight) {
        int r = pixel / columns;
        double across = pixel % columns - columns / 2.0;
        for (int s = 0; s < slopes; s++) votes[s][(int) Math.round(r - slope(s) * across) + deepest] += weight;
    }

    /** The line with the largest share of ridge pixels; null if none has enough. */
    private Line strongest() {
        double best = COVERED;
        Line line = null;
        for (int s = 0; s < slopes; s++) {
            for (int b = 1; b < votes[s].length - 1; b++) {
                int count = votes[s][b] + Math.max(votes[s][b - 1], votes[s][b + 1]);
                if (count < COVERED * columns / 3) continue;
                double length = length(b - deepest, slope(s));
                if (length < columns / 3.0 || count / length <= best) continue;
                best = count / length;
                line = new Line(b - deepest + 0.5, slope(s));
            }
        }
        return line;
    }

    /** In how many columns a line lies inside the picture. */
    private double length(double middle, double slope) {
        if (Math.abs(slope) < 1e-9) return middle >= 0 && middle < rows ? columns : 0;
        double one = -middle / slope;
        double other = (rows - 1 - middle) / slope;
        double from = Math.max(-columns / 2.0, Math.min(one, other));
        double to = Math.min(columns / 2.0, Math.max(one, other));
        return Math.max(0, to - from);
    }

    /** Takes back the votes of the pixels near a line, so that each line is found once. */
    private void take(Line line, boolean... ridge) {
        for (int c = 0; c < columns; c++) {
            int at = row(line.middle(), line.slope(), c);
            for (int r = Math.max(0, at - 4); r <= Math.min(rows - 1, at + 4); r++) {
                int pixel = r * columns + c;
                if (!ridge[pixel]) continue;
                ridge[pixel] = false;
                vote(pixel, -1);
            }
        }
        // even if no ridge pixel was near, the same line must not be found again
        for (int s = 0; s < slopes; s++) {
            if (Math.abs(slope(s) - line.slope()) > 1e-9) continue;
            int b = (int) (line.middle() + deepest);
            Arrays.fill(votes[s], Math.max(0, b - 2), Math.min(votes[s].length, b + 3), 0);
        }
    }

    private boolean reachesBothEdges(Line line) {
        float level = profile(line)[WIDEST] / 2;
        return darkAt(line, 0, level) && darkAt(line, columns - 3, level);
    }

    private boolean darkAt(Line line, int from, float level) {
        for (int c = from; c < from + 3; c++) {
            int at = row(line.middle(), line.slope(), Math.min(columns - 1, c));
            boolean any = false;
            for (int r = at - 2; r <= at + 2; r++) any |= r < 0 || r >= rows || dark[r * columns + c] > level;
            if (!any) return false;
        }
        return true;
    }

    /** The median darkness of a line at each distance from its middle, from {@code -WIDEST} to {@code WIDEST}. */
    private float[] profile(Line line) {
        float[] profile = new float[2 * WIDEST + 1];
        float[] values = new float[columns];
        for (int off = -WIDEST; off <= WIDEST; off++) {
            int n = 0;
            for (int c = 0; c < columns; c++) {
                int r = row(line.middle(), line.slope(), c) + off;
                if (r >= 0 && r < rows) values[n++] = dark[r * columns + c];
            }
            Arrays.sort(values, 0, n);
            profile[off + WIDEST] = n == 0 ? 0 : values[n / 2];
        }
        return profile;
    }

    private void erase(Line line, float... clean) {
        float[] profile = profile(line);
        int peak = WIDEST;
        for (int off = WIDEST - 3; off <= WIDEST + 3; off++) if (profile[off] > profile[peak]) peak = off;
        float level = profile[peak];
        int first = peak;
        int last = peak;
        while (first > 0 && profile[first - 1] > 0.2f * level) first--;
        while (last < 2 * WIDEST && profile[last + 1] > 0.2f * level) last++;
        first -= 1;
        last += 1;
        float ink = level + Math.max(INKED, 0.4f * level);
        for (int c = 0; c < columns; c++) {
            int at = row(line.middle(), line.slope(), c) - WIDEST;
            float bridge = bridge(line, c, first - 1, last + 1, clean);
            for (int r = Math.max(0, at + first); r <= Math.min(rows - 1, at + last); r++) {
                int pixel = r * columns + c;
                if (dark[pixel] < ink) clean[pixel] = Math.min(clean[pixel], bridge);
            }
        }
    }

    /** The darkness of a stroke that crosses the line here: it must go on above and below. */
    private float bridge(Line line, int column, int above, int below, float... clean) {
        int lean = (below - above) / 2 + 1;
        float best = 0;
        for (int d = -lean; d <= lean; d++) {
            float upper = at(line, column + d, above, clean);
            float lower = at(line, column - d, below, clean);
            best = Math.max(best, Math.min(upper, lower));
        }
        return best;
    }

    private float at(Line line, int column, int off, float... clean) {
        if (column < 0 || column >= columns) return 0;
        int r = row(line.middle(), line.slope(), column) + off - WIDEST;
        return r < 0 || r >= rows ? 0 : clean[r * columns + column];
    }
}
