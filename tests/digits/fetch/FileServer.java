package digits.fetch;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** A mirror on this machine, as reliable or unreliable as a test needs it. */
public final class FileServer implements AutoCloseable {
    /** How the server responds to a request for these bytes. */
    public interface Manner {
        void respond(HttpExchange exchange, byte[] content) throws IOException;
    }

    private final HttpServer server;
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final CountDownLatch closed = new CountDownLatch(1);
    private final Map<String, byte[]> files = new ConcurrentHashMap<>();
    private final Map<String, Manner> manners = new ConcurrentHashMap<>();

    /** Each request as “name” or “name from 123”, in the order in which they came. */
    public final List<String> requests = new CopyOnWriteArrayList<>();

    public FileServer() {
        try {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        } catch (IOException noPort) {
            throw new UncheckedIOException(noPort);
        }
        server.setExecutor(threads);
        server.createContext("/mnist/", this::handle);
        server.start();
    }

    public FileServer file(String name, byte[] content) {
        files.put(name, content);
        return this;
    }

    public FileServer always(Manner manner) {
        files.keySet().forEach(name -> manners.put(name, manner));
        return this;
    }

    /** So for the first request for each file, then as it was to be before: properly, or as {@link #always} said. */
    public FileServer first(Manner manner) {
        files.keySet().forEach(name -> {
            Manner then = manners.getOrDefault(name, FileServer::properly);
            manners.put(name, (exchange, content) -> {
                manners.put(name, then);
                manner.respond(exchange, content);
            });
        });
        return this;
    }

    public byte[] content(String name) {
        return files.get(name);
    }

    public URI address() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/mnist/");
    }

    private void handle(HttpExchange exchange) throws IOException {
        String name = exchange.getRequestURI().getPath().substring("/mnist/".length());
        String range = exchange.getRequestHeaders().getFirst("Range");
        requests.add(range == null ? name : name + " from " + start(range));
        try (exchange) {
            byte[] content = files.get(name);
            if (content == null) exchange.sendResponseHeaders(404, -1);
            else manners.getOrDefault(name, FileServer::properly).respond(exchange, content);
        }
    }

    private static String start(String range) {
        return range.replaceAll("bytes=(\\d+)-$", "$1").replace("bytes=", "");
    }

    /** First and last byte that are asked for. */
    private static int[] span(String range, int length) {
        String[] ends = range.replace("bytes=", "").split("-", 2);
        if (ends[0].isEmpty()) return new int[] {Math.max(0, length - Integer.parseInt(ends[1])), length - 1};
        return new int[] {Integer.parseInt(ends[0]),
                ends[1].isEmpty() ? length - 1 : Math.min(length - 1, Integer.parseInt(ends[1]))};
    }

    /** With ranges, as the public mirrors do it. */
    public static void properly(HttpExchange exchange, byte[] content) throws IOException {
        String range = exchange.getRequestHeaders().getFirst("Range");
        int[] span = range == null ? new int[] {0, content.length - 1} : span(range, content.length);
        int from = span[0];
        int to = span[1] + 1;
        if (from >= content.length) {
            exchange.sendResponseHeaders(416, -1);
            return;
        }
        if (range != null) {
            exchange.getResponseHeaders().set("Content-Range",
                    "bytes " + from + "-" + (to - 1) + "/" + content.length);
        }
        exchange.sendResponseHeaders(range == null ? 200 : 206, to - from);
        exchange.getResponseBody().write(content, from, to - from);
    }

    public static void withoutRanges(HttpExchange exchange, byte[] content) throws IOException {
        exchange.sendResponseHeaders(200, content.length);
        exchange.getResponseBody().write(content);
    }

    /** Announces everything, sends half of it and hangs up. */
    public static void cut(HttpExchange exchange, byte[] content) throws IOException {
        exchange.sendResponseHeaders(200, content.length);
        exchange.getResponseBody().write(content, 0, content.length / 2);
        exchange.getResponseBody().flush();
    }

    public static void notFound(HttpExchange exchange, byte[] content) throws IOException {
        exchange.sendResponseHeaders(404, -1);
    }

    /** Sends half and then nothing more, without hanging up. */
    public void stall(HttpExchange exchange, byte[] content) throws IOException {
        exchange.sendResponseHeaders(200, content.length);
        exchange.getResponseBody().write(content, 0, content.length / 2);
        exchange.getResponseBody().flush();
        waitForTheEnd();
    }

    /** Accepts the request and says nothing. */
    public void silence(HttpExchange exchange, byte[] content) {
        waitForTheEnd();
    }

    /** In ten pieces, a tenth of the time between two. */
    public static Manner within(long millis) {
        return (exchange, content) -> {
            exchange.sendResponseHeaders(200, content.length);
            for (int piece = 0; piece < 10; piece++) {
                int from = (int) ((long) content.length * piece / 10);
                exchange.getResponseBody()
                        .write(content, from, (int) ((long) content.length * (piece + 1) / 10) - from);
                exchange.getResponseBody().flush();
                try {
                    Thread.sleep(millis / 10);
                } catch (InterruptedException closing) {
                    return;
                }
            }
        };
    }

    /** Half of it at once, then ten bytes twenty times a second. */
    public static void halfAtOnceThenTrickling(HttpExchange exchange, byte[] content) throws IOException {
        exchange.sendResponseHeaders(200, content.length);
        int at = content.length / 2;
        exchange.getResponseBody().write(content, 0, at);
        for (; at + 10 <= content.length; at += 10) {
            exchange.getResponseBody().write(content, at, 10);
            exchange.getResponseBody().flush();
            try {
                Thread.sleep(50);
            } catch (InterruptedException closing) {
                return;
            }
        }
    }

    private void waitForTheEnd() {
        try {
            closed.await();
        } catch (InterruptedException closing) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        closed.countDown();
        server.stop(0);
        threads.shutdownNow();
    }
}
