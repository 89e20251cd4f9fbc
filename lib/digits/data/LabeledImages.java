package digits.data;

import digits.Text;
import digits.files.Sha256;
import digits.image.Grid;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Grayscale images with one label each, in a fixed order; immutable. Pixels are unsigned bytes from 0 (background) to
 * 255 (ink), as in the file: 47 MB for all of MNIST. Sets of more than 64 MiB lie outside Java's heap, in a mapped
 * file. A {@link #subset subset} is a view of the same bytes.
 */
public final class LabeledImages {
    static final List<String> DIGITS = List.of("0", "1", "2", "3", "4", "5", "6", "7", "8", "9");
    private static final int MOST_CLASSES = 128;   // a label is kept in one byte

    private final ByteBuffer pixels;   // one image after another, row by row; only read by index: it has no position
    private final byte[] labels;
    private final int rows;
    private final int columns;
    private final List<String> names;
    private final int[] order;     // position here -> position in the arrays

    private LabeledImages(ByteBuffer pixels, byte[] labels, int rows, int columns, List<String> names, int[] order) {
        this.pixels = pixels;
        this.labels = labels;
        this.rows = rows;
        this.columns = columns;
        this.names = names;
        this.order = order;
    }

    /** {@link #of(byte[], byte[], int, int, List)} with the names 0 to 9. */
    public static LabeledImages of(byte[] pixels, byte[] labels, int rows, int columns) {
        return of(pixels, labels, rows, columns, DIGITS);
    }

    /**
     * Images over these arrays, which are not copied and must not be changed afterwards.
     *
     * @param pixels  image after image, each row by row, unsigned
     * @param labels  one per image, from 0
     * @param names   what each label means: one name per class, 1 to 128
     * @throws IllegalArgumentException if the sizes do not fit each other or a label has no name
     */
    public static LabeledImages of(byte[] pixels, byte[] labels, int rows, int columns, List<String> names) {
        return of(ByteBuffer.wrap(pixels), labels, rows, columns, names);
    }

    /** The same over a buffer, of which all bytes up to its limit are pixels. */
    static LabeledImages of(ByteBuffer pixels, byte[] labels, int rows, int columns, List<String> names) {
        if (names.isEmpty() || names.size() > MOST_CLASSES) {
            throw new IllegalArgumentException(names.size() + " classes; there have to be 1 to " + MOST_CLASSES);
        }
        if (rows < 1 || columns < 1 || pixels.limit() != (long) labels.length * rows * columns) {
            throw new IllegalArgumentException("%d labels need %d pixels of %d×%d images, not %d".formatted(
                    labels.length, (long) labels.length * rows * columns, rows, columns, pixels.limit()));
        }
        for (int i = 0; i < labels.length; i++) {
            if (labels[i] < 0 || labels[i] >= names.size()) {
                throw new IllegalArgumentException("label " + (labels[i] & 0xff) + " of image " + i
                        + " is not one of 0 to " + (names.size() - 1));
            }
        }
        return new LabeledImages(pixels, labels, rows, columns, List.copyOf(names),
                IntStream.range(0, labels.length).toArray());
    }

    public int size() {
        return order.length;
    }

    public int rows() {
        return rows;
    }

    public int columns() {
        return columns;
    }

    /** The shape as NumPy and Keras print it, for example {@code (60000, 28, 28)}. */
    public String shapeText() {
        return "(" + size() + ", " + rows + ", " + columns + ")";
    }

    /** How many classes the labels distinguish: 10 for digits. A network's last layer has one output per class. */
    public int classes() {
        return names.size();
    }

    /** What each label means: “0” to “9” for digits, “Sneaker” for a shoe. */
    public List<String> names() {
        return names;
    }

    /** SHA-256 of size, class names, pixels and labels, in their order. */
    public String sha256() {
        Sha256 sum = new Sha256().add((shapeText() + names).getBytes(StandardCharsets.UTF_8));
        byte[] image = new byte[rows * columns + 1];
        for (int i = 0; i < size(); i++) {
            bytes(i).get(image, 0, image.length - 1);
            image[image.length - 1] = (byte) label(i);
            sum.add(image);
        }
        return sum.hex();
    }

    /** The class of image {@code i}, from 0; for digits, the digit that it shows. */
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
        return pixels.get(start(i) + row * columns + column) & 0xff;
    }

    /** The position of image {@code i} in the loaded set: two subsets share an image if they share this. */
    public int origin(int i) {
        return order[Objects.checkIndex(i, size())];
    }

    /** Whether both are subsets of one loaded set, so that their origins can be compared. */
    boolean sameOriginAs(LabeledImages other) {
        return pixels == other.pixels;
    }

    /** The pixels of image {@code i}, row by row; equal to another image's if all pixels are. */
    public ByteBuffer bytes(int i) {
        return pixels.slice(start(i), rows * columns).asReadOnlyBuffer();
    }

    /** How often each label occurs: one count per class. */
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

    /**
     * This number of different images, drawn at random; the same seed draws the same ones, and the first ones of more.
     *
     * @throws IllegalArgumentException unless there are {@code n} images
     */
    public LabeledImages drawn(int n, long seed) {
        if (n < 0 || n > size()) {
            throw new IllegalArgumentException("%,d of %,d images cannot be drawn".formatted(n, size()));
        }
        return subset(Shuffle.order(size(), seed)).take(n);
    }

    /**
     * The same images with other labels, in a new set whose origins count anew.
     *
     * @param labels one per image; IllegalArgumentException if there are more or fewer, or one has no name
     */
    public LabeledImages labeled(int... labels) {
        if (labels.length != size()) {
            throw new IllegalArgumentException(labels.length + " labels for " + size() + " images");
        }
        byte[] image = new byte[rows * columns];
        byte[] kept = new byte[size()];
        try (Pixels all = Pixels.of(Math.multiplyExact(size(), image.length))) {
            for (int i = 0; i < kept.length; i++) {
                bytes(i).get(image);
                all.add(image, image.length);
                kept[i] = (byte) Math.max(-1, Math.min(MOST_CLASSES - 1, labels[i]));
            }
            return of(all.done(), kept, rows, columns, names);
        }
    }

    /**
     * These images followed by others, in a new set whose origins count anew.
     *
     * @throws IllegalArgumentException if the others have another size or other classes
     */
    public LabeledImages and(LabeledImages others) {
        if (others.rows != rows || others.columns != columns || !others.names.equals(names)) {
            throw new IllegalArgumentException("images of " + others.rows + "×" + others.columns + " in "
                    + others.classes() + " classes cannot follow images of " + rows + "×" + columns + " in "
                    + classes() + " classes, or the classes have other names");
        }
        byte[] image = new byte[rows * columns];
        byte[] both = new byte[Math.addExact(size(), others.size())];
        try (Pixels all = Pixels.of((long) both.length * image.length)) {
            for (int i = 0; i < both.length; i++) {
                LabeledImages from = i < size() ? this : others;
                int position = i < size() ? i : i - size();
                from.bytes(position).get(image);
                all.add(image, image.length);
                both[i] = (byte) from.label(position);
            }
            return of(all.done(), both, rows, columns, names);
        }
    }

    /** Image {@code i} as numbers from 0 (background) to 1 (ink). */
    public Grid grid(int i) {
        float[] values = new float[rows * columns];
        copyPixels(i, i + 1, values);
        for (int p = 0; p < values.length; p++) values[p] /= 255f;
        return Grid.of(rows, columns, values);
    }

    /**
     * The same labels with each image replaced, such as {@code images.map(image -> Ink.redrawn(image, 200))}: by
     * numbers from 0 to 1, which are rounded to bytes, all of one size.
     */
    public LabeledImages map(UnaryOperator<Grid> change) {
        if (size() == 0) return this;
        byte[] kept = new byte[size()];
        Grid first = change.apply(grid(0));
        int each = first.rows() * first.columns();
        byte[] changed = new byte[each];
        try (Pixels all = Pixels.of(Math.multiplyExact(size(), each))) {
            for (int i = 0; i < size(); i++) {
                Grid grid = i == 0 ? first : change.apply(grid(i));
                if (grid.rows() != first.rows() || grid.columns() != first.columns()) {
                    throw new IllegalArgumentException("image " + i + " becomes larger or smaller than the first one");
                }
                float[] values = grid.values();
                for (int p = 0; p < each; p++) {
                    changed[p] = (byte) Math.round(255 * Math.max(0, Math.min(1, values[p])));
                }
                all.add(changed, each);
                kept[i] = (byte) label(i);
            }
            return of(all.done(), kept, first.rows(), first.columns(), names);
        }
    }

    /** The pixels as they are: an array of unsigned bytes (ND4J's {@code UINT8}) of shape [size, rows, columns]. */
    public INDArray toArray() {
        INDArray array = Nd4j.createUninitialized(DataType.UINT8, new long[] {size(), rows, columns}, 'c');
        ByteBuffer all = array.data().pointer().asByteBuffer();
        byte[] image = new byte[rows * columns];
        for (int i = 0; i < size(); i++) {
            pixels.get(start(i), image);
            all.put(image);
        }
        return array;
    }

    /** Copies images {@code from} to {@code to} (exclusive) as numbers 0 to 255, row by row, into {@code target}. */
    void copyPixels(int from, int to, float[] target) {
        byte[] image = new byte[rows * columns];
        int at = 0;
        for (int i = from; i < to; i++) {
            pixels.get(start(i), image);
            for (byte pixel : image) target[at++] = pixel & 0xff;
        }
    }

    private int start(int i) {
        return order[Objects.checkIndex(i, size())] * rows * columns;
    }

    @Override
    public String toString() {
        return Text.whole(size()) + " images of " + rows + "×" + columns;
    }
}
