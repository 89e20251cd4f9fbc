package digits.keras;

import static digits.keras.KerasFileException.damaged;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/**
 * An HDF5 file in memory, as far as Keras uses the format: groups of both generations with their links in one tree or in
 * the header, attributes in the header, data in one piece. Follows the HDF5 File Format Specification, version 3.0.
 *
 * <p>The file is not trusted. No byte beyond its end is read, nothing is allocated by a number in the file before the bytes
 * for it are there, and reading stops when the file leads over the same bytes again and again. So time and memory are
 * bounded by the file's size.
 *
 * <p>jhdf 0.13, which writes our files, was tried as a reader too. It refused every truncated and every altered file, but a
 * group of 2,552 bytes, whose tree has 24 levels of two references to the same next node, kept it busy for 94 seconds
 * until a heap of 1 GB was full. It has no limit to set; its storage in memory cannot count what is read, and its storage
 * on a channel allocates whatever size the file names. {@code HostileKerasTest.aTreeThatDoublesIsRefused} is that case.
 */
final class Hdf5File {
    /** The address of something that does not exist. */
    static final long UNDEFINED = -1;
    private static final byte[] SIGNATURE = {(byte) 0x89, 'H', 'D', 'F', '\r', '\n', 0x1a, '\n'};
    /** An intact file is read about once; headers, heaps and names cost a little more. */
    private static final long TIMES_READ = 4;
    private static final long EACH_VISIT = 64;   // about what an object takes in Java's memory for each visit

    private final ByteBuffer bytes;
    private final Map<Long, Hdf5Object> objects = new HashMap<>();
    private long budget;
    private long heapAddress = UNDEFINED;
    private Map<Integer, ByteBuffer> heap = Map.of();

    private Hdf5File(byte[] content) {
        bytes = ByteBuffer.wrap(content).asReadOnlyBuffer().order(ByteOrder.LITTLE_ENDIAN);
        budget = TIMES_READ * content.length + 4096;
    }

    /**
     * Opens a file with this content.
     *
     * @return its root group
     * @throws KerasFileException if it is not an HDF5 file
     */
    static Hdf5Object open(byte[] content) {
        Hdf5File file = new Hdf5File(content);
        return file.object(file.rootAddress());
    }

    /** Specification II.A: the superblock. */
    private long rootAddress() {
        if (bytes.capacity() < 96 || bytes.mismatch(ByteBuffer.wrap(SIGNATURE)) < SIGNATURE.length) {
            throw new KerasFileException("not an HDF5 file; save the whole model with Keras: model.save(\"name.keras\")");
        }
        ByteBuffer block = at(8, 88);
        int version = block.get();
        boolean old = version == 0 || version == 1;
        if (!old && version != 2 && version != 3) throw damaged("its HDF5 superblock has the unknown version " + version);
        if (old) block.position(block.position() + 4);
        int offsets = block.get();
        int lengths = block.get();
        if (offsets != 8 || lengths != 8) {
            throw new KerasFileException("its HDF5 addresses have " + offsets + " and " + lengths + " bytes; only 8 can be read");
        }
        block.position(block.position() + (old ? 9 + 4 * version : 1));
        if (block.getLong() != 0) throw new KerasFileException("there is other content before its HDF5 part; remove it");
        block.getLong();
        long end = block.getLong();
        if (end < 0 || end > bytes.capacity()) {
            throw damaged("it is cut short: it should have " + end + " bytes and has " + bytes.capacity());
        }
        if (old) block.position(block.position() + 16);
        return block.getLong();
    }

    /** The object whose header is at this address. */
    Hdf5Object object(long address) {
        Hdf5Object known = objects.get(address);
        if (known == null) {
            known = new Hdf5Object(this, address);
            objects.put(address, known);
        }
        return known;
    }

    /** A view of {@code size} bytes from an address. */
    ByteBuffer at(long address, long size) {
        if (address < 0 || size < 0 || size > bytes.capacity() || address > bytes.capacity() - size) {
            throw damaged("it refers to " + size + " bytes at " + address + ", beyond its end");
        }
        spend(size);
        return slice(bytes, (int) address, (int) size);
    }

    /** Counts the bytes that are read, so that a file cannot lead its reader in circles. */
    void spend(long size) {
        budget -= size + EACH_VISIT;
        if (budget < 0) throw damaged("it refers to the same bytes over and over");
    }

    /** A view of the next {@code size} bytes; the position moves behind them. */
    static ByteBuffer next(ByteBuffer from, long size) {
        if (size < 0 || size > from.remaining()) throw new BufferUnderflowException();
        ByteBuffer part = slice(from, from.position(), (int) size);
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

    private static ByteBuffer slice(ByteBuffer from, int position, int size) {
        return from.slice(position, size).order(ByteOrder.LITTLE_ENDIAN);
    }

    /** Makes sure that a structure begins with its four letters. */
    static void expect(ByteBuffer structure, String letters) {
        byte[] found = new byte[4];
        structure.get(found);
        if (!new String(found, StandardCharsets.ISO_8859_1).equals(letters)) throw damaged("there is no \"" + letters + "\" where one must be");
    }

    /**
     * Specification III.E: an object in a global heap, where texts of any length are. Only the latest heap is kept: heaps
     * may overlap, and then all of them together take far more memory than the file has bytes.
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
            found.put(index, next(all, size));
            all.position(Math.min(all.limit(), (all.position() + 7) & ~7));
        }
        return found;
    }
}
