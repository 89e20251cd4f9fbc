package digits.onednn;

import digits.engine.NativeResource;
import digits.engine.Region;
import org.bytedeco.dnnl.dnnl_memory;
import org.bytedeco.dnnl.dnnl_memory_desc_t;
import org.bytedeco.dnnl.global.dnnl;
import org.bytedeco.javacpp.PointerPointer;

/** Native memory for one array. */
final class NativeBuffer implements NativeResource {
    final Region region;
    private final dnnl_memory memory = new dnnl_memory();

    NativeBuffer(dnnl_memory_desc_t layout) {
        Region aligned = new Region(-1, 0);   // DNNL_MEMORY_ALLOCATE
        OneDnn.check(dnnl.dnnl_memory_create(memory, layout, OneDnn.engine, aligned.pointer()),
                "allocate " + dnnl.dnnl_memory_desc_get_size(layout) + " bytes");
        try (var handle = new PointerPointer<>(1)) {
            OneDnn.check(dnnl.dnnl_memory_get_data_handle(memory, handle), "tell where an array is");
            region = new Region(handle.get(0).address(), dnnl.dnnl_memory_desc_get_size(layout));
        }
    }

    @Override
    public void close() {
        dnnl.dnnl_memory_destroy(memory);
    }
}
