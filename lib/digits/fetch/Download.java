package digits.fetch;

import digits.fetch.DownloadException.Kind;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.UnknownHostException;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.UnresolvedAddressException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Flow;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Fetches files over HTTP into partial files; resumes where an earlier attempt broke off if the server allows it. */
public final class Download {
    private static final Pattern CONTENT_RANGE = Pattern.compile("bytes (\\d{1,18})-\\d{1,18}/(\\d{1,18}|\\*)");
    private static final long WHOLE = -1;

    /**
     * How long to wait.
     *
     * @param connect for a connection: short, so that a machine without network is not kept waiting
     * @param silence for the response, and between two pieces of it
     * @param least   minimum number of bytes per window: a server that trickles is never silent
     * @param within  length of the window
     */
    public record Patience(Duration connect, Duration silence, long least, Duration within) {
        /** 2 kB/s over a minute: at that rate MNIST takes an hour and a half. */
        public static final Patience USUAL =
                new Patience(Duration.ofSeconds(5), Duration.ofSeconds(15), 120_000, Duration.ofSeconds(60));
    }

    /** A piece of a file, from byte {@code from} of it. */
    public record Slice(byte[] bytes, long from) { }

    private final Patience patience;
    private final DownloadProgress progress;
    private final HttpClient client;

    public Download(Patience patience, DownloadProgress progress) {
        this.patience = patience;
        this.progress = progress;
        // HTTP/1.1: one connection at a time is enough, and plain test servers speak nothing else
        client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1)
                .followRedirects(HttpClient.Redirect.NORMAL).connectTimeout(patience.connect()).build();
    }

    /**
     * Fetches what {@code part} lacks of the file; if this fails, the bytes that came stay in it. A file with more than
     * {@code most} bytes is refused, and not kept. Returns whether the beginning of it is from an earlier call.
     */
    boolean fetch(URI address, long most, Path part) throws IOException, InterruptedException {
        return fetch(address, 0, WHOLE, most, part);
    }

    /** The same for {@code length} bytes of the file, from byte {@code from}; {@code NO_RANGES} if that cannot be. */
    boolean fetch(URI address, long from, long length, Path part) throws IOException, InterruptedException {
        if (size(part) == length) return true;
        if (size(part) > length) Files.deleteIfExists(part);
        return fetch(address, from, length, length, part);
    }

    private boolean fetch(URI address, long from, long length, long most, Path part)
            throws IOException, InterruptedException {
        boolean whole = length == WHOLE;
        long have = size(part);
        String range = whole && have == 0 ? "" : (from + have) + "-" + (whole ? "" : from + length - 1);
        try (Response response = send(address, range)) {
            int status = response.status;
            if (!whole && status == 200) throw noRanges();
            boolean fits = status == 206 && response.begin == from + have;
            boolean misfit = have > 0 && !fits && (status == 206 || status == 416);
            if (!misfit) {
                boolean resumed = fits && have > 0;
                if (!resumed && status != 200 && (whole || !fits)) throw new DownloadException("HTTP " + status);
                long done = save(response, resumed ? have : 0, most, part);
                if (!whole && done < length) throw new DownloadException("the connection broke off");
                return resumed;
            }
        }
        Files.deleteIfExists(part);   // it does not belong to the server's file
        return fetch(address, from, length, most, part);
    }

    /** Writes the response behind the first {@code keep} bytes of the file; returns how many bytes are there then. */
    private long save(Response response, long keep, long most, Path part) throws IOException, InterruptedException {
        String name = part.getFileName().toString().replaceFirst("\\.part$", "");
        long done = keep;
        try (FileChannel file = FileChannel.open(part, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            file.truncate(keep).position(keep);
            for (List<ByteBuffer> piece = response.next(); piece != null && done <= most; piece = response.next()) {
                for (ByteBuffer bytes : piece) {
                    done += bytes.remaining();
                    while (bytes.hasRemaining()) file.write(bytes);
                }
                progress.bytes(name, done, response.length < 0 ? 0 : keep + response.length);
            }
        }
        if (done > most) {
            Files.deleteIfExists(part);
            throw tooMany(most);
        }
        return done;
    }

    /** Fetches {@code "0-99"} of a file, or {@code "-100"}, its last hundred bytes: {@code most} bytes at most. */
    Slice slice(URI address, String range, int most) throws IOException, InterruptedException {
        try (Response response = send(address, range)) {
            if (response.status == 200 || response.status == 206 && response.begin < 0) throw noRanges();
            if (response.status != 206) throw new DownloadException("HTTP " + response.status);
            ByteArrayOutputStream all = new ByteArrayOutputStream();
            for (List<ByteBuffer> piece = response.next(); piece != null; piece = response.next()) {
                for (ByteBuffer bytes : piece) {
                    if (all.size() + bytes.remaining() > most) throw tooMany(most);
                    while (bytes.hasRemaining()) all.write(bytes.get());
                }
            }
            return new Slice(all.toByteArray(), response.begin);
        }
    }

    private Response send(URI address, String range) throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(address);
        if (!range.isEmpty()) request.header("Range", "bytes=" + range);
        CompletableFuture<HttpResponse<Response>> coming = client.sendAsync(request.build(), Response::new);
        Duration longest = patience.connect().plus(patience.silence());   // covers a name server that does not respond
        try {
            return coming.get(longest.toMillis(), TimeUnit.MILLISECONDS).body();
        } catch (ExecutionException failed) {
            throw new DownloadException(phrase(failed.getCause()), failed.getCause());
        } catch (TimeoutException tooLong) {
            throw new DownloadException("no response for " + seconds(longest), tooLong);
        } finally {
            coming.cancel(true);
        }
    }

    /** A response whose body the client's threads hand to the one that reads, which waits for a limited time. */
    private final class Response implements HttpResponse.BodySubscriber<Response>, AutoCloseable {
        private record Event(List<ByteBuffer> piece, Throwable failure) { }

        final int status;
        final long begin;    // place of its first byte in the file; -1 if it is not known
        final long length;   // bytes that are announced; -1 if they are not
        private final CompletableFuture<Response> started = new CompletableFuture<>();
        private final BlockingQueue<Event> events = new LinkedBlockingQueue<>();
        private Flow.Subscription subscription;
        private long windowBegun = System.nanoTime();
        private long inWindow;

        Response(HttpResponse.ResponseInfo head) {
            status = head.statusCode();
            Matcher range = CONTENT_RANGE.matcher(head.headers().firstValue("Content-Range").orElse(""));
            begin = range.matches() ? Long.parseLong(range.group(1)) : -1;
            length = head.headers().firstValueAsLong("Content-Length").orElse(-1);
        }

        @Override
        public CompletionStage<Response> getBody() {
            return started;
        }

        @Override
        public void onSubscribe(Flow.Subscription given) {
            subscription = given;
            given.request(1);
            started.complete(this);
        }

        @Override
        public void onNext(List<ByteBuffer> piece) {
            events.add(new Event(piece, null));
        }

        @Override
        public void onError(Throwable failure) {
            events.add(new Event(null, failure));
            started.completeExceptionally(failure);
        }

        @Override
        public void onComplete() {
            events.add(new Event(null, null));
        }

        /** The next piece of the body, or null at its end. */
        List<ByteBuffer> next() throws IOException, InterruptedException {
            Event event = events.poll(patience.silence().toMillis(), TimeUnit.MILLISECONDS);
            if (event == null) throw new DownloadException("no data for " + seconds(patience.silence()));
            if (event.failure != null) throw new DownloadException("the connection broke off", event.failure);
            if (event.piece == null) return null;
            subscription.request(1);
            inWindow += event.piece.stream().mapToLong(ByteBuffer::remaining).sum();
            if (System.nanoTime() - windowBegun >= patience.within().toNanos()) {
                if (inWindow < patience.least()) {
                    throw new DownloadException(Kind.TOO_SLOW,
                            "too slow, only " + inWindow + " bytes in " + seconds(patience.within()), null);
                }
                windowBegun = System.nanoTime();
                inWindow = 0;
            }
            return event.piece;
        }

        @Override
        public void close() {
            subscription.cancel();
        }
    }

    private String phrase(Throwable failed) {
        for (Throwable why = failed; why != null; why = why.getCause()) {
            boolean noHost = why instanceof UnresolvedAddressException || why instanceof UnknownHostException;
            if (noHost) return "host not found";
            if (why instanceof HttpConnectTimeoutException) return "no connection in " + seconds(patience.connect());
        }
        if (failed instanceof ConnectException) return "no connection";
        return failed.getMessage() == null ? failed.getClass().getSimpleName() : failed.getMessage();
    }

    private static DownloadException noRanges() {
        return new DownloadException(Kind.NO_RANGES, "the server cannot send a part of a file", null);
    }

    private static DownloadException tooMany(long most) {
        return new DownloadException("more than " + most + " bytes");
    }

    static long size(Path part) throws IOException {
        return Files.exists(part) ? Files.size(part) : 0;
    }

    private static String seconds(Duration time) {
        return time.toMillis() % 1_000 == 0 ? time.toSeconds() + " s" : time.toMillis() + " ms";
    }
}
