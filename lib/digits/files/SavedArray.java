package digits.files;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.Set;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * A row of numbers as {@code Nd4j.write} writes it: a buffer with the shape, then one with the values, each with a
 * header (where it was allocated, how many values, of which type). ND4J's reader allocates by the header and trusts
 * shape, strides and type, so that a damaged file makes it read foreign memory. This one requires that everything
 * agrees with the bytes that are there.
 */
public final class SavedArray {
    private static final Set<String> MODES = Set.of("LONG_SHAPE", "MIXED_DATA_TYPES");

    private SavedArray() { }

    /** A row of 32-bit numbers as {@code Nd4j.write} writes it. */
    public static byte[] write(INDArray row) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            Nd4j.write(row, out);
        } catch (IOException inMemory) {
            throw new UncheckedIOException(inMemory);
        }
        return bytes.toByteArray();
    }

    /** Reads a row of 32-bit numbers, shape [n] or [1, n]; an exception names the entry if it is anything else. */
    public static INDArray read(byte[] content, String name) throws IOException {
        DataInputStream in = new DataInputStream(new ByteArrayInputStream(content));
        try {
            long[] shape = shape(in, header(in, "LONG"));
            long count = header(in, "FLOAT");
            if (count < 1 || count != shape[shape.length - 1] || in.available() != 4 * count) {
                throw new IOException("its numbers are not all there");
            }
            float[] values = new float[(int) count];
            ByteBuffer.wrap(content, content.length - in.available(), in.available()).asFloatBuffer().get(values);
            return Nd4j.create(values, shape, 'c');
        } catch (IOException e) {
            String why = e instanceof EOFException ? "it ends too soon" : e.getMessage();
            throw new IOException("its entry \"" + name + "\" is damaged: " + why, e);
        }
    }

    /** How many values follow. */
    private static long header(DataInputStream in, String type) throws IOException {
        if (!MODES.contains(in.readUTF())) throw new IOException("it does not begin like an ND4J array");
        long count = in.readLong();
        String found = in.readUTF();
        if (!found.equals(type)) throw new IOException("its numbers are of the type " + found + ", not " + type);
        return count;
    }

    /** Rank, sides, strides, three more: for a row, only the sides matter. */
    private static long[] shape(DataInputStream in, long count) throws IOException {
        long rank = in.readLong();
        if (rank < 1 || rank > 2 || count != 2 * rank + 4) throw new IOException("it is not a row of numbers");
        long[] shape = new long[(int) rank];
        for (int i = 0; i < rank; i++) shape[i] = in.readLong();
        if (rank == 2 && shape[0] != 1) throw new IOException("it is not a row of numbers");
        in.skipNBytes(8 * (rank + 3));
        return shape;
    }
}
