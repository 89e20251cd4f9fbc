package digits.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import digits.Settings;
import digits.data.Provenance.Source;
import digits.fetch.Download;
import digits.files.Sha256;
import digits.html.Banner;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tech.tablesaw.api.Table;

class CatalogueTest {
    @TempDir
    Path folder;

    @Test
    void theTableHasARowForEachSet() {
        Table table = Catalogue.table();
        assertEquals(Catalogue.values().length, table.rowCount());
        assertEquals("Fashion-MNIST", table.stringColumn("data set").get(1));
        assertEquals("T-shirt/top, Trouser, Pullover, … Ankle boot", table.stringColumn("labels").get(1));
        assertEquals(60_000, table.intColumn("to train on").get(1));
    }

    @Test
    void aDataSetIsFoundByTheTitleInARecord() {
        for (Catalogue set : Catalogue.values()) {
            assertEquals(Optional.of(set), Catalogue.named(set.title()));
            assertEquals(Optional.of(set), Catalogue.named(set.title() + "-like"));
        }
        for (String other : List.of("", "mnist", "MNIST-like-like", "Arabic digits")) {
            assertEquals(Optional.empty(), Catalogue.named(other), other);
        }
    }

    @Test
    void classesAndNames() {
        Map<Catalogue, Integer> classes = Map.of(Catalogue.MNIST, 10, Catalogue.FASHION_MNIST, 10, Catalogue.KMNIST, 10,
                Catalogue.EMNIST_BALANCED, 47, Catalogue.EMNIST_LETTERS, 26, Catalogue.EMNIST_DIGITS, 10,
                Catalogue.EMNIST_BY_CLASS, 62);
        for (Catalogue set : Catalogue.values()) {
            assertEquals(classes.get(set), set.names().size(), set.title());
            assertEquals(set.names().size(), new HashSet<>(set.names()).size(), "different names: " + set.names());
        }
        assertEquals("Sneaker", Catalogue.FASHION_MNIST.names().get(7));
        assertEquals("や ya", Catalogue.KMNIST.names().get(7));
        assertEquals(List.of("Aa", "Zz"),
                List.of(Catalogue.EMNIST_LETTERS.names().get(0), Catalogue.EMNIST_LETTERS.names().get(25)));
        assertEquals(List.of("9", "A", "Z", "a", "b", "d", "t"), List.of(9, 10, 35, 36, 37, 38, 46).stream()
                .map(Catalogue.EMNIST_BALANCED.names()::get).toList());
        assertEquals(List.of("Z", "a", "z"),
                List.of(35, 36, 61).stream().map(Catalogue.EMNIST_BY_CLASS.names()::get).toList());
    }

    @Test
    void aSetsFolderIsInTheNamedOneOrBesideIt() throws IOException {
        Path mnist = Files.createDirectories(folder.resolve("sets").resolve("mnist"));
        Path none = folder.resolve("none");
        assertEquals(Optional.empty(), Catalogue.FASHION_MNIST.folder(Optional.of(mnist), none));
        assertEquals(mnist, Catalogue.MNIST.folder(Optional.of(mnist), none).orElseThrow().path());
        assertEquals(mnist, Catalogue.MNIST.folder(Optional.of(mnist.getParent()), none).orElseThrow().path());

        Path beside = Files.createDirectory(mnist.resolveSibling("fashion-mnist"));
        assertEquals(beside, Catalogue.FASHION_MNIST.folder(Optional.of(mnist), none).orElseThrow().path());
        assertEquals(beside, Catalogue.FASHION_MNIST.folder(Optional.of(beside), none).orElseThrow().path());
        assertEquals(Source.FOLDER,
                Catalogue.FASHION_MNIST.folder(Optional.of(folder.resolve("sets")), none).orElseThrow().source());
        assertEquals(Optional.empty(), Catalogue.KMNIST.folder(Optional.of(mnist), none));
    }

    @Test
    void debiansPackageIsFound() throws IOException {
        Path packaged = Files.createDirectories(folder.resolve("datasets").resolve("fashion-mnist")).getParent();
        DatasetLoader.Folder found = Catalogue.FASHION_MNIST.folder(Optional.empty(), packaged).orElseThrow();
        assertEquals(Source.PACKAGE, found.source());
        assertTrue(found.place().contains("dataset-fashion-mnist"), found.place());
        assertEquals(Optional.empty(), Catalogue.MNIST.folder(Optional.empty(), packaged));
    }

    /** Real clothes where DIGITS_DATA leads to them, the fallback elsewhere. Says which. */
    @Test
    void realClothesOrALoudFallback() {
        Map<String, String> environment = new HashMap<>(System.getenv());
        environment.put("DIGITS_MIRRORS", "none");
        environment.keySet().removeIf(name -> name.equals("DIGITS_PROFILE") || name.equals("DIGITS_LIMIT"));
        Settings settings = Settings.from(environment);
        Dataset fashion = Catalogue.FASHION_MNIST.load(settings);
        System.out.println("CatalogueTest.realClothesOrALoudFallback: checked with " + fashion);
        if (fashion.provenance().source() == Source.SAMPLE) {
            assertEquals("MNIST", fashion.name());
            assertSays(fashion, "This is not Fashion-MNIST, but a 5,000-digit sample of MNIST");
            String banner = Banner.of(fashion.provenance());
            assertTrue(banner.contains("border: 3px solid"), banner);
            assertEquals("3", fashion.train().names().get(3));
        } else {
            assertEquals("Fashion-MNIST", fashion.name(), "the checksums are those of the original files");
            assertEquals("(60000, 28, 28)", fashion.train().shapeText());
            assertEquals(List.of("Ankle boot", "T-shirt/top", "T-shirt/top"),
                    List.of(fashion.train().name(0), fashion.train().name(1),
                    fashion.train().name(2)));
            int[] each = new int[10];
            Arrays.fill(each, 6_000);
            assertArrayEquals(each, fashion.train().labelCounts());
        }
    }

    @Test
    void filesOfRightSizeWithoutAChecksumAreUsedAndCalledSo() throws IOException {
        DatasetFiles set = new DatasetFiles("KMNIST", List.of("a", "b", "c", "d", "e", "f", "g", "h", "i", "j"), 0,
                false, Optional.empty(),
                new DatasetFiles.Item("train-images", 30, null, "of another wrapping"),
                new DatasetFiles.Item("train-labels", 30, null, "of another wrapping"),
                new DatasetFiles.Item("t10k-images", 20, null, Sha256.of(IdxBytes.gzip(IdxBytes.images(20)))),
                new DatasetFiles.Item("t10k-labels", 20, null, null));
        for (DatasetFiles.Item item : set.all()) {
            Files.write(folder.resolve(item.gzipName()), IdxBytes.gzip(IdxBytes.of(item, 30, 20)));
        }
        Dataset loaded = fromFolder(set);
        assertEquals("KMNIST", loaded.name());
        assertEquals("d", loaded.train().name(3));
        assertSays(loaded, "no checksum");
        assertEquals(Provenance.Verified.ORIGINAL, set.testImages().verified(set.read(set.testImages(),
                IdxFile.Source.file(folder.resolve("t10k-images-idx3-ubyte.gz")), 20)));

        Files.write(folder.resolve("t10k-images-idx3-ubyte.gz"), IdxBytes.images(21));
        Files.write(folder.resolve("t10k-labels-idx1-ubyte.gz"), IdxBytes.labels(21));
        Dataset other = fromFolder(set);
        assertEquals("KMNIST-like", other.name());
        assertSays(other, "not the original KMNIST files");
    }

    private Dataset fromFolder(DatasetFiles set) {
        return new DatasetLoader(set, Optional.of(DatasetLoader.Folder.named(folder)), folder.resolve("no cache"),
                List.of(),
                Download.Patience.USUAL, Integer.MAX_VALUE)
                .load(progress -> assertInstanceOf(Provenance.class, progress, "nothing to download"));
    }

    private static void assertSays(Dataset loaded, String words) {
        assertTrue(loaded.provenance().line().contains(words), loaded.provenance().line());
    }
}
