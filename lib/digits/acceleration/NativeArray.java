package digits.acceleration;

import java.nio.FloatBuffer;
import java.nio.IntBuffer;

import org.bytedeco.javacpp.BytePointer;

/**
 * Native memory as Java's buffers. Loops over them are slow; what is fast is to copy some thousand numbers into a Java array, which
 * then lie in the processor's nearest cache, compute there with plain loops, which the just-in-time compiler vectorises, and copy back.
 */
final class NativeArray {
    private NativeArray() {
    }

    /** So many floats from this address on. */
    static FloatBuffer floats(long address, long count) {
        return new Memory(address, count * Float.BYTES).asByteBuffer().asFloatBuffer();
    }

    /** The same memory as integers: a float's bits. */
    static IntBuffer bits(long address, long count) {
        return new Memory(address, count * Float.BYTES).asByteBuffer().asIntBuffer();
    }

    private static final class Memory extends BytePointer {
        Memory(long address, long bytes) {
            if (bytes > Integer.MAX_VALUE) throw new OneDnnException("an array of " + bytes + " bytes, " + Integer.MAX_VALUE + " at most");
            this.address = address;
            limit = bytes;
            capacity = bytes;
        }
    }
}
