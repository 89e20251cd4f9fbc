package digits.data;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Locale;
import java.util.Objects;
import java.util.stream.IntStream;

import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Greyscale images with one label each, in a fixed order; immutable.
 *
 * <p>Pixels stay what they are in the file, unsigned bytes from 0 (background) to 255 (ink): 47 MB for all of MNIST,
 * where floats would take 188. A {@link #subset subset} is a view on the same bytes with its own order.
 */
public final class LabeledImages {
    /** Labels are 0 to 9. */
    public static final int CLASSES = 10;

    private final byte[] pixels;   // all images behind one another, row by row
    private final byte[] labels;
    private final int rows;
    private final int columns;
    private final int[] order;     // position here -> position in the arrays

    private LabeledImages(byte[] pixels, byte[] labels, int rows, int columns, int[] order) {
        this.pixels = pixels;
        this.labels = labels;
        this.rows = rows;
        this.columns = columns;
        this.order = order;
    }

    /**
     * Images over these arrays, which are not copied and must not be changed afterwards.
     *
     * @param pixels  image after image, each row by row, unsigned
     * @param labels  one an image, 0 to 9
     * @throws IllegalArgumentException if the sizes do not fit each other or a label is above 9
     */
    public static LabeledImages of(byte[] pixels, byte[] labels, int rows, int columns) {
        if (rows < 1 || columns < 1) throw new IllegalArgumentException("images of " + rows + "×" + columns + " pixels");
        if (pixels.length != (long) labels.length * rows * columns) {
            throw new IllegalArgumentException("%d labels need %d pixels of %d×%d images, not %d".formatted(
                    labels.length, (long) labels.length * rows * columns, rows, columns, pixels.length));
        }
        for (int i = 0; i < labels.length; i++) {
            if (labels[i] < 0 || labels[i] >= CLASSES) {
                throw new IllegalArgumentException("label " + (labels[i] & 0xff) + " of image " + i + " is not one of 0 to 9");
            }
        }
        return new LabeledImages(pixels, labels, rows, columns, IntStream.range(0, labels.length).toArray());
    }

    /** How many images. */
    public int size() {
        return order.length;
    }

    public int rows() {
        return rows;
    }

    public int columns() {
        return columns;
    }

    /** {size, rows, columns}, for example {60000, 28, 28}. */
    public long[] shape() {
        return new long[] {size(), rows, columns};
    }

    /** The shape as NumPy and Keras print it, for example {@code (60000, 28, 28)}. */
    public String shapeText() {
        return "(" + size() + ", " + rows + ", " + columns + ")";
    }

    /** The digit that image {@code i} shows, 0 to 9. */
    public int label(int i) {
        return labels[order[Objects.checkIndex(i, size())]];
    }

    /** One pixel of image {@code i}, 0 (background) to 255 (ink); row 0 is the top. */
    public int pixel(int i, int row, int column) {
        Objects.checkIndex(row, rows);
        Objects.checkIndex(column, columns);
        return pixels[start(i) + row * columns + column] & 0xff;
    }

    /** The place of image {@code i} in the set it was first loaded into: two subsets share an image if they share this. */
    public int origin(int i) {
        return order[Objects.checkIndex(i, size())];
    }

    /** Whether both are subsets of one loaded set, so that {@link #origin} means the same in both. */
    boolean sameOriginAs(LabeledImages other) {
        return pixels == other.pixels;
    }

    /** The pixels of image {@code i}, row by row; equal to another image's, by {@code equals}, if all its pixels are. */
    ByteBuffer bytes(int i) {
        return ByteBuffer.wrap(pixels, start(i), rows * columns).asReadOnlyBuffer();
    }

    /** How often each label occurs: ten counts. */
    public int[] labelCounts() {
        int[] counts = new int[CLASSES];
        for (int position : order) counts[labels[position]]++;
        return counts;
    }

    /** The images at these positions, in this order, over the same bytes. */
    public LabeledImages subset(int... positions) {
        return new LabeledImages(pixels, labels, rows, columns,
                IntStream.of(positions).map(p -> order[Objects.checkIndex(p, size())]).toArray());
    }

    /** The first {@code n} images, or all if there are fewer. */
    public LabeledImages take(int n) {
        if (n < 0) throw new IllegalArgumentException("the first " + n + " images; it has to be 0 or more");
        if (n >= size()) return this;
        return new LabeledImages(pixels, labels, rows, columns, Arrays.copyOf(order, n));
    }

    /** The pixels as they are: an array of unsigned bytes (ND4J's {@code UINT8}) of shape [size, rows, columns]. */
    public INDArray toArray() {
        byte[] all = new byte[Math.multiplyExact(size(), rows * columns)];
        for (int i = 0; i < size(); i++) System.arraycopy(pixels, start(i), all, i * rows * columns, rows * columns);
        return Nd4j.createFromArray(all).castTo(DataType.UINT8).reshape(shape());
    }

    /** Copies images {@code from} to {@code to} (exclusive) as numbers 0 to 255, row by row, into {@code target}. */
    void copyPixels(int from, int to, float[] target) {
        int at = 0;
        for (int i = from; i < to; i++) {
            int start = start(i);
            for (int p = 0; p < rows * columns; p++) target[at++] = pixels[start + p] & 0xff;
        }
    }

    private int start(int i) {
        return order[Objects.checkIndex(i, size())] * rows * columns;
    }

    @Override
    public String toString() {
        return String.format(Locale.ROOT, "%,d images of %d×%d", size(), rows, columns);
    }
}
