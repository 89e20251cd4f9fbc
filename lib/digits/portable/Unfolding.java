package digits.portable;

import digits.engine.KernelGeometry;
import digits.engine.NoCodeException;
import digits.engine.Workers;
import java.nio.FloatBuffer;
import java.util.Arrays;

/**
 * Images unfolded into matrices, so that a convolution is a product: each row holds what lies under the kernel at one
 * pixel of the output. If possible, only one row of the kernel is unfolded at a time; the product for the next row of
 * the kernel reads the same matrix some lines further down, and the matrix has not kh times the numbers that it needs
 * otherwise.
 */
final class Unfolding {
    private static final int DEEP = 32;   // numbers per pixel for which a product is fast

    /** Products per image, each of {@link #depth} numbers per pixel. */
    final int products;
    final int depth;
    /** Numbers from the first line of one product to that of the next. */
    final int step;
    /** Numbers of an unfolded image. */
    final int size;

    private final int in;
    private final int height;
    private final int width;
    private final int columns;        // of the output
    private final int kernelRows;     // in a line
    private final int kernelColumns;
    private final int lines;          // per image: rows of the output, or of the input with its padding
    private final int length;         // numbers of a line
    private final int lineStride;     // rows of the input from line to line
    private final int columnStride;
    private final int rowDilation;    // 1 for a plain kernel
    private final int columnDilation;
    private final int top;
    private final int left;
    private final int padded;         // numbers of an input row with its padding
    private final Scratch[] scratch = new Scratch[Workers.count()];

    /** For images with this many channels. */
    Unfolding(int in, KernelGeometry geometry) {
        this.in = in;
        height = (int) geometry.input()[0];
        width = (int) geometry.input()[1];
        columns = (int) geometry.output()[1];
        kernelColumns = (int) geometry.kernel()[1];
        columnStride = (int) geometry.stride()[1];
        rowDilation = (int) geometry.dilation()[0] + 1;
        columnDilation = (int) geometry.dilation()[1] + 1;
        top = (int) geometry.before()[0];
        left = (int) geometry.before()[1];
        int kernelHeight = (int) geometry.kernel()[0];
        int rows = (int) geometry.output()[0];
        boolean single = geometry.stride()[0] == 1 && kernelColumns * in >= DEEP;
        kernelRows = single ? 1 : kernelHeight;
        products = single ? kernelHeight : 1;
        lineStride = single ? 1 : (int) geometry.stride()[0];
        lines = single ? rows + (kernelHeight - 1) * rowDilation : rows;
        depth = kernelRows * kernelColumns * in;
        length = columns * depth;
        step = rowDilation * length;
        if ((long) lines * columns * depth > Integer.MAX_VALUE / Float.BYTES) {
            throw new NoCodeException("an unfolded image has " + (long) lines * columns * depth + " numbers");
        }
        size = lines * length;
        padded = Math.max(left + width, (columns - 1) * columnStride + (kernelColumns - 1) * columnDilation + 1) * in;
    }

    /** Copies what the kernel meets at each pixel of an image. */
    void unfold(FloatBuffer images, int image, FloatBuffer matrix, int worker) {
        Scratch own = scratch(worker);
        for (int line = 0; line < lines; line++) {
            for (int i = 0; i < kernelRows; i++) {
                int y = line * lineStride + i * rowDilation - top;
                boolean inside = y >= 0 && y < height;
                if (inside) images.get((image * height + y) * width * in, own.row, left * in, width * in);
                spread(inside ? own.row : own.zeros, own.line, i * kernelColumns * in);
            }
            matrix.put(line * length, own.line, 0, length);
        }
    }

    /** Copies a row of the input into a line, from this place on. */
    private void spread(float[] row, float[] line, int to) {
        int run = columnDilation == 1 ? kernelColumns * in : in;
        for (int x = 0; x < columns; x++) {
            for (int j = 0; j < kernelColumns * in; j += run) {
                System.arraycopy(row, x * columnStride * in + j * columnDilation, line, to + x * depth + j, run);
            }
        }
    }

    /** Adds up, for each pixel of an image, all numbers of the matrix that come from it. */
    void fold(FloatBuffer matrix, FloatBuffer images, int image, int worker) {
        Scratch own = scratch(worker);
        if (own.image == null) own.image = new float[height * padded];
        Arrays.fill(own.image, 0);
        for (int line = 0; line < lines; line++) {
            matrix.get(line * length, own.line, 0, length);
            for (int i = 0; i < kernelRows; i++) {
                int y = line * lineStride + i * rowDilation - top;
                if (y >= 0 && y < height) gather(own.line, i * kernelColumns * in, own.image, y * padded);
            }
        }
        for (int y = 0; y < height; y++) {
            images.put((image * height + y) * width * in, own.image, y * padded + left * in, width * in);
        }
    }

    /** Adds a line, from this place on, to a row of the input. */
    private void gather(float[] line, int from, float[] image, int row) {
        int run = columnDilation == 1 ? kernelColumns * in : in;
        for (int x = 0; x < columns; x++) {
            for (int j = 0; j < kernelColumns * in; j += run) {
                add(line, from + x * depth + j, image, row + x * columnStride * in + j * columnDilation, run);
            }
        }
    }

    private static void add(float[] numbers, int from, float[] sums, int to, int count) {
        for (int i = 0; i < count; i++) sums[to + i] += numbers[from + i];
    }

    private Scratch scratch(int worker) {
        if (scratch[worker] == null) scratch[worker] = new Scratch();
        return scratch[worker];
    }

    /** One worker's arrays; the padding stays zero. */
    private final class Scratch {
        final float[] row = new float[padded];
        final float[] zeros = new float[padded];
        final float[] line = new float[length];
        float[] image;   // in training only
    }
}
