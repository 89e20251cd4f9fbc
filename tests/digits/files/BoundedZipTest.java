package digits.files;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import digits.Hostile;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BoundedZipTest {
    private static final byte[] NOISE = new byte[5_000];
    private static final Map<String, Long> LARGEST = Map.of("a", 10_000L, "b", 10_000_000L, "c", 10_000_000L);

    static {
        new Random(1).nextBytes(NOISE);
    }

    @TempDir
    Path folder;

    private Path zip(Map<String, byte[]> entries) throws IOException {
        return Files.write(folder.resolve("file.zip"), Hostile.zip(entries));
    }

    private void refused(String why, Path zip) {
        String message = assertThrows(IOException.class, () -> BoundedZip.read(zip, "letter", LARGEST)).getMessage();
        assertTrue(message.contains(why), message);
    }

    @Test
    void readsWhatIsWithinTheBounds() throws IOException {
        Map<String, byte[]> read = BoundedZip.read(zip(Map.of("a", NOISE, "b", new byte[0])), "letter", LARGEST);
        assertEquals(2, read.size());
        assertArrayEquals(NOISE, read.get("a"));
        assertEquals(0, read.get("b").length);
    }

    @Test
    void boundsEntriesSizesAndRatio() throws IOException {
        refused("unexpected entry \"x\": not part of a letter", zip(Map.of("x", NOISE)));
        refused("its entry \"a\" is far larger unpacked than it can be", zip(Map.of("a", new byte[10_001])));
        // each is small enough, but both together are not: four million bytes out of a few thousand
        refused("far larger unpacked", zip(Map.of("b", new byte[3_000_000], "c", new byte[3_000_000])));
        byte[] large = new byte[25_000_000];
        new Random(1).nextBytes(large);
        refused("it is larger than a letter can be", Files.write(folder.resolve("large.zip"), large));
    }

    @Test
    void noticesDamage() throws IOException {
        byte[] whole = Hostile.zip(Map.of("a", NOISE));
        byte[] flipped = whole.clone();
        flipped[2_000] ^= 1;
        refused("its entry \"a\" is damaged", Files.write(folder.resolve("flipped.zip"), flipped));
        assertThrows(IOException.class, () -> BoundedZip.read(
                Files.write(folder.resolve("cut.zip"), Arrays.copyOf(whole, 3_000)), "letter", LARGEST));
    }

    @Test
    void extractsOneEntryToAFile() throws IOException {
        Path zip = zip(Map.of("a", NOISE, "b", NOISE));
        Path to = folder.resolve("b");
        BoundedZip.extract(zip, "b", 5_000, to);
        assertArrayEquals(NOISE, Files.readAllBytes(to));
        try (InputStream in = BoundedZip.open(zip, "a")) {
            assertArrayEquals(NOISE, in.readAllBytes());
        }
        assertEquals("b is too large",
                assertThrows(IOException.class, () -> BoundedZip.extract(zip, "b", 4_999, to)).getMessage());
        assertEquals("its zip has no c", assertThrows(IOException.class, () -> BoundedZip.open(zip, "c")).getMessage());
    }

    @Test
    void anEntryThatIsNotAsAnnouncedIsDeleted() {
        byte[] text = "text".getBytes(StandardCharsets.UTF_8);
        Path to = folder.resolve("text");
        for (long size : new long[] {3, 4, 5}) {   // 4 is right, but the checksum is wrong
            IOException damaged = assertThrows(IOException.class,
                    () -> BoundedZip.unpack(new ByteArrayInputStream(text), size, 7, to, "text"));
            assertEquals("damaged text", damaged.getMessage());
            assertFalse(Files.exists(to));
        }
    }
}
