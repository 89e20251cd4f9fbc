package digits.training;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.nativeblas.NativeOpsHolder;

/** The environment of a run: peak memory, versions, threads. */
public final class RunEnvironment {
    private RunEnvironment() { }

    /** Peak resident memory of this process in 10⁶ bytes, as Linux counts it ({@code VmHWM}); 0 elsewhere. */
    static long peakResidentMb() {
        try {
            return Files.readAllLines(Path.of("/proc/self/status")).stream().filter(line -> line.startsWith("VmHWM:"))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) * 1024 / 1_000_000)
                    .findFirst().orElse(0);
        } catch (IOException | NumberFormatException e) {
            return 0;
        }
    }

    /** Versions of Java, this library, Deeplearning4j and ND4J's native binary. */
    public static Map<String, String> versions() {
        Properties built = new Properties();
        try (InputStream in = RunEnvironment.class.getResourceAsStream("/digits/versions.properties")) {
            if (in != null) built.load(in);
        } catch (IOException e) {
            throw new IllegalStateException("versions.properties in the library's jar cannot be read", e);
        }
        Map<String, String> versions = new TreeMap<>(Map.of("java", System.getProperty("java.version")));
        built.forEach((name, version) -> versions.put(name.toString(), version.toString()));
        return versions;
    }

    /** Threads of the native library. */
    public static int threads() {
        Nd4j.getBackend();   // loads the library
        return Math.max(1, NativeOpsHolder.getInstance().getDeviceNativeOps().ompGetMaxThreads());
    }
}
