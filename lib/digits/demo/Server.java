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
final class Server implements Http.Handler, AutoCloseable {
    static final int SECONDS = 10;
    private static final Map<String, String> TYPES = Map.of("page.html", "text/html; charset=utf-8",
            "page.css", "text/css; charset=utf-8", "page.js", "text/javascript; charset=utf-8");
    private static final String POLICY = "Content-Security-Policy: default-src 'none'; script-src 'self';"
            + " style-src 'self'; connect-src 'self'; img-src 'self' blob: data:; base-uri 'none'; form-action 'none';"
            + " frame-ancestors 'self' http://localhost:* http://127.0.0.1:* vscode-webview:";
    private static final Logger LOG = LoggerFactory.getLogger(Server.class);

    private final Recognizer recognizer;
    private final String description;
    private final Guard guard;
    private final Http http;

    /** Starts the server; a request must arrive within these seconds, and its response be read. */
    Server(Recognizer recognizer, String description, Endpoint endpoint, int seconds) {
        this.recognizer = recognizer;
        this.description = description;
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
            String type = asked.isEmpty() ? TYPES.get("page.html") : TYPES.getOrDefault(asked, "application/json");
            return response(200, type, content(request, asked));
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

    private byte[] content(Request request, String asked) throws Exception {
        if (asked.isEmpty() || asked.equals("model") || TYPES.containsKey(asked)) {
            Guard.require(request.method.equals("GET"), 405, "Use GET for this address.");
            return asked.equals("model") ? json(Map.of("description", description))
                    : file(asked.isEmpty() ? "page.html" : asked);
        }
        if (asked.equals("drawing")) {
            return json(recognizer.drawing(Guard.square(request, Guard.CANVAS)));
        }
        if (asked.equals("picture")) {
            byte[] picture = Guard.body(request, PictureFile.LARGEST_BYTES, "image/png", "image/jpeg",
                    "application/octet-stream");
            return json(recognizer.picture(picture));
        }
        if (asked.matches("(saliency|gradcam)/[0-9]")) {
            return json(look(asked, Ink.of(Ink.SIDE, Ink.SIDE, Guard.square(request, Ink.SIDE))));
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

    /** Stops at once; requests that are being handled lose their connections. */
    @Override
    public void close() {
        http.close();
    }
}
