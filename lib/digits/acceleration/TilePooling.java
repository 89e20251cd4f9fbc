package digits.acceleration;

import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.util.Arrays;

import org.bytedeco.javacpp.Pointer;

/**
 * Max pooling where the windows are tiles: side by side, without padding. Row by row of the output, the places of a tile (four, with
 * 2×2) are brought into arrays of their own, all in the nearest cache; forward and backward are then comparisons of whole arrays,
 * several times as fast as oneDNN's pooling, which handles the places of its maxima one by one.
 *
 * <p>Where several numbers of a tile are the maximum, the first one, row by row, gets the gradient.
 */
final class TilePooling implements Pooling {
    private static final int LARGEST_TILE = 4;

    private final int channels;
    private final int tileRows;
    private final int tileColumns;
    private final int rowsIn;          // of an image
    private final int rowsOut;
    private final int rowIn;           // numbers in a row
    private final int rowTiled;        // those of them that tiles reach
    private final int rowOut;
    private final int images;
    private final Scratch[] scratch = new Scratch[Workers.count()];

    /** Whether windows of this kind are tiles, few enough places each. */
    static boolean fits(Window window) {
        for (int i = 0; i < 2; i++) {
            if (window.kernel()[i] != window.stride()[i] || window.before()[i] != 0 || window.dilation()[i] != 0
                    || window.output()[i] * window.stride()[i] > window.input()[i]) {
                return false;
            }
        }
        return window.kernel()[0] * window.kernel()[1] <= LARGEST_TILE;
    }

    TilePooling(long n, long channels, Window window) {
        images = Math.toIntExact(n);
        this.channels = Math.toIntExact(channels);
        tileRows = (int) window.kernel()[0];
        tileColumns = (int) window.kernel()[1];
        rowsIn = (int) window.input()[0];
        rowsOut = (int) window.output()[0];
        rowIn = Math.toIntExact(window.input()[1] * channels);
        rowOut = Math.toIntExact(window.output()[1] * channels);
        rowTiled = rowOut * tileColumns;
    }

    @Override
    public void forward(long input, long output) {
        FloatBuffer x = NativeArray.floats(input, numbersIn());
        FloatBuffer y = NativeArray.floats(output, numbersOut());
        rows((row, own) -> {
            float[] greatest = own.greatest;
            x.get(firstInput(row), greatest, 0, rowTiled);
            for (int i = 1; i < tileRows; i++) {
                x.get(firstInput(row) + i * rowIn, own.other, 0, rowTiled);
                maximum(own.other, greatest, rowTiled);
            }
            pick(greatest, 0, own.best);
            for (int i = 1; i < tileColumns; i++) {
                pick(greatest, i, own.other);
                maximum(own.other, own.best, rowOut);
            }
            y.put(row * rowOut, own.best, 0, rowOut);
        });
    }

    @Override
    public void backward(long input, long gradient, long inputGradient) {
        if (rowTiled != rowIn || rowsOut * tileRows != rowsIn) {   // last rows or columns that no tile reaches
            Pointer.memset(new OneDnn.Address(inputGradient), 0, numbersIn() * Float.BYTES);
        }
        IntBuffer x = NativeArray.bits(input, numbersIn());
        IntBuffer dy = NativeArray.bits(gradient, numbersOut());
        IntBuffer dx = NativeArray.bits(inputGradient, numbersIn());
        int places = tileRows * tileColumns;
        rows((row, own) -> {
            for (int i = 0; i < tileRows; i++) {
                x.get(firstInput(row) + i * rowIn, own.line, 0, rowTiled);
                for (int j = 0; j < tileColumns; j++) pick(own.line, j, own.places[i * tileColumns + j]);
            }
            Arrays.fill(own.largest, Integer.MIN_VALUE);
            for (int[] place : own.places) order(place, own.largest, rowOut);
            dy.get(row * rowOut, own.left, 0, rowOut);
            for (int i = 0; i < places - 1; i++) share(own.places[i], own.largest, own.left, rowOut);
            System.arraycopy(own.left, 0, own.places[places - 1], 0, rowOut);   // a maximum has to be somewhere
            for (int i = 0; i < tileRows; i++) {
                for (int j = 0; j < tileColumns; j++) put(own.places[i * tileColumns + j], j, own.line);
                dx.put(firstInput(row) + i * rowIn, own.line, 0, rowTiled);
            }
        });
    }

    /** What to do with a row of the output. */
    private interface Row {
        void handle(int row, Scratch own);
    }

    private void rows(Row todo) {
        int rows = images * rowsOut;
        int parts = Math.min(rows, Workers.parts(numbersIn()));
        Workers.each(parts, (part, worker) -> {
            if (scratch[worker] == null) scratch[worker] = new Scratch(rowTiled, rowOut, tileRows * tileColumns);
            int end = (int) ((part + 1L) * rows / parts);
            for (int row = (int) ((long) part * rows / parts); row < end; row++) todo.handle(row, scratch[worker]);
        });
    }

    private long numbersIn() {
        return (long) images * rowsIn * rowIn;
    }

    private long numbersOut() {
        return (long) images * rowsOut * rowOut;
    }

    /** Where the tiles of a row of the output begin. */
    private int firstInput(int row) {
        return (row / rowsOut * rowsIn + row % rowsOut * tileRows) * rowIn;
    }

    /** The tiles' numbers in this column of theirs. */
    private void pick(Object row, int column, Object into) {
        for (int from = column * channels, to = 0; to < rowOut; from += tileColumns * channels, to += channels) {
            System.arraycopy(row, from, into, to, channels);
        }
    }

    private void put(int[] numbers, int column, int[] row) {
        for (int to = column * channels, from = 0; from < rowOut; to += tileColumns * channels, from += channels) {
            System.arraycopy(numbers, from, row, to, channels);
        }
    }

    private static void maximum(float[] numbers, float[] greatest, int count) {
        for (int i = 0; i < count; i++) greatest[i] = Math.max(greatest[i], numbers[i]);
    }

    /** From the bits of floats to integers of the same order, in which both zeros are the same; and brings the largest up to date. */
    private static void order(int[] bits, int[] largest, int count) {
        for (int i = 0; i < count; i++) {
            int sign = bits[i] >> 31;
            int number = (bits[i] ^ sign >>> 1) - sign;
            bits[i] = number;
            largest[i] = Math.max(largest[i], number);
        }
    }

    /** Where the place has the largest number, it gets what is left of the gradient; else 0. Without branches: masks of ones or zeros. */
    private static void share(int[] place, int[] largest, int[] left, int count) {
        for (int i = 0; i < count; i++) {
            int difference = place[i] ^ largest[i];
            int differs = (difference | -difference) >> 31;
            place[i] = left[i] & ~differs;
            left[i] &= differs;
        }
    }

    @Override
    public void close() {
        // Java's memory only
    }

    /** A worker's own arrays. */
    private static final class Scratch {
        final float[] greatest;
        final float[] other;
        final float[] best;
        final int[] line;
        final int[][] places;
        final int[] largest;
        final int[] left;

        Scratch(int rowTiled, int rowOut, int count) {
            greatest = new float[rowTiled];
            other = new float[rowTiled];
            best = new float[rowOut];
            line = new int[rowTiled];
            places = new int[count][rowOut];
            largest = new int[rowOut];
            left = new int[rowOut];
        }
    }
}
