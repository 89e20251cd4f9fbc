package digits.demo;

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
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Serves the page and its predictions over HTTP on the loopback address:
 *
 * <table><caption>below {@code /TOKEN/}</caption>
 * <tr><td>GET (nothing), page.css, page.js and the other files of the page</td><td>the page</td></tr>
 * <tr><td>GET model</td><td>the network: {@code {"description", "names", "layers", "hand"}}</td></tr>
 * <tr><td>POST drawing</td><td>200×200 bytes, 0 paper to 255 ink, row by row: a {@link Recognizer.Prediction}</td></tr>
 * <tr><td>POST picture</td><td>a picture file, a photograph of digits: the same</td></tr>
 * <tr><td>GET hand</td><td>the state of {@link Hand}, the part for the reader's own drawings</td></tr>
 * <tr><td>POST hand/add/D</td><td>200×200 bytes, a drawing of class D: the state</td></tr>
 * <tr><td>POST hand/undo, train, stop, original, tuned</td><td>nothing: the state</td></tr>
 * <tr><td>POST hand/drawings</td><td>nothing: 28×28 numbers for each of the reader's drawings</td></tr>
 * <tr><td>POST saliency/D, gradcam/D</td><td>28×28 bytes that the network saw: 28×28 numbers, −100 to 100</td></tr>
 * <tr><td>POST layers</td><td>the same bytes: a {@link NetworkView.Activations} for each layer</td></tr>
 * </table>
 *
 * <p>Every other request gets a 4xx and {@code {"error": "one sentence"}}.
 */
final class Server implements Http.Handler, AutoCloseable {
    static final int SECONDS = 10;
    private static final Pattern FILE = Pattern.compile("[a-z]{1,20}\\.(html|css|js)");   // beside this class
    private static final Map<String, String> TYPES = Map.of("html", "text/html; charset=utf-8",
            "css", "text/css; charset=utf-8", "js", "text/javascript; charset=utf-8");
    private static final String POLICY = "Content-Security-Policy: default-src 'none'; script-src 'self';"
            + " style-src 'self'; connect-src 'self'; img-src 'self' blob: data:; base-uri 'none'; form-action 'none';"
            + " frame-ancestors 'self' http://localhost:* http://127.0.0.1:* vscode-webview:";
    private static final Logger LOG = LoggerFactory.getLogger(Server.class);

    private final Recognizer recognizer;
    private final Optional<Hand> hand;
    private final String description;
    private final List<String> names;
    private final Guard guard;
    private final Http http;

    /**
     * Starts the server; a request must arrive within these seconds, and its response be read.
     *
     * @param hand  what teaches the network the reader's hand, if the page is to have that part
     * @param names of the classes
     */
    Server(Recognizer recognizer, Optional<Hand> hand, String description, List<String> names, Endpoint endpoint,
           int seconds) {
        this.recognizer = recognizer;
        this.hand = hand;
        this.description = description;
        this.names = names;
        http = new Http(endpoint.port(), seconds, this);
        guard = new Guard(http.port(), endpoint.prefix().isPresent());
        http.start();
    }

    int port() {
        return http.port();
    }

    String token() {
        return guard.token;
    }

    @Override
    public Http.Response respond(Request request) throws IOException {
        try {
            String asked = guard.admit(request);
            String file = asked.isEmpty() ? "page.html" : asked;
            if (!FILE.matcher(file).matches()) return response(200, "application/json", json(value(request, asked)));
            Guard.require(request.method.equals("GET"), 405, "Use GET for this address.");
            return response(200, TYPES.get(file.substring(file.indexOf('.') + 1)), content(file));
        } catch (PictureException unusable) {
            throw new HttpError(400, unusable.getMessage());
        } catch (IOException | HttpError known) {
            throw known;
        } catch (Exception | Error unexpected) {
            LOG.warn("the demo could not handle a request", unexpected);
            throw new HttpError(500, "Something went wrong; the server keeps running.");
        }
    }

    @Override
    public Http.Response report(HttpError error) {
        return response(error.status, "application/json", json(Map.of("error", error.getMessage())));
    }

    private static Http.Response response(int status, String type, byte[] content) {
        List<String> fields = new ArrayList<>(List.of("Content-Type: " + type, "Cache-Control: no-store",
                "Referrer-Policy: no-referrer", "X-Content-Type-Options: nosniff", POLICY));
        if (status == 405) fields.add("Allow: GET, POST");
        return new Http.Response(status, fields, content);
    }

    private Object value(Request request, String asked) throws Exception {
        if (asked.equals("model")) {
            Guard.require(request.method.equals("GET"), 405, "Use GET for this address.");
            return Map.of("description", description, "names", names, "layers", recognizer.layers(),
                    "hand", hand.isPresent());
        }
        if (asked.equals("drawing")) return recognizer.drawing(Guard.square(request, Guard.CANVAS));
        if (asked.equals("picture")) {
            return recognizer.picture(Guard.body(request, PictureFile.LARGEST_BYTES, "image/png", "image/jpeg",
                    "application/octet-stream"));
        }
        if (asked.equals("layers")) return recognizer.activations(seen(request));
        if (asked.matches("(saliency|gradcam)/\\d{1,3}")) return look(asked, seen(request));
        if (asked.matches("hand(/.*)?") && hand.isPresent()) {
            return hand.get().respond(request, asked.substring("hand".length()));
        }
        throw nothing();
    }

    /** The bytes that the network saw. */
    private static Ink seen(Request request) throws IOException {
        return Ink.of(Ink.SIDE, Ink.SIDE, Guard.square(request, Ink.SIDE));
    }

    private static HttpError nothing() {
        return new HttpError(404, "There is nothing at this address.");
    }

    private static byte[] content(String file) throws IOException {
        try (InputStream in = Server.class.getResourceAsStream(file)) {
            if (in != null) return in.readAllBytes();
        }
        if (!file.equals("page.html")) throw nothing();
        throw new IllegalStateException("the library lacks digits/demo/" + file + "; `make setup` builds it");
    }

    private static byte[] json(Object value) {
        return Json.line(value).getBytes(StandardCharsets.UTF_8);
    }

    /** Percent of the 99th percentile of the strengths: measured by the strongest pixel, all others would look pale. */
    private int[] look(String asked, Ink seen) {
        int label = Integer.parseInt(asked.substring(asked.indexOf('/') + 1));
        if (label >= names.size()) throw nothing();
        Grid map = recognizer.look(seen, label, asked.startsWith("saliency") ? Saliency::of : GradCam::of);
        float strong = map.map(Math::abs).percentile(0.99);
        float[] values = map.values();
        int[] percents = new int[values.length];
        for (int i = 0; i < values.length && strong > 0; i++) {
            percents[i] = Math.round(100 * Math.max(-1, Math.min(1, values[i] / strong)));
        }
        return percents;
    }

    /** Stops at once; requests that are being handled lose their connections. */
    @Override
    public void close() {
        http.close();
    }
}
