package digits.data;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import digits.data.IdxFile.Kind;
import digits.files.Sha256;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class IdxFileTest {
    @TempDir
    Path folder;

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void readsPlainAndGzippedFilesWhateverTheirName(boolean gzip) throws IOException {
        byte[] images = IdxBytes.images(3);
        byte[] labels = IdxBytes.labels(3);
        Path imageFile = write("images.txt", gzip ? IdxBytes.gzip(images) : images);
        Path labelFile = write("labels.gz", gzip ? IdxBytes.gzip(labels) : labels);
        IdxFile read = images(imageFile);
        assertEquals(3, read.count());
        assertEquals(ByteBuffer.wrap(images, 16, images.length - 16), read.values());
        assertEquals(Sha256.of(images), read.sha256());

        LabeledImages joined = IdxBytes.set(3, 3).join(read, labels(labelFile));
        assertEquals("(3, 28, 28)", joined.shapeText());
        assertEquals(2, joined.label(2));
        assertEquals(images[16 + 2 * 784 + 5 * 28 + 7] & 0xff, joined.pixel(2, 5, 7));
    }

    @Test
    void wrongMagic() throws IOException {
        refused(write("a", IdxBytes.labels(3)), true, "labels (magic number 2049)", "images (2051)");
        refused(write("b", IdxBytes.images(3)), false, "images (magic number 2051)", "labels (2049)");
        refused(write("c", "<html>Sign in to this network</html>".getBytes(UTF_8)), true, "a web page", "0x00000803");
        refused(write("d", new byte[] {1, 2, 3, 4, 5}), true, "a file that begins with 0x01020304", "0x00000803");
        for (byte[] type : new byte[][] {{9, 3}, {0x0b, 3}, {0x0c, 2}, {0x0d, 3}, {0x0e, 1}, {8, 4}, {8, 0}}) {
            refused(write("e", IdxBytes.file(new byte[784], type[0] << 8 | type[1], 1, 28, 28)), true,
                    "an IDX file of ", "unsigned bytes with 3 dimensions");
        }
        refused(write("f", IdxBytes.file(new byte[784], 0x0d03, 1, 28, 28)), true, "32-bit floats with 3", "Images");
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void truncated(boolean gzip) throws IOException {
        byte[] cut = Arrays.copyOf(IdxBytes.images(3), 2_000);
        refused(write("cut", gzip ? IdxBytes.gzip(cut) : cut), true, "only 2,000 bytes",
                "2,368 bytes for the 3 images");
        byte[] header = Arrays.copyOf(IdxBytes.images(3), 10);
        refused(write("header", gzip ? IdxBytes.gzip(header) : header), true, "only 10 bytes", "a header of 16 bytes");
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void tooLong(boolean gzip) throws IOException {
        byte[] images = IdxBytes.images(3);
        byte[] longer = Arrays.copyOf(images, images.length + 1);
        refused(write("long", gzip ? IdxBytes.gzip(longer) : longer), true, "more bytes",
                "2,368 bytes for the 3 images");
    }

    @Test
    void countsThatDiffer() throws IOException {
        IdxFile images = images(write("images", IdxBytes.images(3)));
        IdxFile labels = labels(write("labels", IdxBytes.labels(4)));
        String message = assertThrows(DataException.class, () -> IdxBytes.set(3, 3).join(images, labels)).getMessage();
        assertTrue(message.contains(labels.file()
                + ": found 4 labels, expected one for each of the 3 images in images"), message);
    }

    @Test
    void labelsAboveNine() throws IOException {
        refused(write("ten", IdxBytes.file(new byte[] {3, 10, 1}, 0x0801, 3)), false, "label 10 at position 1",
                "0 to 9");
        refused(write("255", IdxBytes.file(new byte[] {-1}, 0x0801, 1)), false, "label 255 at position 0", "0 to 9");
    }

    @Test
    void sizesThatAreNot28By28() throws IOException {
        refused(write("small", IdxBytes.file(new byte[784], 0x0803, 1, 14, 56)), true, "14×56", "28×28");
        refused(write("huge", IdxBytes.file(new byte[784], 0x0803, 1, -1, -1)), true, "4294967295×4294967295", "28×28");
    }

    @Test
    void countsBeyondReason() throws IOException {
        refused(write("none", IdxBytes.file(new byte[0], 0x0801, 0)), false, "announces 0 labels", "1 to 1,000,000");
        refused(write("many", IdxBytes.file(new byte[784], 0x0803, -1, 28, 28)), true,
                "announces 4,294,967,295 images", "1 to 1,000,000");
    }

    @Test
    void emptyMissingAndFolder() throws IOException {
        refused(write("empty", new byte[0]), true, "an empty file", "IDX file of images");
        refused(write("packed-empty", IdxBytes.gzip(new byte[0])), true, "only 0 bytes", "an IDX file of images");
        refused(folder.resolve("missing"), false, "nothing of that name", "a file that can be read");
        refused(Files.createDirectory(folder.resolve("directory")), true, "a folder", "a file that can be read");
    }

    @Test
    void brokenGzip() throws IOException {
        byte[] packed = IdxBytes.gzip(IdxBytes.images(3));
        refused(write("cut", Arrays.copyOf(packed, packed.length / 2)), true, "breaks off", "IDX file of images");
        byte[] flipped = packed.clone();
        flipped[packed.length / 2] ^= 0x55;
        refused(write("flipped", flipped), true, "damaged compressed data", "IDX file of images");
        refused(write("only-magic", new byte[] {0x1f, (byte) 0x8b}), true, "breaks off", "IDX file of images");
    }

    @ParameterizedTest
    @ValueSource(ints = {80_000, 300_000, 1_000_000})
    void aHeadersWordAllocatesNothing(int announced) throws IOException {
        Path file = write("liar", IdxBytes.file(new byte[784], 0x0803, announced, 28, 28));   // it has one image
        long before = allocated();
        refused(file, true, "only 800 bytes", "bytes for the %,d images".formatted(announced));
        assertTrue(allocated() - before < 10_000_000, "allocated " + (allocated() - before));
    }

    @Test
    void ofMoreThanTheLimitTheFirstAreKept() throws IOException {
        byte[] bytes = IdxBytes.images(200);
        Path file = write("many", bytes);
        for (int keep : new int[] {1, 63, 64, 65, 199, 200, 1_000}) {
            IdxFile read = IdxFile.read(IdxFile.Source.file(file), Kind.IMAGES, keep, false);
            assertEquals(200, read.count());
            assertEquals(ByteBuffer.wrap(bytes, 16, Math.min(200, keep) * 784), read.values());
            assertEquals(Sha256.of(bytes), read.sha256(), "all of it is in the checksum");
        }
    }

    @Test
    void readingStopsWhereTheFileShouldEnd() throws IOException {
        Path bomb = folder.resolve("bomb.gz");
        try (OutputStream out = new GZIPOutputStream(new BufferedOutputStream(Files.newOutputStream(bomb)))) {
            out.write(IdxBytes.images(3));
            for (int megabyte = 0; megabyte < 64; megabyte++) out.write(new byte[1 << 20]);
        }
        assertTrue(Files.size(bomb) < 200_000);
        long before = allocated();
        refused(bomb, true, "more bytes", "2,368 bytes");
        assertTrue(allocated() - before < 10_000_000, "allocated " + (allocated() - before));
    }

    private static long allocated() {
        return ((com.sun.management.ThreadMXBean) java.lang.management.ManagementFactory.getThreadMXBean())
                .getThreadAllocatedBytes(Thread.currentThread().getId());
    }

    private void refused(Path file, boolean asImages, String found, String expected) {
        String message = assertThrows(DataException.class,
                () -> { if (asImages) images(file); else labels(file); }).getMessage();
        assertTrue(message.startsWith(file + ": found "), message);
        int comma = message.indexOf(", expected ");
        assertTrue(comma > 0 && message.substring(0, comma).contains(found), message);
        assertTrue(message.substring(comma).contains(expected), message);
    }

    private static IdxFile images(Path file) {
        return IdxFile.read(IdxFile.Source.file(file), Kind.IMAGES, Integer.MAX_VALUE, false);
    }

    private static IdxFile labels(Path file) {
        return IdxFile.checked(IdxFile.read(IdxFile.Source.file(file), Kind.LABELS, Integer.MAX_VALUE, false), 0, 10);
    }

    private Path write(String name, byte[] bytes) throws IOException {
        return Files.write(folder.resolve(name), bytes);
    }
}
