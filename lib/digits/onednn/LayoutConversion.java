package digits.onednn;

import org.bytedeco.dnnl.dnnl_memory_desc_t;
import org.bytedeco.dnnl.global.dnnl;

/**
 * Converts one array of a computation between its layout outside and the computation's, through a buffer. If both layouts
 * are the same, nothing is copied.
 */
final class LayoutConversion implements NativeResource {
    private final Primitive copy;        // null if the layouts are the same
    private final NativeBuffer buffer;
    private final boolean input;

    /** @param input whether the computation reads the array, otherwise it writes it */
    LayoutConversion(dnnl_memory_desc_t outside, dnnl_memory_desc_t inside, boolean input) {
        this.input = input;
        boolean same = dnnl.dnnl_memory_desc_equal(outside, inside) != 0;
        copy = same ? null : input ? Primitive.reorder(outside, inside) : Primitive.reorder(inside, outside);
        buffer = same ? null : new NativeBuffer(inside);
    }

    /** Before the computation: returns the address to use, and copies an input there. */
    long before(long outside) {
        if (copy == null) return outside;
        if (input) copy.run(outside, buffer.address());
        return buffer.address();
    }

    /** After the computation: copies an output to where it belongs. */
    void after(long outside) {
        if (copy != null && !input) copy.run(buffer.address(), outside);
    }

    @Override
    public void close() {
        NativeResource.closeAll(copy, buffer);
    }
}
