package digits.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import digits.data.Provenance.Verified;
import digits.fetch.Download;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Data sets as CSV and as NumPy's archives: the same images and the same checksums as in IDX files. */
class CsvFileTest {
    @TempDir
    Path folder;

    /** The images and labels of {@link IdxBytes} as CSV. */
    static String csv(int count, boolean names) {
        byte[] images = IdxBytes.images(count);
        String header = "label," + IntStream.range(0, 784).mapToObj(p -> "pixel" + p).collect(Collectors.joining(","));
        return (names ? header + "\n" : "") + IntStream.range(0, count).mapToObj(i -> i % 10 + "," + IntStream
                .range(0, 784).mapToObj(p -> String.valueOf(images[16 + i * 784 + p] & 0xff))
                .collect(Collectors.joining(","))).collect(Collectors.joining("\n", "", "\n"));
    }

    @ParameterizedTest
    @CsvSource({"mnist_train.csv, mnist_test.csv, true", "mnist_train.csv, mnist_test.csv, false",
        "train.csv, test.csv, true", "MNIST-Train.CSV, Mnist-Test.csv, false",
        "mnist_train.csv.gz, mnist_test.csv.gz, true"})
    void kagglesFilesAreTheOriginalImages(String train, String test, boolean names) throws IOException {
        write(train, csv(30, names));
        write(test, csv(20, names));
        Dataset loaded = fromFolder(Integer.MAX_VALUE);
        assertEquals(Verified.ORIGINAL, loaded.provenance().verified());
        assertIsTheSet(loaded, 30, 20);
        assertIsTheSet(fromFolder(12), 12, 2);
        assertEquals(Verified.ORIGINAL, fromFolder(12).provenance().verified(), "all of it is in the checksum");
    }

    @ParameterizedTest
    @ValueSource(strings = {"\r\n", "\n\n", " \n", ";", "\t", "\"", "no end"})
    void otherSpellingsOfTheSame(String spelling) throws IOException {
        String csv = csv(30, true);
        write("mnist_test.csv", csv(20, false));
        write("mnist_train.csv", spelling.endsWith("\n") ? csv.replace("\n", spelling)
                : spelling.equals("\"") ? csv.replace(",", "\",\"").replaceAll("(?m)^|$", "\"").replaceAll("\"$", "")
                : spelling.equals("no end") ? csv.stripTrailing() : csv.replace(",", spelling));
        assertEquals(Verified.ORIGINAL, fromFolder(Integer.MAX_VALUE).provenance().verified());
    }

    @Test
    void otherImagesAreCalledSo() throws IOException {
        write("mnist_train.csv", csv(31, true));
        write("mnist_test.csv", csv(20, true));
        assertEquals("MNIST-like", fromFolder(Integer.MAX_VALUE).name());
        write("mnist_train.csv", csv(30, true).replaceFirst(",255,", ",254,"));
        assertEquals(Verified.OTHER, fromFolder(Integer.MAX_VALUE).provenance().verified());
    }

    /** Kaggle's “Digit Recognizer”: the images in its test.csv have no labels. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void withoutLabelsToTestOnTheLastSeventhIsTheTestSet(boolean testFile) throws IOException {
        write("train.csv", csv(70, true));
        if (testFile) write("test.csv", csv(20, true).replaceAll("(?m)^[^,]*,", ""));
        Dataset loaded = fromFolder(Integer.MAX_VALUE);
        assertEquals("MNIST-like", loaded.name());
        assertEquals(60, loaded.train().size());
        assertEquals(10, loaded.test().size());
        assertEquals(IdxBytes.images(70)[16 + 60 * 784 + 5] & 0xff, loaded.test().pixel(0, 0, 5));
        assertTrue(loaded.provenance().line().contains("the last seventh of train.csv is the test set"));
        assertEquals(2, fromFolder(12).test().size());
    }

    @ParameterizedTest
    @CsvSource({"'^([^,]*),[^,]*', '$1,256', a number above 255 in row 1", "'^([^,]*),[^,]*', '$1,-1', “-” in row 1",
        "'^([^,]*),[^,]*', '$1,0.5', “.” in row 1", "'^([^,]*),[^,]*', '$1,', no number in column 2 in row 1",
        "'^([^,]*),[^,]*', '$1', 784 columns", "'^', '1,', 786 columns",
        "'^', '99999999999999999999', a number above 255 in row 1", "'^[0-9]', '11', label 11 at position",
        "'(?s).*', '<html>', a web page", "'(?s).*', 'version https://git-lfs.github.com/spec/v1', Git LFS",
        "'(?s).*', '', an empty file", "'(?s),[0-9]+\n$', '\n', 784 columns in row 30",
        "'(?s)[0-9]+,[0-9]+,[0-9]+\n$', '', no number in column 783 in row 30"})
    void aBadRowIsNamed(String pattern, String replacement, String found) throws IOException {
        write("mnist_train.csv", csv(30, false).replaceFirst(pattern, replacement));
        write("mnist_test.csv", csv(20, false));
        String said = assertThrows(DataException.class, () -> fromFolder(Integer.MAX_VALUE)).getMessage();
        assertTrue(said.startsWith(folder.resolve("mnist_train.csv") + ": found ") && said.contains(found), said);
    }

    @Test
    void aLineWithoutAnEndAndAnotherTableAreRefused() throws IOException {
        write("mnist_test.csv", csv(20, false));
        write("mnist_train.csv", "1,".repeat(5_000_000));
        assertTrue(assertThrows(DataException.class, () -> fromFolder(Integer.MAX_VALUE)).getMessage()
                .contains("columns, expected rows of a label and 784 pixels"));
        write("mnist_train.csv", "1\n" + "1,".repeat(5_000_000));
        assertThrows(DataException.class, () -> fromFolder(Integer.MAX_VALUE));
        Files.delete(folder.resolve("mnist_train.csv"));
        Files.delete(folder.resolve("mnist_test.csv"));
        write("train.csv", "PassengerId,Survived\n1,0\n");
        assertTrue(assertThrows(DataException.class, () -> fromFolder(Integer.MAX_VALUE)).getMessage()
                .contains("no file of MNIST's train-images"), "a table of something else is no data set");
    }

    private void write(String name, String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        Files.write(folder.resolve(name), name.endsWith(".gz") ? IdxBytes.gzip(bytes) : bytes);
    }

    private Dataset fromFolder(int limit) {
        return fromFolder(IdxBytes.set(30, 20), folder, limit);
    }

    static Dataset fromFolder(DatasetFiles set, Path folder, int limit) {
        return new DatasetLoader(set, Optional.of(DatasetLoader.Folder.named(folder)), folder.resolve("no cache"),
                List.of(), Download.Patience.USUAL, limit).load(progress -> { });
    }

    static void assertIsTheSet(Dataset loaded, int train, int test) {
        assertEquals(train, loaded.train().size());
        assertEquals(test, loaded.test().size());
        byte[] images = IdxBytes.images(30);
        for (int i = 0; i < train; i++) {
            assertEquals(i % 10, loaded.train().label(i));
            for (int p = 0; p < 784; p += 7) {
                assertEquals(images[16 + i * 784 + p] & 0xff, loaded.train().pixel(i, p / 28, p % 28));
            }
        }
    }
}
