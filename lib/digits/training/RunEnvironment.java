package digits.training;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.nativeblas.NativeOpsHolder;

/** The environment of a run: peak memory, threads. */
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

    /** Threads of the native library. */
    public static int threads() {
        Nd4j.getBackend();   // loads the library
        return Math.max(1, NativeOpsHolder.getInstance().getDeviceNativeOps().ompGetMaxThreads());
    }
}
