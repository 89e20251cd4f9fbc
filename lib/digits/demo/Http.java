package digits.demo;

import digits.demo.Guard.HttpError;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A server on the loopback address: one thread per connection, requests one after the other, a deadline in each
 * direction. Thus a slow client delays only itself. With the JDK's server, clients that do not read their responses
 * would occupy all threads, and a process without free file descriptors would try to accept them in an endless loop.
 */
final class Http implements AutoCloseable {
    /** Open connections; a further one closes the one that has been waiting longest. */
    static final int CONNECTIONS = 256;
    private static final long DRAINED = 24_000_000;
    private static final int PAUSE_MILLIS = 200;
    private static final Map<Integer, String> REASONS = Map.of(200, "OK", 400, "Bad Request", 403, "Forbidden", 404,
            "Not Found", 405, "Method Not Allowed", 408, "Request Timeout", 413, "Content Too Large", 415,
            "Unsupported Media Type", 500, "Internal Server Error", 503, "Service Unavailable");
    private static final Logger LOG = LoggerFactory.getLogger(Http.class);

    /**
     * A response.
     *
     * @param fields  lines of the header; the length is not among them
     * @param content not sent in response to HEAD
     */
    record Response(int status, List<String> fields, byte[] content) { }

    /** Makes the responses, in many threads. */
    interface Handler {
        /** The response to a request. An {@link HttpError} is reported; an I/O error is that the client is gone. */
        Response respond(Request request) throws IOException;

        /** The response that tells of an error. */
        Response report(HttpError error);
    }

    private final Handler handler;
    private final int seconds;
    private final ServerSocket listener;
    private final Set<Socket> open = new LinkedHashSet<>();   // the one that has been waiting longest comes first
    private final ExecutorService threads = Executors.newCachedThreadPool(daemons("digits-demo"));
    private final ScheduledThreadPoolExecutor clock = new ScheduledThreadPoolExecutor(1, daemons("digits-demo-clock"));

    /**
     * Listens on a port of the loopback address, 0 for a free one.
     *
     * @param seconds within which a request must arrive, and within which its response must be read
     * @throws UncheckedIOException if the port is taken
     */
    Http(int port, int seconds, Handler handler) {
        this.handler = handler;
        this.seconds = seconds;
        clock.setRemoveOnCancelPolicy(true);
        try {
            listener = new ServerSocket(port, CONNECTIONS, InetAddress.getLoopbackAddress());
        } catch (IOException taken) {
            throw new UncheckedIOException("The demo cannot listen on port " + port + " of this machine: "
                    + taken.getMessage(), taken);
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
        return listener.getLocalPort();
    }

    /** Begins to accept connections. */
    void start() {
        daemons("digits-demo-accept").newThread(() -> {
            while (!listener.isClosed()) accept();
        }).start();
    }

    private void accept() {
        Socket socket = null;
        try {
            socket = listener.accept();
            makeRoom(socket);
            Socket accepted = socket;
            threads.execute(() -> serve(accepted));
        } catch (IOException | RuntimeException | OutOfMemoryError lacking) {   // no file descriptor, no thread
            if (socket != null) forget(socket);
            if (listener.isClosed()) return;
            LOG.debug("a connection could not be accepted", lacking);
            try {
                Thread.sleep(PAUSE_MILLIS);   // it is still in the queue: without a pause the loop would spin
            } catch (InterruptedException ignored) {
                LOG.debug("only close() ends the loop");
            }
        }
    }

    private void makeRoom(Socket socket) {
        Socket oldest = null;
        synchronized (open) {
            if (open.size() >= CONNECTIONS) oldest = open.iterator().next();
            open.add(socket);
        }
        if (oldest != null) forget(oldest);
    }

    private void forget(Socket socket) {
        synchronized (open) {
            open.remove(socket);
        }
        try {
            socket.close();
        } catch (IOException gone) {
            LOG.debug("a connection did not close", gone);
        }
    }

    private void serve(Socket socket) {
        try {
            socket.setTcpNoDelay(true);
            Arriving arriving = new Arriving(socket);
            InputStream in = new BufferedInputStream(arriving);
            while (arriving.begins(in) && serveOne(socket, in)) {
                synchronized (open) {
                    if (open.remove(socket)) open.add(socket);
                }
            }
        } catch (IOException | RuntimeException | OutOfMemoryError gone) {
            LOG.debug("a connection ended early", gone);
        } finally {
            forget(socket);
        }
    }

    /** Responds to a request; returns whether the connection may have another one. */
    private boolean serveOne(Socket socket, InputStream in) throws IOException {
        boolean again = false;
        boolean head = false;
        Response response;
        try (Request request = new Request(in)) {
            head = request.method.equals("HEAD");
            try {
                if (request.waits()) send(socket, "HTTP/1.1 100 Continue\r\n\r\n", new byte[0]);
                response = handler.respond(request);
            } catch (HttpError error) {
                request.drain(DRAINED);   // a client that is still sending would miss the error
                response = handler.report(error);
            }
            again = request.persistent && request.left() == 0;
        } catch (HttpError malformed) {
            response = handler.report(malformed);
        } catch (SocketTimeoutException late) {
            response = handler.report(new HttpError(408, "The request took longer than " + seconds
                    + " seconds to arrive."));
        }
        String reason = REASONS.getOrDefault(response.status, "Error");
        String start = "HTTP/1.1 " + response.status + " " + reason + "\r\n" + String.join("\r\n", response.fields)
                + "\r\nContent-Length: " + response.content.length + "\r\nConnection: "
                + (again ? "keep-alive" : "close") + "\r\n\r\n";
        send(socket, start, head ? new byte[0] : response.content);
        if (!again) end(socket);
        return again;
    }

    private void send(Socket socket, String start, byte[] content) throws IOException {
        byte[] head = start.getBytes(StandardCharsets.ISO_8859_1);
        byte[] all = new byte[head.length + content.length];
        System.arraycopy(head, 0, all, 0, head.length);
        System.arraycopy(content, 0, all, head.length, content.length);
        ScheduledFuture<?> late = clock.schedule(() -> forget(socket), seconds, TimeUnit.SECONDS);
        try {
            socket.getOutputStream().write(all);
        } finally {
            late.cancel(false);
        }
    }

    /** Ends a connection so that the client can read the response: with input left, closing would discard it. */
    private static void end(Socket socket) throws IOException {
        socket.shutdownOutput();
        socket.setSoTimeout(PAUSE_MILLIS);
        byte[] buffer = new byte[1 << 16];
        long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(1);
        InputStream rest = socket.getInputStream();
        int n = 0;
        while (n >= 0 && System.nanoTime() < until) n = rest.read(buffer);
    }

    /** What a client sends, with a deadline for each request. */
    private final class Arriving extends InputStream {
        private final Socket socket;
        private final InputStream in;
        private long deadline;

        Arriving(Socket socket) throws IOException {
            this.socket = socket;
            in = socket.getInputStream();
        }

        /** Waits for the first byte of a request; false if none comes. */
        boolean begins(InputStream buffered) throws IOException {
            restart();
            buffered.mark(1);
            try {
                if (buffered.read() < 0) return false;
            } catch (SocketTimeoutException idle) {
                return false;
            }
            buffered.reset();
            restart();
            return true;
        }

        private void restart() {
            deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
            if (left <= 0) throw new SocketTimeoutException();
            socket.setSoTimeout((int) left);
            return in.read(bytes, offset, length);
        }
    }

    /** Stops at once: requests that are being handled lose their connections. */
    @Override
    public void close() {
        try {
            listener.close();
        } catch (IOException gone) {
            LOG.debug("the server's socket did not close", gone);
        }
        List<Socket> all;
        synchronized (open) {
            all = List.copyOf(open);
        }
        all.forEach(this::forget);
        clock.shutdownNow();
        threads.shutdownNow();
    }
}
