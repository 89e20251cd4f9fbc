package digits.demo;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import digits.Text;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * Decides which requests are allowed. A page on any site can send requests to this machine's loopback address, and a
 * host name can be made to point to it. So each path begins with a token that only the notebook and the page know, and
 * the headers Host and Origin must match. Through a hub's proxy, Host is the hub's name, which is not known here; then
 * the token and an Origin equal to Host must suffice.
 */
final class Guard {
    /** An HTTP error response: a status code and a one-sentence message. */
    static final class HttpError extends RuntimeException {
        final int status;

        HttpError(int status, String sentence) {
            super(sentence, null, false, false);   // without a stack trace: it is a response, not a failure
            this.status = status;
        }
    }

    /** Side of the canvas: a drawing has 200×200 bytes. */
    static final int CANVAS = 200;

    final String token;
    private final Set<String> hosts;   // empty, for any, behind a proxy

    Guard(int port, boolean proxied) {
        byte[] random = new byte[16];
        new SecureRandom().nextBytes(random);
        token = HexFormat.of().formatHex(random);
        hosts = proxied ? Set.of() : Set.of("127.0.0.1:" + port, "localhost:" + port, "[::1]:" + port);
    }

    /** Throws an HTTP error unless the condition holds. */
    static void require(boolean condition, int status, String sentence) {
        if (!condition) throw new HttpError(status, sentence);
    }

    /** What the request asks for, its path after the token; throws an {@link HttpError} if it is not allowed. */
    String admit(HttpExchange exchange) {
        String method = exchange.getRequestMethod();
        require(method.equals("GET") || method.equals("POST"), 405, "Only GET and POST are supported.");
        Headers headers = exchange.getRequestHeaders();
        List<String> named = headers.getOrDefault("Host", List.of());
        require(named.size() == 1, 400, "A request must name one Host.");
        String host = named.get(0).toLowerCase(Locale.ROOT);
        require(hosts.isEmpty() || hosts.contains(host), 403, "This server has only this machine's own address.");
        for (String origin : headers.getOrDefault("Origin", List.of())) {
            require(host.equals(authority(origin)), 403, "Other sites may not use this server.");
        }
        String path = exchange.getRequestURI().getPath();
        int end = path == null ? -1 : path.indexOf('/', 1);
        require(end >= 0 && MessageDigest.isEqual(utf8(token), utf8(path.substring(1, end))), 403,
                "The address is incomplete: open the one that the notebook or “make demo” shows.");
        return path.substring(end + 1);
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /** Host and port of an origin such as {@code http://localhost:8080}; null if it is not an address. */
    private static String authority(String origin) {
        try {
            String authority = URI.create(origin).getAuthority();
            return authority == null ? null : authority.toLowerCase(Locale.ROOT);
        } catch (IllegalArgumentException notAnAddress) {
            return null;   // among them “null”, the origin of a sandboxed page
        }
    }

    /** The body of a POST request with one of these content types and at most {@code limit} bytes. */
    static byte[] body(HttpExchange exchange, int limit, String... types) throws IOException {
        require(exchange.getRequestMethod().equals("POST"), 405, "Use POST for this address.");
        String type = exchange.getRequestHeaders().getFirst("Content-Type");
        String bare = type == null ? "" : type.split(";", 2)[0].strip().toLowerCase(Locale.ROOT);
        require(List.of(types).contains(bare), 415, "The content type must be " + String.join(" or ", types) + ".");
        String length = exchange.getRequestHeaders().getFirst("Content-Length");
        // the JDK's server has already refused lengths that are not a number
        String tooLarge = "The content is too large: at most " + Text.whole(limit) + " bytes are read.";
        require(length == null || Long.parseLong(length.strip()) <= limit, 413, tooLarge);
        byte[] body = exchange.getRequestBody().readNBytes(limit + 1);
        require(body.length <= limit, 413, tooLarge);
        return body;
    }

    /** The body of a POST request with {@code side}×{@code side} bytes. */
    static byte[] square(HttpExchange exchange, int side) throws IOException {
        byte[] body = body(exchange, side * side, "application/octet-stream");
        require(body.length == side * side, 400, "The content must have " + Text.whole(side * side) + " bytes, " + side
                + " rows of " + side + "; it has " + Text.whole(body.length) + ".");
        return body;
    }
}
