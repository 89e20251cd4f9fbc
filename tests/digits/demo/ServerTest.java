package digits.demo;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.Gson;
import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import digits.Examples;
import digits.image.Ink;
import digits.image.PaperPhoto;
import digits.image.PictureFileTest;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.ndarray.INDArray;

class ServerTest {
    private static final String BYTES = "application/octet-stream";
    private static final int SECONDS = 3;
    private static final HttpClient CLIENT = HttpClient.newHttpClient();

    private static MultiLayerNetwork network;
    private static Demo demo;

    @BeforeAll
    static void start() {
        network = Examples.smallNetwork(7);
        demo = Demo.start(network, "a <small> network", new Endpoint(0, Optional.empty()), SECONDS);
    }

    @AfterAll
    static void stop() {
        demo.close();
    }

    @Test
    void thePageRefersToNoOtherAddress() throws Exception {
        for (String file : List.of("", "page.html", "page.css", "page.js", "board.js", "layers.js", "server.js")) {
            HttpResponse<String> response = get(file);
            assertEquals(200, response.statusCode());
            assertFalse(response.body().matches("(?s).*https?://.*"), file);
            assertFalse(response.body().matches("(?s).*(src|href)=\"/.*"), file + " has an absolute address");
            String policy = response.headers().firstValue("Content-Security-Policy").orElseThrow();
            assertTrue(policy.startsWith("default-src 'none'"), policy);
        }
        assertTrue(get("").body().contains("<title>Draw a digit</title>"));
        assertEquals("a <small> network",
                new Gson().fromJson(get("model").body(), JsonObject.class).get("description").getAsString());
    }

    @Test
    void aDrawingGetsTheNetworksOwnPrediction() throws Exception {
        byte[] canvas = drawing(1);
        JsonObject answer = said(post("drawing", BYTES, canvas));
        Ink digit = Ink.of(200, 200, canvas).asInMnist();
        double[] expected = network.output(digit.toArray(), false).toDoubleVector();
        assertArrayEquals(expected, numbers(answer, "probabilities"), 1e-5);
        int best = answer.get("digit").getAsInt();
        int second = answer.get("runnerUp").getAsInt();
        for (int d = 0; d < 10; d++) {
            assertTrue(expected[d] <= expected[best] + 1e-5);
            assertTrue(d == best || expected[d] <= expected[second] + 1e-5);
        }
        double[] pixels = numbers(answer, "pixels");
        for (int i = 0; i < 784; i++) assertEquals(digit.bytes()[i] & 0xff, pixels[i]);
    }

    @Test
    void aPhotographGetsAPrediction() throws Exception {
        var photo = PaperPhoto.of(Examples.bars(1, 1).grid(0), 1);
        JsonObject answer = said(post("picture", "image/png", PictureFileTest.encoded(photo, "png")));
        assertEquals(10, numbers(answer, "probabilities").length);
    }

    @Test
    void theMapsOfSaliencyAndGradCam() throws Exception {
        byte[] seen = Ink.of(200, 200, drawing(1)).asInMnist().bytes();
        for (String how : List.of("saliency", "gradcam")) {
            double[] numbers = new Gson().fromJson(post(how + "/3", BYTES, seen).body(), double[].class);
            assertEquals(784, numbers.length);
            for (double number : numbers) assertTrue(number >= (how.equals("gradcam") ? 0 : -100) && number <= 100);
        }
    }

    @Test
    void theNumbersOfEveryLayerForWhatTheNetworkSaw() throws Exception {
        Ink digit = Ink.of(200, 200, drawing(1)).asInMnist();
        JsonArray layers = said(get("model")).getAsJsonArray("layers");
        JsonArray numbers = new Gson().fromJson(post("layers", BYTES, digit.bytes()).body(), JsonArray.class);
        List<INDArray> expected = network.feedForward(digit.toArray(), false);
        assertTrue(layers.size() > 0 && layers.size() == numbers.size(), layers + " and " + numbers.size());
        for (int i = 0; i < layers.size(); i++) {
            JsonObject layer = layers.get(i).getAsJsonObject();
            float[] values = expected.get(layer.get("index").getAsInt() + 1).dup('c').data().asFloat();
            double largest = numbers.get(i).getAsJsonObject().get("largest").getAsDouble();
            byte[] levels = Base64.getDecoder().decode(numbers.get(i).getAsJsonObject().get("levels").getAsString());
            assertEquals(values.length, levels.length, layer.toString());
            for (int v = 0; v < values.length; v++) {
                assertEquals(values[v], ((levels[v] & 0xff) - 128) / 127.0 * largest, largest / 250, layer.toString());
            }
        }
    }

    @Test
    void wrongRequestsGetOneSentenceAndTheServerKeepsRunning() throws Exception {
        byte[] canvas = drawing(1);
        assertRefused(400, "no ink", post("drawing", BYTES, new byte[40_000]));
        assertRefused(400, "40,000 bytes", post("drawing", BYTES, new byte[39_999]));
        assertRefused(400, "40,000 bytes", post("drawing", BYTES, new byte[0]));
        assertRefused(413, "at most 40,000", post("drawing", BYTES, new byte[40_001]));
        assertRefused(413, "at most 40,000", post("drawing", BYTES, new byte[3_000_000]));
        assertRefused(415, BYTES, post("drawing", "text/plain", canvas));
        assertRefused(415, BYTES, send("drawing", Map.of(), BodyPublishers.ofByteArray(canvas)));
        assertRefused(400, "not a picture", post("picture", "image/png", canvas));
        assertRefused(400, "at most 25 million", post("picture", "image/png", PictureFileTest.pngOf(60_000, 60_000)));
        assertRefused(413, "at most 12,000,000", post("picture", "image/png", new byte[12_000_001]));
        assertRefused(415, "image/png or image/jpeg", post("picture", "image/svg+xml", canvas));
        assertRefused(400, "784 bytes", post("saliency/3", BYTES, new byte[783]));
        assertRefused(404, "nothing at this address", post("saliency/10", BYTES, new byte[784]));
        assertRefused(404, "nothing at this address", get("../demo/page.html"));
        for (String file : List.of("Demo.class", "page.java", "nothing.js", "page.js/", "demo/page.js", "PAGE.JS")) {
            assertRefused(404, "nothing at this address", get(file));
        }
        assertRefused(400, "784 bytes", post("layers", BYTES, new byte[783]));
        assertRefused(405, "GET", post("page.js", BYTES, canvas));
        assertRefused(405, "POST", get("drawing"));
        assertRefused(405, "GET", post("model", BYTES, canvas));
        for (String method : List.of("PUT", "DELETE", "OPTIONS", "HEAD", "TRACE", "NONSENSE")) {
            HttpResponse<String> response = CLIENT.send(HttpRequest.newBuilder(demo.address())
                    .method(method, BodyPublishers.noBody()).build(), BodyHandlers.ofString());
            assertEquals(405, response.statusCode(), method);
        }
        said(post("drawing", BYTES, canvas));
    }

    @Test
    void requestsWithoutTheTokenOrFromOtherSitesAreRefused() throws Exception {
        byte[] canvas = drawing(1);
        URI own = demo.address();
        String here = "http://127.0.0.1:" + own.getPort();
        said(send("drawing", Map.of("Content-Type", BYTES, "Origin", here), BodyPublishers.ofByteArray(canvas)));
        for (String origin : List.of("http://evil.example", "null", "https://127.0.0.1", "http://127.0.0.1:1",
                "http://localhost:" + own.getPort(), here + ".evil.example", "ö ö")) {
            assertStatus(403, "Host: 127.0.0.1:%d\r\nOrigin: %s\r\n".formatted(own.getPort(), origin), own.getPath());
        }
        for (String host : List.of("evil.example", "evil.example:" + own.getPort(), "127.0.0.1.evil.example", "")) {
            assertStatus(403, "Host: " + host + "\r\n", own.getPath());
        }
        assertStatus(400, "", own.getPath());
        assertStatus(400, "Host: 127.0.0.1:%d\r\nHost: evil.example\r\n".formatted(own.getPort()), own.getPath());
        String token = own.getPath().replace("/", "");
        for (String path : List.of("/", "/model", "/" + token, "/" + token.substring(1) + "/",
                "/0" + token.substring(1) + "0/", "/%00/")) {
            assertStatus(403, "Host: 127.0.0.1:%d\r\n".formatted(own.getPort()), path);
        }
        for (String path : List.of("//", "/é/", "http://evil.example/")) {
            assertStatus(4, "Host: 127.0.0.1:%d\r\n".formatted(own.getPort()), path);
        }
        assertStatus(200, "Host: localhost:%d\r\n".formatted(own.getPort()), own.getPath());
    }

    @Test
    void onlyThisMachineReachesIt() throws Exception {
        for (InetAddress address : InetAddress.getAllByName(InetAddress.getLocalHost().getHostName())) {
            if (address.isLoopbackAddress()) continue;
            assertThrows(IOException.class, () -> new Socket(address, demo.address().getPort()).close(),
                    address.toString());
        }
    }

    @Test
    void twoHundredRequestsOfTwentyClientsAtOnce() throws Exception {
        List<byte[]> drawings = new ArrayList<>();
        List<String> alone = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            drawings.add(drawing(i));
            alone.add(post("drawing", BYTES, drawings.get(i)).body());
        }
        assertTrue(alone.stream().distinct().count() > 150, "the drawings differ");
        ExecutorService clients = Executors.newFixedThreadPool(20);
        try {
            List<Callable<String>> questions = new ArrayList<>();
            for (byte[] drawing : drawings) questions.add(() -> said(post("drawing", BYTES, drawing)).toString());
            List<Future<String>> answers = clients.invokeAll(questions);
            for (int i = 0; i < 200; i++) {
                assertEquals(new Gson().fromJson(alone.get(i), JsonObject.class).toString(), answers.get(i).get(),
                        "drawing " + i);
            }
        } finally {
            clients.shutdownNow();
        }
    }

    @Test
    void slowClientsDoNotDelayOthers() throws Exception {
        List<Socket> slow = new ArrayList<>();
        try {
            for (int i = 0; i < 48; i++) {
                Socket socket = new Socket(InetAddress.getLoopbackAddress(), demo.address().getPort());
                slow.add(socket);
                URI own = demo.address();
                String head = i % 2 == 0
                        ? "POST " + own.getPath() + "drawing HTTP/1.1\r\nHost: 127.0.0.1:" + own.getPort()
                        + "\r\nContent-Type: " + BYTES + "\r\nContent-Length: 40000\r\n\r\nabc" : "GET / HT";
                socket.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
            }
            for (int i = 0; i < 20; i++) said(post("drawing", BYTES, drawing(i)));
            for (int i = 0; i < slow.size(); i += 2) {   // each is told, and its connection ends
                slow.get(i).setSoTimeout(10_000 * SECONDS);
                String told = new String(slow.get(i).getInputStream().readAllBytes(), StandardCharsets.UTF_8);
                assertTrue(told.startsWith("HTTP/1.1 408") && told.contains("took longer than " + SECONDS + " seconds"),
                        told);
            }
            said(post("drawing", BYTES, drawing(1)));
        } finally {
            for (Socket socket : slow) socket.close();
        }
    }

    /** What tunnels and proxies make of a request: Host and Origin, or Host, Origin and the status. */
    @Test
    void throughTunnelsAndProxies() throws Exception {
        String path = demo.address().getPath();
        int port = demo.address().getPort();
        String jupyter = "X-ProxyContextPath: /user/ann/proxy/" + port + "\r\n";   // as jupyter-server-proxy sends it
        String[][] requests = {
            {"", "127.0.0.1:9000", "http://127.0.0.1:9000", "200"},        // ssh -L 9000:127.0.0.1:PORT, VS Code
            {"", "localhost", "http://localhost", "200"},
            {"", "localhost:9000", "http://localhost:9001", "403"},
            {jupyter, "localhost:8888", "http://localhost:8888", "200"},   // docker run -p 8888:8888, ssh -L 8888:…
            {jupyter, "192.168.1.7:8888", "http://192.168.1.7:8888", "200"},
            {jupyter, "my_lab:8888", "http://my_lab:8888", "200"},
            {jupyter, "[fd00::1]:8888", "http://[fd00::1]:8888", "200"},
            {jupyter, "hub.example", "https://hub.example", "200"},
            {jupyter, "hub.example", "http://hub.example:8080", "200"},    // nginx with $host, which has no port
            {jupyter, "Hub.Example:8080", "http://hub.example:8080", "200"},
            {jupyter, "hub.example:443", "https://hub.example", "200"},
            {jupyter, "hub.example:8080", "http://hub.example:8081", "403"},
            {jupyter, "hub.example", "https://evil.example", "403"},
            {jupyter, "hub.example", "https://hub.example.evil.example", "403"},
            {jupyter, "hub.example", "https://evil@hub.example", "403"},
            {jupyter, "hub.example", "null", "403"},
            {jupyter, "evil.example:" + port, "http://evil.example:" + port, "403"},   // DNS rebinding, forged field
            {"X-ProxyContextPath: /proxy/1\r\n", "hub.example", "https://hub.example", "403"},
            {"", "hub.example", "https://hub.example", "403"},
        };
        for (String[] each : requests) {
            String fields = each[0] + "Host: " + each[1] + "\r\n";
            assertStatus(Integer.parseInt(each[3]), fields + "Origin: " + each[2] + "\r\n", path);
            assertStatus(403, fields, "/0" + path.substring(1));
        }
    }

    @Test
    void behindAHubTheLinkIsTheHubs() throws Exception {
        Demo direct = demo;
        demo = Demo.start(network, "behind a proxy", new Endpoint(0, Optional.of("/user/ann/")), SECONDS);
        try {
            String path = demo.address().getPath();
            int port = demo.address().getPort();
            assertEquals("/user/ann/proxy/" + port + path, demo.link());
            assertTrue(demo.html().contains("const base = \"/user/ann/\""), demo.html());
            assertStatus(200, "Host: hub.example\r\nOrigin: https://hub.example\r\n", path);
            assertStatus(403, "Host: hub.example\r\nOrigin: https://evil.example\r\n", path);
            assertStatus(403, "Host: evil.example:" + port + "\r\n", path);
            assertStatus(403, "Host: hub.example\r\n", "/0" + path.substring(1));
        } finally {
            demo = Demo.start(network, "a <small> network", new Endpoint(0, Optional.empty()), SECONDS);
        }
        assertNotEquals(direct.address(), demo.address());
    }

    @Test
    void startingAgainStopsTheDemoBefore() throws Exception {
        Demo again = Demo.start(network, "again", new Endpoint(0, Optional.empty()));
        try {
            assertThrows(IOException.class, () -> get("model"));
            assertNotEquals(demo.address(), again.address());
            assertTrue(again.html().contains("href=\"" + again.address() + "\""));
            assertFalse(again.toString().contains(again.address().getPath()), "no text of it tells the token");
        } finally {
            again.close();
            again.close();
            demo = Demo.start(network, "a <small> network", new Endpoint(0, Optional.empty()), SECONDS);
        }
    }

    private static byte[] drawing(int i) {
        Random random = new Random(i);
        byte[] canvas = new byte[40_000];
        for (int stroke = 0; stroke < 3; stroke++) {
            int row = 80 + random.nextInt(8);   // connected: several shapes would be several digits
            int column = 80 + random.nextInt(8);
            for (int r = 0; r < 8 + random.nextInt(30); r++) {
                for (int c = 0; c < 8 + random.nextInt(30); c++) {
                    canvas[(row + r) % 200 * 200 + (column + c) % 200] = (byte) 255;
                }
            }
        }
        return canvas;
    }

    private static HttpResponse<String> get(String path) throws Exception {
        return CLIENT.send(HttpRequest.newBuilder(URI.create(demo.address() + path)).build(), BodyHandlers.ofString());
    }

    private static HttpResponse<String> post(String path, String type, byte[] body) throws Exception {
        return send(path, Map.of("Content-Type", type), BodyPublishers.ofByteArray(body));
    }

    private static HttpResponse<String> send(String path, Map<String, String> headers, HttpRequest.BodyPublisher body)
            throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(demo.address() + path)).POST(body);
        headers.forEach(request::header);
        return CLIENT.send(request.build(), BodyHandlers.ofString());
    }

    private static JsonObject said(HttpResponse<String> response) {
        assertEquals(200, response.statusCode(), response.body());
        return new Gson().fromJson(response.body(), JsonObject.class);
    }

    private static double[] numbers(JsonObject answer, String name) {
        return new Gson().fromJson(answer.get(name), double[].class);
    }

    private static void assertRefused(int status, String words, HttpResponse<String> response) {
        assertEquals(status, response.statusCode(), response.body());
        String error = new Gson().fromJson(response.body(), JsonObject.class).get("error").getAsString();
        assertTrue(error.contains(words), error);
    }

    /** Sends a request with these headers by hand, because Java's client sets Host itself. */
    private static void assertStatus(int expected, String headers, String path) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), demo.address().getPort())) {
            OutputStream out = socket.getOutputStream();
            out.write(("GET " + path + " HTTP/1.1\r\n" + headers + "Connection: close\r\n\r\n")
                    .getBytes(StandardCharsets.UTF_8));
            InputStream in = socket.getInputStream();
            String status = new String(in.readNBytes(12), StandardCharsets.US_ASCII);
            assertTrue(status.startsWith("HTTP/1.1 " + expected), status + " to " + headers + path);
        }
    }
}
