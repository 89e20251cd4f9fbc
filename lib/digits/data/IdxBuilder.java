package digits.data;

import digits.data.IdxFile.Kind;
import digits.files.Sha256;
import java.io.Closeable;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * Collects images or labels as an IDX file has them, whatever format they come from: the first ones are kept, all are
 * counted, and all are in the checksum, which is that of the unpacked IDX file with the same content.
 */
final class IdxBuilder implements Closeable {
    private final Path file;
    private final Kind kind;
    private final int announced;
    private final boolean transposed;
    private final Pixels kept;
    private final Sha256 sum = new Sha256();
    private long bytes;

    /**
     * Begins a collection.
     *
     * @param file       where they come from
     * @param announced  how many there will be; if it turns out wrong, there is no checksum
     * @param keep       how many are kept
     * @param transposed whether the rows and columns of the images are swapped
     */
    IdxBuilder(Path file, Kind kind, int announced, int keep, boolean transposed) {
        this.file = file;
        this.kind = kind;
        this.announced = announced;
        this.transposed = transposed && kind == Kind.IMAGES;
        kept = Pixels.of((long) keep * kind.bytesEach);
        sum.add(kind.header(announced));
    }

    /** Adds the first {@code length} of these bytes: whole images, or the end of the file; may change them. */
    void add(byte[] more, int length) {
        sum.add(length == more.length ? more : Arrays.copyOf(more, length));
        if (transposed) transpose(more, length);
        kept.add(more, (int) Math.min(length, kept.room()));
        bytes += length;
    }

    /** Swaps rows and columns of each whole image, in place. */
    private static void transpose(byte[] images, int bytes) {
        int side = IdxFile.SIDE;
        for (int image = 0; image + side * side <= bytes; image += side * side) {
            for (int row = 0; row < side; row++) {
                for (int column = 0; column < row; column++) {
                    int here = image + row * side + column;
                    int there = image + column * side + row;
                    byte moved = images[here];
                    images[here] = images[there];
                    images[there] = moved;
                }
            }
        }
    }

    /** Everything collected, as if read from an IDX file; this collection is over. */
    IdxFile done() {
        int count = (int) (bytes / kind.bytesEach);
        return new IdxFile(file, count, kept.done(), count == announced ? sum.hex() : "", "");
    }

    @Override
    public void close() {
        kept.close();
    }
}
