package digits.keras;

import static digits.keras.KerasFileException.refused;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Writes HDF5 files of groups, texts and arrays of numbers, as h5py lays them out: each group's links and attributes in
 * its header, all texts in one heap at the end. Equal content gives equal bytes; there are no time stamps. Follows the
 * HDF5 File Format Specification, version 3.0, in the form that every version of the HDF5 library reads.
 *
 * <p>A file is produced twice: the first time into nothing, to find out at which address everything is.
 */
final class Hdf5Writer {
    /** A group with its attributes, each of which is a list of texts, and its children, which are groups or arrays. */
    static final class Group {
        private final Map<String, String> texts = new LinkedHashMap<>();
        private final Map<String, List<String>> lists = new LinkedHashMap<>();
        private final Map<String, Object> children = new LinkedHashMap<>();

        Group text(String name, String value) {
            texts.put(name, value);
            return this;
        }

        Group list(String name, List<String> values) {
            lists.put(name, List.copyOf(values));
            return this;
        }

        /** The child group with this path, which is made if it does not exist. */
        Group group(String path) {
            Group here = this;
            for (String name : path.split("/", 0)) {
                here = (Group) here.children.computeIfAbsent(name, missing -> new Group());
            }
            return here;
        }

        /** Adds an array of 32-bit floats. */
        void put(String name, INDArray values) {
            children.put(name, new Numbers(FLOAT, values.shape(), values));
        }

        /** Adds an array of zeros, which takes no space in the file. */
        void zeros(String name, long... shape) {
            children.put(name, new Numbers(FLOAT, shape, null));
        }

        /** Adds a 64-bit zero without a shape, as a counter that has not counted yet. */
        void zero(String name) {
            children.put(name, new Numbers(LONG, new long[0], null));
        }
    }

    /** @param values null for zeros */
    private record Numbers(byte[] type, long[] shape, INDArray values) {
        long bytes() {
            return type[4] * Arrays.stream(shape).reduce(1, (one, other) -> one * other);
        }
    }

    /** Specification IV.A.2.d: the types' messages; their fifth byte is the number of bytes of a value. */
    private static final byte[] FLOAT = {0x11, 0x20, 31, 0, 4, 0, 0, 0, 0, 0, 32, 0, 23, 8, 0, 23, 127, 0, 0, 0};
    private static final byte[] LONG = {0x10, 8, 0, 0, 8, 0, 0, 0, 0, 0, 64, 0};
    private static final byte[] TEXT = {0x19, 1, 1, 0, 16, 0, 0, 0, 0x10, 0, 0, 0, 1, 0, 0, 0, 0, 0, 8, 0};
    private static final byte[] SIGNATURE = {(byte) 0x89, 'H', 'D', 'F', '\r', '\n', 0x1a, '\n'};
    private static final byte[] NO_GROUP_INFO = {0, 0};
    private static final byte[] FILLED_WITH_ZEROS = {2, 2, 2, 1, 0, 0, 0, 0};
    private static final int SMALLEST_HEAP = 4096;
    private static final int LARGEST_MESSAGE = 65_528;

    private final IdentityHashMap<Object, Long> addresses = new IdentityHashMap<>();
    private final List<byte[]> heap = new ArrayList<>();
    private OutputStream out;
    private long position;
    private long heapAddress;
    private long end;

    private Hdf5Writer() { }

    /**
     * Writes a file; the stream stays open.
     *
     * @throws KerasFileException if a list of texts is too long for an attribute: 4,000 texts fit; nothing has been
     *                            written then
     */
    static void write(Group root, OutputStream out) throws IOException {
        Hdf5Writer writer = new Hdf5Writer();
        writer.pass(root, OutputStream.nullOutputStream());
        writer.pass(root, out);
    }

    private void pass(Group root, OutputStream to) throws IOException {
        out = to;
        position = 0;
        heap.clear();
        superblock(addresses.getOrDefault(root, 0L));
        write(root);
        heapAddress = position;
        heap();
        end = position;
    }

    /** Specification II.A, version 0, with the root group's entry in a symbol table. */
    private void superblock(long root) throws IOException {
        put(buffer(96).put(SIGNATURE).putInt(0).put((byte) 0).put(new byte[] {8, 8, 0}).putShort((short) 4)
                .putShort((short) 16).putInt(0).putLong(0).putLong(Hdf5File.UNDEFINED).putLong(end)
                .putLong(Hdf5File.UNDEFINED).putLong(0).putLong(root));
    }

    private void write(Object object) throws IOException {
        List<byte[]> messages = new ArrayList<>();
        if (object instanceof Group group) {
            for (Object child : group.children.values()) write(child);
            // specification IV.A.2.c: the links are in this header
            messages.add(message(0x2, buffer(18).putShort((short) 0).putLong(Hdf5File.UNDEFINED)
                    .putLong(Hdf5File.UNDEFINED)));
            messages.add(message(0xa, ByteBuffer.wrap(NO_GROUP_INFO).position(2)));
            group.children.forEach((name, child) -> messages.add(link(name, addresses.get(child))));
            group.texts.forEach((name, text) -> messages.add(attribute(name, List.of(text), new long[0])));
            group.lists.forEach((name, texts) -> messages.add(attribute(name, texts, new long[] {texts.size()})));
        } else if (object instanceof Numbers numbers) {
            long address = numbers.values() == null ? Hdf5File.UNDEFINED : position;
            if (numbers.values() != null) put(numbers.values(), numbers.bytes());
            messages.add(message(0x1, dataspace(numbers.shape())));
            messages.add(message(0x3, ByteBuffer.wrap(numbers.type()).position(numbers.type().length)));
            messages.add(message(0x5, ByteBuffer.wrap(FILLED_WITH_ZEROS).position(FILLED_WITH_ZEROS.length)));
            messages.add(message(0x8, buffer(18).put((byte) 3).put((byte) 1).putLong(address)
                    .putLong(numbers.values() == null ? 0 : numbers.bytes())));
        }
        addresses.put(object, position);
        int size = messages.stream().mapToInt(message -> message.length).sum();
        put(buffer(16).putShort((short) 1).putShort((short) messages.size()).putInt(1).putInt(size));
        for (byte[] message : messages) put(ByteBuffer.wrap(message).position(message.length));
    }

    /** Specification IV.A.1.a: a message in an object's header of the first generation. */
    private static byte[] message(int kind, ByteBuffer content) {
        int size = content.position() + 7 & ~7;
        if (size > LARGEST_MESSAGE) throw refused("the network has more layers than a Keras file can list");
        return buffer(8 + size).putShort((short) kind).putShort((short) size).putInt(0).put(content.flip()).array();
    }

    /** Specification IV.A.2.g: a hard link. */
    private static byte[] link(String name, long address) {
        byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
        return message(0x6, buffer(11 + bytes.length).put((byte) 1).put((byte) 0).put((byte) bytes.length).put(bytes)
                .putLong(address));
    }

    /** Specification IV.A.2.m, version 3: texts of any length, which go to the heap. */
    private byte[] attribute(String name, List<String> texts, long[] shape) {
        byte[] bytes = (name + "\0").getBytes(StandardCharsets.UTF_8);
        ByteBuffer space = dataspace(shape);
        ByteBuffer content = buffer(9 + bytes.length + TEXT.length + space.position() + 16 * texts.size())
                .putShort((short) 3).putShort((short) bytes.length).putShort((short) TEXT.length)
                .putShort((short) space.position()).put((byte) 1).put(bytes).put(TEXT).put(space.flip());
        for (String text : texts) {
            heap.add(text.getBytes(StandardCharsets.UTF_8));
            content.putInt(heap.get(heap.size() - 1).length).putLong(heapAddress).putInt(heap.size());
        }
        return message(0xc, content);
    }

    /** Specification IV.A.2.b; without sides for a single value. */
    private static ByteBuffer dataspace(long[] shape) {
        ByteBuffer space = buffer(8 + 8 * shape.length).put((byte) 1).put((byte) shape.length).putShort((short) 0)
                .putInt(0);
        for (long side : shape) space.putLong(side);
        return space;
    }

    /** Specification III.E: a global heap; the library reads at least 4,096 bytes of it. */
    private void heap() throws IOException {
        long used = 16 + heap.stream().mapToLong(text -> 16 + (text.length + 7L & ~7L)).sum();
        long size = Math.max(SMALLEST_HEAP, used + 16);
        put(buffer(16).put("GCOL".getBytes(StandardCharsets.US_ASCII)).putInt(1).putLong(size));
        for (int i = 0; i < heap.size(); i++) {
            put(buffer(16).putShort((short) (i + 1)).putShort((short) 1).putInt(0).putLong(heap.get(i).length));
            put(ByteBuffer.wrap(heap.get(i)).position(heap.get(i).length));
        }
        put(buffer(16).putLong(0).putLong(size - used));   // the rest is free
        put(buffer(Math.toIntExact(size - used - 16)).position(Math.toIntExact(size - used - 16)));
    }

    private static ByteBuffer buffer(int size) {
        return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
    }

    /** Writes all of the buffer, filled up to a multiple of eight bytes. */
    private void put(ByteBuffer content) throws IOException {
        out.write(content.array(), 0, content.limit());
        fill(content.limit());
    }

    /** Writes an array in C order; the first time, when nothing is written, only its length counts. */
    private void put(INDArray values, long bytes) throws IOException {
        if (end > 0) {
            float[] numbers = values.dup('c').data().asFloat();
            int most = 1 << 14;
            for (int from = 0; from < numbers.length; from += most) {
                int count = Math.min(most, numbers.length - from);
                ByteBuffer part = buffer(4 * count);
                part.asFloatBuffer().put(numbers, from, count);
                out.write(part.array());
            }
        }
        fill(bytes);
    }

    private void fill(long written) throws IOException {
        int missing = (int) (-written & 7);
        out.write(new byte[missing]);
        position += written + missing;
    }
}
