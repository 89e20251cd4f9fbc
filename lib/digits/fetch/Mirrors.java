package digits.fetch;

import digits.fetch.DownloadException.Kind;
import digits.files.AtomicFile;
import digits.files.BoundedZip;
import digits.files.Sha256;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.zip.ZipException;

/**
 * Servers that have the same files, tried in turn. A server that failed is not asked again. Files in a zip are read one
 * by one if the server can send parts of a file; otherwise the whole zip is fetched and kept.
 */
public final class Mirrors {
    /** Reads a file that was fetched. */
    public interface Reader<T> {
        /** @throws DownloadException if it is not the right file: “wrong checksum of a.gz” */
        T read(Path file) throws IOException;
    }

    /** A zip on the mirrors; the folder of the files in it has a slash at the end. */
    public record Archive(String name, String folder, long bytes, String sha256) { }

    private static final long MOST_BYTES = 64L << 20;
    private static final long MOST_MEMBER_BYTES = 512L << 20;
    private static final int ATTEMPTS = 5;

    private final List<URI> addresses;
    private final Download download;
    private final Map<URI, String> failed = new LinkedHashMap<>();   // to the reason
    private final Map<URI, List<RemoteZip>> zips = new HashMap<>();

    public Mirrors(List<URI> addresses, Download download) {
        this.addresses = addresses;
        this.download = download;
    }

    /**
     * Fetches a file into {@code part}, which may hold its beginning already, and reads it.
     *
     * @param archive the zip that has the file, if it does not lie on the mirrors by itself
     * @return what the reader made of {@code part}, which now holds the file
     * @throws DownloadException if no mirror has it: for each, in one phrase, what went wrong
     * @throws IOException       if {@code part} cannot be written
     */
    public <T> T fetch(String name, Optional<Archive> archive, Path part, Reader<T> reader)
            throws IOException, InterruptedException {
        Optional<T> whole = whole(part, reader);
        if (whole.isPresent()) return whole.get();
        for (URI address : addresses) {
            if (failed.containsKey(address)) continue;
            try {
                if (archive.isEmpty()) return fetch(address.resolve(name), MOST_BYTES, part, reader);
                fromZip(address.resolve(archive.get().name()), archive.get(), name, part);
                return read(part, reader);
            } catch (DownloadException | ZipException failure) {
                failed.put(address, failure.getMessage());
            }
        }
        throw new DownloadException(failed.entrySet().stream().map(failure -> {
            URI server = failure.getKey();   // without the name and password that it may carry
            String port = server.getPort() < 0 ? "" : ":" + server.getPort();
            return server.getHost() + port + ": " + failure.getValue();
        }).collect(Collectors.joining("; ")));
    }

    /** What an earlier process fetched to the end, but was killed before it could give it its name. */
    private static <T> Optional<T> whole(Path part, Reader<T> reader) throws IOException {
        try {
            return Download.size(part) == 0 ? Optional.empty() : Optional.of(reader.read(part));
        } catch (DownloadException notWhole) {
            return Optional.empty();
        }
    }

    private <T> T fetch(URI address, long most, Path part, Reader<T> reader) throws IOException, InterruptedException {
        for (int attempt = 1; ; attempt++) {
            boolean resumed = resume(address, most, part);
            try {
                return read(part, reader);
            } catch (DownloadException wrong) {
                // the beginning may come from another mirror's or another day's file: once more without it
                if (!resumed || attempt >= ATTEMPTS) throw wrong;
            }
        }
    }

    /** Resumes when the connection breaks off, as long as bytes arrive. */
    private boolean resume(URI address, long most, Path part) throws IOException, InterruptedException {
        for (int attempt = 1; ; attempt++) {
            long before = Download.size(part);
            try {
                return download.fetch(address, most, part);
            } catch (DownloadException failure) {
                boolean brokeOff = failure.kind != Kind.TOO_SLOW && Download.size(part) > before;
                if (!brokeOff || attempt >= ATTEMPTS) throw failure;
            }
        }
    }

    /** Reads {@code part}; if it is not the right file, it is deleted. */
    private static <T> T read(Path part, Reader<T> reader) throws IOException {
        try {
            return reader.read(part);
        } catch (DownloadException wrong) {
            Files.deleteIfExists(part);
            throw wrong;
        }
    }

    private void fromZip(URI address, Archive archive, String name, Path part)
            throws IOException, InterruptedException {
        String member = archive.folder() + name;
        Path whole = part.resolveSibling(archive.name());
        if (!Files.exists(whole)) {
            try {
                if (!zips.containsKey(address)) {
                    zips.put(address, RemoteZip.list(download.slice(address, "-" + RemoteZip.TAIL, RemoteZip.TAIL)));
                }
                zips.get(address).stream().filter(m -> m.name().equals(member)).findFirst()
                        .orElseThrow(() -> new DownloadException("its zip has no " + member))
                        .fetch(address, download, MOST_MEMBER_BYTES, part);
                return;
            } catch (DownloadException failure) {
                if (failure.kind != Kind.NO_RANGES) throw failure;
                Path wholePart = part.resolveSibling(archive.name() + ".part");
                Reader<Path> reader = file -> {
                    if (Files.size(file) == archive.bytes() && Sha256.of(file).equals(archive.sha256())) return file;
                    throw new DownloadException("wrong checksum of " + archive.name());
                };
                if (whole(wholePart, reader).isEmpty()) fetch(address, archive.bytes(), wholePart, reader);
                AtomicFile.move(wholePart, whole);
            }
        }
        BoundedZip.extract(whole, member, MOST_MEMBER_BYTES, part);
    }
}
