package digits.fetch;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
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
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Flow;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Fetches files over HTTP into partial files, going on where an earlier attempt broke off if the server can do that. */
public final class Download {
    private static final Pattern CONTENT_RANGE = Pattern.compile("bytes (\\d{1,18})-\\d{1,18}/(\\d{1,18}|\\*)");
    private static final long WHOLE = -1;

    /**
     * How long to wait.
     *
     * @param connect for a connection: short, so that a machine without network is not kept waiting
     * @param silence for the answer, and between two pieces of it
     * @param least   so many bytes at least have to come
     * @param within  this time, again and again: a server that lets bytes trickle is never silent
     */
    public record Patience(Duration connect, Duration silence, long least, Duration within) {
        /** 2 kB/s over a minute: at that rate MNIST takes an hour and a half. */
        public static final Patience USUAL = new Patience(Duration.ofSeconds(5), Duration.ofSeconds(15), 120_000, Duration.ofSeconds(60));
    }

    /** Too few bytes came in the time there was: asking the same server to go on would not help. */
    static final class TooSlowException extends IOException {
        private static final long serialVersionUID = 1;

        private TooSlowException(String message) {
            super(message);
        }
    }

    /** The server sends whole files only. */
    static final class NoRangesException extends IOException {
        private static final long serialVersionUID = 1;

        private NoRangesException() {
            super("the server cannot send a part of a file");
        }
    }

    /**
     * A piece of a file.
     *
     * @param from  its place in the file
     * @param total bytes of the whole file
     */
    public record Slice(byte[] bytes, long from, long total) {
    }

    private enum Outcome {
        WHOLE, RESUMED,
        /** The bytes in the partial file do not go with the server's file. */
        MISFIT
    }

    private final HttpClient client;
    private final Patience patience;
    private final long mostBytes;

    /** @param mostBytes a file with more is not kept */
    Download(Patience patience, long mostBytes) {
        this.patience = patience;
        this.mostBytes = mostBytes;
        // HTTP/1.1: one connection at a time is all it takes, and plain test servers know nothing else
        this.client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1)
                .followRedirects(HttpClient.Redirect.NORMAL).connectTimeout(patience.connect()).build();
    }

    /**
     * Fetches what {@code part} lacks of the file. If this fails, the bytes that came stay in {@code part}.
     *
     * @return whether the beginning of {@code part} is from an earlier call
     * @throws TooSlowException     if fewer bytes come than {@link Patience} wants
     * @throws IOException          whose message is one phrase for the reader: «HTTP 404», «no data for 15 s»
     * @throws UncheckedIOException if {@code part} cannot be written
     */
    boolean fetch(URI address, Path part, DownloadProgress progress) throws IOException, InterruptedException {
        return fetch(address, 0, WHOLE, part, progress);
    }

    /**
     * The same for {@code length} bytes of the file, from byte {@code from}.
     *
     * @throws NoRangesException if the server sends whole files only
     */
    boolean fetch(URI address, long from, long length, Path part, DownloadProgress progress)
            throws IOException, InterruptedException {
        if (length != WHOLE && size(part) >= length) delete(part);
        Outcome outcome = ask(address, from, length, part, progress);
        if (outcome == Outcome.MISFIT) {   // the connection for it is closed by now
            delete(part);
            outcome = ask(address, from, length, part, progress);
        }
        return outcome == Outcome.RESUMED;
    }

    /**
     * A small piece of a file, into memory.
     *
     * @param range as HTTP writes it: {@code "0-99"}, or {@code "-100"} for the last hundred bytes
     * @param most  so many bytes at most
     * @throws NoRangesException if the server sends whole files only
     */
    Slice slice(URI address, String range, int most) throws IOException, InterruptedException {
        HttpResponse<Flow.Publisher<List<ByteBuffer>>> response =
                answer(HttpRequest.newBuilder(address).header("Range", "bytes=" + range).build());
        try (Pieces pieces = new Pieces()) {
            response.body().subscribe(pieces);
            if (response.statusCode() == 200) throw new NoRangesException();
            Matcher found = CONTENT_RANGE.matcher(response.headers().firstValue("Content-Range").orElse(""));
            if (response.statusCode() != 206) throw new IOException("HTTP " + response.statusCode());
            if (!found.matches() || found.group(2).equals("*")) throw new NoRangesException();
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            for (List<ByteBuffer> piece = pieces.next(); piece != null; piece = pieces.next()) {
                for (ByteBuffer buffer : piece) {
                    if (bytes.size() + buffer.remaining() > most) throw new IOException("more than the " + most + " bytes asked for");
                    byte[] copy = new byte[buffer.remaining()];
                    buffer.get(copy);
                    bytes.writeBytes(copy);
                }
            }
            return new Slice(bytes.toByteArray(), Long.parseLong(found.group(1)), Long.parseLong(found.group(2)));
        }
    }

    private Outcome ask(URI address, long from, long length, Path part, DownloadProgress progress)
            throws IOException, InterruptedException {
        boolean whole = length == WHOLE;
        long have = size(part);
        HttpRequest.Builder request = HttpRequest.newBuilder(address);
        if (have > 0 || !whole) request.header("Range", "bytes=" + (from + have) + "-" + (whole ? "" : from + length - 1));
        HttpResponse<Flow.Publisher<List<ByteBuffer>>> response = answer(request.build());
        try (Pieces pieces = new Pieces()) {
            response.body().subscribe(pieces);
            int status = response.statusCode();
            if (!whole && status == 200) throw new NoRangesException();
            boolean fits = status == 206 && begin(response) == from + have;
            boolean resumed = fits && have > 0;
            if (have > 0 && !resumed && (status == 206 || status == 416)) return Outcome.MISFIT;
            if (!resumed && status != 200 && (whole || !fits)) throw new IOException("HTTP " + status);
            long done = resumed ? have : 0;
            long most = whole ? mostBytes : Math.min(mostBytes, length);
            long total = done + response.headers().firstValueAsLong("Content-Length").orElse(-done);
            Pace pace = new Pace(done);
            try (FileChannel file = open(part, done)) {
                for (List<ByteBuffer> piece = pieces.next(); piece != null && done <= most; piece = pieces.next()) {
                    for (ByteBuffer bytes : piece) {
                        done += bytes.remaining();
                        write(bytes, file);
                    }
                    pace.check(done);
                    progress.bytes(part.getFileName().toString().replaceFirst("\\.part$", ""), done, total);
                }
            }
            if (done > most) {
                delete(part);
                throw new IOException("more than " + most + " bytes");
            }
            if (!whole && done < length) throw new IOException("the connection broke off");
            return resumed ? Outcome.RESUMED : Outcome.WHOLE;
        } catch (TooSlowException | NoRangesException telling) {
            throw telling;
        } catch (IOException failed) {
            throw new IOException(phrase(failed), failed);
        }
    }

    private HttpResponse<Flow.Publisher<List<ByteBuffer>>> answer(HttpRequest request) throws IOException, InterruptedException {
        CompletableFuture<HttpResponse<Flow.Publisher<List<ByteBuffer>>>> coming =
                client.sendAsync(request, HttpResponse.BodyHandlers.ofPublisher());
        Duration longest = patience.connect().plus(patience.silence());   // covers a name server that does not answer
        try {
            return coming.get(longest.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException failed) {
            throw new IOException(phrase(failed.getCause()), failed.getCause());
        } catch (TimeoutException tooLong) {
            throw new IOException("no answer for " + seconds(longest), tooLong);
        } finally {
            coming.cancel(true);
        }
    }

    private static long begin(HttpResponse<?> response) {
        Matcher range = CONTENT_RANGE.matcher(response.headers().firstValue("Content-Range").orElse(""));
        return range.matches() ? Long.parseLong(range.group(1)) : -1;
    }

    /** Watches whether enough bytes come, one stretch of time after another. */
    private final class Pace {
        private long begun = System.nanoTime();
        private long before;

        /** @param before bytes that are there already */
        Pace(long before) {
            this.before = before;
        }

        void check(long done) throws TooSlowException {
            if (System.nanoTime() - begun < patience.within().toNanos()) return;
            if (done - before < patience.least()) {
                throw new TooSlowException("too slow, only " + (done - before) + " bytes in " + seconds(patience.within()));
            }
            begun = System.nanoTime();
            before = done;
        }
    }

    /** The body's pieces, handed from the client's threads to the one that reads, which gives up when none comes for a while. */
    private final class Pieces implements Flow.Subscriber<List<ByteBuffer>>, AutoCloseable {
        private record Event(List<ByteBuffer> piece, Throwable failure) {
        }

        private final BlockingQueue<Event> events = new LinkedBlockingQueue<>();
        private Flow.Subscription subscription;

        @Override
        public synchronized void onSubscribe(Flow.Subscription given) {
            subscription = given;
            given.request(1);
        }

        @Override
        public void onNext(List<ByteBuffer> piece) {
            events.add(new Event(piece, null));
        }

        @Override
        public void onError(Throwable failure) {
            events.add(new Event(null, failure));
        }

        @Override
        public void onComplete() {
            events.add(new Event(null, null));
        }

        /** The next piece, or null at the end. */
        List<ByteBuffer> next() throws IOException, InterruptedException {
            Event event = events.poll(patience.silence().toMillis(), TimeUnit.MILLISECONDS);
            if (event == null) throw new IOException("no data for " + seconds(patience.silence()));
            if (event.failure != null) throw new IOException("the connection broke off", event.failure);
            if (event.piece != null) synchronized (this) {
                subscription.request(1);
            }
            return event.piece;
        }

        @Override
        public synchronized void close() {
            if (subscription != null) subscription.cancel();
        }
    }

    private String phrase(Throwable failed) {
        for (Throwable cause = failed; cause != null; cause = cause.getCause()) {
            if (cause instanceof UnresolvedAddressException || cause instanceof UnknownHostException) return "host not found";
            if (cause instanceof HttpConnectTimeoutException) return "no connection within " + seconds(patience.connect());
        }
        if (failed instanceof ConnectException) return "no connection";
        return failed.getMessage() == null ? failed.getClass().getSimpleName() : failed.getMessage();
    }

    private static String seconds(Duration time) {
        return time.toMillis() % 1_000 == 0 ? time.toSeconds() + " s" : time.toMillis() + " ms";
    }

    static long size(Path part) {
        try {
            return Files.exists(part) ? Files.size(part) : 0;
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    private static FileChannel open(Path part, long keep) {
        try {
            FileChannel file = FileChannel.open(part, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            return file.truncate(keep).position(keep);
        } catch (IOException unwritable) {
            throw new UncheckedIOException(unwritable);
        }
    }

    private static void write(ByteBuffer bytes, FileChannel file) {
        try {
            while (bytes.hasRemaining()) file.write(bytes);
        } catch (IOException unwritable) {
            throw new UncheckedIOException(unwritable);
        }
    }

    static void delete(Path part) {
        try {
            Files.deleteIfExists(part);
        } catch (IOException undeletable) {
            throw new UncheckedIOException(undeletable);
        }
    }
}
