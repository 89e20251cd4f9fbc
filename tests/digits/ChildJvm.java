package digits;

import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The Java of this process, for tests that start another process. */
public final class ChildJvm {
    private ChildJvm() { }

    /** The command {@code java}, with this process's permission to use sun.misc.Unsafe, which ND4J needs. */
    public static List<String> java(String... arguments) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                .filter(option -> option.startsWith("--sun-misc-unsafe-memory-access=")).forEach(command::add);
        command.addAll(List.of(arguments));
        return command;
    }
}
