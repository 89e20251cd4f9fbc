package digits.cluster;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.google.gson.JsonPrimitive;
import digits.training.Fingerprint;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

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

    /**
     * Called on the driver, before a configuration is sent.
     *
     * @throws ClusterException if it names a class that only a notebook has, or one of its jars: executors do not
     */
    static void requireClasses(String network, String configuration) {
        for (String name : classes(JsonParser.parseString(configuration)).toList()) {
            try {
                Class.forName(name, false, SameComputation.class.getClassLoader());
            } catch (ClassNotFoundException | LinkageError e) {
                throw new ClusterException("“" + network + "” needs the class " + name + ", which only this "
                        + "notebook has: its classes do not travel to the executors. Compute in this process, use "
                        + "what the library has, or put the class into a jar on the class path of both sides", e);
            }
        }
    }

    /** The classes that the JSON of a configuration names, in the two ways in which Deeplearning4j does. */
    private static Stream<String> classes(JsonElement json) {
        if (json instanceof JsonArray array) {
            return StreamSupport.stream(array.spliterator(), false).flatMap(SameComputation::classes);
        }
        if (!(json instanceof JsonObject object)) return Stream.empty();
        Stream<String> own = Stream.of("@class", "type").map(object::get)
                .filter(value -> value instanceof JsonPrimitive name && name.getAsString().contains("."))
                .map(JsonElement::getAsString);
        return Stream.concat(own, object.entrySet().stream().flatMap(entry -> classes(entry.getValue())));
    }

    static String host() {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException e) {
            return "a machine without a name";
        }
    }
}
