package digits.data;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Servers that have the same files, tried in turn, for one loading of a set: a server that failed is not asked again, so that
 * the other files need not wait for it.
 */
final class Mirrors {
    /** No mirror had the file; the message says for each what went wrong, in one phrase. */
    static final class Failed extends Exception {
        Failed(String message) {
            super(message);
        }
    }

    /** No file of MNIST has more, not even unpacked. */
    private static final long MOST_BYTES = 64L << 20;
    private static final int ATTEMPTS = 5;

    private final List<URI> addresses;
    private final Map<URI, String> failed = new LinkedHashMap<>();   // to the reason
    private final Download download;

    Mirrors(List<URI> addresses, Download.Patience patience) {
        this.addresses = addresses;
        this.download = new Download(patience, MOST_BYTES);
    }

    /** @throws Failed if there is no mirror to ask */
    void requireAny() throws Failed {
        if (addresses.isEmpty()) throw new Failed("downloads are switched off (DIGITS_MIRRORS is \"none\")");
    }

    /**
     * Fetches an item into {@code part}, which may hold its beginning already, and checks it.
     *
     * @return what {@code part} now holds: the item, with the right checksum
     * @throws Failed               if no mirror has it
     * @throws UncheckedIOException if {@code part} cannot be written
     */
    IdxFile fetch(MnistFiles.Item item, Path part, DownloadProgress progress) throws Failed, InterruptedException {
        for (URI address : addresses) {
            if (failed.containsKey(address)) continue;
            try {
                return fetch(address.resolve(item.gzipName()), item, part, progress);
            } catch (IOException failure) {
                failed.put(address, failure.getMessage());
            }
        }
        throw new Failed(failed.entrySet().stream().map(failure -> host(failure.getKey()) + ": " + failure.getValue())
                .collect(Collectors.joining("; ")));
    }

    /** Host and port, without a name and password that the address may carry. */
    private static String host(URI address) {
        return address.getPort() < 0 ? address.getHost() : address.getHost() + ":" + address.getPort();
    }

    private IdxFile fetch(URI address, MnistFiles.Item item, Path part, DownloadProgress progress)
            throws IOException, InterruptedException {
        for (int attempt = 1; ; attempt++) {
            long before = Download.size(part);
            boolean resumed;
            try {
                resumed = download.fetch(address, part, progress);
            } catch (Download.TooSlowException slow) {
                throw slow;
            } catch (IOException brokeOff) {
                if (Download.size(part) > before && attempt < ATTEMPTS) continue;   // go on from there
                throw brokeOff;
            }
            String wrong;
            try {
                IdxFile read = item.read(part);
                if (item.isOriginal(read)) return read;
                wrong = "wrong checksum of " + item.gzipName();
            } catch (DataException broken) {
                wrong = "damaged " + item.gzipName();
            }
            Download.delete(part);
            // the beginning may be that of another mirror's or another day's file: once more without it
            if (!resumed || attempt >= ATTEMPTS) throw new IOException(wrong);
        }
    }
}
