package digits.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import digits.files.Sha256;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Sets of images that are larger than Java's heap. */
class PixelsTest {
    @TempDir
    Path folder;

    @ParameterizedTest
    @ValueSource(ints = {0, 5_000, 200_000, 1_000_000})
    void theBytesAreTheSameOnTheHeapAndInAFile(int onHeap) throws IOException {
        byte[] bytes = new byte[300_000];
        new Random(1).nextBytes(bytes);
        ByteBuffer kept;
        try (Pixels pixels = Pixels.of(bytes.length, onHeap, List.of(folder))) {
            for (int at = 0; at < bytes.length; at += 784) {
                int length = Math.min(784, bytes.length - at);
                pixels.add(Arrays.copyOfRange(bytes, at, at + 784), length);
            }
            assertEquals(0, pixels.room());
            assertThrows(IllegalStateException.class, () -> pixels.add(bytes, 1));
            kept = pixels.done();
        }
        assertEquals(onHeap < bytes.length, kept.isDirect());
        assertEquals(ByteBuffer.wrap(bytes), kept);
        try (Stream<Path> left = Files.list(folder)) {
            assertEquals(0, left.count(), "the file has no name any more");
        }
    }

    @Test
    void fewerThanAnnouncedAreKeptAsTheyAre() {
        for (int onHeap : new int[] {0, 1_000}) {
            try (Pixels pixels = Pixels.of(1_000, onHeap, List.of(folder))) {
                pixels.add(new byte[] {1, 2, 3}, 2);
                assertEquals(ByteBuffer.wrap(new byte[] {1, 2}), pixels.done());
            }
        }
    }

    @Test
    void withoutAUsableFolderTheHeapServesOrTheErrorSaysWhatToDo() throws IOException {
        Path file = Files.createFile(folder.resolve("no folder"));
        try (Pixels pixels = Pixels.of(1_000, 0, List.of(file, folder.resolve("new/one")))) {
            pixels.add(new byte[1_000], 1_000);
            assertTrue(pixels.done().isDirect(), "the next folder is tried");
        }
        try (Pixels pixels = Pixels.of(1_000, 0, List.of(file))) {
            pixels.add(new byte[1_000], 1_000);
            assertFalse(pixels.done().isDirect());
        }
        String said = assertThrows(DataException.class, () -> Pixels.of(Long.MAX_VALUE / 2, 0, List.of(folder)))
                .getMessage();
        assertTrue(said.contains("DIGITS_LIMIT") && said.contains("disk space"), said);
    }

    /** 160,000 images are 125 MB, loaded by a process with a heap of 64 MB. */
    @Test
    void aSetLargerThanTheHeapIsLoadedAndRead() throws Exception {
        int count = 160_000;
        write("train-images-idx3-ubyte.gz", 0x0803, count);
        write("train-labels-idx1-ubyte.gz", 0x0801, count);
        write("t10k-images-idx3-ubyte.gz", 0x0803, 1_000);
        write("t10k-labels-idx1-ubyte.gz", 0x0801, 1_000);
        Process process = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx64m", "-cp", System.getProperty("java.class.path"), PixelsTest.class.getName(), folder.toString())
                .redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
        assertTrue(process.waitFor(1, TimeUnit.MINUTES));
        assertTrue(said.contains("160,000 images of 28×28 with sum 31744"), said);
        assertEquals(0, process.exitValue(), said);
    }

    /** Loads the folder's images and reads every hundredth one in a subset. */
    public static void main(String[] arguments) {
        Dataset loaded = CsvFileTest.fromFolder(IdxBytes.set(30, 20), Path.of(arguments[0]), Integer.MAX_VALUE);
        LabeledImages train = loaded.train();
        LabeledImages some = train.subset(Shuffle.order(train.size(), 1)).take(train.size() / 100);
        long sum = 0;
        for (int i = 0; i < 256; i++) sum += train.pixel(i * 600, 3, 4);
        if (some.size() != 1_600 || some.bytes(7).get(5) != (byte) some.origin(7)) throw new IllegalStateException();
        Split.stratified(train, 0.2, 42);
        java.io.PrintStream out = new java.io.PrintStream(System.out, true, java.nio.charset.StandardCharsets.UTF_8);
        out.println(train + " with sum " + sum);
    }

    /** An IDX file whose image {@code i} is filled with the byte {@code i}. */
    private void write(String name, int magic, int count) throws IOException {
        boolean images = magic == 0x0803;
        try (OutputStream out = new BufferedOutputStream(new GZIPOutputStream(
                Files.newOutputStream(folder.resolve(name)), 1 << 16) { {
                    def.setLevel(1);
                } }, 1 << 16)) {
            out.write(images ? IdxBytes.file(new byte[0], magic, count, 28, 28)
                    : IdxBytes.file(new byte[0], magic, count));
            byte[] one = new byte[images ? 784 : 1];
            for (int i = 0; i < count; i++) {
                Arrays.fill(one, (byte) (images ? i : i % 10));
                out.write(one);
            }
        }
    }

    /** What training reads is the same for images on the heap and in a file. */
    @Test
    void batchesAreTheSameBitForBit() {
        byte[] bytes = new byte[70 * 784];
        new Random(2).nextBytes(bytes);
        byte[] labels = new byte[70];
        for (int i = 0; i < 70; i++) labels[i] = (byte) (i % 10);
        LabeledImages heap = LabeledImages.of(bytes, labels, 28, 28);
        ByteBuffer file;
        try (Pixels pixels = Pixels.of(bytes.length, 0, List.of(folder))) {
            pixels.add(bytes, bytes.length);
            file = pixels.done();
        }
        LabeledImages mapped = LabeledImages.of(file, labels, 28, 28, LabeledImages.DIGITS);
        DigitBatches a = DigitBatches.shuffled(heap, 16, 3).scaled();
        DigitBatches b = DigitBatches.shuffled(mapped, 16, 3).scaled();
        while (a.hasNext()) {
            INDArray features = a.next().getFeatures();
            assertEquals(features, b.next().getFeatures());
        }
        assertEquals(heap.toArray(), mapped.toArray());
        assertEquals(heap.grid(9), mapped.grid(9));
        Augmentation some = Augmentation.NONE.rotated(10).shifted(2);
        assertEquals(some.applied(heap, 1).toArray(), some.applied(mapped, 1).toArray());
        assertEquals(heap.map(grid -> grid).toArray(), mapped.map(grid -> grid).toArray());
        assertEquals(70, Split.shared(heap, mapped));
        // worked out before images could lie in a file
        assertEquals(BEFORE, Sha256.of(augmentedBytes(some.bent(1).zoomed(0.1).applied(heap, 7))));
    }

    private static final String BEFORE = "6558fa6f78a0bfbae7c251c13f5fbea321dac6a7fd89b04e3ccb7e30c7dd74f0";

    private static byte[] augmentedBytes(LabeledImages images) {
        byte[] all = new byte[images.size() * 784];
        for (int i = 0; i < images.size(); i++) images.bytes(i).get(all, i * 784, 784);
        return all;
    }
}
