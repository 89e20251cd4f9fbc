package digits.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import digits.Examples;
import java.io.BufferedReader;
import java.io.File;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Seen from outside: a process with a demo ends with its own work, and an unfinished request is cut off. */
class OwnProcessTest {
    @Test
    void theProcessEndsAlthoughADemoRuns() throws Exception {
        String path = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"))
                .replace(File.pathSeparator + File.pathSeparator, File.pathSeparator);
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        Process process = new ProcessBuilder(java, "-Xmx256m",
                "-Dorg.bytedeco.javacpp.maxphysicalbytes=0", "-cp", path, Started.class.getName())
                .redirectError(ProcessBuilder.Redirect.INHERIT).start();
        try (BufferedReader out = process.inputReader(); Socket slow = new Socket()) {
            URI address = URI.create(out.readLine());
            slow.connect(new java.net.InetSocketAddress(InetAddress.getLoopbackAddress(), address.getPort()));
            slow.getOutputStream().write("GET / HTTP/1.1\r\nHo".getBytes(StandardCharsets.US_ASCII));
            slow.setSoTimeout(60_000);
            String said = new String(slow.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertTrue(said.startsWith("HTTP/1.1 408"), said);
            assertTrue(process.isAlive());
            process.outputWriter().append("end\n").close();
            assertTrue(process.waitFor(60, TimeUnit.SECONDS), "the process does not end");
            assertEquals(0, process.exitValue());
        } finally {
            process.destroyForcibly();
        }
    }

    /** Starts a demo and finishes its own work at the first line of input. */
    static final class Started {
        private Started() {
        }

        public static void main(String[] none) throws Exception {
            Endpoint endpoint = new Endpoint(0, Optional.empty());
            System.out.println(Demo.start(Examples.smallNetwork(1), "small", endpoint, 2).address());
            System.in.read();
        }
    }
}
