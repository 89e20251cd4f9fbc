package digits.data;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import digits.data.Provenance.Source;
import digits.fetch.Download;
import digits.fetch.FileServer;
import digits.fetch.Mirrors;
import digits.fetch.RemoteZip;
import digits.files.Sha256;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A zip of EMNIST's form, with 30 and 10 images of “letters” and much else, from a server on this machine. */
@Timeout(30)
class EmnistTest {
    private static final Download.Patience PATIENCE =
            new Download.Patience(Duration.ofSeconds(5), Duration.ofSeconds(10), 1, Duration.ofSeconds(10));
    private static final int OTHER_BYTES = 600_000;

    @TempDir
    Path temporary;
    private final byte[] images = IdxBytes.images(30);
    private byte[] zip;
    private DatasetFiles set;

    @BeforeEach
    void makeZip() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream out = new ZipOutputStream(bytes)) {
            byte[] other = new byte[OTHER_BYTES];
            new Random(1).nextBytes(other);
            put(out, "gzip/emnist-byclass-train-images-idx3-ubyte.gz", other, false);
            put(out, "gzip/emnist-letters-train-images-idx3-ubyte.gz", IdxBytes.gzip(images), false);
            put(out, "gzip/emnist-letters-train-labels-idx1-ubyte.gz", IdxBytes.gzip(labels(30)), true);
            put(out, "gzip/emnist-letters-test-images-idx3-ubyte.gz", IdxBytes.gzip(IdxBytes.images(10)), true);
            put(out, "gzip/emnist-letters-test-labels-idx1-ubyte.gz", IdxBytes.gzip(labels(10)), false);
            put(out, "gzip/emnist-mnist-train-images-idx3-ubyte.gz", other, true);
        }
        zip = bytes.toByteArray();
        set = set(Sha256.of(zip));
    }

    private DatasetFiles set(String sha256) {
        return new DatasetFiles("EMNIST letters", Catalogue.EMNIST_LETTERS.names(), 1, true,
                Optional.of(new Mirrors.Archive("gzip.zip", "gzip/", zip.length, sha256)),
                new DatasetFiles.Item("emnist-letters-train-images", 30, null, null),
                new DatasetFiles.Item("emnist-letters-train-labels", 30, null, null),
                new DatasetFiles.Item("emnist-letters-test-images", 10, null, null),
                new DatasetFiles.Item("emnist-letters-test-labels", 10, null, null));
    }

    private static byte[] labels(int count) {
        byte[] labels = new byte[count];
        for (int i = 0; i < count; i++) labels[i] = (byte) (1 + i % 26);
        return IdxBytes.file(labels, 0x0801, count);
    }

    private static void put(ZipOutputStream out, String name, byte[] content, boolean deflated) throws IOException {
        ZipEntry entry = new ZipEntry(name);
        if (!deflated) {
            CRC32 crc = new CRC32();
            crc.update(content);
            entry.setMethod(ZipEntry.STORED);
            entry.setSize(content.length);
            entry.setCrc(crc.getValue());
        }
        out.putNextEntry(entry);
        out.write(content);
        out.closeEntry();
    }

    @Test
    void onlyTheWantedFilesAreFetched() {
        try (FileServer server = new FileServer().file("gzip.zip", zip)) {
            Dataset loaded = load(set, server);
            assertEquals(Source.MIRROR, loaded.provenance().source());
            assertIsTheSet(loaded);
            assertSays(loaded, "no checksum");
            assertEquals(9, server.requests.size(),
                    "the table of contents once, then two requests a file: " + server.requests);
            assertTrue(server.requests.get(0).endsWith(" from -65557"), server.requests.get(0));
            long asked = server.requests.stream().skip(1).map(request -> request.split(" from ")[1].split("-"))
                    .mapToLong(span -> Long.parseLong(span[1]) - Long.parseLong(span[0]) + 1).sum();
            assertTrue(asked < 100_000, asked + " bytes of a zip of " + zip.length);
            assertEquals(List.of("emnist-letters-test-images-idx3-ubyte.gz", "emnist-letters-test-labels-idx1-ubyte.gz",
                    "emnist-letters-train-images-idx3-ubyte.gz", "emnist-letters-train-labels-idx1-ubyte.gz", "lock"),
                    cached());

            assertEquals(Source.CACHE, load(set, server).provenance().source());
            assertEquals(9, server.requests.size());
        }
    }

    @Test
    void aServerWithoutRangesGivesTheWholeZipOnce() {
        try (FileServer server = new FileServer().file("gzip.zip", zip).always(FileServer::withoutRanges)) {
            Dataset loaded = load(set, server);
            assertEquals(Source.MIRROR, loaded.provenance().source());
            assertIsTheSet(loaded);
            assertEquals(2, server.requests.size(), server.requests.toString());
            assertTrue(cached().contains("gzip.zip"));
        }
    }

    private static void write(Path file, byte[] content) throws IOException {
        Files.createDirectories(file.getParent());
        Files.write(file, content);
    }

    /** Killed after the last byte, before it was unpacked: it is used, unless it is of another file. */
    @Test
    void aFinishedPartOfTheZipIsUsed() throws IOException {
        byte[] packed = IdxBytes.gzip(images);   // stored in the zip as it is
        for (byte[] content : List.of(packed, new byte[packed.length])) {
            try (FileServer server = new FileServer().file("gzip.zip", zip)) {
                write(cache().resolve("emnist-letters-train-images-idx3-ubyte.gz.packed.part"), content);
                assertIsTheSet(load(set, server));
                assertEquals(content == packed ? 8 : 9, server.requests.size(), server.requests.toString());
                assertEquals(5, cached().size(), cached().toString());
                for (String name : cached()) Files.delete(cache().resolve(name));
            }
        }
    }

    @Test
    void aFinishedPartThatIsTheWholeZipIsUsed() throws IOException {
        try (FileServer server = new FileServer().file("gzip.zip", zip).always(FileServer::withoutRanges)) {
            write(cache().resolve("gzip.zip.part"), zip);
            assertIsTheSet(load(set, server));
            assertEquals(1, server.requests.size(), server.requests.toString());
        }
    }

    @Test
    void aWholeZipWithAWrongChecksumIsRefused() {
        try (FileServer server = new FileServer().file("gzip.zip", zip).always(FileServer::withoutRanges)) {
            Dataset loaded = load(set("another"), server);
            assertEquals(Source.SAMPLE, loaded.provenance().source());
            assertSays(loaded, "wrong checksum of gzip.zip");
            assertSays(loaded, "This is not EMNIST letters");
            assertEquals(List.of("lock"), cached());
        }
    }

    @Test
    void aDamagedFileInTheZipIsRefused() {
        int inTheImages = OTHER_BYTES + 5_000;
        zip[inTheImages] ^= 1;
        try (FileServer server = new FileServer().file("gzip.zip", zip)) {
            Dataset loaded = load(set, server);
            assertEquals(Source.SAMPLE, loaded.provenance().source());
            assertSays(loaded, "damaged gzip/emnist-letters-train-images");
            assertEquals(List.of("lock"), cached());
        }
    }

    @Test
    void whatIsNoZipOrLacksTheFileIsRefused() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream out = new ZipOutputStream(bytes)) {
            put(out, "gzip/else.gz", new byte[100], true);
        }
        try (FileServer page = new FileServer().file("gzip.zip", "<html>moved</html>".getBytes(UTF_8));
             FileServer lacking = new FileServer().file("gzip.zip", bytes.toByteArray())) {
            Dataset loaded = load(set, page, lacking);
            assertSays(loaded, "it is no zip");
            assertSays(loaded, "its zip has no gzip/emnist-letters-train-images");
        }
    }

    @Test
    void aTableOfContentsThatLiesIsRefused() throws IOException {
        int end = zip.length - 22;
        for (int field : new int[] {end + 8, end + 10, end + 16, end + 18}) {
            byte[] lying = zip.clone();
            lying[field] ^= 0x7f;
            lying[field + 1] ^= 0x7f;
            Download.Slice all = new Download.Slice(lying, 0);
            if (field == end + 8) {
                assertEquals(6, RemoteZip.list(all).size(), "of the two counts the whole one is read");
            } else {
                assertThrows(IOException.class, () -> RemoteZip.list(all));
            }
        }
    }

    @Test
    void aZipInTheUsersFolderIsReadWithoutUnpackingIt() throws IOException {
        Files.write(temporary.resolve("gzip.zip"), zip);
        Dataset loaded =
                new DatasetLoader(set, Optional.of(DatasetLoader.Folder.named(temporary)), cache(), List.of(), PATIENCE,
                Integer.MAX_VALUE)
                .load(progress -> assertInstanceOf(Provenance.class, progress, "nothing to download"));
        assertEquals(Source.FOLDER, loaded.provenance().source());
        assertIsTheSet(loaded);
        assertFalse(Files.exists(cache()));
    }

    @Test
    void aLabelThatTheSetHasNotIsRefused() throws IOException {
        Path file = Files.write(temporary.resolve("labels"), IdxBytes.file(new byte[] {1, 26, 0}, 0x0801, 3));
        String message = assertThrows(DataException.class,
                () -> set.read(set.trainLabels(), IdxFile.Source.file(file), 3)).getMessage();
        assertTrue(message.contains("label 0 at position 2, expected labels from 1 to 26"), message);
    }

    private Dataset load(DatasetFiles files, FileServer... servers) {
        return new DatasetLoader(files, Optional.empty(), cache(), Stream.of(servers).map(FileServer::address).toList(),
                PATIENCE,
                Integer.MAX_VALUE).load(progress -> { });
    }

    private Path cache() {
        return temporary.resolve("cache").resolve("emnist");
    }

    private List<String> cached() {
        try (Stream<Path> files = Files.list(cache())) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        } catch (IOException unreadable) {
            return fail(unreadable);
        }
    }

    private void assertIsTheSet(Dataset loaded) {
        assertEquals("EMNIST letters", loaded.name());
        assertEquals(26, loaded.train().classes());
        assertEquals(10, loaded.test().size());
        IntStream.range(0, 30).forEach(i -> {
            assertEquals(i % 26, loaded.train().label(i));
            assertEquals(images[16 + i * 784 + 5 * 28 + 20] & 0xff, loaded.train().pixel(i, 20, 5),
                    "upright: rows and columns swapped");
        });
        assertEquals("Cc", loaded.train().name(2));
    }

    private static void assertSays(Dataset loaded, String words) {
        assertTrue(loaded.provenance().line().contains(words), loaded.provenance().line());
    }
}
