package digits.portable;

import digits.engine.Engine;
import digits.engine.KernelGeometry;
import digits.engine.Region;
import digits.engine.Workers;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.util.Arrays;
import java.util.function.ObjIntConsumer;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.Pointer;

/**
 * Max pooling in Java where the windows are tiles: side by side, without padding. For each row of the output, the
 * places of a tile (four, with 2×2) are copied into one array per place, and whole arrays are compared. If several
 * numbers of a tile are the maximum, the first one, row by row, gets the gradient.
 */
public final class TilePooling implements Engine.Pooling {
    private static final int LARGEST_TILE = 4;

    private final int channels;
    private final int tileRows;
    private final int tileColumns;
    private final int rowsIn;      // per image
    private final int rowsOut;
    private final int rowIn;       // numbers per row
    private final int rowTiled;    // those of them that tiles cover
    private final int rowOut;
    private final int rows;        // of all images' outputs
    private final long numbersIn;
    private final Scratch[] scratch = new Scratch[Workers.count()];

    /** Whether the windows are tiles with few enough places. */
    public static boolean fits(KernelGeometry geometry) {
        return geometry.kernel()[0] * geometry.kernel()[1] <= LARGEST_TILE && IntStream.range(0, 2).allMatch(i ->
                geometry.kernel()[i] == geometry.stride()[i] && geometry.before()[i] == 0 && geometry.dilation()[i] == 0
                        && geometry.output()[i] * geometry.stride()[i] <= geometry.input()[i]);
    }

    /** For n images whose windows fit. */
    public TilePooling(long n, long channels, KernelGeometry geometry) {
        this.channels = Math.toIntExact(channels);
        tileRows = (int) geometry.kernel()[0];
        tileColumns = (int) geometry.kernel()[1];
        rowsIn = (int) geometry.input()[0];
        rowsOut = (int) geometry.output()[0];
        rowIn = Math.toIntExact(geometry.input()[1] * channels);
        rowOut = Math.toIntExact(geometry.output()[1] * channels);
        rowTiled = rowOut * tileColumns;
        rows = Math.toIntExact(n * rowsOut);
        numbersIn = n * rowsIn * rowIn;
    }

    @Override
    public void forward(Region input, Region output) {
        FloatBuffer x = input.floats(numbersIn);
        FloatBuffer y = output.floats((long) rows * rowOut);
        eachRow((own, row) -> {
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
    public void backward(Region input, Region gradient, Region inputGradient) {
        IntBuffer x = input.bits(numbersIn);
        IntBuffer dy = gradient.bits((long) rows * rowOut);
        IntBuffer dx = inputGradient.bits(numbersIn);
        if (rowTiled != rowIn || rowsOut * tileRows != rowsIn) {   // no tile covers the last rows or columns
            Pointer.memset(inputGradient.pointer(), 0, inputGradient.bytes());
        }
        int places = tileRows * tileColumns;
        eachRow((own, row) -> {
            for (int i = 0; i < tileRows; i++) {
                x.get(firstInput(row) + i * rowIn, own.line, 0, rowTiled);
                for (int j = 0; j < tileColumns; j++) pick(own.line, j, own.places[i * tileColumns + j]);
            }
            Arrays.fill(own.largest, Integer.MIN_VALUE);
            for (int[] place : own.places) order(place, own.largest, rowOut);
            dy.get(row * rowOut, own.left, 0, rowOut);
            for (int i = 0; i < places - 1; i++) share(own.places[i], own.largest, own.left, rowOut);
            System.arraycopy(own.left, 0, own.places[places - 1], 0, rowOut);   // some place is the maximum
            for (int i = 0; i < tileRows; i++) {
                for (int j = 0; j < tileColumns; j++) put(own.places[i * tileColumns + j], j, own.line);
                dx.put(firstInput(row) + i * rowIn, own.line, 0, rowTiled);
            }
        });
    }

    /** Handles each row of the output, with arrays of the worker. */
    private void eachRow(ObjIntConsumer<Scratch> handler) {
        Workers.ranges(rows, numbersIn, (from, end, worker) -> {
            if (scratch[worker] == null) scratch[worker] = new Scratch();
            for (int row = from; row < end; row++) handler.accept(scratch[worker], row);
        });
    }

    /** Index of the first input number under the tiles of an output row. */
    private int firstInput(int row) {
        return (row / rowsOut * rowsIn + row % rowsOut * tileRows) * rowIn;
    }

    /** Copies what the tiles have in one of their columns out of a row. */
    private void pick(Object row, int column, Object into) {
        for (int from = column * channels, to = 0; to < rowOut; from += tileColumns * channels, to += channels) {
            System.arraycopy(row, from, into, to, channels);
        }
    }

    /** Copies it back into the row. */
    private void put(int[] numbers, int column, int[] row) {
        for (int to = column * channels, from = 0; from < rowOut; to += tileColumns * channels, from += channels) {
            System.arraycopy(numbers, from, row, to, channels);
        }
    }

    private static void maximum(float[] numbers, float[] greatest, int count) {
        for (int i = 0; i < count; i++) greatest[i] = Math.max(greatest[i], numbers[i]);
    }

    /** Turns the bits of floats into integers of the same order, with both zeros equal, and updates the largest. */
    private static void order(int[] bits, int[] largest, int count) {
        for (int i = 0; i < count; i++) {
            int sign = bits[i] >> 31;
            bits[i] = (bits[i] ^ sign >>> 1) - sign;
            largest[i] = Math.max(largest[i], bits[i]);
        }
    }

    /** Gives a place what is left of the gradient where it is the maximum, otherwise 0. Bit masks, no branches. */
    private static void share(int[] place, int[] largest, int[] left, int count) {
        for (int i = 0; i < count; i++) {
            int difference = place[i] ^ largest[i];
            int differs = (difference | -difference) >> 31;
            place[i] = left[i] & ~differs;
            left[i] &= differs;
        }
    }

    /** One worker's arrays. */
    private final class Scratch {
        final float[] greatest = new float[rowTiled];
        final float[] other = new float[rowTiled];
        final float[] best = new float[rowOut];
        final int[] line = new int[rowTiled];
        final int[][] places = new int[tileRows * tileColumns][rowOut];
        final int[] largest = new int[rowOut];
        final int[] left = new int[rowOut];
    }
}
