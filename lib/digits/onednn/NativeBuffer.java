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
    final Region region;
    private final dnnl_memory memory = new dnnl_memory();

    NativeBuffer(dnnl_memory_desc_t layout) {
        Memory aligned = new Memory(new Region(-1, 0));   // DNNL_MEMORY_ALLOCATE
        OneDnn.check(dnnl.dnnl_memory_create(memory, layout, OneDnn.engine, aligned),
                "allocate " + dnnl.dnnl_memory_desc_get_size(layout) + " bytes");
        try (var handle = new PointerPointer<>(1)) {
            OneDnn.check(dnnl.dnnl_memory_get_data_handle(memory, handle), "tell where an array is");
            region = new Region(handle.get(0).address(), dnnl.dnnl_memory_desc_get_size(layout));
        }
    }

    /** Copies an array of {@code count} floats. */
    public static float[] read(Region array, int count) {
        float[] floats = new float[count];
        floats(array, count).get(floats);
        return floats;
    }

    /** Copies the floats into an array of that many. */
    public static void write(Region array, float[] floats) {
        floats(array, floats.length).put(floats);
    }

    /** An array of {@code count} floats, as a view. */
    static FloatBuffer floats(Region array, long count) {
        array.require(count * Float.BYTES);
        return new Memory(array).asByteBuffer().asFloatBuffer();
    }

    /** The same memory as integers: each is the bits of a float. */
    static IntBuffer bits(Region array, long count) {
        array.require(count * Float.BYTES);
        return new Memory(array).asByteBuffer().asIntBuffer();
    }

    @Override
    public void close() {
        dnnl.dnnl_memory_destroy(memory);
    }

    /** A pointer to native memory that belongs to someone else. */
    static final class Memory extends BytePointer {
        Memory(Region region) {
            if (region.bytes() > Integer.MAX_VALUE) {
                throw new OneDnnException("an array of " + region.bytes() + " bytes, " + Integer.MAX_VALUE
                        + " at most");
            }
            address = region.address();
            limit = region.bytes();
            capacity = region.bytes();
        }
    }
}
