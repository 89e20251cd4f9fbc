package digits.engine;

import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import org.bytedeco.javacpp.BytePointer;

/**
 * The native memory of an array that belongs to the caller. Every computation compares the size with what it will read
 * or write, so a wrong array is an exception and not a crash.
 *
 * <p>Loops over native memory are slow: it is faster to copy a few thousand numbers into a Java array, to compute
 * there, and to copy them back.
 *
 * @param address of the first byte
 * @param bytes   size of the array, without gaps
 */
public record Region(long address, long bytes) {
    /** What a computation without this argument gets. */
    public static final Region NONE = new Region(0, 0);

    /** @throws IllegalArgumentException unless the array has exactly this many bytes */
    public void require(long expected) {
        if (bytes == expected) return;
        throw new IllegalArgumentException("an array of " + bytes + " bytes where the computation needs " + expected
                + ": its shape does not fit the layer's other arrays");
    }

    /** Copies the array, which has {@code count} floats. */
    public float[] read(int count) {
        float[] floats = new float[count];
        floats(count).get(floats);
        return floats;
    }

    /** Copies the floats into the array, which has that many. */
    public void write(float[] floats) {
        floats(floats.length).put(floats);
    }

    /** The array, which has {@code count} floats, as a view. */
    public FloatBuffer floats(long count) {
        require(count * Float.BYTES);
        return pointer().asByteBuffer().asFloatBuffer();
    }

    /** The same memory as integers: each is the bits of a float. */
    public IntBuffer bits(long count) {
        require(count * Float.BYTES);
        return pointer().asByteBuffer().asIntBuffer();
    }

    /** A pointer to the array, for native functions; it frees nothing. */
    public BytePointer pointer() {
        return new Memory(this);
    }

    private static final class Memory extends BytePointer {
        Memory(Region region) {
            if (region.bytes > Integer.MAX_VALUE) {
                throw new NoCodeException("an array of " + region.bytes + " bytes, " + Integer.MAX_VALUE + " at most");
            }
            address = region.address;
            limit = region.bytes;
            capacity = region.bytes;
        }
    }
}
