package digits.image;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/**
 * Divides ink into digits. Connected strokes belong together, and so do strokes above each other or close to each
 * other, such as the bar of a 5; tall shapes side by side are several digits. Stray dots and specks are left out.
 */
final class Shapes {
    /** Largest number of digits that are read from one picture. */
    static final int MOST = 20;
    private static final int MOST_PIECES = 100;   // the largest are looked at
    private static final float CORE = 0.5f;      // ink from which a piece grows; its soft edges are fainter
    private static final float LINK = 0.3f;      // fainter ink is the edge of a stroke and does not connect strokes
    private static final double SPECK = 0.03;    // of the largest piece's ink: with less, a piece is a speck
    private static final double DOT = 0.3;       // of the largest piece's length: with less, a piece may be a dot
    private static final double NEAR = 0.15;     // of that length: a dot nearer to another piece belongs to it
    private static final double TALL = 0.55;     // of the tallest: the height of a digit, not of a stray stroke
    private static final double GAP = 0.12;      // of the tallest: a gap between digits, not inside one
    private static final double EQUAL = 0.8;     // of the tallest: two strokes as tall as this are no parts of a 4

    private Shapes() { }

    /** Connected pixels, a rectangle that encloses them (last row and column included), and how much ink they hold. */
    record Piece(int[] pixels, double mass, int top, int left, int bottom, int right) {
        int height() {
            return bottom - top + 1;
        }

        int width() {
            return right - left + 1;
        }

        int length() {
            return Math.max(height(), width());
        }

        boolean touchesEdge(int rows, int columns) {
            return top == 0 || left == 0 || bottom == rows - 1 || right == columns - 1;
        }

        Piece with(Piece other) {
            int[] all = Arrays.copyOf(pixels, pixels.length + other.pixels.length);
            System.arraycopy(other.pixels, 0, all, pixels.length, other.pixels.length);
            return new Piece(all, mass + other.mass, Math.min(top, other.top), Math.min(left, other.left),
                    Math.max(bottom, other.bottom), Math.max(right, other.right));
        }

        /** The empty columns between two pieces; negative if they overlap. */
        int gap(Piece other) {
            return Math.max(left, other.left) - Math.min(right, other.right) - 1;
        }

        /** The empty rows between two pieces; negative if they overlap. */
        int rise(Piece other) {
            return Math.max(top, other.top) - Math.min(bottom, other.bottom) - 1;
        }
    }

    /** The pieces of ink, in the order of their first rows. */
    static List<Piece> pieces(Grid ink) {
        float[] values = ink.values();
        boolean[] taken = new boolean[values.length];
        int[] queue = new int[values.length];
        List<Piece> pieces = new ArrayList<>();
        for (int start = 0; start < values.length; start++) {
            if (!taken[start] && values[start] >= CORE) pieces.add(piece(ink.columns(), values, start, taken, queue));
        }
        return pieces;
    }

    /** Finds the piece that this pixel belongs to, and marks its pixels as taken. */
    private static Piece piece(int columns, float[] values, int start, boolean[] taken, int... queue) {
        int[] box = {start / columns, start % columns, start / columns, start % columns};
        double mass = 0;
        int end = 0;
        queue[end++] = start;
        taken[start] = true;
        for (int at = 0; at < end; at++) {
            int row = queue[at] / columns;
            int column = queue[at] % columns;
            float value = values[queue[at]];
            mass += value;
            if (value > Ink.PAPER) {
                box[0] = Math.min(box[0], row);
                box[1] = Math.min(box[1], column);
                box[2] = Math.max(box[2], row);
                box[3] = Math.max(box[3], column);
            }
            for (int r = Math.max(0, row - 1); r <= Math.min(values.length / columns - 1, row + 1); r++) {
                for (int c = Math.max(0, column - 1); c <= Math.min(columns - 1, column + 1); c++) {
                    float next = values[r * columns + c];
                    // the soft edges of a stroke belong to it
                    if (taken[r * columns + c] || next <= 0 || next < LINK && next >= value) continue;
                    taken[r * columns + c] = true;
                    queue[end++] = r * columns + c;
                }
            }
        }
        return new Piece(Arrays.copyOf(queue, end), mass, box[0], box[1], box[2], box[3]);
    }

    /**
     * The digits that these pieces make up, row by row, from left to right.
     *
     * @param columns of the picture
     * @throws PictureException if there are more than {@value #MOST}
     */
    static List<Piece> digits(List<Piece> pieces, int columns) {
        List<Piece> rest = withoutDots(pieces);
        boolean merged = true;
        while (merged) {
            merged = false;
            int tallest = rest.stream().mapToInt(Piece::height).max().orElse(0);
            for (int i = 0; i < rest.size() && !merged; i++) {
                for (int j = i + 1; j < rest.size() && !merged; j++) {
                    if (!areOne(rest.get(i), rest.get(j), tallest, columns)) continue;
                    rest.set(i, rest.get(i).with(rest.remove(j)));
                    merged = true;
                }
            }
        }
        int tallest = rest.stream().mapToInt(Piece::height).max().orElse(0);
        rest.removeIf(piece -> piece.length() < TALL * tallest);   // a stroke far from every digit
        if (rest.size() > MOST) {
            throw new PictureException("I see " + rest.size() + " shapes in the picture; at most " + MOST
                    + " digits are read. Show one digit or one number only.");
        }
        rest.sort(Comparator.comparingInt(Piece::left));
        List<Piece> inOrder = new ArrayList<>();
        while (!rest.isEmpty()) {   // the topmost row first
            Piece first = rest.stream().min(Comparator.comparingInt(Piece::bottom)).orElseThrow();
            List<Piece> row = rest.stream().filter(piece -> piece.top() <= first.bottom()).toList();
            inOrder.addAll(row);
            rest.removeAll(row);
        }
        return inOrder;
    }

    private static List<Piece> withoutDots(List<Piece> pieces) {
        List<Piece> kept = new ArrayList<>(pieces.stream()
                .sorted(Comparator.comparingDouble(piece -> -piece.mass())).limit(MOST_PIECES).toList());
        if (kept.isEmpty()) return kept;
        Piece largest = kept.get(0);
        kept.removeIf(piece -> piece.mass() < SPECK * largest.mass());
        List<Piece> strokes = kept.stream().filter(piece -> piece.length() >= DOT * largest.length()).toList();
        kept.removeIf(piece -> piece.length() < DOT * largest.length() && strokes.stream().noneMatch(stroke ->
                Math.hypot(Math.max(0, piece.gap(stroke)), Math.max(0, piece.rise(stroke))) < NEAR * largest.length()));
        return kept;
    }

    /** Whether two pieces are strokes of one digit. */
    private static boolean areOne(Piece one, Piece other, int tallest, int columns) {
        int gap = one.gap(other);
        int rise = one.rise(other);
        int shorter = Math.min(one.height(), other.height());
        int narrower = Math.min(one.width(), other.width());
        if (rise > 0) {   // one above the other
            int both = one.with(other).height();
            return gap < NEAR * tallest && rise < (shorter < TALL * tallest ? 0.25 * tallest : GAP * both);
        }
        boolean bothTall = shorter >= EQUAL * tallest && -rise >= 0.75 * shorter;
        // slanted digits may overlap a little, but keep their distance in each row; halves of a 0 do not
        if (bothTall) return -gap > 0.5 * narrower || gap < 0 && distance(one, other, columns) < GAP * tallest;
        if (gap <= 0) return true;
        return gap < GAP * tallest || shorter < TALL * tallest && gap < 2 * GAP * tallest;
    }

    /** The least number of columns between two pieces in a row that both have. */
    private static int distance(Piece one, Piece other, int columns) {
        int top = Math.max(one.top(), other.top());
        int bottom = Math.min(one.bottom(), other.bottom());
        int[] rightmost = new int[bottom - top + 1];
        int[] leftmost = new int[bottom - top + 1];
        Arrays.fill(rightmost, -1);
        Arrays.fill(leftmost, -1);
        boolean inOrder = one.left() + one.right() < other.left() + other.right();
        for (int pixel : (inOrder ? one : other).pixels()) {
            int row = pixel / columns - top;
            if (row >= 0 && row < rightmost.length) rightmost[row] = Math.max(rightmost[row], pixel % columns);
        }
        for (int pixel : (inOrder ? other : one).pixels()) {
            int row = pixel / columns - top;
            if (row < 0 || row >= leftmost.length) continue;
            leftmost[row] = leftmost[row] < 0 ? pixel % columns : Math.min(leftmost[row], pixel % columns);
        }
        int least = columns;
        for (int r = 0; r < leftmost.length; r++) {
            if (rightmost[r] >= 0 && leftmost[r] >= 0) least = Math.min(least, leftmost[r] - rightmost[r] - 1);
        }
        return least;
    }

    /** @param how the method that reads several digits */
    static PictureException several(int shapes, String how) {
        return new PictureException("I see " + (shapes == 2 ? "two" : shapes) + " shapes, and only one digit was "
                + "expected. Show one digit only; " + how + " reads a number digit by digit.");
    }

    /** The ink of one piece, cropped to its rectangle. */
    static Ink ink(Grid all, Piece piece) {
        float[] values = new float[piece.height() * piece.width()];
        for (int pixel : piece.pixels()) {
            int row = pixel / all.columns() - piece.top();
            int column = pixel % all.columns() - piece.left();
            if (row < 0 || column < 0 || row >= piece.height() || column >= piece.width()) continue;   // faint edges
            values[row * piece.width() + column] = all.value(pixel / all.columns(), pixel % all.columns());
        }
        return Ink.ofOneDigit(Grid.of(piece.height(), piece.width(), values));
    }
}
