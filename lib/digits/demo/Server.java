package digits.demo;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import digits.demo.Guard.HttpError;
import digits.files.Json;
import digits.image.Grid;
import digits.image.Ink;
import digits.image.PictureException;
import digits.image.PictureFile;
import digits.interpret.GradCam;
import digits.interpret.Saliency;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Serves the page and its predictions over HTTP on the loopback address:
 *
 * <table><caption>below {@code /TOKEN/}</caption>
 * <tr><td>GET (nothing), page.css, page.js</td><td>the page</td></tr>
 * <tr><td>GET model</td><td>the network's description: {@code {"description": …}}</td></tr>
 * <tr><td>POST drawing</td><td>200×200 bytes, 0 paper to 255 ink, row by row: a {@link Recognizer.Prediction}</td></tr>
 * <tr><td>POST picture</td><td>a picture file, a photograph of digits: the same</td></tr>
 * <tr><td>POST saliency/D, gradcam/D</td><td>28×28 bytes that the network saw: 28×28 numbers, −100 to 100</td></tr>
 * </table>
 *
 * <p>Every other request gets a 4xx and {@code {"error": "one sentence"}}.
 */
final class Server implements AutoCloseable {
    static final int SECONDS = 10;
    private static final int THREADS = 32;
    private static final int DRAINED = 2 * PictureFile.LARGEST_BYTES;
    private static final Map<String, String> TYPES = Map.of("page.html", "text/html; charset=utf-8",
            "page.css", "text/css; charset=utf-8", "page.js", "text/javascript; charset=utf-8");
    private static final Logger LOG = LoggerFactory.getLogger(Server.class);

    static {
        // the JDK reads these once, when the process creates its first server; a value that is already set stays
        setIfUnset("sun.net.httpserver.maxReqTime", SECONDS);       // for a request's header; its body is timed below
        setIfUnset("sun.net.httpserver.maxRspTime", 6 * SECONDS);
        setIfUnset("sun.net.httpserver.nodelay", "true");           // or responses wait 40 ms for an acknowledgment
        setIfUnset("jdk.httpserver.maxConnections", 512);
    }

    private final Recognizer recognizer;
    private final String description;
    private final Guard guard;
    private final String frames;
    private final int seconds;
    private final HttpServer http;
    private final ThreadPoolExecutor workers;
    private final ScheduledThreadPoolExecutor clock;

    private static void setIfUnset(String property, Object value) {
        if (System.getProperty(property) == null) System.setProperty(property, value.toString());
    }

    /** Starts the server; a request must have arrived within these seconds. A port that is taken is an error. */
    Server(Recognizer recognizer, String description, Endpoint endpoint, int seconds) {
        this.recognizer = recognizer;
        this.description = description;
        this.seconds = seconds;
        boolean proxied = endpoint.prefix().isPresent();
        frames = proxied ? "'self'" : "'self' http://localhost:* http://127.0.0.1:* vscode-webview:";
        try {
            http = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), endpoint.port()), 128);
        } catch (IOException taken) {
            throw new UncheckedIOException("The demo cannot listen on port " + endpoint.port() + " of this machine: "
                    + taken.getMessage(), taken);
        }
        guard = new Guard(port(), proxied);
        workers = new ThreadPoolExecutor(THREADS, THREADS, 10, TimeUnit.SECONDS, new LinkedBlockingQueue<>(),
                daemons("digits-demo"));
        workers.allowCoreThreadTimeOut(true);
        clock = new ScheduledThreadPoolExecutor(1, daemons("digits-demo-clock"));
        clock.setRemoveOnCancelPolicy(true);
        http.setExecutor(workers);
        http.createContext("/", this::handle);
        // the server's own thread is a daemon if the thread that starts it is one: then it ends with the kernel
        Thread starter = daemons("digits-demo-start").newThread(http::start);
        starter.start();
        try {
            starter.join();
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
    }

    static ThreadFactory daemons(String name) {
        return task -> {
            Thread thread = new Thread(task, name);
            thread.setDaemon(true);
            return thread;
        };
    }

    int port() {
        return http.getAddress().getPort();
    }

    String token() {
        return guard.token;
    }

    private void handle(HttpExchange exchange) {
        Arrival arrival = new Arrival(exchange);
        ScheduledFuture<?> late = clock.schedule(arrival::tooLate, seconds, TimeUnit.SECONDS);
        try {
            String asked = guard.admit(exchange);
            Callable<byte[]> content = content(exchange, asked);
            if (!arrival.inTime()) return;
            String type = asked.isEmpty() ? TYPES.get("page.html") : TYPES.getOrDefault(asked, "application/json");
            send(exchange, 200, type, content.call());
        } catch (HttpError error) {
            drain(exchange);
            if (arrival.inTime()) refuse(exchange, error);
        } catch (PictureException unusable) {
            refuse(exchange, new HttpError(400, unusable.getMessage()));
        } catch (IOException gone) {
            LOG.debug("a request ended early", gone);
        } catch (Exception | Error unexpected) {
            LOG.warn("the demo could not handle a request", unexpected);
            refuse(exchange, new HttpError(500, "Something went wrong; the server keeps running."));
        } finally {
            late.cancel(false);
            arrival.inTime();
            Thread.interrupted();   // the thread's next request is another client's
            exchange.close();
        }
    }

    /**
     * A request that is still arriving. One that takes too long gets an error response; then the thread that reads it
     * is interrupted: the JDK's server would otherwise wait for the rest, and slow clients could block every thread.
     */
    private final class Arrival {
        private final HttpExchange exchange;
        private final Thread reader = Thread.currentThread();
        private boolean decided;
        private boolean complete;

        Arrival(HttpExchange exchange) {
            this.exchange = exchange;
        }

        /** Ends the waiting; false if it was too late already. */
        synchronized boolean inTime() {
            if (!decided) {
                decided = true;
                complete = true;
            }
            return complete;
        }

        synchronized void tooLate() {
            if (decided) return;
            decided = true;
            try {
                byte[] content = error("The request took longer than " + seconds + " seconds to arrive.");
                begin(exchange, 408, "application/json", content);
                exchange.getResponseBody().write(content);
                exchange.getResponseBody().flush();
            } catch (IOException gone) {
                LOG.debug("the client did not wait for the error", gone);
            } finally {
                reader.interrupt();
            }
        }
    }

    /** Reads the request's body and checks its form; the result computes the response. */
    private Callable<byte[]> content(HttpExchange exchange, String asked) throws IOException {
        if (asked.isEmpty() || asked.equals("model") || TYPES.containsKey(asked)) {
            Guard.require(exchange.getRequestMethod().equals("GET"), 405, "Use GET for this address.");
            return () -> asked.equals("model") ? json(Map.of("description", description))
                    : file(asked.isEmpty() ? "page.html" : asked);
        }
        if (asked.equals("drawing")) {
            byte[] canvas = Guard.square(exchange, Guard.CANVAS);
            return () -> json(recognizer.drawing(canvas));
        }
        if (asked.equals("picture")) {
            byte[] picture = Guard.body(exchange, PictureFile.LARGEST_BYTES, "image/png", "image/jpeg",
                    "application/octet-stream");
            return () -> json(recognizer.picture(picture));
        }
        if (asked.matches("(saliency|gradcam)/[0-9]")) {
            byte[] seen = Guard.square(exchange, Ink.SIDE);
            return () -> json(look(asked, Ink.of(Ink.SIDE, Ink.SIDE, seen)));
        }
        throw new HttpError(404, "There is nothing at this address.");
    }

    private static byte[] file(String name) throws IOException {
        try (InputStream in = Server.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new IllegalStateException("the library lacks digits/demo/" + name + "; `make setup` builds it");
            }
            return in.readAllBytes();
        }
    }

    private static byte[] json(Object value) {
        return Json.line(value).getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] error(String sentence) {
        return json(Map.of("error", sentence));
    }

    /** Percent of the 99th percentile of the strengths: measured by the strongest pixel, all others would look pale. */
    private int[] look(String asked, Ink seen) {
        int label = asked.charAt(asked.length() - 1) - '0';
        Grid map = recognizer.look(seen, label, asked.startsWith("saliency") ? Saliency::of : GradCam::of);
        float strong = map.map(Math::abs).percentile(0.99);
        float[] values = map.values();
        int[] percents = new int[values.length];
        for (int i = 0; i < values.length && strong > 0; i++) {
            percents[i] = Math.round(100 * Math.max(-1, Math.min(1, values[i] / strong)));
        }
        return percents;
    }

    /** Reads some megabytes of a refused body: otherwise a client that is still sending would miss the error. */
    private static void drain(HttpExchange exchange) {
        byte[] buffer = new byte[1 << 16];
        try {
            InputStream in = exchange.getRequestBody();
            int n = 0;
            for (long left = DRAINED; left > 0 && n >= 0; left -= n) n = in.read(buffer);
        } catch (IOException gone) {
            LOG.debug("a refused request ended early", gone);
        }
    }

    private void refuse(HttpExchange exchange, HttpError error) {
        try {
            if (error.status == 405) exchange.getResponseHeaders().set("Allow", "GET, POST");
            send(exchange, error.status, "application/json", error(error.getMessage()));
        } catch (IOException gone) {
            LOG.debug("the client did not wait for the error", gone);
        } finally {
            exchange.close();
        }
    }

    private void send(HttpExchange exchange, int status, String type, byte[] content) throws IOException {
        if (begin(exchange, status, type, content)) return;
        exchange.getResponseBody().write(content);
        exchange.getResponseBody().close();
    }

    /** Sends the header of a response; true if that is the whole response. */
    private boolean begin(HttpExchange exchange, int status, String type, byte[] content) throws IOException {
        Headers headers = exchange.getResponseHeaders();
        headers.set("Content-Type", type);
        headers.set("Cache-Control", "no-store");
        headers.set("Referrer-Policy", "no-referrer");
        headers.set("X-Content-Type-Options", "nosniff");
        headers.set("Content-Security-Policy", "default-src 'none'; script-src 'self'; style-src 'self'; connect-src "
                + "'self'; img-src 'self' blob: data:; base-uri 'none'; form-action 'none'; frame-ancestors " + frames);
        boolean head = exchange.getRequestMethod().equals("HEAD");   // refused, but the response must not have a body
        exchange.sendResponseHeaders(status, head ? -1 : content.length);
        return head;
    }

    /** Stops at once; requests that are being handled lose their connections. */
    @Override
    public void close() {
        http.stop(0);
        clock.shutdownNow();
        workers.shutdownNow();
    }
}
