package digits.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import digits.Settings;
import digits.data.Provenance.Source;
import digits.fetch.Download;
import digits.html.Banner;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MnistTest {
    @TempDir
    Path folder;

    private static String banner(Dataset mnist) {
        return Banner.of(mnist.provenance());
    }

    /** Real digits: all of MNIST where DIGITS_DATA names it, the sample elsewhere. Says which. */
    @Test
    void realDigits() {
        Settings settings = Settings.from(withMirrors("none"));
        if (settings.dataFolder().isPresent()) {
            Dataset mnist = Catalogue.MNIST.load(settings);
            System.out.println("MnistTest.realDigits: checked with " + mnist);
            assertEquals(Source.FOLDER, mnist.provenance().source());
            assertEquals("MNIST", mnist.name(), "the checksums are those of the original files");
            assertEquals("(60000, 28, 28)", mnist.train().shapeText());
            assertEquals("(10000, 28, 28)", mnist.test().shapeText());
            assertArrayEquals(new int[] {5, 0, 4, 1, 9}, firstLabels(mnist.train()));
            assertArrayEquals(new int[] {7, 2, 1, 0, 4}, firstLabels(mnist.test()));
            assertArrayEquals(new int[] {5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949},
                    mnist.train().labelCounts());
            assertEquals(0, Split.shared(mnist.train(), mnist.test()), "no test image is among those to learn from");
            Split split = Split.stratified(mnist.train(), 0.2, 42);
            assertEquals(48_000, split.training().size());
            assertEquals(12_000, split.validation().size());
        } else {
            Dataset mnist = sample(Integer.MAX_VALUE);
            System.out.println("MnistTest.realDigits: DIGITS_DATA is not set, checked with " + mnist);
            assertEquals("(4000, 28, 28)", mnist.train().shapeText());
            assertEquals("(1000, 28, 28)", mnist.test().shapeText());
            assertEquals(0, Split.shared(mnist.train(), mnist.test()));
        }
    }

    @Test
    void theSamplesBannerSaysWhatItIsWhyAndWhatToDo() {
        Dataset mnist = sample(Integer.MAX_VALUE);
        assertEquals(Source.SAMPLE, mnist.provenance().source());
        assertEquals("sample", mnist.provenance().source().toString());
        assertEquals("MNIST", mnist.name());
        for (String part : List.of("5,000-digit sample", "4,000 images to train and validate on, 1,000 to test on",
                "shuffled with a fixed seed", "each digit equally often", "Why:", "switched off", "DIGITS_DATA",
                "go online",
                "border: 3px solid")) {
            assertTrue(banner(mnist).contains(part), part + " is not in " + banner(mnist));
        }
        assertFalse(banner(mnist).contains("limited to"));
    }

    @Test
    void aLimitCutsBothSetsAndTheBannerSaysSo() throws IOException {
        Dataset mnist = sample(600);
        assertEquals(600, mnist.train().size());
        assertEquals(100, mnist.test().size());
        assertTrue(banner(mnist).contains("limited to 600 of 4,000 and 100 of 1,000"), banner(mnist));

        write(IdxBytes.set(240, 50), 240, 50);
        Dataset small = fromFolder(IdxBytes.set(240, 50), 120);
        assertEquals(120, small.train().size());
        assertEquals(20, small.test().size());
        assertSays(small, "limited to 120 of 240 and 20 of 50");
    }

    @Test
    void aFoldersOriginalFiles() throws IOException {
        DatasetFiles set = IdxBytes.set(30, 20);
        write(set, 30, 20);
        Dataset mnist = fromFolder(set, Integer.MAX_VALUE);
        assertEquals(Source.FOLDER, mnist.provenance().source());
        assertEquals("MNIST", mnist.name());
        assertEquals(30, mnist.train().size());
        assertEquals(20, mnist.test().size());
        assertTrue(banner(mnist).contains("30 images to train and validate on, 20 to test on, "
                + "read from the folder named in DIGITS_DATA"), banner(mnist));
        assertFalse(banner(mnist).contains(folder.toString()), "no machine's path in a notebook");
    }

    @Test
    void filesThatAreNotMnistsOwnAreUsedAndCalledSo() throws IOException {
        write(IdxBytes.set(30, 20), 30, 20);
        Dataset mnist = Catalogue.MNIST.load(Settings.from(Map.of("DIGITS_DATA", folder.toString())));
        assertEquals("MNIST-like", mnist.name());
        assertTrue(banner(mnist).contains("not the original MNIST files"), banner(mnist));
        assertEquals(30, mnist.train().size());
        assertEquals("MNIST-like from folder: 30 images of 28×28 to train and validate on, "
                + "20 images of 28×28 to test on",
                mnist.toString());
    }

    @Test
    void bothSpellingsGzippedOrNot() throws IOException {
        Files.write(folder.resolve("train-images.idx3-ubyte"), IdxBytes.images(30));
        Files.write(folder.resolve("train-labels.idx1-ubyte.gz"), IdxBytes.gzip(IdxBytes.labels(30)));
        Files.write(folder.resolve("t10k-images-idx3-ubyte.gz"), IdxBytes.gzip(IdxBytes.images(20)));
        Files.write(folder.resolve("t10k-labels-idx1-ubyte"), IdxBytes.labels(20));
        assertEquals("MNIST", fromFolder(IdxBytes.set(30, 20), Integer.MAX_VALUE).name());
    }

    @Test
    void aBadFolderIsAnErrorAndNothingElseIsTried() throws IOException {
        DatasetFiles set = IdxBytes.set(30, 20);
        Path named = folder.resolve("named");
        refused(set, named, "nothing of that name", "DIGITS_DATA");
        Files.writeString(named, "a file");
        refused(set, named, "found a file", "DIGITS_DATA");

        write(set, 30, 20);
        Path labels = folder.resolve("t10k-labels-idx1-ubyte.gz");
        Files.write(labels, IdxBytes.labels(21));
        refused(set, folder, labels.toString(), "found 21 labels, expected one for each of the 20 images");
        Files.write(labels, Arrays.copyOf(IdxBytes.labels(20), 20));
        refused(set, folder, labels.toString(), "only 20 bytes");
        Files.delete(labels);
        refused(set, folder, "no file of MNIST's t10k-labels", "t10k-labels.idx1-ubyte, each also with .gz");
        Files.createDirectory(labels);
        refused(set, folder, labels.toString(), "found a folder");
    }

    private static void refused(DatasetFiles set, Path named, String... parts) {
        DataException refused = assertThrows(DataException.class, () -> fromFolder(set, named, Integer.MAX_VALUE));
        for (String part : parts) assertTrue(refused.getMessage().contains(part), refused.getMessage());
    }

    private void write(DatasetFiles set, int train, int test) throws IOException {
        for (DatasetFiles.Item item : set.all()) {
            Files.write(folder.resolve(item.gzipName()), IdxBytes.gzip(IdxBytes.of(item, train, test)));
        }
    }

    private Dataset fromFolder(DatasetFiles set, int limit) {
        return fromFolder(set, folder, limit);
    }

    private static Dataset fromFolder(DatasetFiles set, Path named, int limit) {
        return new DatasetLoader(set, Optional.of(DatasetLoader.Folder.named(named)), named.resolve("no cache"),
                List.of(), Download.Patience.USUAL, limit)
                .load(progress -> assertInstanceOf(Provenance.class, progress, "nothing to download"));
    }

    private Dataset sample(int limit) {
        return new DatasetLoader(IdxBytes.set(30, 20), Optional.empty(), folder.resolve("empty"), List.of(),
                Download.Patience.USUAL,
                limit).load(progress -> assertInstanceOf(Provenance.class, progress, "nothing to download"));
    }

    private static int[] firstLabels(LabeledImages images) {
        return IntStream.range(0, 5).map(images::label).toArray();
    }

    private static Map<String, String> withMirrors(String mirrors) {
        Map<String, String> environment = new HashMap<>(System.getenv());
        environment.put("DIGITS_MIRRORS", mirrors);
        environment.keySet().removeIf(name -> name.equals("DIGITS_PROFILE") || name.equals("DIGITS_LIMIT"));
        return environment;
    }

    private static void assertSays(Dataset loaded, String words) {
        assertTrue(loaded.provenance().line().contains(words), loaded.provenance().line());
    }
}
