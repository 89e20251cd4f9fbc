package digits.keras;

import static digits.keras.KerasFileException.damaged;
import static digits.keras.KerasFileException.refused;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The values of an attribute or a data set: their shape, which is empty for a single value, and their bytes. */
record Hdf5Values(Type type, long[] shape, ByteBuffer content) {
    enum Kind { FLOAT, DOUBLE, TEXT, HEAP_TEXT, OTHER }

    /** @param size bytes of each value */
    record Type(Kind kind, int size) { }

    /** Specification IV.A.2.d: a datatype message. Keras writes little-endian IEEE numbers. */
    static Type type(ByteBuffer message) {
        int first = message.get();
        int bits = message.get();
        message.getShort();
        int size = message.getInt();
        if (size < 1) throw damaged("it has values of " + size + " bytes");
        Kind kind = switch (first & 0xf) {
            case 1 -> (bits & 0x41) != 0 ? Kind.OTHER : size == 4 ? Kind.FLOAT : size == 8 ? Kind.DOUBLE : Kind.OTHER;
            case 3 -> Kind.TEXT;
            case 9 -> (bits & 0xf) == 1 && size == 16 ? Kind.HEAP_TEXT : Kind.OTHER;
            default -> Kind.OTHER;
        };
        return new Type(kind, size);
    }

    /** Specification IV.A.2.b: a dataspace message; null for one without values. */
    static long[] shape(ByteBuffer message) {
        int version = message.get();
        int rank = message.get();
        message.get();
        int type = message.get();
        if (version != 1 && version != 2 || rank < 0 || rank > 32) throw damaged("a shape has an unknown form");
        if (version == 1) message.getInt();
        if (version == 2 && type == 2) return null;
        long[] shape = new long[rank];
        for (int i = 0; i < rank; i++) shape[i] = message.getLong();
        return shape;
    }

    /** The number of values in a shape; a {@link KerasFileException} if a file cannot hold as many. */
    static long count(long[] shape) {
        long count = 1;
        for (long side : shape) {
            count = side < 0 || side > Integer.MAX_VALUE ? Long.MAX_VALUE : count * side;
            if (count > Integer.MAX_VALUE) throw damaged("it has data of the shape " + Arrays.toString(shape));
        }
        return count;
    }

    int count() {
        return (int) count(shape);
    }

    /** The numbers, in C order. */
    float[] floats() {
        if (content.remaining() < (long) count() * type.size()) throw damaged("its weights have no values");
        float[] numbers = new float[count()];
        ByteBuffer from = content.duplicate().order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = switch (type.kind()) {
                case FLOAT -> from.getFloat();
                case DOUBLE -> (float) from.getDouble();
                default -> throw refused("its weights do not have 32 or 64 bits; save them as float32");
            };
        }
        return numbers;
    }

    List<String> texts(Hdf5File file) {
        List<String> texts = new ArrayList<>();
        ByteBuffer from = content.duplicate().order(ByteOrder.LITTLE_ENDIAN);
        for (int i = count(); i > 0; i--) {
            ByteBuffer value = Hdf5File.next(from, type.size());
            String text = StandardCharsets.UTF_8.decode(switch (type.kind()) {
                case TEXT -> value;
                case HEAP_TEXT -> inHeap(value, file);
                default -> throw damaged("there are numbers where texts must be");
            }).toString();
            int end = text.indexOf(0);
            texts.add(end < 0 ? text : text.substring(0, end));
        }
        return texts;
    }

    private static ByteBuffer inHeap(ByteBuffer reference, Hdf5File file) {
        int length = reference.getInt();
        long heap = reference.getLong();
        int index = reference.getInt();
        return length == 0 ? reference : Hdf5File.next(file.heapObject(heap, index), length);
    }
}
