package digits.keras;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/**
 * An HDF5 file in memory, as far as Keras uses the format: groups of both generations with their links in one tree or in the
 * header, attributes in the header, data in one piece. Written after the HDF5 File Format Specification, version 3.0.
 *
 * <p>It trusts nothing in the file. A library for all of HDF5 follows the file's addresses wherever they lead; this reader hands out
 * no byte beyond the file, allocates nothing by a number in the file before the bytes for it are there, and stops when it was
 * sent over the same bytes again and again. So time and memory are bounded by the file's size.
 */
final class Hdf5File {
    /** The address of what is not there. */
    static final long UNDEFINED = -1;
    private static final byte[] SIGNATURE = {(byte) 0x89, 'H', 'D', 'F', '\r', '\n', 0x1a, '\n'};
    /** A sound file is read about once; its headers, heaps and names come a little dearer. */
    private static final long TIMES_READ = 8;
    private static final long EACH_VISIT = 16;

    private final ByteBuffer bytes;
    private long budget;
    private final Map<Long, Hdf5Object> objects = new HashMap<>();
    private final Map<Long, Map<Integer, ByteBuffer>> heaps = new HashMap<>();
    private final long rootAddress;

    private Hdf5File(byte[] content) {
        bytes = ByteBuffer.wrap(content).asReadOnlyBuffer().order(ByteOrder.LITTLE_ENDIAN);
        budget = TIMES_READ * content.length + 4096;
        rootAddress = superblock();
    }

    /**
     * The root group of a file with this content.
     *
     * @throws KerasFileException if it is no such file
     */
    static Hdf5Object open(byte[] content) {
        Hdf5File file = new Hdf5File(content);
        return file.object(file.rootAddress);
    }

    /** Specification II.A: where the root group is. */
    private long superblock() {
        if (bytes.capacity() < 96 || bytes.mismatch(ByteBuffer.wrap(SIGNATURE)) < SIGNATURE.length) {
            throw new KerasFileException("it is no HDF5 file");
        }
        ByteBuffer block = at(8, 88);
        int version = block.get();
        boolean old = version == 0 || version == 1;
        if (!old && version != 2 && version != 3) throw new KerasFileException("its HDF5 superblock has the unknown version " + version);
        if (old) block.position(block.position() + 4);
        int offsets = block.get();
        int lengths = block.get();
        if (offsets != 8 || lengths != 8) throw new KerasFileException("its HDF5 addresses have " + offsets + " and " + lengths + " bytes, not 8");
        block.position(block.position() + (old ? 9 + 4 * version : 1));
        if (block.getLong() != 0) throw new KerasFileException("something stands before its HDF5 part");
        block.getLong();
        long end = block.getLong();
        if (end < 0 || end > bytes.capacity()) {
            throw new KerasFileException("it is cut short: of " + end + " bytes it has " + bytes.capacity());
        }
        if (old) block.position(block.position() + 16);
        return block.getLong();
    }

    /** The object whose header is at an address. */
    Hdf5Object object(long address) {
        Hdf5Object known = objects.get(address);
        if (known == null) {
            known = new Hdf5Object(this, address);
            objects.put(address, known);
        }
        return known;
    }

    /** So many bytes from an address, in a buffer of their own. */
    ByteBuffer at(long address, long size) {
        if (address < 0 || size < 0 || size > bytes.capacity() || address > bytes.capacity() - size) {
            throw new KerasFileException("it is damaged: it refers to " + size + " bytes at " + address + ", which it does not have");
        }
        spend(size);
        return slice(bytes, (int) address, (int) size);
    }

    /** Counts bytes that are read, so that a file cannot send its reader round in circles. */
    void spend(long size) {
        budget -= size + EACH_VISIT;
        if (budget < 0) throw new KerasFileException("it is damaged: it refers to the same bytes over and over");
    }

    /** So many of the next bytes, in a buffer of their own; the position moves behind them. */
    static ByteBuffer next(ByteBuffer from, long size) {
        if (size < 0 || size > from.remaining()) throw new BufferUnderflowException();
        ByteBuffer part = slice(from, from.position(), (int) size);
        from.position(from.position() + (int) size);
        return part;
    }

    private static ByteBuffer slice(ByteBuffer from, int position, int size) {
        return from.slice(position, size).order(ByteOrder.LITTLE_ENDIAN);
    }

    /** Makes sure that a structure begins with its four letters. */
    static void expect(ByteBuffer structure, String letters) {
        byte[] found = new byte[4];
        structure.get(found);
        if (!new String(found, StandardCharsets.ISO_8859_1).equals(letters)) {
            throw new KerasFileException("it is damaged: there is no \"" + letters + "\" where one has to be");
        }
    }

    /** Specification III.E: an object in a global heap, where texts of any length are. */
    ByteBuffer heapObject(long heap, int index) {
        if (!heaps.containsKey(heap)) heaps.put(heap, readHeap(heap));
        ByteBuffer found = heaps.get(heap).get(index);
        if (found == null) throw new KerasFileException("it is damaged: a text is not where it should be");
        spend(found.capacity());
        return found.duplicate();
    }

    private Map<Integer, ByteBuffer> readHeap(long address) {
        ByteBuffer start = at(address, 16);
        expect(start, "GCOL");
        ByteBuffer heap = at(address, start.getLong(8));
        heap.position(16);
        Map<Integer, ByteBuffer> found = new HashMap<>();
        while (heap.remaining() >= 16) {
            int index = Short.toUnsignedInt(heap.getShort());
            heap.position(heap.position() + 6);
            long size = heap.getLong();
            if (index == 0) break;   // the free rest
            found.put(index, next(heap, size));
            heap.position(Math.min(heap.limit(), (heap.position() + 7) & ~7));
        }
        return found;
    }
}
