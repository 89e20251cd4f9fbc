package digits.demo;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import digits.data.DataException;
import digits.files.Json;
import digits.image.Grid;
import digits.image.Ink;
import digits.image.Photo;
import digits.image.PictureFile;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The page and its answers, over HTTP on the loopback address:
 *
 * <table>
 * <caption>below {@code /TOKEN/}</caption>
 * <tr><td>GET (nothing), page.css, page.js</td><td>the page</td></tr>
 * <tr><td>GET model</td><td>which network answers: {@code {"description": …}}</td></tr>
 * <tr><td>POST drawing</td><td>200×200 bytes, 0 paper to 255 ink, row by row: an {@link Answer}</td></tr>
 * <tr><td>POST picture</td><td>a PNG or JPEG file, a photograph of a digit: an {@link Answer}</td></tr>
 * <tr><td>POST saliency/D, gradcam/D</td><td>28×28 bytes, what the network saw: 28×28 numbers, −1 to 1, of what speaks for digit D</td></tr>
 * </table>
 *
 * <p>Everything else gets a 4xx and {@code {"error": "one sentence"}}.
 */
final class Server implements AutoCloseable {
    static final int SECONDS = 10;
    private static final int THREADS = 32;
    private static final int DRAINED = 2 * PictureFile.LARGEST_BYTES;
    private static final Map<String, String> TYPES = Map.of("page.html", "text/html; charset=utf-8", "page.css", "text/css; charset=utf-8",
            "page.js", "text/javascript; charset=utf-8");
    private static final Logger LOG = LoggerFactory.getLogger(Server.class);

    static {
        // read once, when the first server of the process is made; what someone has set already stays
        setIfUnset("sun.net.httpserver.maxReqTime", SECONDS);       // for the head of a request; the body's time is taken below
        setIfUnset("sun.net.httpserver.maxRspTime", 6 * SECONDS);
        setIfUnset("sun.net.httpserver.nodelay", "true");           // or answers wait 40 ms for an acknowledgement
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

    /**
     * Starts to answer.
     *
     * @param port    0 for a free one
     * @param proxied whether requests come through a hub's proxy
     * @param seconds that a request has to arrive
     * @throws UncheckedIOException if the port is taken
     */
    Server(Recognizer recognizer, String description, int port, boolean proxied, int seconds) {
        this.recognizer = recognizer;
        this.description = description;
        this.seconds = seconds;
        frames = proxied ? "'self'" : "'self' http://localhost:* http://127.0.0.1:* vscode-webview:";
        try {
            http = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 128);
        } catch (IOException taken) {
            throw new UncheckedIOException("The demo cannot listen on port " + port + " of this machine: " + taken.getMessage(), taken);
        }
        guard = new Guard(port(), proxied);
        workers = new ThreadPoolExecutor(THREADS, THREADS, 10, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), daemon("digits-live"));
        workers.allowCoreThreadTimeOut(true);
        clock = new ScheduledThreadPoolExecutor(1, daemon("digits-live-clock"));
        clock.setRemoveOnCancelPolicy(true);
        http.setExecutor(workers);
        http.createContext("/", this::handle);
        // the server's own thread is a daemon if the one that starts it is: so that nothing is left when the kernel ends
        Thread starter = daemon("digits-live-start").newThread(http::start);
        starter.start();
        try {
            starter.join();
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
    }

    private static ThreadFactory daemon(String name) {
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
        return guard.token();
    }

    private void handle(HttpExchange exchange) {
        Arrival arrival = new Arrival(exchange);
        ScheduledFuture<?> late = clock.schedule(arrival::tooLate, seconds, TimeUnit.SECONDS);
        try {
            String asked = guard.admit(exchange);
            byte[] body = body(exchange, asked);
            if (!arrival.inTime()) return;
            String type = asked.isEmpty() ? TYPES.get("page.html") : TYPES.getOrDefault(asked, "application/json");
            send(exchange, 200, type, answer(asked, body));
        } catch (HttpError refusal) {
            drain(exchange);
            if (arrival.inTime()) refuse(exchange, refusal);
        } catch (DataException unusable) {
            refuse(exchange, new HttpError(400, unusable.getMessage()));
        } catch (IOException gone) {
            LOG.debug("a request ended early", gone);
        } catch (RuntimeException | Error unexpected) {
            LOG.warn("the demo could not answer", unexpected);
            refuse(exchange, new HttpError(500, "Something went wrong here; the server goes on."));
        } finally {
            late.cancel(false);
            arrival.inTime();
            Thread.interrupted();   // the next request of this thread is another's
            exchange.close();
        }
    }

    /**
     * A request that is still arriving. One that takes too long is told so, and then its connection is cut by interrupting the thread that
     * reads it: JDK's server would else wait for the rest of the request whenever it is to close something, and one client after another
     * could take a thread away.
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
                byte[] content = json(Map.of("error", "The request took longer than " + seconds + " seconds to arrive."));
                begin(exchange, 408, "application/json", content);
                exchange.getResponseBody().write(content);
                exchange.getResponseBody().flush();
            } catch (IOException gone) {
                LOG.debug("nobody waited for the refusal", gone);
            } finally {
                reader.interrupt();
            }
        }
    }

    /** What was sent along, after its form has been checked: null with GET. */
    private static byte[] body(HttpExchange exchange, String asked) throws IOException {
        if (asked.isEmpty() || asked.equals("model") || TYPES.containsKey(asked)) return Guard.noBody(exchange);
        if (asked.equals("drawing")) return Guard.square(exchange, Guard.CANVAS);
        if (asked.equals("picture")) return Guard.body(exchange, PictureFile.LARGEST_BYTES, "image/png", "image/jpeg");
        if (asked.matches("(saliency|gradcam)/[0-9]")) return Guard.square(exchange, Ink.SIDE);
        throw new HttpError(404, "There is nothing here under this address.");
    }

    private byte[] answer(String asked, byte[] body) throws IOException {
        if (asked.isEmpty()) return file("page.html");
        if (TYPES.containsKey(asked)) return file(asked);
        return json(switch (asked) {
            case "model" -> Map.of("description", description);
            case "drawing" -> recognizer.answer(Ink.of(Guard.CANVAS, Guard.CANVAS, body).asInMnist());
            case "picture" -> recognizer.answer(Photo.ink(PictureFile.read(body)).asInMnist());
            default -> look(asked, Ink.of(Ink.SIDE, Ink.SIDE, body));
        });
    }

    private static byte[] file(String name) throws IOException {
        try (InputStream in = Server.class.getResourceAsStream(name)) {
            if (in == null) throw new IllegalStateException("digits/live/" + name + " is not in the library; `make setup` builds it");
            return in.readAllBytes();
        }
    }

    private byte[] json(Object value) {
        return Json.line(value).getBytes(StandardCharsets.UTF_8);
    }

    private int[] look(String asked, Ink seen) {
        int slash = asked.indexOf('/');
        Recognizer.Look how = Recognizer.Look.valueOf(asked.substring(0, slash).toUpperCase(Locale.ROOT));
        return percents(recognizer.look(seen, asked.charAt(slash + 1) - '0', how));
    }

    /** Of the strength that one of a hundred pixels exceeds, as in digits.pictures.HeatPicture: single pixels would make all others pale. */
    private static int[] percents(Grid plane) {
        float[] values = plane.values();
        float[] strengths = values.clone();
        for (int i = 0; i < strengths.length; i++) strengths[i] = Math.abs(strengths[i]);
        Arrays.sort(strengths);
        float strong = strengths[Math.round(0.99f * (strengths.length - 1))];
        int[] percents = new int[values.length];
        for (int i = 0; i < values.length; i++) percents[i] = strong > 0 ? Math.round(100 * Math.max(-1, Math.min(1, values[i] / strong))) : 0;
        return percents;
    }

    /** Reads what was sent in vain, some megabytes of it: a client that is still sending would lose the refusal with the connection. */
    private static void drain(HttpExchange exchange) {
        byte[] buffer = new byte[1 << 16];
        try {
            InputStream in = exchange.getRequestBody();
            for (long left = DRAINED; left > 0;) {
                int n = in.read(buffer);
                if (n < 0) break;
                left -= n;
            }
        } catch (IOException gone) {
            LOG.debug("a refused request ended early", gone);
        }
    }

    private void refuse(HttpExchange exchange, HttpError refusal) {
        try {
            if (refusal.status() == 405) exchange.getResponseHeaders().set("Allow", "GET, POST");
            send(exchange, refusal.status(), "application/json", json(Map.of("error", refusal.getMessage())));
        } catch (IOException gone) {
            LOG.debug("nobody waited for the refusal", gone);
        } finally {
            exchange.close();
        }
    }

    private void send(HttpExchange exchange, int status, String type, byte[] content) throws IOException {
        if (begin(exchange, status, type, content)) return;
        exchange.getResponseBody().write(content);
        exchange.getResponseBody().close();
    }

    /** Sends the head of an answer; true if that is all that was asked for. */
    private boolean begin(HttpExchange exchange, int status, String type, byte[] content) throws IOException {
        Headers headers = exchange.getResponseHeaders();
        headers.set("Content-Type", type);
        headers.set("Cache-Control", "no-store");
        headers.set("Referrer-Policy", "no-referrer");
        headers.set("X-Content-Type-Options", "nosniff");
        headers.set("Content-Security-Policy", "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
                + "img-src 'self' blob: data:; base-uri 'none'; form-action 'none'; frame-ancestors " + frames);
        boolean head = exchange.getRequestMethod().equals("HEAD");   // is refused like others, but an answer to it has no body
        exchange.sendResponseHeaders(status, head ? -1 : content.length);
        return head;
    }

    /** Stops at once; whoever is being answered loses the connection. */
    @Override
    public void close() {
        http.stop(0);
        clock.shutdownNow();
        workers.shutdownNow();
    }
}
