package digits.acceleration;

import static org.bytedeco.dnnl.global.dnnl.dnnl_cpu;
import static org.bytedeco.dnnl.global.dnnl.dnnl_engine_create;
import static org.bytedeco.dnnl.global.dnnl.dnnl_f32;
import static org.bytedeco.dnnl.global.dnnl.dnnl_memory_desc_init_by_tag;
import static org.bytedeco.dnnl.global.dnnl.dnnl_stream_create;
import static org.bytedeco.dnnl.global.dnnl.dnnl_stream_default_flags;
import static org.bytedeco.dnnl.global.dnnl.dnnl_version;

import java.lang.ref.Reference;
import java.util.Optional;

import org.bytedeco.dnnl.dnnl_engine;
import org.bytedeco.dnnl.dnnl_memory_desc_t;
import org.bytedeco.dnnl.dnnl_stream;
import org.bytedeco.javacpp.Pointer;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * The native library oneDNN (once called MKL-DNN and DNNL): one engine and one stream for the process, both without state
 * on the CPU and so shared by all threads.
 */
final class OneDnn {
    private OneDnn() {
    }

    /** Why oneDNN cannot be used here, if it cannot. */
    static Optional<String> missing() {
        return Check.RESULT;
    }

    static dnnl_engine engine() {
        return Library.ENGINE;
    }

    static dnnl_stream stream() {
        return Library.STREAM;
    }

    /** Throws if the call did not succeed. */
    static void check(int status, String what) {
        if (status != 0) throw new OneDnnException("oneDNN cannot " + what + ": status " + status);
    }

    /** Floats of this shape (images: n, c, h, w) in one of oneDNN's layouts, for example {@code dnnl_nhwc}. */
    static dnnl_memory_desc_t floats(int layout, long... shape) {
        var description = new dnnl_memory_desc_t();
        check(dnnl_memory_desc_init_by_tag(description, shape.length, shape, dnnl_f32, layout), "describe an array");
        return description;
    }

    /** Where the array's first number is. */
    static long address(INDArray array) {
        return array.data().address() + array.data().offset() * array.data().getElementSize();
    }

    /**
     * Holds the arrays until here: an array that no one refers to any more is freed, even while native code works on its
     * address.
     */
    static void hold(Object... arrays) {
        for (Object array : arrays) Reference.reachabilityFence(array);
    }

    /** A pointer to somewhere in native memory that others own. */
    static final class Address extends Pointer {
        Address(long address) {
            this.address = address;
        }

        Address at(long newAddress) {
            address = newAddress;
            return this;
        }
    }

    /** Tried once: a library that does not load the first time never will. */
    private static final class Check {
        static final Optional<String> RESULT = run();

        private static Optional<String> run() {
            try {
                Nd4j.getBackend();   // ND4J's threads library first: both then share it
                var version = dnnl_version();
                if (version.major() != 2 || version.minor() < 5) {
                    return Optional.of("oneDNN %d.%d.%d is loaded, 2.5 is needed".formatted(
                            version.major(), version.minor(), version.patch()));
                }
                engine();
                return Optional.empty();
            } catch (LinkageError | RuntimeException absent) {
                Throwable cause = absent;
                while (cause.getCause() != null) cause = cause.getCause();
                return Optional.of("oneDNN's library does not load (" + cause + ")");
            }
        }
    }

    private static final class Library {
        static final dnnl_engine ENGINE = new dnnl_engine();
        static final dnnl_stream STREAM = new dnnl_stream();

        static {
            check(dnnl_engine_create(ENGINE, dnnl_cpu, 0), "start on the CPU");
            check(dnnl_stream_create(STREAM, ENGINE, dnnl_stream_default_flags), "make a stream");
        }
    }
}
