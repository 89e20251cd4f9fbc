package digits.acceleration;

import static org.bytedeco.dnnl.global.dnnl.dnnl_memory_desc_equal;

import org.bytedeco.dnnl.dnnl_memory_desc_t;

/**
 * Between an array as it lies outside and the layout a computation wants: nothing if they are the same, else a copy
 * through a buffer of its own.
 */
final class Adapter implements AutoCloseable {
    private final Primitive copy;   // null: same layout
    private final Buffer buffer;
    private final boolean input;

    /** For an array that is read. */
    static Adapter input(dnnl_memory_desc_t outside, dnnl_memory_desc_t inside) {
        return new Adapter(outside, inside, true);
    }

    /** For an array that is written. */
    static Adapter output(dnnl_memory_desc_t outside, dnnl_memory_desc_t inside) {
        return new Adapter(outside, inside, false);
    }

    private Adapter(dnnl_memory_desc_t outside, dnnl_memory_desc_t inside, boolean input) {
        this.input = input;
        boolean same = dnnl_memory_desc_equal(outside, inside) != 0;
        copy = same ? null : input ? Primitive.reorder(outside, inside) : Primitive.reorder(inside, outside);
        buffer = same ? null : new Buffer(inside);
    }

    /** The address for the computation; an array that is read is copied there now. */
    long open(long outside) {
        if (copy == null) return outside;
        if (input) copy.run(outside, buffer.address());
        return buffer.address();
    }

    /** After the computation: brings what it wrote to where it belongs. */
    void finish(long outside) {
        if (copy != null) copy.run(buffer.address(), outside);
    }

    @Override
    public void close() {
        if (copy != null) {
            copy.close();
            buffer.close();
        }
    }
}
