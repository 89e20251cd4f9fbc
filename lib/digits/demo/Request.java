package digits.demo;

import digits.demo.Guard.HttpError;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A request of HTTP/1.1 (RFC 9112) with a Content-Length or without content; the content may still be arriving. All
 * requests together hold a bounded number of bytes in memory.
 */
final class Request implements AutoCloseable {
    private static final int HEADER_BYTES = 1 << 16;   // a hub's cookies can be long
    private static final long HELD_BYTES = 64_000_000;
    private static final AtomicLong HELD = new AtomicLong();
    private static final Pattern START = Pattern.compile("([A-Za-z]{1,20}) (/\\S*) HTTP/1\\.([01])");
    private static final Pattern FIELD = Pattern.compile("([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*(.*?)[ \t]*");

    final String method;
    /** As sent, such as {@code /token/model}. */
    final String target;
    /** Whether the client may send another request on this connection. */
    final boolean persistent;
    private final Map<String, List<String>> fields;
    private final InputStream in;
    private long left;   // bytes of the content that were not read yet
    private long held;

    /** Reads the header; throws an {@link HttpError} if it is malformed. */
    Request(InputStream in) throws IOException {
        this.in = in;
        List<String> lines = header(in);
        Matcher start = START.matcher(lines.get(0));
        Guard.require(start.matches(), 400, "This is not a request of HTTP/1.1.");
        method = start.group(1);
        target = start.group(2);
        fields = new HashMap<>();
        for (String line : lines.subList(1, lines.size())) {
            Matcher field = FIELD.matcher(line);
            Guard.require(field.matches(), 400, "A line of the request's header is malformed.");
            String name = field.group(1).toLowerCase(Locale.ROOT);
            fields.computeIfAbsent(name, none -> new ArrayList<>()).add(field.group(2));
        }
        Guard.require(field("transfer-encoding") == null, 411, "The content needs a Content-Length.");
        String length = field("content-length") == null ? "0" : field("content-length");
        Guard.require(length.matches("\\d{1,18}"), 400, "The Content-Length must be a number.");
        left = Long.parseLong(length);
        persistent = start.group(3).equals("1") && !"close".equalsIgnoreCase(field("connection"));
    }

    private static List<String> header(InputStream in) throws IOException {
        List<String> lines = new ArrayList<>();
        StringBuilder line = new StringBuilder();
        for (int n = 0; n < HEADER_BYTES; n++) {
            int next = in.read();
            if (next < 0) throw new IOException("the request ended in its header");
            if (next != '\n') {
                line.append((char) next);
                continue;
            }
            if (line.length() > 0 && line.charAt(line.length() - 1) == '\r') line.setLength(line.length() - 1);
            if (line.length() > 0) lines.add(line.toString());
            else if (!lines.isEmpty()) return lines;   // empty lines before a request do not count
            line.setLength(0);
        }
        throw new HttpError(431, "The request's header is too large: at most " + HEADER_BYTES + " bytes are read.");
    }

    /** The value of a header field, named in lower case; null if there is none. Two values are an HTTP error. */
    String field(String name) {
        List<String> values = fields.getOrDefault(name, List.of());
        Guard.require(values.size() <= 1, 400, "A request must not have two values for " + name + ".");
        return values.isEmpty() ? null : values.get(0);
    }

    /** Bytes of the content that were not read yet. */
    long left() {
        return left;
    }

    /** Whether the client waits for a “100 Continue” before it sends the content. */
    boolean waits() {
        return left > 0 && "100-continue".equalsIgnoreCase(field("expect"));
    }

    /** The whole content, which was announced to have at most 2³¹ − 1 bytes. */
    byte[] content() throws IOException {
        long all = left;
        held = all;
        if (HELD.addAndGet(all) > HELD_BYTES) throw new HttpError(503, "The server is busy; please try again.");
        byte[] content = in.readNBytes(Math.toIntExact(all));
        left -= content.length;
        if (left > 0) throw new IOException("the request ended in its content");
        return content;
    }

    /** Reads and ignores at most this much of the content. */
    void drain(long limit) throws IOException {
        byte[] buffer = new byte[1 << 16];
        long end = Math.max(0, left - limit);
        while (left > end) {
            int n = in.read(buffer, 0, (int) Math.min(buffer.length, left - end));
            if (n < 0) throw new IOException("the request ended in its content");
            left -= n;
        }
    }

    /** The response has been made: the content's memory is free. */
    @Override
    public void close() {
        HELD.addAndGet(-held);
        held = 0;
    }
}
