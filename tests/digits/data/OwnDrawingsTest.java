package digits.data;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import digits.ChildJvm;
import digits.Settings;
import digits.image.Ink;
import digits.image.PictureException;
import digits.image.Strokes;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

class OwnDrawingsTest {
    private static final List<Strokes> DIGITS = Strokes.recorded("upright");

    @TempDir
    Path folder;
    private OwnDrawings own;

    @BeforeEach
    void open() {
        own = new OwnDrawings(folder.resolve("hand"), LabeledImages.DIGITS);
    }

    @Test
    void drawingsAreKeptInTheirOrder() {
        assertEquals(0, own.load().size());
        for (int digit = 0; digit < 10; digit++) assertEquals(digit + 1, own.add(drawn(digit), digit).size());
        LabeledImages read = new OwnDrawings(folder.resolve("hand"), LabeledImages.DIGITS).load();
        assertEquals(10, read.size());
        for (int digit = 0; digit < 10; digit++) {
            assertEquals(digit, read.label(digit));
            assertArrayEquals(drawn(digit).asInMnist().bytes(), bytes(read, digit));
        }
    }

    /** Two files that any reader of IDX understands. */
    @Test
    void theFilesAreIdxFiles() throws IOException {
        own.add(drawn(3), 3);
        own.add(drawn(7), 7);
        ByteBuffer images = ByteBuffer.wrap(Files.readAllBytes(images()));
        assertEquals(16 + 2 * 784, images.limit());
        assertEquals(List.of(0x803, 2, 28, 28), IntStream.range(0, 4).mapToObj(i -> images.getInt(4 * i)).toList());
        assertArrayEquals(new byte[] {0, 0, 8, 1, 0, 0, 0, 2, 3, 7}, Files.readAllBytes(labels()));
    }

    @Test
    void undoRemovesTheLastUntilThereIsNone() {
        for (int digit = 0; digit < 3; digit++) own.add(drawn(digit), digit);
        LabeledImages two = own.undo();
        assertEquals(List.of(0, 1), IntStream.range(0, two.size()).mapToObj(two::label).toList());
        assertArrayEquals(drawn(1).asInMnist().bytes(), bytes(own.load(), 1));
        own.undo();
        assertEquals(0, own.undo().size());
        assertEquals(0, own.undo().size());
        assertFalse(Files.exists(labels()) || Files.exists(images()));
        assertEquals(1, own.add(drawn(5), 5).size());
    }

    /** What a process leaves that ends after the first of the two files: all drawings, or all but the last. */
    @Test
    void aProcessThatEndsBetweenTheTwoFilesLosesNoOther() throws IOException {
        own.add(drawn(1), 1);
        byte[] labels = Files.readAllBytes(labels());
        byte[] images = Files.readAllBytes(images());
        own.add(drawn(2), 2);

        Files.write(labels(), labels);   // the images of two, the labels of one: adding or undoing has been cut off
        assertEquals(1, own.load().size());
        LabeledImages again = own.add(drawn(4), 4);
        assertEquals(2, again.size());
        assertArrayEquals(drawn(4).asInMnist().bytes(), bytes(own.load(), 1));
        Files.write(labels(), labels);
        assertEquals(0, own.undo().size());

        Files.write(images(), images);   // the very first drawing has no label yet
        assertEquals(0, own.load().size());
        assertEquals(1, own.add(drawn(6), 6).size());
        assertEquals(6, own.load().label(0));
    }

    /** A process that only adds and undoes is killed at any moment; what it leaves can be read and continued. */
    @Test
    void aKilledProcessLeavesAWholeDataSet() throws Exception {
        own.add(drawn(0), 0);
        for (int kill = 0; kill < 3; kill++) {
            Process process = new ProcessBuilder(ChildJvm.java("-cp", System.getProperty(
                    "surefire.test.class.path", System.getProperty("java.class.path")), Adding.class.getName(),
                    folder.resolve("hand").toString())).redirectErrorStream(true).start();
            try {
                while (process.isAlive() && own.load().size() < 4 + 3 * kill) Thread.sleep(5);
                Thread.sleep(7 * kill);
            } finally {
                process.destroyForcibly().waitFor();
            }
            LabeledImages left = own.load();
            assertTrue(left.size() >= 3, left.toString());
            for (int i = 0; i < left.size(); i++) {
                assertArrayEquals(drawn(left.label(i)).asInMnist().bytes(), bytes(left, i), "drawing " + i);
            }
        }
    }

    /** Adds three drawings and undoes one, again and again. */
    static final class Adding {
        private Adding() {
        }

        public static void main(String[] folder) {
            OwnDrawings own = new OwnDrawings(Path.of(folder[0]), LabeledImages.DIGITS);
            for (int n = 0; n < 400; n++) {
                if (n % 4 == 3) own.undo();
                else own.add(drawn(n % 10), n % 10);
            }
        }
    }

    /** Two processes, and in this one two threads with an object each. */
    @Test
    void nothingIsLostOfWhatSeveralAddAtTheSameMoment() throws Exception {
        List<Process> processes = new ArrayList<>();
        List<Thread> threads = new ArrayList<>();
        for (int digit = 1; digit <= 2; digit++) {
            processes.add(new ProcessBuilder(ChildJvm.java("-cp", System.getProperty(
                    "surefire.test.class.path", System.getProperty("java.class.path")), AddingOne.class.getName(),
                    folder.resolve("hand").toString(), "" + digit)).inheritIO().start());
        }
        while (own.load().size() == 0 && processes.stream().anyMatch(Process::isAlive)) Thread.sleep(1);
        for (int digit = 3; digit <= 4; digit++) {
            String[] one = {folder.resolve("hand").toString(), "" + digit};
            threads.add(new Thread(() -> AddingOne.main(one)));
        }
        threads.forEach(Thread::start);
        for (Thread thread : threads) thread.join();
        for (Process process : processes) assertEquals(0, process.waitFor());
        LabeledImages all = own.load();
        assertArrayEquals(new int[] {0, 30, 30, 30, 30, 0, 0, 0, 0, 0}, all.labelCounts());
        for (int i = 0; i < all.size(); i++) {
            assertArrayEquals(drawn(all.label(i)).asInMnist().bytes(), bytes(all, i), "drawing " + i);
        }
    }

    /** Adds thirty drawings of one digit. */
    static final class AddingOne {
        private AddingOne() {
        }

        public static void main(String[] arguments) {
            int digit = Integer.parseInt(arguments[1]);
            OwnDrawings own = new OwnDrawings(Path.of(arguments[0]), LabeledImages.DIGITS);
            for (int n = 0; n < 30; n++) own.add(drawn(digit), digit);
        }
    }

    @Test
    void aProcessThatKeepsTheFolderLockedIsNamed() throws Exception {
        own.add(drawn(1), 1);
        Process process = new ProcessBuilder(ChildJvm.java("-cp", System.getProperty(
                "surefire.test.class.path", System.getProperty("java.class.path")), Locking.class.getName(),
                folder.resolve("hand/lock").toString())).start();
        try {
            assertEquals('l', process.getInputStream().read());
            String said = assertThrows(DataException.class, () -> own.add(drawn(2), 2)).getMessage();
            assertEquals("Another process is writing to the folder hand, so nothing was changed: try again.", said);
            assertEquals(1, own.load().size());
        } finally {
            process.destroyForcibly().waitFor();
        }
        assertEquals(2, own.add(drawn(2), 2).size());
    }

    /** Locks a file until it is killed. */
    static final class Locking {
        private Locking() {
        }

        public static void main(String[] file) throws Exception {
            try (FileChannel channel = FileChannel.open(Path.of(file[0]), StandardOpenOption.WRITE)) {
                channel.lock();
                System.out.println("locked");
                Thread.sleep(60_000);
            }
        }
    }

    @Test
    void whereNothingCanBeWrittenItIsSaid() throws IOException {
        Files.writeString(folder.resolve("hand"), "a file where the folder should be");
        String said = assertThrows(UncheckedIOException.class, () -> own.add(drawn(1), 1)).getMessage();
        assertTrue(said.startsWith("own-images-idx3-ubyte could not be written: "), said);
        assertEquals("a file where the folder should be", Files.readString(folder.resolve("hand")));
    }

    @Test
    void damagedFilesAreNamedAndStay() throws IOException {
        own.add(drawn(1), 1);
        own.add(drawn(2), 2);
        byte[] labels = Files.readAllBytes(labels());
        byte[] images = Files.readAllBytes(images());
        Map<byte[], String> bad = Map.of(new byte[] {0, 0, 8, 1, 0, 0, 0, 2, 3, 10}, "label 10 at position 1",
                new byte[] {0, 0, 8, 1, 0, 0, 0, 2, 3}, "only 9 bytes", new byte[0], "an empty file",
                new byte[] {0, 0, 8, 1, 0x7f, 0, 0, 0, 1}, "announces", "not labels".getBytes(US_ASCII), "found",
                new byte[] {0, 0, 8, 1, 0, 0, 0, 3, 1, 2, 3}, "one for each of the 3 labels");
        bad.forEach((content, words) -> {
            refused(labels(), content, words);
            assertArrayEquals(images, read(images()));
        });
        refused(labels(), many(OwnDrawings.MOST + 1), "at most 1,000");
        write(labels(), labels);
        refused(images(), new byte[] {0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 28, 0, 0, 0, 29}, "28×29");
        refused(images(), Arrays.copyOf(images, images.length - 1), "only");
        Files.delete(images());
        assertThrows(DataException.class, own::load);
        write(images(), images);
        assertEquals(2, own.load().size());
    }

    private void refused(Path file, byte[] content, String words) {
        write(file, content);
        for (var action : List.<Executable>of(own::load, own::undo,
                () -> own.add(drawn(1), 1))) {
            String said = assertThrows(DataException.class, action).getMessage();
            assertTrue(said.contains(words) && said.contains("own-"), said);
        }
        assertArrayEquals(content, read(file));
    }

    @Test
    void whatIsNotOneDrawingWithALabelIsRefused() {
        assertThrows(PictureException.class, () -> own.add(Ink.of(200, 200, new byte[40_000]), 1));
        for (int label : new int[] {-1, 10, 127, 128, 256}) {
            assertThrows(IllegalArgumentException.class, () -> own.add(drawn(1), label), "label " + label);
        }
        assertFalse(Files.exists(folder.resolve("hand")));
    }

    @Test
    void thereIsRoomForAThousand() throws IOException {
        own.add(drawn(1), 1);
        write(labels(), many(OwnDrawings.MOST));
        ByteBuffer all = ByteBuffer.allocate(16 + OwnDrawings.MOST * 784).put(Files.readAllBytes(images()));
        write(images(), all.putInt(4, OwnDrawings.MOST).array());
        assertEquals(1_000, own.load().size());
        String said = assertThrows(DataException.class, () -> own.add(drawn(1), 1)).getMessage();
        assertTrue(said.contains("1,000 drawings already") && said.contains("undo"), said);
        assertEquals(999, own.undo().size());
        assertEquals(1_000, own.add(drawn(1), 1).size());
    }

    @Test
    void everyDataSetHasItsFolder() {
        Settings settings = Settings.from(Map.of("DIGITS_OUTPUT", folder.toString()));
        assertEquals(folder.resolve("hand/mnist"), OwnDrawings.folder(settings, "MNIST"));
        assertEquals(folder.resolve("hand/emnist-letters"), OwnDrawings.folder(settings, "EMNIST letters"));
        for (String name : new String[] {"../../etc", "/", "", "..", "a/b\\c", "\u0000"}) {
            assertEquals(folder.resolve("hand"), OwnDrawings.folder(settings, name).normalize().getParent(), name);
        }
        OwnDrawings letters = OwnDrawings.of(settings, "EMNIST letters", Catalogue.EMNIST_LETTERS.names());
        assertEquals("Zz", letters.add(drawn(2), 25).name(0));
    }

    @Test
    void recordedDrawingsStandIn() {
        LabeledImages drawings = OwnDrawings.recorded("angular", 3, 1);
        assertArrayEquals(new int[] {3, 3, 3, 3, 3, 3, 3, 3, 3, 3}, drawings.labelCounts());
        assertEquals(drawings.sha256(), OwnDrawings.recorded("angular", 3, 1).sha256());
        List<byte[]> different = new ArrayList<>();
        for (int i = 0; i < drawings.size(); i++) {
            byte[] image = bytes(drawings, i);
            assertTrue(different.stream().noneMatch(other -> Arrays.equals(other, image)));
            different.add(image);
        }
    }

    private static Ink drawn(int digit) {
        return DIGITS.get(digit).ink();
    }

    private static byte[] bytes(LabeledImages images, int i) {
        byte[] bytes = new byte[784];
        images.bytes(i).get(bytes);
        return bytes;
    }

    private static byte[] many(int count) {
        return ByteBuffer.allocate(8 + count).putInt(0x801).putInt(count).array();
    }

    private Path images() {
        return folder.resolve("hand/own-images-idx3-ubyte");
    }

    private Path labels() {
        return folder.resolve("hand/own-labels-idx1-ubyte");
    }

    private static void write(Path file, byte[] content) {
        try {
            Files.write(file, content);
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    private static byte[] read(Path file) {
        try {
            return Files.readAllBytes(file);
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }
}
