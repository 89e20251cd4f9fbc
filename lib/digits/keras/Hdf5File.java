package digits.keras;

import static digits.keras.KerasFileException.damaged;
import static digits.keras.KerasFileException.refused;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/**
 * An HDF5 file in memory, as far as Keras uses the format: groups of both generations with their links in one tree or
 * in the header, attributes in the header, data in one piece. Follows the HDF5 File Format Specification, version 3.0.
 *
 * <p>The file is not trusted. No byte beyond its end is read, nothing is allocated by a number in the file before the
 * bytes for it are there, and reading stops when the file leads over the same bytes again and again. So time and memory
 * are bounded by the file's size.
 *
 * <p>A general library such as jhdf 0.13 has no such limits: a group of 2,552 bytes kept it busy for 94 seconds until
 * a heap of 1 GB was full. See {@code HostileKerasTest.aTreeThatDoublesIsRefused}.
 */
final class Hdf5File {
    /** The address of something that does not exist. */
    static final long UNDEFINED = -1;
    private static final byte[] SIGNATURE = {(byte) 0x89, 'H', 'D', 'F', '\r', '\n', 0x1a, '\n'};
    private static final long TIMES_READ = 4;    // an intact file takes a little more than 1
    private static final long EACH_VISIT = 64;   // for what Java itself needs

    private final ByteBuffer bytes;
    private final Map<Long, Hdf5Object> objects = new HashMap<>();
    private long budget;
    private long heapAddress = UNDEFINED;
    private Map<Integer, ByteBuffer> heap = Map.of();

    private Hdf5File(byte[] content) {
        bytes = ByteBuffer.wrap(content).asReadOnlyBuffer().order(ByteOrder.LITTLE_ENDIAN);
        budget = TIMES_READ * content.length + 4096;
    }

    /** The root group of a file with this content; a {@link KerasFileException} if it is not an HDF5 file. */
    static Hdf5Object open(byte[] content) {
        Hdf5File file = new Hdf5File(content);
        return file.object(file.rootAddress());
    }

    /** Specification II.A: the superblock. */
    private long rootAddress() {
        if (bytes.capacity() < 96 || bytes.mismatch(ByteBuffer.wrap(SIGNATURE)) < SIGNATURE.length) {
            throw refused("not an HDF5 file; save the whole model with Keras: model.save(\"name.keras\")");
        }
        int version = bytes.get(8);
        if (version < 0 || version > 3) throw damaged("its HDF5 superblock has the unknown version " + version);
        boolean old = version < 2;
        if (bytes.getShort(old ? 13 : 9) != 0x0808) throw refused("its HDF5 addresses do not have 8 bytes");
        int base = old ? 24 + 4 * version : 12;
        if (bytes.getLong(base) != 0) throw refused("there is other content before its HDF5 part; remove it");
        long end = bytes.getLong(base + 16);
        if (end < 0 || end > bytes.capacity()) {
            throw damaged("it is cut short: it should have " + end + " bytes and has " + bytes.capacity());
        }
        return bytes.getLong(base + (old ? 40 : 24));
    }

    /** The object whose header is at this address. */
    Hdf5Object object(long address) {
        return objects.computeIfAbsent(address, at -> new Hdf5Object(this, at));
    }

    /** A view of {@code size} bytes from an address. */
    ByteBuffer at(long address, long size) {
        if (address < 0 || size < 0 || size > bytes.capacity() || address > bytes.capacity() - size) {
            throw damaged("it refers to " + size + " bytes at " + address + ", beyond its end");
        }
        spend(size);
        return bytes.slice((int) address, (int) size).order(ByteOrder.LITTLE_ENDIAN);
    }

    /** Counts the bytes that are read, so that a file cannot lead its reader in circles. */
    void spend(long size) {
        budget -= size + EACH_VISIT;
        if (budget < 0) throw damaged("it refers to the same bytes over and over");
    }

    /** A view of the next {@code size} bytes; the position moves behind them. */
    static ByteBuffer next(ByteBuffer from, long size) {
        if (size < 0 || size > from.remaining()) throw new BufferUnderflowException();
        ByteBuffer part = from.slice(from.position(), (int) size).order(ByteOrder.LITTLE_ENDIAN);
        from.position(from.position() + (int) size);
        return part;
    }

    /** The next number without a sign, of 1, 2, 4 or 8 bytes. */
    static long unsigned(ByteBuffer from, int size) {
        return switch (size) {
            case 1 -> Byte.toUnsignedLong(from.get());
            case 2 -> Short.toUnsignedLong(from.getShort());
            case 4 -> Integer.toUnsignedLong(from.getInt());
            default -> from.getLong();
        };
    }

    /** Makes sure that a structure begins with its four letters. */
    static void expect(ByteBuffer structure, String letters) {
        if (!next(structure, 4).equals(StandardCharsets.US_ASCII.encode(letters))) {
            throw damaged("there is no \"" + letters + "\" where one must be");
        }
    }

    /**
     * Specification III.E: an object in a global heap, where texts of any length are. Only the latest heap is kept;
     * heaps may overlap, and together they would take far more memory than the file has bytes.
     */
    ByteBuffer heapObject(long address, int index) {
        if (address != heapAddress) {
            heap = readHeap(address);
            heapAddress = address;
        }
        ByteBuffer found = heap.get(index);
        if (found == null) throw damaged("a text is missing from its heap");
        spend(found.capacity());
        return found.duplicate();
    }

    private Map<Integer, ByteBuffer> readHeap(long address) {
        ByteBuffer start = at(address, 16);
        expect(start, "GCOL");
        ByteBuffer all = at(address, start.getLong(8));
        all.position(16);
        Map<Integer, ByteBuffer> found = new HashMap<>();
        while (all.remaining() >= 16) {
            int index = (int) unsigned(all, 2);
            all.position(all.position() + 6);
            long size = all.getLong();
            if (index == 0) break;   // the rest is free
            spend(0);
            found.put(index, next(all, size));
            all.position(Math.min(all.limit(), (all.position() + 7) & ~7));
        }
        return found;
    }
}
