package digits;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** Damaged and hostile copies of a file, the same ones in each run, and what may happen to their reader. */
public final class Hostile {
    private static final Duration PATIENCE = Duration.ofSeconds(5);
    private static final long MEMORY = 64L << 20;
    /** Numbers that hurt as an address, a size or a side of a shape. */
    private static final long[] BAD_WORDS =
            {0, -1, -2, 1, 8, 96, 0xffff, Integer.MAX_VALUE, 1L << 31, 1L << 32, 1L << 40,
        Long.MAX_VALUE, Long.MIN_VALUE};

    private Hostile() {
    }

    /**
     * A damaged copy.
     *
     * @param what for the message of a test that fails
     */
    public record Variant(String what, byte[] content) {
        @Override
        public String toString() {
            return what;
        }
    }

    /** Its first bytes only: nothing, and up to the last byte but one. */
    public static Stream<Variant> truncated(byte[] whole, int n) {
        return IntStream.range(0, n).mapToObj(i -> {
            int length = (int) ((long) (whole.length - 1) * i / (n - 1));
            return new Variant("cut after " + length + " of " + whole.length + " bytes", Arrays.copyOf(whole, length));
        });
    }

    /** One byte between {@code from} and {@code to} is another. */
    public static Stream<Variant> flipped(byte[] whole, int from, int to, int n, long seed) {
        Random random = new Random(seed);
        return IntStream.range(0, n).mapToObj(i -> {
            byte[] copy = whole.clone();
            int place = from + random.nextInt(to - from);
            int flip = 1 + random.nextInt(255);
            copy[place] ^= (byte) flip;
            return new Variant("byte " + place + " flipped by " + flip, copy);
        });
    }

    /** Eight bytes in a row, where addresses and sizes can be, hold a number that hurts. */
    public static Stream<Variant> withBadWords(byte[] whole, int from, int to, int n, long seed, ByteOrder order) {
        Random random = new Random(seed);
        return IntStream.range(0, n).mapToObj(i -> {
            byte[] copy = whole.clone();
            int place = from + random.nextInt(Math.max(1, to - from - 8));
            long word = BAD_WORDS[random.nextInt(BAD_WORDS.length)];
            ByteBuffer.wrap(copy).order(order).putLong(place, word);
            return new Variant(word + " at byte " + place, copy);
        });
    }

    /** A zip of these entries. */
    public static byte[] zip(Map<String, byte[]> entries) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
            for (Map.Entry<String, byte[]> entry : entries.entrySet()) {
                zip.putNextEntry(new ZipEntry(entry.getKey()));
                zip.write(entry.getValue());
                zip.closeEntry();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    /**
     * Reads a variant: it takes less than five seconds and 64 MB (and some times the file's size) of heap, and either
     * gives something or refuses with just this kind of exception, whose message names the file and is no longer than a
     * person reads.
     *
     * @return what was read; empty if it was refused
     */
    public static <T> Optional<T> read(Variant variant, Path file, Function<Path, T> reader,
            Class<? extends RuntimeException> refusal) {
        try {
            Files.write(file, variant.content());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return assertTimeoutPreemptively(PATIENCE, () -> {
            long before = allocated();
            try {
                return Optional.of(reader.apply(file));
            } catch (RuntimeException e) {
                assertEquals(refusal, e.getClass(), () -> variant + ": " + e);
                assertTrue(e.getMessage().startsWith(file.getFileName().toString()),
                        () -> variant + ": " + e.getMessage());
                assertFalse(e.getMessage().contains(file.getParent().toString()),
                        () -> variant + ": " + e.getMessage());
                assertTrue(e.getMessage().length() < 500, () -> variant + ": " + e.getMessage());
                return Optional.empty();
            } finally {
                long heap = allocated() - before;
                assertTrue(heap < MEMORY + 30L * variant.content().length,
                        () -> variant + ": it took " + (heap >> 20) + " MB");
            }
        }, variant::toString);
    }

    private static long allocated() {
        return ((com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean()).getCurrentThreadAllocatedBytes();
    }
}
