package digits.onednn;

import digits.engine.NoCodeException;
import java.util.Locale;
import java.util.Optional;
import java.util.function.ToIntFunction;
import java.util.stream.Stream;
import org.bytedeco.dnnl.dnnl_engine;
import org.bytedeco.dnnl.dnnl_memory_desc_t;
import org.bytedeco.dnnl.dnnl_stream;
import org.bytedeco.dnnl.global.dnnl;
import org.nd4j.linalg.factory.Nd4j;

/** The native library oneDNN (formerly MKL-DNN), with one engine and one stream for all threads. */
public final class OneDnn {
    static dnnl_engine engine;   // these two are set by load
    static dnnl_stream stream;
    private static final int[] ROWS = {dnnl.dnnl_x, dnnl.dnnl_ab, dnnl.dnnl_abc, dnnl.dnnl_abcd};
    private static final Optional<String> MISSING = load();   // a library that does not load once never will

    private OneDnn() { }

    /** Why oneDNN cannot be used on this machine; empty if it can. */
    public static Optional<String> missing() {
        return MISSING;
    }

    /**
     * The number of the instruction set that oneDNN uses here, {@code dnnl_cpu_isa_…}: the best that the CPU has and
     * the variable {@code DNNL_MAX_CPU_ISA} allows; 0 if oneDNN cannot be used.
     */
    public static int instructionSet() {
        return MISSING.isPresent() ? 0 : dnnl.dnnl_get_effective_cpu_isa();
    }

    /** The name of an {@link #instructionSet}, such as AVX2; a number that has no name stays a number. */
    public static String nameOf(int instructionSet) {
        if (instructionSet == 0) return "unknown";
        return Stream.of(dnnl.cpu_isa.values()).filter(each -> each.value == instructionSet)
                .map(each -> each.name().toUpperCase(Locale.ROOT)).findFirst()
                .orElse(String.valueOf(instructionSet));
    }

    /** Why computations with numbers in bfloat16 would be slow or impossible here; empty if they are fast. */
    public static Optional<String> slowBfloat16() {
        if (MISSING.isPresent()) return MISSING;
        int has = instructionSet();
        if ((has & dnnl.dnnl_cpu_isa_avx512_core_bf16) == dnnl.dnnl_cpu_isa_avx512_core_bf16) return Optional.empty();
        return Optional.of("the processor has no instructions for bfloat16, or may not use them (oneDNN uses "
                + nameOf(has) + ")");
    }

    static void check(int status, String what) {
        if (status != 0) throw new NoCodeException("oneDNN cannot " + what + ": status " + status);
    }

    /** Describes an operation: {@code init} fills the description and returns a status. */
    static <D> D describe(String what, D operation, ToIntFunction<D> init) {
        check(init.applyAsInt(operation), "describe " + what);
        return operation;
    }

    /** Describes floats of this shape (images: n, c, h, w) in a layout of oneDNN, for example {@code dnnl_nhwc}. */
    static dnnl_memory_desc_t floats(int layout, long... shape) {
        return numbers(dnnl.dnnl_f32, layout, shape);
    }

    /** The same for numbers of another type, for example {@code dnnl_bf16}. */
    static dnnl_memory_desc_t numbers(int type, int layout, long... shape) {
        var description = new dnnl_memory_desc_t();
        check(dnnl.dnnl_memory_desc_init_by_tag(description, shape.length, shape, type, layout),
                "describe an array");
        return description;
    }

    /** Describes floats of this shape row by row: the last dimension is the innermost. */
    static dnnl_memory_desc_t rows(long... shape) {
        return floats(ROWS[shape.length - 1], shape);
    }

    /** The shape that a layout describes. */
    static long[] shape(dnnl_memory_desc_t layout) {
        long[] shape = new long[layout.ndims()];
        layout.dims().get(shape);
        return shape;
    }

    private static Optional<String> load() {
        try {
            Nd4j.getBackend();   // loads ND4J's threading library first, so that both share it
            var version = dnnl.dnnl_version();
            if (version.major() != 2 || version.minor() < 5) {
                return Optional.of("oneDNN %d.%d.%d is loaded, 2.5 is needed"
                        .formatted(version.major(), version.minor(), version.patch()));
            }
            engine = new dnnl_engine();
            stream = new dnnl_stream();
            check(dnnl.dnnl_engine_create(engine, dnnl.dnnl_cpu, 0), "start on the CPU");
            check(dnnl.dnnl_stream_create(stream, engine, dnnl.dnnl_stream_default_flags), "make a stream");
            return Optional.empty();
        } catch (LinkageError | RuntimeException absent) {
            Throwable cause = absent;
            while (cause.getCause() != null) cause = cause.getCause();
            return Optional.of("oneDNN's library does not load (" + cause + ")");
        }
    }
}
