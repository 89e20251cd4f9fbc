package digits.data;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import digits.Settings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Data sets where other tools and people put them. */
class DatasetSearchTest {
    private static final String[] ITEMS = {"train-images idx3", "train-labels idx1", "t10k-images idx3",
        "t10k-labels idx1"};

    @TempDir
    Path folder;

    /** S is a file's stem, T its type: {@code S-T.gz} is the name on MNIST's mirrors. */
    @ParameterizedTest
    @ValueSource(strings = {"S-T", "S-T.gz", "S.T", "S.T.gz", "S_T", "S T.GZ", "mnist/S-T.gz", "MNIST/S-T",
        "MNIST/raw/S-T", "mnist/raw/S-T.gz", "raw/S-T", "archive/S.T", "S-T/S-T", "S-T/S.T", "S.T/S-T.gz",
        "archive/S-T/S-T", "datasets/hojjatk/mnist-dataset/S.T", "MNIST_data/S-T.gz",
        "ylecun___mnist/S-T", "Mnist/Raw/S-T",
        "digit-recognizer/S-T", "a/b/c/d/S-T.gz"})
    void mnistInTheNamedFolderOrBelow(String layout) throws IOException {
        write("given/" + layout, 30, 20);
        assertLoads(Catalogue.MNIST, "given", 30);
        assertFalse(Catalogue.MNIST.folder(Optional.of(folder.resolve("given")), folder).orElseThrow().place()
                .contains(folder.toString()), "no machine's path in a notebook");
        upper();
        assertLoads(Catalogue.MNIST, "given", 30);
    }

    /** Renames all files to upper case, without their folders. */
    private void upper() throws IOException {
        List<Path> files;
        try (var all = Files.walk(folder.resolve("given"))) {
            files = all.filter(Files::isRegularFile).toList();
        }
        for (Path file : files) {
            Files.move(file, file.resolveSibling(file.getFileName().toString().toUpperCase(Locale.ROOT)));
        }
    }

    @ParameterizedTest
    @CsvSource({"MNIST/raw/S-T, root/MNIST/raw", "MNIST/raw/S-T, root/MNIST", "mnist/S-T.gz, root/mnist",
        "S-T, root/t10k-labels-idx1-ubyte", "S-T/S-T, root/train-images-idx3-ubyte/train-images-idx3-ubyte"})
    void alsoFromInside(String layout, String named) throws IOException {
        write("root/" + layout, 30, 20);
        assertLoads(Catalogue.MNIST, named, 30);
    }

    @Test
    void kagglesFolderBesideTheFile() throws IOException {
        write("S.T", 30, 20);
        write("S-T/S-T", 31, 21);
        assertLoads(Catalogue.MNIST, "", 30);
        Files.delete(folder.resolve("train-images.idx3-ubyte"));
        Files.delete(folder.resolve("train-labels.idx1-ubyte"));
        assertLoads(Catalogue.MNIST, "", 31);
        Files.createDirectories(folder.resolve("other/train-images-idx3-ubyte"));
        write("other/S-T.gz", 32, 22);
        assertLoads(Catalogue.MNIST, "other", 32);
    }

    @ParameterizedTest
    @CsvSource({"root", "root/MNIST", "root/MNIST/raw", "root/FashionMNIST", "root/FashionMNIST/raw"})
    void setsOfTheSameFileNamesAreToldByTheirFolders(String named) throws IOException {
        write("root/FashionMNIST/raw/S-T", 40, 20);
        write("root/KMNIST/raw/S-T.gz", 50, 20);
        write("root/MNIST/raw/S-T", 30, 20);
        write("root/QMNIST/raw/S-T", 60, 20);
        assertLoads(Catalogue.MNIST, named, 30);
        assertLoads(Catalogue.FASHION_MNIST, named, 40);
        assertLoads(Catalogue.KMNIST, named, 50);
    }

    @Test
    void anotherSetsFilesAreNotTakenForMnist() throws IOException {
        write("root/FashionMNIST/raw/S-T", 40, 20);
        write("root/QMNIST/raw/S-T", 40, 20);
        String said = assertThrows(DataException.class, () -> load(Catalogue.MNIST, "root")).getMessage();
        assertTrue(said.contains("root: found no file of MNIST's train-images"), said);
        write("clothes/S-T", 40, 20);
        assertEquals(Optional.empty(), Catalogue.FASHION_MNIST.folder(Optional.of(folder.resolve("clothes")), folder));
        write("fashion/S-T", 41, 20);
        assertLoads(Catalogue.FASHION_MNIST, "fashion", 41);
        assertLoads(Catalogue.MNIST, "fashion", 41);   // named itself, so it is meant; the checksums tell
    }

    @ParameterizedTest
    @ValueSource(strings = {"gzip/", "emnist/gzip/", "EMNIST/raw/", "emnist/", "emnist/emnist_source_files/", ""})
    void emnistUnpackedByHand(String place) throws IOException {
        for (String end : List.of("", ".gz")) {
            write("root" + end + "/" + place + "emnist-balanced-S-T" + end, 30, 20);
            assertLoads(Catalogue.EMNIST_BALANCED, "root" + end, 30);
            assertLoads(Catalogue.EMNIST_BALANCED, "root" + end + "/" + place, 30);
        }
    }

    @Test
    void emnistsMatlabFilesAreRefused() throws IOException {
        Files.createDirectories(folder.resolve("emnist/matlab"));
        Files.write(folder.resolve("emnist/matlab/emnist-balanced.mat"), "MATLAB 5.0 MAT-file".getBytes(UTF_8));
        for (String named : List.of("", "emnist", "emnist/matlab")) {
            String said = assertThrows(DataException.class, () -> load(Catalogue.EMNIST_BALANCED, named)).getMessage();
            assertTrue(said.contains("emnist-balanced.mat") && said.contains("EMNIST's are in gzip.zip"), said);
        }
    }

    @ParameterizedTest
    @CsvSource({"mnist/train-00000-of-00001.parquet, pip install", "training.pt, npz", "archive.zip, Unpack it",
        "mnist-train.arrow, npz", "3.0.1/mnist-train.tfrecord-00000-of-00001, npz", "mnist.pkl.gz, npz",
        "mnist_784.arff, npz"})
    void formsThatAreNotReadAreNamedWithTheWayOut(String file, String way) throws IOException {
        Path other = folder.resolve(file);
        Files.createDirectories(other.getParent());
        Files.write(other, new byte[100]);
        String said = assertThrows(DataException.class, () -> load(Catalogue.MNIST, "")).getMessage();
        assertTrue(said.contains(other.getFileName().toString()) && said.contains(way), said);
    }

    @Test
    void aSetThatLacksAFileNamesIt() throws IOException {
        write("root/MNIST/raw/S-T", 30, 20);
        Files.delete(folder.resolve("root/MNIST/raw/t10k-images-idx3-ubyte"));
        String said = assertThrows(DataException.class, () -> load(Catalogue.MNIST, "root")).getMessage();
        assertTrue(said.contains("raw: found no file of MNIST's t10k-images, expected t10k-images-idx3-ubyte"), said);
        Files.createDirectories(folder.resolve("csv"));
        Files.writeString(folder.resolve("csv/mnist_train.csv"), CsvFileTest.csv(30, true));
        said = assertThrows(DataException.class, () -> load(Catalogue.MNIST, "csv")).getMessage();
        assertTrue(said.contains("no file of MNIST's mnist-test.csv"), said);
    }

    /** Whatever lies in the place of a file: one sentence, at once. */
    @Test
    @DisabledOnOs(OS.WINDOWS)
    void whatIsNoFileIsRefusedAtOnce() throws Exception {
        write("S-T", 30, 20);
        Path images = folder.resolve("train-images-idx3-ubyte");
        Files.delete(images);
        assertEquals(0, new ProcessBuilder("mkfifo", images.toString()).start().waitFor());
        refused(images, "a pipe, a socket or a device");
        Files.delete(images);
        Files.createSymbolicLink(images, Path.of("/dev/zero"));
        refused(images, "a pipe, a socket or a device");
        Files.delete(images);
        Files.createSymbolicLink(images, images.getFileName());
        refused(images, "a symbolic link that does not lead to a file");
        Files.delete(images);
        Files.createSymbolicLink(images, folder.resolve("gone"));
        refused(images, "a symbolic link that does not lead to a file");
        Files.delete(images);
        Files.createDirectory(images);
        refused(images, "a folder");
        Files.createSymbolicLink(folder.resolve("loop"), folder);
        refused(images, "a folder");
        assertEquals(0, new ProcessBuilder("mkfifo", folder.resolve("pipe").toString()).start().waitFor());
        assertTrue(assertThrows(DataException.class, () -> load(Catalogue.MNIST, "pipe")).getMessage()
                .contains("pipe: found a pipe, a socket or a device"));
    }

    private void refused(Path file, String found) {
        String said = assertTimeoutPreemptively(Duration.ofSeconds(10),
                () -> assertThrows(DataException.class, () -> load(Catalogue.MNIST, "")).getMessage());
        assertTrue(said.startsWith(file + ": found " + found), said);
        assertEquals(1, said.lines().count(), said);
    }

    @ParameterizedTest
    @CsvSource({"'version https://git-lfs.github.com/spec/v1\noid sha256:1', a pointer of Git LFS, git lfs pull",
        "'<!DOCTYPE html><html>Sign in</html>', a web page, Fetch the file again",
        "'\n <?xml version=\"1.0\"?><Error><Code>AccessDenied</Code></Error>', an error message, Fetch the file again",
        "'{\"message\": \"rate limit\"}', JSON, Fetch the file again", "'PK\u0003\u0004', a zip, Unpack it",
        "'BZh91AY', bzip2, Unpack it", "'MATLAB 5.0 MAT-file', a MATLAB file, Convert it", "'', an empty file, Fetch",
        "'\u0000\u0000\u0008', only 3 bytes, Fetch"})
    void whatIsNoDataIsNamed(String content, String found, String advice) throws IOException {
        write("S-T.gz", 30, 20);
        Path file = folder.resolve("t10k-labels-idx1-ubyte.gz");
        for (boolean gzip : new boolean[] {false, true}) {
            byte[] bytes = content.getBytes(java.nio.charset.StandardCharsets.ISO_8859_1);
            Files.write(file, gzip ? IdxBytes.gzip(bytes) : bytes);
            String said = assertThrows(DataException.class, () -> load(Catalogue.MNIST, "")).getMessage();
            assertTrue(said.startsWith(file + ": found ") && said.contains(advice), said);
            if (!content.isEmpty()) assertTrue(said.contains(found), said);
        }
    }

    @Test
    void gzippedTwiceAndCutAreNamed() throws IOException {
        write("S-T.gz", 30, 20);
        Path file = folder.resolve("train-images-idx3-ubyte.gz");
        byte[] whole = Files.readAllBytes(file);
        Files.write(file, IdxBytes.gzip(whole));
        assertTrue(assertThrows(DataException.class, () -> load(Catalogue.MNIST, "")).getMessage()
                .contains("a gzip file inside of a gzip file"));
        for (int length : new int[] {1, 5, 12, whole.length / 3, whole.length - 9, whole.length - 1}) {
            Files.write(file, Arrays.copyOf(whole, length));
            String said = assertThrows(DataException.class, () -> load(Catalogue.MNIST, "")).getMessage();
            assertTrue(said.startsWith(file + ": found ") && said.contains("Fetch the file again"), said);
        }
    }

    @Test
    void aHugeTreeIsNotSearchedForever() throws IOException {
        for (int i = 0; i < 40; i++) for (int j = 0; j < 40; j++) Files.createDirectories(folder.resolve(i + "/" + j));
        assertTimeoutPreemptively(Duration.ofSeconds(20),
                () -> assertThrows(DataException.class, () -> load(Catalogue.MNIST, "")));
    }

    private Dataset load(Catalogue set, String named) {
        String data = folder.resolve(named).toString();
        return set.load(Settings.from(Map.of("DIGITS_DATA", data, "DIGITS_MIRRORS", "none")));
    }

    private void assertLoads(Catalogue set, String named, int train) {
        Dataset loaded = load(set, named);
        assertEquals(Provenance.Source.FOLDER, loaded.provenance().source());
        assertEquals(train, loaded.train().size(), loaded.toString());
        assertEquals(3, loaded.train().label(3));
        byte[] images = IdxBytes.images(train);
        boolean transposed = set.files.transposed();
        assertEquals(images[16 + 784 + (transposed ? 28 * 5 + 7 : 28 * 7 + 5)] & 0xff, loaded.train().pixel(1, 7, 5));
    }

    /** Writes a data set's four files, whose names come from a layout. */
    private void write(String layout, int train, int test) throws IOException {
        for (String item : ITEMS) {
            boolean images = item.contains("images");
            int count = item.startsWith("train") ? train : test;
            String stem = layout.contains("emnist-") ? item.split(" ")[0].replace("t10k", "test") : item.split(" ")[0];
            Path file = folder.resolve(layout.replaceAll("\\bS(?=[-._ ]T)", stem)
                    .replaceAll("(?<=[-._ ])T\\b", item.split(" ")[1] + "-ubyte"));
            byte[] content = images ? IdxBytes.images(count) : IdxBytes.labels(count);
            Files.createDirectories(file.getParent());
            boolean gzip = file.toString().toLowerCase(Locale.ROOT).endsWith("gz");
            Files.write(file, gzip ? IdxBytes.gzip(content) : content);
        }
    }
}
