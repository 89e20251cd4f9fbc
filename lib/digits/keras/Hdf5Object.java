package digits.keras;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** A group or a data set in an {@link Hdf5File}: its attributes, and its children or its data. */
final class Hdf5Object {
    private static final int DEEPEST_TREE = 16;

    private final Hdf5File file;
    private final Map<String, Hdf5Values> attributes = new LinkedHashMap<>();
    private final Map<String, Long> children = new LinkedHashMap<>();
    private Hdf5Values.Type type;
    private long[] shape;
    private ByteBuffer layout;

    Hdf5Object(Hdf5File file, long address) {
        this.file = file;
        ByteBuffer start = file.at(address, 16);
        if (start.get(0) == 1) readFirstGeneration(address, start);
        else readSecondGeneration(address, start);
    }

    /** The child of that name, or the child's child for a path with slashes. */
    Optional<Hdf5Object> child(String path) {
        Hdf5Object here = this;
        for (String name : path.split("/")) {
            Long address = here.children.get(name);
            if (address == null) return Optional.empty();
            here = file.object(address);
        }
        return Optional.of(here);
    }

    /** Whether it is a data set; otherwise it is a group. */
    boolean isDataSet() {
        return layout != null;
    }

    /** The names of its attributes. */
    Set<String> attributeNames() {
        return attributes.keySet();
    }

    /** The names of all children. */
    Set<String> names() {
        return children.keySet();
    }

    /** An attribute that is one text. */
    Optional<String> text(String attribute) {
        return texts(attribute).filter(texts -> texts.size() == 1).map(texts -> texts.get(0));
    }

    /** An attribute that is a list of texts. */
    Optional<List<String>> texts(String attribute) {
        return Optional.ofNullable(attributes.get(attribute)).map(values -> values.texts(file));
    }

    /**
     * The data of a data set.
     *
     * @throws KerasFileException if it is none, or its data are kept in a way that Keras does not use
     */
    Hdf5Values data() {
        if (type == null || shape == null || layout == null) throw new KerasFileException("it is damaged: there is no data where weights have to be");
        ByteBuffer message = layout.duplicate().order(ByteOrder.LITTLE_ENDIAN);
        int version = message.get();
        int how = message.get();
        long bytes = Hdf5Values.count(shape) * type.size();
        if (version != 3 && version != 4 || how != 0 && how != 1) {
            throw new KerasFileException("its weights are stored in chunks or compressed, which Keras does not do and this library does not read");
        }
        if (how == 0) return new Hdf5Values(type.kind(), type.size(), shape, Hdf5File.next(Hdf5File.next(message, Short.toUnsignedInt(message.getShort())), bytes));
        return new Hdf5Values(type.kind(), type.size(), shape, bytes == 0 ? ByteBuffer.allocate(0) : file.at(message.getLong(), bytes));
    }

    /** Specification IV.A.1.a. */
    private void readFirstGeneration(long address, ByteBuffer start) {
        int left = Short.toUnsignedInt(start.getShort(2));
        Deque<ByteBuffer> blocks = new ArrayDeque<>();
        blocks.add(file.at(address + 16, Integer.toUnsignedLong(start.getInt(8))));
        while (!blocks.isEmpty()) {
            ByteBuffer block = blocks.remove();
            while (left > 0 && block.remaining() >= 8) {
                int kind = Short.toUnsignedInt(block.getShort());
                int size = Short.toUnsignedInt(block.getShort());
                int flags = block.getInt();
                ByteBuffer message = Hdf5File.next(block, size);
                left--;
                if (kind == 0x10) blocks.add(file.at(message.getLong(), message.getLong()));
                else read(kind, flags & 0xff, message);
            }
        }
    }

    /** Specification IV.A.1.b. */
    private void readSecondGeneration(long address, ByteBuffer start) {
        Hdf5File.expect(start, "OHDR");
        int flags = start.get(5);
        int skipped = 6 + ((flags & 0x20) != 0 ? 16 : 0) + ((flags & 0x10) != 0 ? 4 : 0);
        int sizeBytes = 1 << (flags & 3);
        ByteBuffer sizes = file.at(address + skipped, sizeBytes);
        long size = switch (sizeBytes) {
            case 1 -> Byte.toUnsignedLong(sizes.get());
            case 2 -> Short.toUnsignedLong(sizes.getShort());
            case 4 -> Integer.toUnsignedLong(sizes.getInt());
            default -> sizes.getLong();
        };
        Deque<ByteBuffer> blocks = new ArrayDeque<>();
        blocks.add(file.at(address + skipped + sizeBytes, size));
        int head = (flags & 4) != 0 ? 6 : 4;
        while (!blocks.isEmpty()) {
            ByteBuffer block = blocks.remove();
            while (block.remaining() >= head) {
                int kind = Byte.toUnsignedInt(block.get());
                int length = Short.toUnsignedInt(block.getShort());
                int messageFlags = block.get();
                if (head == 6) block.getShort();
                ByteBuffer message = Hdf5File.next(block, length);
                if (kind == 0x10) {
                    ByteBuffer more = file.at(message.getLong(), message.getLong());
                    Hdf5File.expect(more, "OCHK");
                    blocks.add(Hdf5File.next(more, more.remaining() - 4L));   // four bytes of checksum end it
                } else {
                    read(kind, messageFlags, message);
                }
            }
        }
    }

    private void read(int kind, int flags, ByteBuffer message) {
        boolean shared = (flags & 2) != 0;
        if (shared && (kind == 1 || kind == 3 || kind == 0xc)) throw new KerasFileException("its HDF5 headers share messages, which Keras does not do");
        switch (kind) {
            case 0x1 -> shape = Hdf5Values.shape(message);
            case 0x2 -> noHeap(message, (message.get(1) & 1) != 0 ? 10 : 2);
            case 0x3 -> type = Hdf5Values.type(message);
            case 0x6 -> link(message);
            case 0x7 -> throw new KerasFileException("its data are in other files, which are not read");
            case 0x8 -> layout = message;
            case 0xc -> attribute(message);
            case 0x11 -> children(message.getLong(), message.getLong());
            case 0x15 -> noHeap(message, (message.get(1) & 1) != 0 ? 4 : 2);
            default -> { }   // times, comments, fill values and the like
        }
    }

    /** Very many links or attributes are kept in a heap of their own; Keras's are not. */
    private static void noHeap(ByteBuffer message, int position) {
        if (message.getLong(position) != Hdf5File.UNDEFINED) throw new KerasFileException("its HDF5 groups keep links in a heap, which Keras does not do");
    }

    /** Specification IV.A.2.g. */
    private void link(ByteBuffer message) {
        message.get();
        int flags = message.get();
        int kind = (flags & 8) != 0 ? message.get() : 0;
        if (kind != 0) throw new KerasFileException("it links to other places or files, which is not followed");
        if ((flags & 4) != 0) message.getLong();
        if ((flags & 16) != 0) message.get();
        long length = switch (flags & 3) {
            case 0 -> Byte.toUnsignedLong(message.get());
            case 1 -> Short.toUnsignedLong(message.getShort());
            case 2 -> Integer.toUnsignedLong(message.getInt());
            default -> message.getLong();
        };
        String name = StandardCharsets.UTF_8.decode(Hdf5File.next(message, length)).toString();
        children.put(name, message.getLong());
    }

    /** Specification IV.A.2.m. */
    private void attribute(ByteBuffer message) {
        int version = message.get();
        int flags = message.get();
        int nameSize = Short.toUnsignedInt(message.getShort());
        int typeSize = Short.toUnsignedInt(message.getShort());
        int shapeSize = Short.toUnsignedInt(message.getShort());
        if (version < 1 || version > 3 || version > 1 && flags != 0) throw new KerasFileException("it is damaged: an attribute is not as Keras writes it");
        if (version == 3) message.get();
        String name = StandardCharsets.UTF_8.decode(part(message, nameSize, version)).toString();
        Hdf5Values.Type valueType = Hdf5Values.type(part(message, typeSize, version));
        long[] valueShape = Hdf5Values.shape(part(message, shapeSize, version));
        if (valueShape == null) return;
        long bytes = Hdf5Values.count(valueShape) * valueType.size();
        Hdf5Values values = new Hdf5Values(valueType.kind(), valueType.size(), valueShape, Hdf5File.next(message, bytes));
        attributes.put(name.replace("\0", ""), values);
    }

    /** The first version fills each part up to a multiple of eight bytes. */
    private static ByteBuffer part(ByteBuffer message, int size, int version) {
        ByteBuffer part = Hdf5File.next(message, size);
        if (version == 1) message.position(message.position() + (-size & 7));
        return part;
    }

    /** Specification III.A.1, III.B and III.D: a group of the first generation, a tree of links whose names are in a heap. */
    private void children(long tree, long heap) {
        ByteBuffer head = file.at(heap, 32);
        Hdf5File.expect(head, "HEAP");
        ByteBuffer names = file.at(head.getLong(24), head.getLong(8));
        node(tree, DEEPEST_TREE, names, new HashSet<>());
    }

    private void node(long address, int below, ByteBuffer names, Set<Long> seen) {
        if (!seen.add(address)) throw new KerasFileException("it is damaged: a tree in it leads back to itself");
        ByteBuffer node = file.at(address, 24);
        Hdf5File.expect(node, "TREE");
        int level = node.get(5);
        if (node.get(4) != 0 || level < 0 || level >= below) throw new KerasFileException("it is damaged: a group's tree is none");
        int entries = Short.toUnsignedInt(node.getShort(6));
        ByteBuffer keys = file.at(address + 24, 16L * entries + 8);
        for (int i = 0; i < entries; i++) {
            long child = keys.getLong(16 * i + 8);
            if (level > 0) node(child, level, names, seen);
            else links(child, names, seen);
        }
    }

    private void links(long address, ByteBuffer names, Set<Long> seen) {
        if (!seen.add(address)) throw new KerasFileException("it is damaged: a tree in it leads back to itself");
        ByteBuffer head = file.at(address, 8);
        Hdf5File.expect(head, "SNOD");
        int entries = Short.toUnsignedInt(head.getShort(6));
        ByteBuffer table = file.at(address + 8, 40L * entries);
        for (int i = 0; i < entries; i++) {
            if (table.getInt(40 * i + 16) == 2) throw new KerasFileException("it links to other places, which is not followed");
            children.put(name(names, table.getLong(40 * i)), table.getLong(40 * i + 8));
        }
    }

    private String name(ByteBuffer names, long offset) {
        int from = Math.toIntExact(offset);
        int to = from;
        while (names.get(to) != 0) to++;
        file.spend(to - from);
        byte[] name = new byte[to - from];
        names.get(from, name);
        return new String(name, StandardCharsets.UTF_8);
    }
}
