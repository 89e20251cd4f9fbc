package digits.onednn;

import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import org.bytedeco.dnnl.dnnl_memory;
import org.bytedeco.dnnl.dnnl_memory_desc_t;
import org.bytedeco.dnnl.global.dnnl;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.PointerPointer;

/**
 * Native memory for one array; and native arrays seen from Java. Loops over native memory are slow: it is faster to
 * copy a few thousand numbers into a Java array, to compute there, and to copy them back.
 */
public final class NativeBuffer implements NativeResource {
    final long address;
    private final dnnl_memory memory = new dnnl_memory();

    NativeBuffer(dnnl_memory_desc_t layout) {
        Memory aligned = new Memory(-1, 0);   // DNNL_MEMORY_ALLOCATE
        OneDnn.check(dnnl.dnnl_memory_create(memory, layout, OneDnn.engine, aligned),
                "allocate " + dnnl.dnnl_memory_desc_get_size(layout) + " bytes");
        try (var handle = new PointerPointer<>(1)) {
            OneDnn.check(dnnl.dnnl_memory_get_data_handle(memory, handle), "tell where an array is");
            address = handle.get(0).address();
        }
    }

    /** Copies {@code count} floats that start at this address. */
    public static float[] read(long address, int count) {
        float[] floats = new float[count];
        floats(address, count).get(floats);
        return floats;
    }

    /** Copies the floats to this address. */
    public static void write(long address, float[] floats) {
        floats(address, floats.length).put(floats);
    }

    /** The {@code count} floats that start at this address, as a view. */
    static FloatBuffer floats(long address, long count) {
        return new Memory(address, count * Float.BYTES).asByteBuffer().asFloatBuffer();
    }

    /** The same memory as integers: each is the bits of a float. */
    static IntBuffer bits(long address, long count) {
        return new Memory(address, count * Float.BYTES).asByteBuffer().asIntBuffer();
    }

    @Override
    public void close() {
        dnnl.dnnl_memory_destroy(memory);
    }

    /** A pointer to native memory that belongs to someone else. */
    static final class Memory extends BytePointer {
        Memory(long address, long bytes) {
            if (bytes > Integer.MAX_VALUE) {
                throw new OneDnnException("an array of " + bytes + " bytes, " + Integer.MAX_VALUE + " at most");
            }
            this.address = address;
            limit = bytes;
            capacity = bytes;
        }
    }
}
