package digits.acceleration;

import java.nio.FloatBuffer;
import java.nio.IntBuffer;

import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.IntPointer;

/**
 * Native memory as Java's buffers. Loops over them are slow; what is fast is to copy some thousand numbers into a Java array, which
 * then lie in the processor's nearest cache, compute there with plain loops, which the just-in-time compiler vectorises, and copy back.
 */
final class NativeArray {
    private NativeArray() {
    }

    /** So many floats from this address on. */
    static FloatBuffer floats(long address, long count) {
        return new Floats(address, fitting(count)).asBuffer();
    }

    /** The same memory as integers: a float's bits. */
    static IntBuffer bits(long address, long count) {
        return new Bits(address, fitting(count)).asBuffer();
    }

    private static long fitting(long count) {
        if (count > Integer.MAX_VALUE / Float.BYTES) throw new OneDnnException(count + " numbers in an array, " + Integer.MAX_VALUE / Float.BYTES + " at most");
        return count;
    }

    private static final class Floats extends FloatPointer {
        Floats(long address, long count) {
            this.address = address;
            limit = count;
            capacity = count;
        }
    }

    private static final class Bits extends IntPointer {
        Bits(long address, long count) {
            this.address = address;
            limit = count;
            capacity = count;
        }
    }
}
