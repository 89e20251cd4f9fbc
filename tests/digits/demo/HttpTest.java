package digits.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import digits.demo.Guard.HttpError;
import java.io.BufferedReader;
import java.io.File;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;

class HttpTest {
    private static final int SECONDS = 2;
    private static final int LARGE = 1_000_000;
    private static final String HOST = " HTTP/1.1\r\nHost: h\r\n";

    private final List<Socket> stuck = new ArrayList<>();
    private Http http;

    /** Responds with the content that it got, or with much to read. */
    private static final class Echo implements Http.Handler {
        @Override
        public Http.Response respond(Request request) throws IOException {
            if (request.target.equals("/refused")) throw new HttpError(403, "no");
            byte[] content = request.target.equals("/large") ? new byte[LARGE]
                    : (request.method + " " + new String(request.content(), StandardCharsets.ISO_8859_1))
                    .getBytes(StandardCharsets.ISO_8859_1);
            return new Http.Response(200, List.of("X-Test: 1"), content);
        }

        @Override
        public Http.Response report(HttpError error) {
            return new Http.Response(error.status, List.of("X-Test: 1"),
                    error.getMessage().getBytes(StandardCharsets.UTF_8));
        }
    }

    @BeforeEach
    void start() {
        http = new Http(0, SECONDS, new Echo());
        http.start();
    }

    @AfterEach
    void stop() throws IOException {
        http.close();
        for (Socket socket : stuck) socket.close();
    }

    private static Socket send(int port, String text) throws IOException {
        Socket socket = new Socket();
        socket.setReceiveBufferSize(1 << 14);   // a client that does not read soon stops the server from writing
        socket.setSoTimeout(20_000);
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
        return socket;
    }

    /** All responses to a text after which the client sends nothing. */
    private String responses(String text) throws IOException {
        try (Socket socket = send(http.port(), text)) {
            socket.shutdownOutput();
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private static String post(String target, String content) {
        return "POST " + target + HOST + "Content-Length: " + content.length() + "\r\n\r\n" + content;
    }

    /** Waits for the response to a request of a well-behaved client, and returns the milliseconds. */
    private long millis() throws IOException {
        long start = System.nanoTime();
        try (Socket socket = send(http.port(), post("/", "abc"))) {
            String said = new String(socket.getInputStream().readNBytes(60), StandardCharsets.UTF_8);
            assertTrue(said.startsWith("HTTP/1.1 200 OK"), said);
        }
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
    }

    @Test
    void requestsOnOneConnectionGetTheirResponsesInOrder() throws IOException {
        String said = responses(post("/", "a") + "\r\n" + post("/", "bb") + "GET /" + HOST + "\r\n");
        assertTrue(said.matches("(?s)HTTP/1.1 200 OK.*keep-alive\r\n\r\nPOST aHTTP.*\r\n\r\nPOST bbHTTP.*\r\n\r\nGET "),
                said);
        said = responses("GET /refused" + HOST + "\r\n" + post("/refused", "x") + post("/", "a"));
        assertTrue(said.matches("(?s)HTTP/1.1 403 .*noHTTP/1.1 403 .*noHTTP/1.1 200 .*POST a"), said);
        said = responses("GET / HTTP/1.0\r\n\r\nGET /" + HOST + "\r\n");
        assertTrue(said.matches("(?s)HTTP/1.1 200 .*Connection: close\r\n\r\nGET "), said);
        said = responses("HEAD /large" + HOST + "Connection: close\r\n\r\n");
        assertTrue(said.matches("(?s).*Content-Length: 1000000\r\nConnection: close\r\n\r\n"), said);
        said = responses("POST /" + HOST + "Expect: 100-continue\r\nContent-Length: 1\r\n\r\na");
        assertTrue(said.matches("(?s)HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 .*POST a"), said);
    }

    @Test
    void malformedRequestsAreRefusedAndEndTheConnection() throws IOException {
        String[][] wrong = {{"400", "GET /\r\n\r\n"}, {"400", "GET http://evil.example/" + HOST + "\r\n"},
            {"400", "\u0016\u0003\u0001 a TLS client\n\n"}, {"400", "GET / HTTP/2.0\r\n\r\n"},
            {"400", "GET /" + HOST + "no colon\r\n\r\n"}, {"400", "GET /" + HOST + "a: 1\r\n folded\r\n\r\n"},
            {"400", "GET /" + HOST + "space : 1\r\n\r\n"}, {"400", "POST /" + HOST + "Content-Length: -1\r\n\r\n"},
            {"400", "POST /" + HOST + "Content-Length: +1\r\n\r\na"},
            {"400", "POST /" + HOST + "Content-Length: 1\r\nContent-Length: 2\r\n\r\naa"},
            {"400", "POST /" + HOST + "Content-Length: 99999999999999999999\r\n\r\n"},
            {"411", "POST /" + HOST + "Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n"},
            {"431", "GET /" + "a".repeat(70_000) + HOST + "\r\n"},
            {"431", "GET /" + HOST + "a: 1\r\n".repeat(20_000) + "\r\n"},
            {"431", "GET /" + HOST + "a: " + "1".repeat(3_000_000) + "\r\n\r\n"}};
        for (String[] each : wrong) {
            String said = responses(each[1] + "GET /" + HOST + "\r\n");
            assertTrue(said.startsWith("HTTP/1.1 " + each[0] + " "), each[0] + " expected, got " + said);
            assertEquals(0, said.lastIndexOf("HTTP/1.1 "), "no response to what follows: " + said);
        }
        assertEquals("", responses("GET / HT"), "a client that is gone");
        assertEquals("", responses(post("/", "abc").replace("abc", "ab")));
        millis();
    }

    @Test
    void twoHundredStuckClientsDoNotDelayAnotherAndAreEnded() throws Exception {
        String reads = ("GET /large" + HOST + "\r\n").repeat(20);   // 20 MB, which are never read
        for (String sent : List.of("", "GET / HT", post("/", "ab").replace("ab", "a"), reads)) {
            for (int i = 0; i < 50; i++) stuck.add(send(http.port(), sent));
        }
        long[] millis = new long[11];
        for (int i = 0; i < millis.length; i++) millis[i] = millis();
        Arrays.sort(millis);   // the median, because the machine may be busy with something else
        assertTrue(millis[5] < 1000, "another client had to wait: " + Arrays.toString(millis));
        for (int i = 0; i < 150; i++) {
            InputStream in = stuck.get(i).getInputStream();
            String said = new String(in.readAllBytes(), StandardCharsets.UTF_8);
            assertTrue(i < 50 ? said.isEmpty() : said.contains("408") && said.contains("than 2 seconds"), said);
        }
        Thread.sleep(1000L * SECONDS);   // the others wait for room to write since the first megabytes
        for (int i = 150; i < 200; i++) assertTrue(unread(stuck.get(i)) < 20 * LARGE, "the connection was not ended");
    }

    private static long unread(Socket socket) {
        long n = 0;
        byte[] buffer = new byte[1 << 16];
        try {
            InputStream in = socket.getInputStream();
            for (int read = 0; read >= 0; read = in.read(buffer)) n += read;
        } catch (IOException reset) {
            return n;
        }
        return n;
    }

    @Test
    void aConnectionTooManyEndsTheOneThatWaitedLongest() throws IOException {
        for (int i = 0; i < Http.CONNECTIONS + 20; i++) stuck.add(send(http.port(), ""));
        millis();
        for (int i = 0; i <= 20; i++) assertEquals(-1, stuck.get(i).getInputStream().read(), "connection " + i);
        stuck.get(30).getOutputStream().write(post("/", "abc").getBytes(StandardCharsets.US_ASCII));
        assertEquals('H', stuck.get(30).getInputStream().read());
    }

    @Test
    void withoutFreeDescriptorsItWaitsAndThenContinues() throws Exception {
        assumeFalse(System.getProperty("os.name").startsWith("Windows"), "there is no limit of descriptors");
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        String path = Stream.of(HttpTest.class, Http.class, Logger.class)
                .map(each -> Path.of(uri(each)).toString()).collect(Collectors.joining(File.pathSeparator));
        Process process = new ProcessBuilder("sh", "-c", "ulimit -n 200; exec \"$@\"", "sh", java,
                "-Dslf4j.internal.verbosity=ERROR", "-cp", path, Exhausted.class.getName())
                .redirectError(ProcessBuilder.Redirect.INHERIT).start();
        try (BufferedReader out = process.inputReader()) {
            int port = Integer.parseInt(out.readLine());
            try (Socket first = send(port, ""); Socket waiting = send(port, post("/", "abc"))) {
                assertTrue(first.isConnected(), "Linux reserved a descriptor for it when the server began to wait");
                Duration before = process.info().totalCpuDuration().orElse(Duration.ZERO);
                Thread.sleep(1000);
                assertEquals(0, waiting.getInputStream().available(), "no descriptor was free for this connection");
                Duration used = process.info().totalCpuDuration().orElse(Duration.ZERO).minus(before);
                assertTrue(used.toMillis() < 500, "waiting took " + used);
                process.outputWriter().append("free\n").flush();
                assertEquals('H', waiting.getInputStream().read());
            }
        } finally {
            process.destroyForcibly();
        }
    }

    /** Where a class was loaded from. */
    private static URI uri(Class<?> type) {
        return URI.create(type.getProtectionDomain().getCodeSource().getLocation().toString());
    }

    /** A process with a server that uses up its descriptors, and frees them at the first line of input. */
    static final class Exhausted {
        private Exhausted() {
        }

        public static void main(String[] none) throws Exception {
            Http http = new Http(0, 30, new Echo());
            http.start();
            try (Socket warm = send(http.port(), post("/", "abc"))) {   // loads the classes: they need descriptors, too
                warm.getInputStream().readNBytes(10);
            }
            Thread.sleep(500);   // for the server to close its side
            FileInputStream[] files = new FileInputStream[10_000];
            try {
                for (int i = 0; i < files.length; i++) files[i] = new FileInputStream("/dev/null");
            } catch (IOException exhausted) {
                System.out.println(http.port());
            }
            System.in.read();
            for (FileInputStream file : Arrays.stream(files).filter(each -> each != null).toList()) file.close();
            Thread.sleep(60_000);
        }
    }
}
