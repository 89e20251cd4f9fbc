package digits.data;

import digits.Text;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;

/**
 * Collects the pixels of a set of images, which may be larger than Java's heap: up to {@value #ON_HEAP} bytes stay on
 * the heap; more go to a temporary file, which is mapped into memory. The file loses its name as soon as it is open
 * (on Windows, when the process ends), and its space is free again when the images are garbage. Memory and disk are
 * taken as bytes arrive.
 */
final class Pixels implements Closeable {
    static final int ON_HEAP = 64 << 20;   // MNIST's training images take 47 MB
    private static final int FIRST = 1 << 16;

    private final long expected;
    private final FileChannel file;   // null: on the heap
    private byte[] heap = new byte[0];
    private long size;

    private Pixels(long expected, FileChannel file) {
        this.expected = expected;
        this.file = file;
    }

    /**
     * Begins a collection of this many bytes or fewer.
     *
     * @throws DataException if neither a disk nor the heap has room for them
     */
    static Pixels of(long expected) {
        return of(expected, ON_HEAP, List.of(DatasetFolders.cache(""), Path.of(System.getProperty("java.io.tmpdir"))));
    }

    static Pixels of(long expected, long onHeap, List<Path> folders) {
        if (expected <= onHeap) return new Pixels(expected, null);
        for (Path folder : folders) {
            try {
                Files.createDirectories(folder);
                if (Files.getFileStore(folder).getUsableSpace() < expected) continue;
                return new Pixels(expected, FileChannel.open(folder.resolve("pixels-" + UUID.randomUUID() + ".tmp"),
                        StandardOpenOption.CREATE_NEW, StandardOpenOption.READ, StandardOpenOption.WRITE,
                        StandardOpenOption.DELETE_ON_CLOSE));
            } catch (IOException unusable) {
                // the next one may do
            }
        }
        Runtime java = Runtime.getRuntime();
        long free = java.maxMemory() - java.totalMemory() + java.freeMemory();
        if (free / 3 > expected) return new Pixels(expected, null);   // growing needs up to twice as much
        throw noRoom(expected, "neither " + folders + " nor Java's heap has room for them", null);
    }

    private static DataException noRoom(long bytes, String why, Throwable cause) {
        return DataException.noRoom("The images need " + Text.whole((bytes + 999_999) / 1_000_000) + " MB, and "
                + why + ". Free some disk space, or load fewer images, as with DIGITS_LIMIT=60000.", cause);
    }

    /** How many bytes may still be added. */
    long room() {
        return expected - size;
    }

    /** Adds the first {@code length} of these bytes. */
    void add(byte[] bytes, int length) {
        if (length > room()) throw new IllegalStateException("more than the announced " + expected + " bytes");
        try {
            if (file == null) {
                if (size + length > heap.length) {
                    heap = Arrays.copyOf(heap, (int) Math.min(expected, Math.max(FIRST, 2 * (size + length))));
                }
                System.arraycopy(bytes, 0, heap, (int) size, length);
            } else {
                for (ByteBuffer left = ByteBuffer.wrap(bytes, 0, length); left.hasRemaining();) file.write(left);
            }
            size += length;
        } catch (IOException full) {
            throw noRoom(expected, "their temporary file cannot be written (" + DatasetLoader.reason(full) + ")", full);
        }
    }

    /** All bytes added, from index 0 to the buffer's limit; this collection is over. */
    ByteBuffer done() {
        try (this) {
            if (file != null) return file.map(FileChannel.MapMode.READ_ONLY, 0, size);
            return ByteBuffer.wrap(size == heap.length ? heap : Arrays.copyOf(heap, (int) size));
        } catch (IOException failed) {
            throw noRoom(expected, "their temporary file cannot be mapped (" + DatasetLoader.reason(failed) + ")",
                    failed);
        }
    }

    /** Gives the temporary file up; what {@link #done} returned stays. */
    @Override
    public void close() {
        try {
            if (file != null) file.close();
        } catch (IOException ignored) {
            // it has no name any more, and nothing is written to it
        }
    }
}
