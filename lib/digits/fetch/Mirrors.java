package digits.fetch;

import digits.data.DataException;
import digits.data.DatasetFiles;
import digits.data.IdxFile;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.DigestInputStream;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/**
 * Servers that have the same files, tried in turn, for one loading of a set: a server that failed is not asked again, so that
 * the other files need not wait for it. Files in a zip are read by themselves, if the server can send parts of a file;
 * otherwise the whole zip is fetched and kept.
 */
public final class Mirrors {
    /** No mirror had the file; the message says for each what went wrong, in one phrase. */
    public static final class Failed extends Exception {
        Failed(String message) {
            super(message);
        }
    }

    /** No file of these sets has more, not even MNIST's unpacked. */
    private static final long MOST_BYTES = 64L << 20;
    /** The largest file in EMNIST's zip has well under half of this. */
    private static final long MOST_MEMBER_BYTES = 512L << 20;
    private static final int ATTEMPTS = 5;

    private final List<URI> addresses;
    private final Download.Patience patience;
    private final Map<URI, String> failed = new LinkedHashMap<>();   // to the reason
    private final Map<URI, List<RemoteZip>> zips = new HashMap<>();

    public Mirrors(List<URI> addresses, Download.Patience patience) {
        this.addresses = addresses;
        this.patience = patience;
    }

    /** @throws Failed if there is no mirror to ask */
    public void requireAny() throws Failed {
        if (addresses.isEmpty()) throw new Failed("downloads are switched off (DIGITS_MIRRORS is \"none\")");
    }

    /**
     * Fetches an item into {@code part}, which may hold its beginning already, and checks it.
     *
     * @return what {@code part} now holds: the item, with the right checksum or, where none is known, the right size
     * @throws Failed               if no mirror has it
     * @throws UncheckedIOException if {@code part} cannot be written
     */
    public IdxFile fetch(DatasetFiles set, DatasetFiles.Item item, Path part, DownloadProgress progress) throws Failed, InterruptedException {
        for (URI address : addresses) {
            if (failed.containsKey(address)) continue;
            try {
                return set.zip().isPresent() ? fromZip(address, set, item, part, progress)
                        : fetch(address.resolve(item.gzipName()), set, item, part, progress);
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

    private IdxFile fetch(URI address, DatasetFiles set, DatasetFiles.Item item, Path part, DownloadProgress progress)
            throws IOException, InterruptedException {
        for (int attempt = 1; ; attempt++) {
            boolean resumed = fetch(address, new Download(patience, MOST_BYTES), part, progress);
            try {
                return checked(set, item, part);
            } catch (IOException wrong) {
                // the beginning may be that of another mirror's or another day's file: once more without it
                if (!resumed || attempt >= ATTEMPTS) throw wrong;
            }
        }
    }

    /** Goes on where the connection breaks off, as long as something comes. */
    private static boolean fetch(URI address, Download download, Path part, DownloadProgress progress)
            throws IOException, InterruptedException {
        for (int attempt = 1; ; attempt++) {
            long before = Download.size(part);
            try {
                return download.fetch(address, part, progress);
            } catch (Download.TooSlowException slow) {
                throw slow;
            } catch (IOException brokeOff) {
                if (Download.size(part) <= before || attempt >= ATTEMPTS) throw brokeOff;
            }
        }
    }

    /** The item in {@code part}; if it is not the right one, {@code part} is deleted. */
    private static IdxFile checked(DatasetFiles set, DatasetFiles.Item item, Path part) throws IOException {
        String wrong;
        try {
            IdxFile read = set.read(item, part);
            if (item.isGood(read)) return read;
            wrong = (item.sha256() == null && item.gzipSha256() == null ? "wrong size of " : "wrong checksum of ") + item.gzipName();
        } catch (DataException broken) {
            wrong = "damaged " + item.gzipName();
        }
        Download.delete(part);
        throw new IOException(wrong);
    }

    private IdxFile fromZip(URI mirror, DatasetFiles set, DatasetFiles.Item item, Path part, DownloadProgress progress)
            throws IOException, InterruptedException {
        DatasetFiles.Zip zip = set.zip().orElseThrow();
        URI address = mirror.resolve(zip.name());
        String name = DatasetFiles.Zip.FOLDER + item.gzipName();
        Path whole = part.resolveSibling(zip.name());
        if (!Files.exists(whole)) {
            Download download = new Download(patience, MOST_MEMBER_BYTES);
            try {
                if (!zips.containsKey(address)) zips.put(address, RemoteZip.of(address, download));
                RemoteZip member = zips.get(address).stream().filter(m -> m.name().equals(name)).findFirst()
                        .orElseThrow(() -> new IOException("its zip has no " + name));
                member.fetch(address, download, MOST_MEMBER_BYTES, part, progress);
                return checked(set, item, part);
            } catch (Download.NoRangesException wholeOnly) {
                fetchWhole(address, zip, whole, progress);
            }
        }
        member(whole, name, part);
        return checked(set, item, part);
    }

    private void fetchWhole(URI address, DatasetFiles.Zip zip, Path whole, DownloadProgress progress)
            throws IOException, InterruptedException {
        Path part = whole.resolveSibling(zip.name() + ".part");
        fetch(address, new Download(patience, zip.bytes()), part, progress);
        if (Download.size(part) != zip.bytes() || !sha256(part).equals(zip.sha256())) {
            Download.delete(part);
            throw new IOException("wrong checksum of " + zip.name());
        }
        Files.move(part, whole, StandardCopyOption.ATOMIC_MOVE);
    }

    private static String sha256(Path file) throws IOException {
        try (DigestInputStream in = new DigestInputStream(new FileInputStream(file.toFile()), IdxFile.newSha256())) {
            in.transferTo(OutputStream.nullOutputStream());
            return IdxFile.hex(in.getMessageDigest());
        }
    }

    private static void member(Path whole, String name, Path part) throws IOException {
        try (ZipFile zip = new ZipFile(whole.toFile())) {
            ZipEntry entry = zip.getEntry(name);
            if (entry == null) throw new IOException("its zip has no " + name);
            if (entry.getSize() < 0 || entry.getSize() > MOST_MEMBER_BYTES) throw new IOException(name + " is too large");
            try (InputStream in = zip.getInputStream(entry)) {
                RemoteZip.copy(in, entry.getSize(), entry.getCrc(), part, name);
            }
        }
    }
}
