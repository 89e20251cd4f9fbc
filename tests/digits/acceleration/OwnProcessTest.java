package digits.acceleration;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import digits.ChildJvm;
import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.bytedeco.javacpp.Pointer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.dataset.DataSet;

/** Tests that need a separate Java process: another classpath, or a heap of fixed size. */
class OwnProcessTest {
    @Test
    void withoutTheLibraryThePortableCodeStepsIn() throws Exception {
        List<String> output = java(jar -> !jar.startsWith("dnnl-"), List.of(), Report.class);
        assertEquals("PORTABLE", output.get(0), output.toString());
        assertTrue(output.get(1).startsWith("oneDNN's library does not load"), output.toString());
        assertTrue(Double.parseDouble(output.get(2)) > 0, output.toString());
    }

    @Test
    void withoutTheBinaryThePortableCodeStepsIn() throws Exception {
        List<String> output = java(jar -> !jar.matches("dnnl-.*(x86_64|arm64)\\.jar"), List.of(), Report.class);
        assertEquals("PORTABLE", output.get(0), output.toString());
        assertTrue(output.get(1).startsWith("oneDNN's library does not load"), output.toString());
    }

    @Test
    void thePortableModeLoadsNoClassOfOneDnn() throws Exception {
        List<String> output = java(jar -> true, List.of("-Ddigits.acceleration=portable", "-Xlog:class+load"),
                Report.class);
        assertTrue(output.contains("PORTABLE"), output.get(output.size() - 1));
        List<String> loaded = output.stream().filter(line -> line.contains("org.bytedeco.")).toList();
        assertTrue(loaded.stream().anyMatch(line -> line.contains("openblas")), loaded.toString());
        assertEquals(List.of(), loaded.stream().filter(line -> line.contains("dnnl")).toList());
    }

    @Test
    void memoryStaysFlatOver2000Steps() throws Exception {
        List<String> output = java(jar -> true, List.of("-Xms96m", "-Xmx96m", "-XX:+AlwaysPreTouch",
                "-XX:TieredStopAtLevel=1"), Memory.class);   // the other compiler takes and returns megabytes
        long grown = Long.parseLong(output.get(0));
        assertTrue(grown < 200_000, "most stretches of 200 steps grew by " + grown + " bytes or more: " + output);
    }

    /** Prints the mode, the reason, and the loss of a step. */
    static final class Report {
        private Report() {
        }

        public static void main(String[] none) {
            MultiLayerNetwork network = Networks.small(true);
            Acceleration report = Acceleration.of(network);
            System.out.println(report.mode());
            System.out.println(report.reason().orElse("none"));
            System.out.println(Networks.losses(network, Networks.batches(1, 4))[0]);
            System.exit(0);
        }
    }

    /**
     * Trains 2,000 steps, whole and partial batches, and prints by how many bytes the process grew at least in three of
     * four stretches of 200: what leaks grows in every stretch, what the just-in-time compiler still needs does not.
     */
    static final class Memory {
        private Memory() {
        }

        public static void main(String[] none) throws InterruptedException {
            MultiLayerNetwork network = Networks.tiny();
            Acceleration.of(network);
            List<DataSet> batches = new ArrayList<>(Networks.batches(3, 4));
            batches.addAll(Networks.batches(1, 3));
            for (int i = 0; i < 600; i++) network.fit(batches.get(i % 4));
            long[] grown = new long[10];
            long before = bytes();
            for (int stretch = 0; stretch < grown.length; stretch++) {
                for (int i = 0; i < 200; i++) network.fit(batches.get(i % 4));
                long after = bytes();
                grown[stretch] = after - before;
                before = after;
            }
            String all = Arrays.toString(grown);
            Arrays.sort(grown);
            System.out.println(grown[grown.length / 4]);
            System.out.println(all);
            System.exit(0);
        }

        /** Without what Java holds no longer: ND4J frees its native parts some time after the garbage collection. */
        private static long bytes() throws InterruptedException {
            for (int i = 0; i < 2; i++) {
                System.gc();
                Thread.sleep(200);
            }
            return Pointer.physicalBytes();
        }
    }

    private static List<String> java(Predicate<String> jars, List<String> options, Class<?> main)
            throws IOException, InterruptedException {
        String classpath = Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                .filter(entry -> jars.test(Path.of(entry).getFileName().toString()))
                .collect(Collectors.joining(File.pathSeparator));
        List<String> command = ChildJvm.java();
        command.addAll(options);
        command.addAll(List.of("-cp", classpath, main.getName()));
        var builder = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD);
        builder.environment().put("OMP_NUM_THREADS", "1");
        Process process = builder.start();
        String output = new String(process.getInputStream().readAllBytes(), UTF_8);
        assertEquals(0, process.waitFor(), output);
        return output.lines().toList();
    }
}
