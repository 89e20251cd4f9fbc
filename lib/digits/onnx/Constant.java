package digits.onnx;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import onnx.Onnx.TensorProto;
import onnx.Onnx.TensorProto.DataType;

/**
 * Numbers that do not depend on the images: weights, shapes, axes.
 *
 * @param shape  of any rank; a single number has the rank 0
 * @param floats the numbers, row by row; null if they are whole
 * @param whole  the numbers, row by row; null if they are fractions
 */
record Constant(int[] shape, float[] floats, long[] whole) implements Value {
    static final int MOST_NUMBERS = 1 << 25;   // as many floats as the largest file can have
    static final int MOST_AXES = 8;
    /** In a shape: the number of images, which is not known. */
    static final long BATCH = Long.MIN_VALUE;

    static Constant of(float... values) {
        return new Constant(new int[] {values.length}, values, null);
    }

    static Constant of(long... values) {
        return new Constant(new int[] {values.length}, null, values);
    }

    int size() {
        return floats != null ? floats.length : whole.length;
    }

    double at(int i) {
        return floats != null ? floats[i] : whole[i];
    }

    Constant reshaped(int... other) {
        return new Constant(other, floats, whole);
    }

    /** Whether the number of images is among the numbers. */
    boolean hasBatch() {
        return whole != null && LongStream.of(whole).anyMatch(v -> v == BATCH);
    }

    /** As fractions; a whole number that a float cannot hold is rounded. */
    float[] asFloats() {
        if (floats != null) return floats;
        float[] values = new float[whole.length];
        for (int i = 0; i < values.length; i++) values[i] = whole[i];
        return values;
    }

    /**
     * The numbers of a tensor.
     *
     * @param refused makes an exception of what is wrong with it
     */
    static Constant of(TensorProto tensor, Function<String, OnnxFileException> refused) {
        if (tensor.getDataLocation() != TensorProto.DataLocation.DEFAULT || tensor.getExternalDataCount() > 0) {
            throw refused.apply("lie in another file, which is not opened; put everything into one file: PyTorch's"
                    + " export with external_data=False, or in Python onnx.save(onnx.load(\"model.onnx\"),"
                    + " \"whole.onnx\")");
        }
        if (tensor.hasSegment()) throw refused.apply("are in parts, which cannot be read here");
        int[] shape = shape(tensor, refused);
        int count = IntStream.of(shape).reduce(1, (a, b) -> a * b);
        DataType type = DataType.forNumber(tensor.getDataType());
        if (type == null) throw unknown(String.valueOf(tensor.getDataType()), refused);
        Constant found = tensor.getRawData().isEmpty() ? listed(tensor, type, refused) : raw(tensor, type, refused);
        if (found.size() != count) {
            throw refused.apply("should be " + count + " numbers, but the file has " + found.size()
                    + " of them; it is damaged, copy or export it again");
        }
        return found.reshaped(shape);
    }

    private static OnnxFileException unknown(String type, Function<String, OnnxFileException> refused) {
        return refused.apply("have the type " + type + "; only floating-point and whole numbers of 8 bits or more can"
                + " be read");
    }

    private static int[] shape(TensorProto tensor, Function<String, OnnxFileException> refused) {
        long size = 1;
        for (long side : tensor.getDimsList()) {
            boolean fits = side >= 0 && side <= MOST_NUMBERS && tensor.getDimsCount() <= MOST_AXES;
            if (fits) size *= side;
            if (!fits || size > MOST_NUMBERS) {
                throw refused.apply("have the shape " + OnnxReader.shortened(tensor.getDimsList().subList(0,
                        Math.min(MOST_AXES, tensor.getDimsCount())).toString()) + ", which cannot be read");
            }
        }
        return tensor.getDimsList().stream().mapToInt(Long::intValue).toArray();
    }

    private static Constant raw(TensorProto tensor, DataType type, Function<String, OnnxFileException> refused) {
        ByteBuffer in = tensor.getRawData().asReadOnlyByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
        int each = switch (type) {
            case FLOAT, INT32, UINT32 -> 4;
            case DOUBLE, INT64, UINT64 -> 8;
            case FLOAT16, BFLOAT16, INT16, UINT16 -> 2;
            case INT8, UINT8, BOOL -> 1;
            default -> throw unknown(type.toString(), refused);
        };
        if (in.remaining() % each != 0) {
            throw refused.apply("end within a number; the file is damaged, export it again");
        }
        int n = in.remaining() / each;
        if (isFloat(type)) {
            float[] values = new float[n];
            for (int i = 0; i < n; i++) {
                values[i] = switch (type) {
                    case FLOAT -> in.getFloat();
                    case DOUBLE -> (float) in.getDouble();
                    case FLOAT16 -> half(in.getShort());
                    default -> Float.intBitsToFloat(in.getShort() << 16);
                };
            }
            return of(values);
        }
        long[] values = new long[n];
        for (int i = 0; i < n; i++) {
            values[i] = switch (type) {
                case INT32 -> in.getInt();
                case UINT32 -> in.getInt() & 0xffff_ffffL;
                case INT16 -> in.getShort();
                case UINT16 -> in.getShort() & 0xffff;
                case INT8 -> in.get();
                case UINT8, BOOL -> in.get() & 0xff;
                default -> in.getLong();
            };
        }
        return of(values);
    }

    private static boolean isFloat(DataType type) {
        return type == DataType.FLOAT || type == DataType.DOUBLE || type == DataType.FLOAT16
                || type == DataType.BFLOAT16;
    }

    private static Constant listed(TensorProto tensor, DataType type, Function<String, OnnxFileException> refused) {
        return switch (type) {
            case FLOAT -> {
                float[] values = new float[tensor.getFloatDataCount()];
                for (int i = 0; i < values.length; i++) values[i] = tensor.getFloatData(i);
                yield of(values);
            }
            case DOUBLE -> {
                float[] values = new float[tensor.getDoubleDataCount()];
                for (int i = 0; i < values.length; i++) values[i] = (float) tensor.getDoubleData(i);
                yield of(values);
            }
            case FLOAT16, BFLOAT16 -> {
                float[] values = new float[tensor.getInt32DataCount()];
                for (int i = 0; i < values.length; i++) {
                    int bits = tensor.getInt32Data(i);
                    values[i] = type == DataType.FLOAT16 ? half((short) bits) : Float.intBitsToFloat(bits << 16);
                }
                yield of(values);
            }
            case INT32, INT16, INT8, UINT16, UINT8, BOOL ->
                    of(tensor.getInt32DataList().stream().mapToLong(Integer::longValue).toArray());
            case INT64 -> of(tensor.getInt64DataList().stream().mapToLong(Long::longValue).toArray());
            case UINT32, UINT64 -> of(tensor.getUint64DataList().stream().mapToLong(Long::longValue).toArray());
            default -> throw unknown(type.toString(), refused);
        };
    }

    /** A 16-bit floating-point number of IEEE 754. */
    private static float half(short bits) {
        int exponent = bits >> 10 & 31;
        float fraction = (bits & 1023) / 1024f;
        float size = exponent == 0 ? Math.scalb(fraction, -14) : exponent < 31 ? Math.scalb(1 + fraction, exponent - 15)
                : fraction == 0 ? Float.POSITIVE_INFINITY : Float.NaN;
        return bits < 0 ? -size : size;
    }
}
