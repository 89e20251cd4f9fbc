package digits.demo;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
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
 * Who may ask what. A page on any site can send requests to this machine's loopback address, and a name can be made to lead to it; so
 * each address begins with a token that only the notebook and the page know, and the headers Host and Origin have to be ours. Through a
 * hub's proxy the Host is the hub's, whose name is not known here: then the token and an Origin equal to the Host have to do.
 */
final class Guard {
    /** A canvas of 200×200 bytes. */
    static final int CANVAS = 200;

    private final String token;
    private final Set<String> hosts;   // empty: any
    private final byte[] expected;

    /** @param proxied whether requests come through a proxy, under its name */
    Guard(int port, boolean proxied) {
        byte[] random = new byte[16];
        new SecureRandom().nextBytes(random);
        token = HexFormat.of().formatHex(random);
        expected = token.getBytes(StandardCharsets.US_ASCII);
        hosts = proxied ? Set.of() : Set.of("127.0.0.1:" + port, "localhost:" + port, "[::1]:" + port);
    }

    String token() {
        return token;
    }

    /**
     * What the request asks for: its path behind the token.
     *
     * @throws HttpError if it may not
     */
    String admit(HttpExchange exchange) {
        String method = exchange.getRequestMethod();
        if (!method.equals("GET") && !method.equals("POST")) throw new HttpError(405, "Only GET and POST are answered here.");
        Headers headers = exchange.getRequestHeaders();
        List<String> named = headers.getOrDefault("Host", List.of());
        if (named.size() != 1) throw new HttpError(400, "A request has to name one Host.");
        String host = named.get(0).toLowerCase(Locale.ROOT);
        if (!hosts.isEmpty() && !hosts.contains(host)) throw new HttpError(403, "This server answers only under this machine's own address.");
        for (String origin : headers.getOrDefault("Origin", List.of())) {
            if (!host.equals(authority(origin))) throw new HttpError(403, "Pages of other sites may not ask this server.");
        }
        String path = exchange.getRequestURI().getPath();
        int end = path == null ? -1 : path.indexOf('/', 1);
        if (end < 0 || !MessageDigest.isEqual(expected, path.substring(1, end).getBytes(StandardCharsets.UTF_8))) {
            throw new HttpError(403, "The address is not complete: open the one that the notebook or «make demo» shows.");
        }
        return path.substring(end + 1);
    }

    /** Host and port of an origin such as {@code http://localhost:8080}, without the port if there is none. */
    private static String authority(String origin) {
        try {
            String authority = URI.create(origin).getAuthority();
            return authority == null ? null : authority.toLowerCase(Locale.ROOT);
        } catch (IllegalArgumentException notAnAddress) {
            return null;   // among them «null», the origin of a page in a sandbox
        }
    }

    /**
     * A body of one of these types.
     *
     * @throws HttpError if it has another type, or more bytes than the limit
     */
    static byte[] body(HttpExchange exchange, int limit, String... types) throws IOException {
        if (!exchange.getRequestMethod().equals("POST")) throw new HttpError(405, "This is to be sent with POST.");
        String type = exchange.getRequestHeaders().getFirst("Content-Type");
        String bare = type == null ? "" : type.split(";", 2)[0].strip().toLowerCase(Locale.ROOT);
        if (!List.of(types).contains(bare)) throw new HttpError(415, "The content has to be " + String.join(" or ", types) + ".");
        String length = exchange.getRequestHeaders().getFirst("Content-Length");
        // the JDK's server has refused lengths that are no number
        if (length != null && Long.parseLong(length.strip()) > limit) throw tooLarge(limit);
        byte[] body = exchange.getRequestBody().readNBytes(limit + 1);
        if (body.length > limit) throw tooLarge(limit);
        return body;
    }

    /** A square of bytes. */
    static byte[] square(HttpExchange exchange, int side) throws IOException {
        byte[] body = body(exchange, side * side, "application/octet-stream");
        if (body.length != side * side) {
            throw new HttpError(400, String.format(Locale.ROOT, "There have to be %,d bytes, %d rows of %d; these are %,d.",
                    side * side, side, side, body.length));
        }
        return body;
    }

    /** Of what is asked for with GET. */
    static byte[] noBody(HttpExchange exchange) {
        if (!exchange.getRequestMethod().equals("GET")) throw new HttpError(405, "This is to be asked for with GET.");
        return null;
    }

    private static HttpError tooLarge(int limit) {
        return new HttpError(413, String.format(Locale.ROOT, "That is too large: at most %,d bytes are read here.", limit));
    }
}
