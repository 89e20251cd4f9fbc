package digits.onednn;

import static digits.onednn.OneDnn.check;

import digits.engine.Engine;
import digits.engine.Region;
import digits.engine.Scratchpad;
import java.util.Arrays;
import java.util.function.Consumer;
import java.util.function.Function;
import org.bytedeco.dnnl.const_dnnl_op_desc_t;
import org.bytedeco.dnnl.dnnl_binary_desc_t;
import org.bytedeco.dnnl.dnnl_exec_arg_t;
import org.bytedeco.dnnl.dnnl_memory;
import org.bytedeco.dnnl.dnnl_memory_desc_t;
import org.bytedeco.dnnl.dnnl_post_ops;
import org.bytedeco.dnnl.dnnl_primitive;
import org.bytedeco.dnnl.dnnl_primitive_attr;
import org.bytedeco.dnnl.dnnl_primitive_desc;
import org.bytedeco.dnnl.dnnl_primitive_desc_iterator;
import org.bytedeco.dnnl.global.dnnl;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerPointer;

/**
 * One of oneDNN's computations, compiled once for its shapes and run for arrays at any addresses. Any thread may run
 * it, but only one at a time: the caller locks. By default oneDNN keeps its working memory, the scratchpad, with the
 * thread that compiled, and another thread that runs the computation crashes; here the running thread supplies it.
 */
final class Primitive implements Engine.Pass {
    private final dnnl_primitive_desc description;
    private final dnnl_primitive primitive = new dnnl_primitive();
    private final dnnl_memory[] memories;
    private final long[] addresses;
    private final long[] sizes;       // in bytes
    private final long workspace;     // bytes of the scratchpad, the last of the memories; 0 if it needs none
    private final dnnl_exec_arg_t bound;

    /** An operation of two arrays, whose result is like the first: {@code run(a, b, result)}. */
    static Primitive binary(int algorithm, dnnl_memory_desc_t first, dnnl_memory_desc_t second) {
        var operation = OneDnn.describe("with two arrays", new dnnl_binary_desc_t(), binary ->
                dnnl.dnnl_binary_desc_init(binary, algorithm, first, second, first));
        return of(operation, null, false, dnnl.DNNL_ARG_SRC_0, dnnl.DNNL_ARG_SRC_1, dnnl.DNNL_ARG_DST);
    }

    /** Copies an array from one layout and type of numbers to another: {@code run(from, to)}. */
    static Primitive reorder(dnnl_memory_desc_t from, dnnl_memory_desc_t to) {
        return compiled(null, attributes -> {
            var description = new dnnl_primitive_desc();
            check(dnnl.dnnl_reorder_primitive_desc_create(description, from, OneDnn.engine, to, OneDnn.engine,
                    attributes), "copy between these layouts");
            return description;
        }, dnnl.DNNL_ARG_FROM, dnnl.DNNL_ARG_TO);
    }

    /**
     * Compiles an operation, with ReLU of the result if wanted; forward is what a backward operation belongs to, or
     * null. The arguments, {@code DNNL_ARG_…}, are in the order in which {@link #run} takes the addresses.
     */
    static Primitive of(Pointer operation, Primitive forward, boolean relu, int... arguments) {
        return of(operation, forward, relu ? Eltwise.RELU::fuse : null, arguments);
    }

    /** The same with any operations fused that {@code fuse} appends; null for none. */
    static Primitive of(Pointer operation, Primitive forward, Consumer<dnnl_post_ops> fuse, int... arguments) {
        return compiled(fuse, attributes -> description("", operation, attributes, forward), arguments);
    }

    /** Compiles an operation with the code whose name begins so, if oneDNN has it here, otherwise like {@link #of}. */
    static Primitive preferring(String name, Pointer operation, Primitive forward, int... arguments) {
        return compiled(null, attributes -> description(name, operation, attributes, forward), arguments);
    }

    /** The description of the first of oneDNN's codes for an operation whose name begins so, otherwise of the first. */
    private static dnnl_primitive_desc description(String name, Pointer operation, dnnl_primitive_attr attributes,
                                                   Primitive forward) {
        var codes = new dnnl_primitive_desc_iterator();
        check(dnnl.dnnl_primitive_desc_iterator_create(codes, new const_dnnl_op_desc_t(operation), attributes,
                OneDnn.engine, forward == null ? null : forward.description), "compute this shape");
        try {
            do {
                dnnl_primitive_desc description = dnnl.dnnl_primitive_desc_iterator_fetch(codes);
                if (code(description).startsWith(name)) return description;
                dnnl.dnnl_primitive_desc_destroy(description);
            } while (dnnl.dnnl_primitive_desc_iterator_next(codes) == 0);
        } finally {
            dnnl.dnnl_primitive_desc_iterator_destroy(codes);
        }
        return description("", operation, attributes, forward);
    }

    /** The name of the code, such as {@code brgconv:avx512_core}. */
    private static String code(dnnl_primitive_desc description) {
        try (var name = new PointerPointer<BytePointer>(1)) {
            check(dnnl.dnnl_primitive_desc_query(description, dnnl.dnnl_query_impl_info_str, 0, name), "name its code");
            return new BytePointer(name.get(0)).getString();
        }
    }

    private static Primitive compiled(Consumer<dnnl_post_ops> fuse,
                                      Function<dnnl_primitive_attr, dnnl_primitive_desc> create, int... arguments) {
        dnnl_primitive_desc description;
        var attributes = new dnnl_primitive_attr();
        check(dnnl.dnnl_primitive_attr_create(attributes), "set attributes");
        try {
            check(dnnl.dnnl_primitive_attr_set_scratchpad_mode(attributes, dnnl.dnnl_scratchpad_mode_user),
                    "use the caller's working memory");
            if (fuse != null) fuse(attributes, fuse);
            description = create.apply(attributes);
        } finally {
            dnnl.dnnl_primitive_attr_destroy(attributes);
        }
        return new Primitive(description, arguments);
    }

    private static void fuse(dnnl_primitive_attr attributes, Consumer<dnnl_post_ops> fuse) {
        var operations = new dnnl_post_ops();
        check(dnnl.dnnl_post_ops_create(operations), "fuse operations");
        try {
            fuse.accept(operations);
            check(dnnl.dnnl_primitive_attr_set_post_ops(attributes, operations), "fuse operations");
        } finally {
            dnnl.dnnl_post_ops_destroy(operations);
        }
    }

    private Primitive(dnnl_primitive_desc description, int... arguments) {
        this.description = description;
        workspace = dnnl.dnnl_memory_desc_get_size(layout(dnnl.DNNL_ARG_SCRATCHPAD));
        int[] all = Arrays.copyOf(arguments, arguments.length + (workspace > 0 ? 1 : 0));
        if (workspace > 0) all[arguments.length] = dnnl.DNNL_ARG_SCRATCHPAD;
        memories = new dnnl_memory[all.length];
        addresses = new long[all.length];
        sizes = new long[all.length];
        bound = new dnnl_exec_arg_t(all.length);
        check(dnnl.dnnl_primitive_create(primitive, description), "compile a computation");
        for (int i = 0; i < all.length; i++) {
            memories[i] = new dnnl_memory();
            sizes[i] = dnnl.dnnl_memory_desc_get_size(layout(all[i]));
            check(dnnl.dnnl_memory_create(memories[i], layout(all[i]), OneDnn.engine, null), "bind an array");
            bound.position(i).arg(all[i]).memory(memories[i]);
        }
        bound.position(0);
    }

    /** The layout in which this computation reads or writes an argument. */
    dnnl_memory_desc_t layout(int argument) {
        return dnnl.dnnl_primitive_desc_query_md(description, dnnl.dnnl_query_exec_arg_md, argument);
    }

    /** Whether oneDNN has only its slow reference code for this computation. */
    boolean isReference() {
        return code(description).startsWith("ref");
    }

    /**
     * Computes with these arrays, inputs first.
     *
     * @throws IllegalArgumentException if an array has another size than the computation was compiled for
     */
    @Override
    public void run(Region... arrays) {
        for (int i = 0; i < arrays.length; i++) bind(i, arrays[i]);
        if (workspace > 0) bind(arrays.length, Scratchpad.ofThisThread(workspace));
        check(dnnl.dnnl_primitive_execute(primitive, OneDnn.stream, memories.length, bound), "run");
    }

    private void bind(int i, Region array) {
        array.require(sizes[i]);
        if (addresses[i] == array.address()) return;
        check(dnnl.dnnl_memory_set_data_handle(memories[i], new Region(array.address(), 0).pointer()),
                "take an array");
        addresses[i] = array.address();
    }

    @Override
    public void close() {
        for (dnnl_memory memory : memories) dnnl.dnnl_memory_destroy(memory);
        dnnl.dnnl_primitive_destroy(primitive);
        dnnl.dnnl_primitive_desc_destroy(description);
        bound.close();
    }

    /**
     * A copy of a description that belongs to a computation and ends with it. Not in {@link OneDnn}: to verify that
     * class, Java would have to load the description's, also where there is no oneDNN.
     */
    static dnnl_memory_desc_t copy(dnnl_memory_desc_t layout) {
        var copy = new dnnl_memory_desc_t();
        copy.put(layout);
        return copy;
    }
}
