package digits.keras;

import static digits.keras.KerasFileException.damaged;
import static digits.keras.KerasFileException.refused;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** A group or a data set in an {@link Hdf5File}: its attributes, and its children or its data. */
final class Hdf5Object {
    private static final int DEEPEST_TREE = 16;
    private static final int LONGEST_NAME = 255;

    private final Hdf5File file;
    private final Map<String, Hdf5Values> attributes = new LinkedHashMap<>();
    private final Map<String, Long> children = new LinkedHashMap<>();
    private Hdf5Values.Type type;
    private long[] shape;
    private ByteBuffer layout;

    /** Specification IV.A.1.a and b: reads an object's header, of the first or the second generation. */
    Hdf5Object(Hdf5File file, long address) {
        this.file = file;
        ByteBuffer start = file.at(address, 16);
        boolean first = start.get(0) == 1;
        int flags = start.get(5);   // of the second generation
        int head = first ? 8 : (flags & 4) != 0 ? 6 : 4;
        long messages = first ? Short.toUnsignedInt(start.getShort(2)) : Long.MAX_VALUE;
        Deque<ByteBuffer> blocks = new ArrayDeque<>();
        blocks.add(first ? file.at(address + 16, start.getInt(8) & 0xffff_ffffL) : block(address, start, flags));
        while (!blocks.isEmpty()) {
            ByteBuffer block = blocks.remove();
            for (; messages > 0 && block.remaining() >= head; messages--) {
                int kind = (int) Hdf5File.unsigned(block, first ? 2 : 1);
                int size = (int) Hdf5File.unsigned(block, 2);
                int messageFlags = block.get();
                block.position(block.position() + (first ? 3 : head - 4));
                ByteBuffer message = Hdf5File.next(block, size);
                if (kind == 0x10) blocks.add(continuation(message, first));
                else read(kind, messageFlags, message);
            }
        }
    }

    private ByteBuffer block(long address, ByteBuffer start, int flags) {
        Hdf5File.expect(start, "OHDR");
        long at = address + 6 + ((flags & 0x20) != 0 ? 16 : 0) + ((flags & 0x10) != 0 ? 4 : 0);
        int sizeBytes = 1 << (flags & 3);
        return file.at(at + sizeBytes, Hdf5File.unsigned(file.at(at, sizeBytes), sizeBytes));
    }

    private ByteBuffer continuation(ByteBuffer message, boolean first) {
        ByteBuffer more = file.at(message.getLong(), message.getLong());
        if (first) return more;
        Hdf5File.expect(more, "OCHK");
        return Hdf5File.next(more, more.remaining() - 4L);   // the last four bytes are a checksum
    }

    /** The child with this name; for a path with slashes, the child's child. */
    Optional<Hdf5Object> child(String path) {
        Hdf5Object here = this;
        for (String name : path.split("/", 0)) {
            Long address = here.children.get(name);
            if (address == null) return Optional.empty();
            here = file.object(address);
        }
        return Optional.of(here);
    }

    /** Whether this is a data set; otherwise it is a group. */
    boolean isDataSet() {
        return layout != null;
    }

    Set<String> attributeNames() {
        return attributes.keySet();
    }

    /** The names of all children. */
    Set<String> names() {
        return children.keySet();
    }

    /** An attribute that is a single text. */
    Optional<String> text(String attribute) {
        return texts(attribute).filter(texts -> texts.size() == 1).map(texts -> texts.get(0));
    }

    /** An attribute that is a list of texts. */
    Optional<List<String>> texts(String attribute) {
        return Optional.ofNullable(attributes.get(attribute)).map(values -> values.texts(file));
    }

    /** The data of a data set; refused if this is a group, or if they are stored in a way that Keras does not use. */
    Hdf5Values data() {
        if (type == null || shape == null || layout == null) throw damaged("there are no data where weights must be");
        ByteBuffer message = layout.duplicate().order(ByteOrder.LITTLE_ENDIAN);
        int version = message.get();
        int how = message.get();
        long size = Hdf5Values.count(shape) * type.size();
        if (version != 3 && version != 4 || how != 0 && how != 1) throw unlikeKeras("its data are in chunks");
        ByteBuffer content = how == 0 ? Hdf5File.next(Hdf5File.next(message, Hdf5File.unsigned(message, 2)), size)
                : stored(message.getLong(), size);
        return new Hdf5Values(type, shape, content);
    }

    /** Nothing is stored of data that have no values yet, such as the state of an optimizer before its first step. */
    private ByteBuffer stored(long address, long size) {
        return size == 0 || address == Hdf5File.UNDEFINED ? ByteBuffer.allocate(0) : file.at(address, size);
    }

    private void read(int kind, int flags, ByteBuffer message) {
        if ((flags & 2) != 0 && Set.of(1, 3, 0xc).contains(kind)) throw unlikeKeras("its HDF5 headers share messages");
        switch (kind) {
            case 0x1 -> shape = Hdf5Values.shape(message);
            case 0x2 -> noHeap(message, (message.get(1) & 1) != 0 ? 10 : 2);
            case 0x3 -> type = Hdf5Values.type(message);
            case 0x6 -> link(message);
            case 0x7 -> throw unlikeKeras("its data are in other files");
            case 0x8 -> layout = message;
            case 0xc -> attribute(message);
            case 0x11 -> children(message.getLong(), message.getLong());
            case 0x15 -> noHeap(message, (message.get(1) & 1) != 0 ? 4 : 2);
            default -> { }   // times, comments, fill values and the like
        }
    }

    private static KerasFileException unlikeKeras(String what) {
        return refused(what + ", which Keras does not do; save the model with Keras itself");
    }

    /** Very many links or attributes are kept in a separate heap; Keras's are not. */
    private static void noHeap(ByteBuffer message, int position) {
        if (message.getLong(position) != Hdf5File.UNDEFINED) throw unlikeKeras("its HDF5 groups keep links in a heap");
    }

    /** Specification IV.A.2.g. */
    private void link(ByteBuffer message) {
        message.get();
        int flags = message.get();
        int kind = (flags & 8) != 0 ? message.get() : 0;
        if (kind != 0) throw unlikeKeras("it links to other places or files");
        if ((flags & 4) != 0) message.getLong();
        if ((flags & 16) != 0) message.get();
        ByteBuffer name = Hdf5File.next(message, Hdf5File.unsigned(message, 1 << (flags & 3)));
        add(name, message.getLong());
    }

    private void add(ByteBuffer name, long address) {
        if (name.remaining() > LONGEST_NAME) throw damaged("a name in it has more than " + LONGEST_NAME + " bytes");
        file.spend(name.remaining());
        children.put(StandardCharsets.UTF_8.decode(name).toString(), address);
    }

    /** Specification IV.A.2.m. */
    private void attribute(ByteBuffer message) {
        int version = message.get();
        int flags = message.get();
        int nameSize = (int) Hdf5File.unsigned(message, 2);
        int typeSize = (int) Hdf5File.unsigned(message, 2);
        int shapeSize = (int) Hdf5File.unsigned(message, 2);
        if (version < 1 || version > 3 || version > 1 && flags != 0) throw damaged("an attribute has an unknown form");
        if (version == 3) message.get();
        String name = StandardCharsets.UTF_8.decode(part(message, nameSize, version)).toString();
        Hdf5Values.Type valueType = Hdf5Values.type(part(message, typeSize, version));
        long[] valueShape = Hdf5Values.shape(part(message, shapeSize, version));
        if (valueShape == null) return;
        file.spend(name.length());
        ByteBuffer content = Hdf5File.next(message, Hdf5Values.count(valueShape) * valueType.size());
        attributes.put(name.replace("\0", ""), new Hdf5Values(valueType, valueShape, content));
    }

    /** The first version fills each part up to a multiple of eight bytes. */
    private static ByteBuffer part(ByteBuffer message, int size, int version) {
        ByteBuffer part = Hdf5File.next(message, size);
        if (version == 1) message.position(message.position() + (-size & 7));
        return part;
    }

    /** Specification III.A.1, III.B and III.D: a group of the first generation, a tree of links, names in a heap. */
    private void children(long tree, long heap) {
        ByteBuffer head = file.at(heap, 32);
        Hdf5File.expect(head, "HEAP");
        node(tree, DEEPEST_TREE, file.at(head.getLong(24), head.getLong(8)));
    }

    private void node(long address, int below, ByteBuffer names) {
        ByteBuffer node = file.at(address, 24);
        Hdf5File.expect(node, "TREE");
        int level = node.get(5);
        if (node.get(4) != 0 || level < 0 || level >= below) throw damaged("a group's tree has the level " + level);
        int entries = Short.toUnsignedInt(node.getShort(6));
        ByteBuffer keys = file.at(address + 24, 16L * entries + 8);
        for (int i = 0; i < entries; i++) {
            long child = keys.getLong(16 * i + 8);
            if (level > 0) node(child, level, names);
            else links(child, names);
        }
    }

    private void links(long address, ByteBuffer names) {
        ByteBuffer head = file.at(address, 8);
        Hdf5File.expect(head, "SNOD");
        int entries = Short.toUnsignedInt(head.getShort(6));
        ByteBuffer table = file.at(address + 8, 40L * entries);
        for (int i = 0; i < entries; i++) {
            if (table.getInt(40 * i + 16) == 2) throw unlikeKeras("it links to other places or files");
            add(name(names, Math.toIntExact(table.getLong(40 * i))), table.getLong(40 * i + 8));
        }
    }

    /** The name in a heap that begins at this position and ends with a zero. */
    private static ByteBuffer name(ByteBuffer names, int from) {
        int to = from;
        while (to - from <= LONGEST_NAME && names.get(to) != 0) to++;
        return names.slice(from, to - from);
    }
}
