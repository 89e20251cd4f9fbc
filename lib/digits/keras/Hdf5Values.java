package digits.keras;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Values of an attribute or a data set: what they are, how many, and their bytes.
 *
 * @param kind    what each value is
 * @param size    bytes of each value
 * @param shape   empty for a single value
 * @param content their bytes
 */
record Hdf5Values(Kind kind, int size, long[] shape, ByteBuffer content) {
    /** What a value can be. */
    enum Kind { FLOAT, DOUBLE, TEXT, HEAP_TEXT, OTHER }

    /**
     * A type.
     *
     * @param size bytes of a value
     */
    record Type(Kind kind, int size) {
    }

    /** Specification IV.A.2.d: a datatype message. */
    static Type type(ByteBuffer message) {
        int first = message.get();
        int bits = message.get();
        message.getShort();
        int size = message.getInt();
        if (size < 1) throw new KerasFileException("it is damaged: values of " + size + " bytes");
        Kind kind = switch (first & 0xf) {
            case 1 -> ieee(bits, size, message);
            case 3 -> Kind.TEXT;
            case 9 -> (bits & 0xf) == 1 && size == 16 ? Kind.HEAP_TEXT : Kind.OTHER;
            default -> Kind.OTHER;
        };
        return new Type(kind, size);
    }

    /** Little-endian IEEE numbers of 32 or 64 bits are what Keras writes; half precision is not read. */
    private static Kind ieee(int bits, int size, ByteBuffer properties) {
        if ((bits & 0x41) != 0 || properties.remaining() < 12) return Kind.OTHER;
        properties.getInt();
        int exponentSize = properties.get(properties.position() + 1);
        int mantissaSize = properties.get(properties.position() + 3);
        if (size == 4 && exponentSize == 8 && mantissaSize == 23) return Kind.FLOAT;
        return size == 8 && exponentSize == 11 && mantissaSize == 52 ? Kind.DOUBLE : Kind.OTHER;
    }

    /** Specification IV.A.2.b: a dataspace message; null for one without values. */
    static long[] shape(ByteBuffer message) {
        int version = message.get();
        int rank = message.get();
        message.get();
        int type = message.get();
        if (version == 1) message.getInt();
        else if (version != 2) throw new KerasFileException("it is damaged: a shape has the unknown version " + version);
        if (rank < 0 || rank > 32) throw new KerasFileException("it is damaged: a shape has " + rank + " dimensions");
        if (version == 2 && type == 2) return null;
        long[] shape = new long[rank];
        for (int i = 0; i < rank; i++) shape[i] = message.getLong();
        return shape;
    }

    /**
     * How many values a shape has.
     *
     * @throws KerasFileException if these are more than a file can hold
     */
    static long count(long[] shape) {
        long count = 1;
        for (long side : shape) {
            if (side < 0 || side > Integer.MAX_VALUE) {
                throw new KerasFileException("it is damaged: it speaks of data of the shape " + Arrays.toString(shape));
            }
            count *= side;
            if (count > Integer.MAX_VALUE) throw new KerasFileException("it speaks of data of the shape " + Arrays.toString(shape) + ": far too much");
        }
        return count;
    }

    int count() {
        return (int) count(shape);
    }

    /** The numbers, in C order. */
    float[] floats() {
        if (kind != Kind.FLOAT && kind != Kind.DOUBLE) throw new KerasFileException("its weights are no numbers of 32 or 64 bits");
        float[] numbers = new float[count()];
        ByteBuffer from = content.duplicate().order(content.order());
        for (int i = 0; i < numbers.length; i++) numbers[i] = kind == Kind.FLOAT ? from.getFloat() : (float) from.getDouble();
        return numbers;
    }

    /** The texts. */
    List<String> texts(Hdf5File file) {
        if (count() == 0) return List.of();
        if (kind != Kind.TEXT && kind != Kind.HEAP_TEXT) throw new KerasFileException("it is damaged: there are numbers where texts have to be");
        List<String> texts = new ArrayList<>();
        ByteBuffer from = content.duplicate().order(content.order());
        for (int i = count(); i > 0; i--) {
            ByteBuffer text = kind == Kind.TEXT ? Hdf5File.next(from, size) : inHeap(Hdf5File.next(from, size), file);
            String decoded = StandardCharsets.UTF_8.decode(text).toString();
            int end = decoded.indexOf(0);
            texts.add(end < 0 ? decoded : decoded.substring(0, end));
        }
        return texts;
    }

    private static ByteBuffer inHeap(ByteBuffer reference, Hdf5File file) {
        int length = reference.getInt();
        long heap = reference.getLong();
        int index = reference.getInt();
        if (length == 0) return ByteBuffer.allocate(0);
        return Hdf5File.next(file.heapObject(heap, index), length);
    }
}
