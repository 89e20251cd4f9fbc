package digits.acceleration;

import static org.bytedeco.dnnl.global.dnnl.dnnl_memory_create;
import static org.bytedeco.dnnl.global.dnnl.dnnl_memory_desc_get_size;
import static org.bytedeco.dnnl.global.dnnl.dnnl_memory_destroy;
import static org.bytedeco.dnnl.global.dnnl.dnnl_memory_get_data_handle;

import org.bytedeco.dnnl.dnnl_memory;
import org.bytedeco.dnnl.dnnl_memory_desc_t;
import org.bytedeco.javacpp.PointerPointer;

/** Native memory for one array, kept from run to run until it is closed. */
final class Buffer implements AutoCloseable {
    private static final OneDnn.Address ALLOCATE = new OneDnn.Address(-1);   // DNNL_MEMORY_ALLOCATE: oneDNN's own, aligned

    private final dnnl_memory memory = new dnnl_memory();
    private final long address;

    Buffer(dnnl_memory_desc_t layout) {
        OneDnn.check(dnnl_memory_create(memory, layout, OneDnn.engine(), ALLOCATE),
                "allocate " + dnnl_memory_desc_get_size(layout) + " bytes");
        try (var handle = new PointerPointer<>(1)) {
            OneDnn.check(dnnl_memory_get_data_handle(memory, handle), "tell where an array is");
            address = handle.get(0).address();
        }
    }

    long address() {
        return address;
    }

    /** The floats at this address. */
    static float[] read(long address, int count) {
        float[] floats = new float[count];
        NativeArray.floats(address, count).get(floats);
        return floats;
    }

    /** Writes the floats to this address. */
    static void write(long address, float[] floats, int count) {
        NativeArray.floats(address, count).put(floats, 0, count);
    }

    @Override
    public void close() {
        dnnl_memory_destroy(memory);
    }
}
