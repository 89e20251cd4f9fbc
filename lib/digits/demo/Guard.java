package digits.demo;

import digits.Text;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Decides which requests are allowed. A page on any site can send requests to this machine's loopback address, and a
 * host name can be made to point to it (DNS rebinding). So each path begins with a token that only the notebook and the
 * page know, and the fields Host and Origin must fit: a browser that connects to this port itself names it in Host, and
 * then the host must be this machine's loopback. Any other Host comes through a proxy, which must have said so: a hub's
 * prefix is set, or Jupyter's proxy names the path under which it offers this port.
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

    private static final Set<String> LOOPBACK = Set.of("127.0.0.1", "localhost", "[::1]");

    final String token;
    private final int port;
    private final boolean proxied;

    Guard(int port, boolean proxied) {
        byte[] random = new byte[16];
        new SecureRandom().nextBytes(random);
        token = HexFormat.of().formatHex(random);
        this.port = port;
        this.proxied = proxied;
    }

    /** Throws an HTTP error unless the condition holds. */
    static void require(boolean condition, int status, String sentence) {
        if (!condition) throw new HttpError(status, sentence);
    }

    /** What the request asks for, its path after the token; throws an {@link HttpError} if it is not allowed. */
    String admit(Request request) {
        require(request.method.equals("GET") || request.method.equals("POST"), 405, "Only GET and POST are supported.");
        String named = request.field("host");
        require(named != null, 400, "A request must name one Host.");
        Authority host = Authority.of("http://" + named);
        require(host != null && (LOOPBACK.contains(host.name) || throughProxy(request) && host.port != port), 403,
                "This server has only this machine's own address.");
        String origin = request.field("origin");
        require(origin == null || host.fits(Authority.of(origin)), 403,
                "Other sites may not use this server. (A proxy in between must pass the field Host on.)");
        String path = request.target.split("\\?", 2)[0];
        int end = path.indexOf('/', 1);
        require(end >= 0 && MessageDigest.isEqual(utf8(token), utf8(path.substring(1, end))), 403,
                "The address is incomplete: open the one that the notebook or “make demo” shows.");
        return path.substring(end + 1);
    }

    private boolean throughProxy(Request request) {
        String path = request.field("x-proxycontextpath");   // of jupyter-server-proxy
        return proxied || path != null && path.endsWith("/proxy/" + port);
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /** Host and port of an address; {@code named} is whether it names the port. */
    private record Authority(String name, int port, boolean named) {
        private static final Pattern FORM =
                Pattern.compile("(https?)://([^/?#@:\\[\\]\\s]+|\\[[0-9a-f:.]+])(?::(\\d{1,5}))?");

        /** Null if it is not an address of the web, such as “null”, the origin of a sandboxed page. */
        static Authority of(String address) {
            Matcher parts = FORM.matcher(address.toLowerCase(Locale.ROOT));
            if (!parts.matches()) return null;
            String port = parts.group(3);
            int standard = parts.group(1).equals("https") ? 443 : 80;
            return new Authority(parts.group(2), port == null ? standard : Integer.parseInt(port), port != null);
        }

        /** Whether a page of this origin was loaded from this Host; some proxies leave the port of Host away. */
        boolean fits(Authority origin) {
            return origin != null && name.equals(origin.name) && (!named || port == origin.port);
        }
    }

    /** The body of a POST request with one of these content types and at most {@code limit} bytes. */
    static byte[] body(Request request, int limit, String... types) throws IOException {
        require(request.method.equals("POST"), 405, "Use POST for this address.");
        String type = request.field("content-type");
        String bare = type == null ? "" : type.split(";", 2)[0].strip().toLowerCase(Locale.ROOT);
        require(List.of(types).contains(bare), 415, "The content type must be " + String.join(" or ", types) + ".");
        require(request.left() <= limit, 413, "The content is too large: at most " + Text.whole(limit)
                + " bytes are read.");
        return request.content();
    }

    /** The body of a POST request with {@code side}×{@code side} bytes. */
    static byte[] square(Request request, int side) throws IOException {
        byte[] body = body(request, side * side, "application/octet-stream");
        require(body.length == side * side, 400, "The content must have " + Text.whole(side * side) + " bytes, " + side
                + " rows of " + side + "; it has " + Text.whole(body.length) + ".");
        return body;
    }
}
