package digits.data;

import digits.image.Grid;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.function.UnaryOperator;
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
    private static final List<String> DIGITS = List.of("0", "1", "2", "3", "4", "5", "6", "7", "8", "9");
    /** A label is kept in one byte. */
    private static final int MOST_CLASSES = 128;

    private final byte[] pixels;   // all images behind one another, row by row
    private final byte[] labels;
    private final int rows;
    private final int columns;
    private final List<String> names;
    private final int[] order;     // position here -> position in the arrays

    private LabeledImages(byte[] pixels, byte[] labels, int rows, int columns, List<String> names, int[] order) {
        this.pixels = pixels;
        this.labels = labels;
        this.rows = rows;
        this.columns = columns;
        this.names = names;
        this.order = order;
    }

    /** Images of the ten digits over these arrays: {@link #of(byte[], byte[], int, int, List)} with the names 0 to 9. */
    public static LabeledImages of(byte[] pixels, byte[] labels, int rows, int columns) {
        return of(pixels, labels, rows, columns, DIGITS);
    }

    /**
     * Images over these arrays, which are not copied and must not be changed afterwards.
     *
     * @param pixels  image after image, each row by row, unsigned
     * @param labels  one an image, from 0
     * @param names   what each label means, 1 to 128 names: as many as there are classes
     * @throws IllegalArgumentException if the sizes do not fit each other or a label has no name
     */
    public static LabeledImages of(byte[] pixels, byte[] labels, int rows, int columns, List<String> names) {
        if (names.isEmpty() || names.size() > MOST_CLASSES) {
            throw new IllegalArgumentException(names.size() + " classes; there have to be 1 to " + MOST_CLASSES);
        }
        if (rows < 1 || columns < 1) throw new IllegalArgumentException("images of " + rows + "×" + columns + " pixels");
        if (pixels.length != (long) labels.length * rows * columns) {
            throw new IllegalArgumentException("%d labels need %d pixels of %d×%d images, not %d".formatted(
                    labels.length, (long) labels.length * rows * columns, rows, columns, pixels.length));
        }
        for (int i = 0; i < labels.length; i++) {
            if (labels[i] < 0 || labels[i] >= names.size()) {
                throw new IllegalArgumentException("label " + (labels[i] & 0xff) + " of image " + i + " is not one of 0 to "
                        + (names.size() - 1));
            }
        }
        return new LabeledImages(pixels, labels, rows, columns, List.copyOf(names), IntStream.range(0, labels.length).toArray());
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

    /** How many classes the labels tell apart: 10 for digits. A network's last layer has one output for each. */
    public int classes() {
        return names.size();
    }

    /** What each label means, as a person calls it: «0» to «9» for digits, «Sneaker» for a shoe. */
    public List<String> names() {
        return names;
    }

    /** The class of image {@code i}, from 0: for digits, the digit that it shows. */
    public int label(int i) {
        return labels[order[Objects.checkIndex(i, size())]];
    }

    /** The name of image {@code i}'s class. */
    public String name(int i) {
        return names.get(label(i));
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
    public ByteBuffer bytes(int i) {
        return ByteBuffer.wrap(pixels, start(i), rows * columns).asReadOnlyBuffer();
    }

    /** How often each label occurs: one count a class. */
    public int[] labelCounts() {
        int[] counts = new int[classes()];
        for (int position : order) counts[labels[position]]++;
        return counts;
    }

    /** The images at these positions, in this order, over the same bytes. */
    public LabeledImages subset(int... positions) {
        return new LabeledImages(pixels, labels, rows, columns, names,
                IntStream.of(positions).map(p -> order[Objects.checkIndex(p, size())]).toArray());
    }

    /** The first {@code n} images, or all if there are fewer. */
    public LabeledImages take(int n) {
        if (n < 0) throw new IllegalArgumentException("the first " + n + " images; it has to be 0 or more");
        if (n >= size()) return this;
        return new LabeledImages(pixels, labels, rows, columns, names, Arrays.copyOf(order, n));
    }

    /** Image {@code i} as numbers from 0 (background) to 1 (ink). */
    public Grid grid(int i) {
        float[] values = new float[rows * columns];
        for (int p = 0; p < values.length; p++) values[p] = (pixels[start(i) + p] & 0xff) / 255f;
        return Grid.of(rows, columns, values);
    }

    /** The same labels with each image replaced; numbers from 0 to 1 are rounded to bytes. */
    public LabeledImages map(UnaryOperator<Grid> change) {
        List<Grid> changed = IntStream.range(0, size()).mapToObj(i -> change.apply(grid(i))).toList();
        int height = size() == 0 ? rows : changed.get(0).rows();
        int width = size() == 0 ? columns : changed.get(0).columns();
        byte[] bytes = new byte[size() * height * width];
        byte[] kept = new byte[size()];
        for (int i = 0; i < size(); i++) {
            float[] values = changed.get(i).values();
            for (int p = 0; p < values.length; p++) bytes[i * values.length + p] = (byte) Math.round(255 * values[p]);
            kept[i] = (byte) label(i);
        }
        return of(bytes, kept, height, width, names);
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
