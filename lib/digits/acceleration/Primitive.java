package digits.acceleration;

import static digits.acceleration.OneDnn.check;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC;
import static org.bytedeco.dnnl.global.dnnl.dnnl_memory_create;
import static org.bytedeco.dnnl.global.dnnl.dnnl_memory_destroy;
import static org.bytedeco.dnnl.global.dnnl.dnnl_memory_set_data_handle;
import static org.bytedeco.dnnl.global.dnnl.dnnl_primitive_create;
import static org.bytedeco.dnnl.global.dnnl.dnnl_primitive_desc_create;
import static org.bytedeco.dnnl.global.dnnl.dnnl_primitive_desc_destroy;
import static org.bytedeco.dnnl.global.dnnl.dnnl_primitive_desc_query;
import static org.bytedeco.dnnl.global.dnnl.dnnl_primitive_desc_query_md;
import static org.bytedeco.dnnl.global.dnnl.dnnl_primitive_destroy;
import static org.bytedeco.dnnl.global.dnnl.dnnl_primitive_execute;
import static org.bytedeco.dnnl.global.dnnl.dnnl_query_exec_arg_md;
import static org.bytedeco.dnnl.global.dnnl.dnnl_query_impl_info_str;
import static org.bytedeco.dnnl.global.dnnl.dnnl_reorder_primitive_desc_create;

import org.bytedeco.dnnl.const_dnnl_op_desc_t;
import org.bytedeco.dnnl.dnnl_exec_arg_t;
import org.bytedeco.dnnl.dnnl_memory;
import org.bytedeco.dnnl.dnnl_memory_desc_t;
import org.bytedeco.dnnl.dnnl_primitive;
import org.bytedeco.dnnl.dnnl_primitive_attr;
import org.bytedeco.dnnl.dnnl_primitive_desc;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerPointer;

/**
 * One of oneDNN's computations, compiled for its shapes once and run often. Only the addresses of its arrays change from
 * run to run. Not for several threads at once.
 */
final class Primitive implements AutoCloseable {
    private final dnnl_primitive_desc description;
    private final dnnl_primitive primitive = new dnnl_primitive();
    private final int[] arguments;
    private final dnnl_memory[] memories;
    private final long[] addresses;
    private final dnnl_exec_arg_t bound;
    private final OneDnn.Address pointer = new OneDnn.Address(0);

    /**
     * Compiles the operation.
     *
     * @param attributes what else to do to the result, or null
     * @param forward    the forward computation that a backward one belongs to, or null
     * @param arguments  {@code DNNL_ARG_…}, in the order in which {@link #run} takes the addresses
     * @throws OneDnnException if oneDNN has no code for it
     */
    static Primitive of(Pointer operation, dnnl_primitive_attr attributes, Primitive forward, int... arguments) {
        var description = new dnnl_primitive_desc();
        check(dnnl_primitive_desc_create(description, new const_dnnl_op_desc_t(operation), attributes, OneDnn.engine(),
                forward == null ? null : forward.description), "compute this shape");
        return new Primitive(description, arguments);
    }

    /** Copies an array from one layout to another: {@code run(from, to)}. */
    static Primitive reorder(dnnl_memory_desc_t from, dnnl_memory_desc_t to) {
        var description = new dnnl_primitive_desc();
        check(dnnl_reorder_primitive_desc_create(description, from, OneDnn.engine(), to, OneDnn.engine(), null),
                "copy between these layouts");
        return new Primitive(description, new int[] {DNNL_ARG_SRC, DNNL_ARG_DST}, from, to);
    }

    private Primitive(dnnl_primitive_desc description, int[] arguments, dnnl_memory_desc_t... layouts) {
        this.description = description;
        this.arguments = arguments;
        memories = new dnnl_memory[arguments.length];
        addresses = new long[arguments.length];
        bound = new dnnl_exec_arg_t(arguments.length);
        check(dnnl_primitive_create(primitive, description), "compile a computation");
        for (int i = 0; i < arguments.length; i++) {
            memories[i] = new dnnl_memory();
            check(dnnl_memory_create(memories[i], layouts.length > 0 ? layouts[i] : layout(arguments[i]), OneDnn.engine(), null),
                    "bind an array");
            bound.position(i).arg(arguments[i]).memory(memories[i]);
        }
        bound.position(0);
    }

    /** The layout in which this computation reads or writes the argument. */
    dnnl_memory_desc_t layout(int argument) {
        return dnnl_primitive_desc_query_md(description, dnnl_query_exec_arg_md, argument);
    }

    /** The name of oneDNN's code, for example {@code jit:avx2}; «ref» names the slow reference code. */
    String code() {
        try (var name = new PointerPointer<BytePointer>(1)) {
            check(dnnl_primitive_desc_query(description, dnnl_query_impl_info_str, 0, name), "name its code");
            return new BytePointer(name.get(0)).getString();
        }
    }

    /** Computes, with the arrays at these addresses. */
    void run(long... at) {
        for (int i = 0; i < at.length; i++) {
            if (addresses[i] != at[i]) {
                check(dnnl_memory_set_data_handle(memories[i], pointer.at(at[i])), "take an array");
                addresses[i] = at[i];
            }
        }
        check(dnnl_primitive_execute(primitive, OneDnn.stream(), arguments.length, bound), "run");
    }

    @Override
    public void close() {
        for (dnnl_memory memory : memories) dnnl_memory_destroy(memory);
        dnnl_primitive_destroy(primitive);
        dnnl_primitive_desc_destroy(description);
        bound.close();
    }
}
