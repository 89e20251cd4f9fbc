package digits.cluster;

import digits.training.Fingerprint;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Whether an executor computes to the last bit what the driver would: the bits of a result depend on the library, the
 * native binary, the number of threads and the instruction set.
 */
final class SameComputation {
    /** Found once in a process, and when it is needed: it loads the native library. */
    private static final class Here {
        static final Map<String, String> ENVIRONMENT = Fingerprint.environment();
    }

    private SameComputation() { }

    /** What the results of this process depend on. */
    static Map<String, String> environment() {
        return Here.ENVIRONMENT;
    }

    /**
     * Called on an executor.
     *
     * @throws IllegalStateException if this process computes differently: what differs, and what to do
     */
    static void require(Map<String, String> driver) {
        Map<String, String> here = environment();
        if (here.equals(driver)) return;
        String differences = driver.keySet().stream().filter(name -> !driver.get(name).equals(here.get(name)))
                .map(name -> name.equals("library") ? "another build of the library" : here.get(name) + " instead of "
                        + driver.get(name)).collect(Collectors.joining(", "));
        throw new IllegalStateException("The executor on " + host() + " would compute other bits than the driver ("
                + differences + "). Give all machines the same library, OMP_NUM_THREADS (DIGITS_THREADS) and, if their "
                + "processors differ, DNNL_MAX_CPU_ISA=AVX2 in the driver's environment, which passes it on");
    }

    static String host() {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException e) {
            return "a machine without a name";
        }
    }
}
