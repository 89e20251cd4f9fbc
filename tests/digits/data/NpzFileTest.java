package digits.data;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import digits.data.Provenance.Verified;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NpzFileTest {
    private static final String U1 = "|u1";

    @TempDir
    Path folder;
    private final Map<String, byte[]> arrays = new TreeMap<>(Map.of("x_train", images(30), "y_train", labels(30, U1),
            "x_test", images(20), "y_test", labels(20, U1)));

    private static byte[] npy(int version, String header, byte[] values) {
        byte[] text = header.getBytes(ISO_8859_1);
        ByteBuffer bytes = ByteBuffer.allocate(12 + text.length + values.length).order(ByteOrder.LITTLE_ENDIAN);
        bytes.put((byte) 0x93).put("NUMPY".getBytes(ISO_8859_1)).put((byte) version).put((byte) 0);
        if (version == 1) bytes.putShort((short) text.length);
        else bytes.putInt(text.length);
        bytes.put(text).put(values);
        return Arrays.copyOf(bytes.array(), bytes.position());
    }

    private static String header(String type, String shape) {
        return "{'descr': '" + type + "', 'fortran_order': False, 'shape': (" + shape + "), }       \n";
    }

    private static byte[] images(int count) {
        byte[] idx = IdxBytes.images(count);
        return npy(1, header(U1, count + ", 28, 28"), Arrays.copyOfRange(idx, 16, idx.length));
    }

    private static byte[] labels(int count, String type) {
        int width = type.charAt(2) - '0';
        byte[] values = new byte[count * width];
        for (int i = 0; i < count; i++) values[i * width] = (byte) (i % 10);
        return npy(width == 8 ? 2 : 1, header(type, count + ","), values);
    }

    private byte[] zip() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream out = new ZipOutputStream(bytes)) {
            for (Map.Entry<String, byte[]> array : arrays.entrySet()) {
                out.putNextEntry(new ZipEntry(array.getKey() + ".npy"));
                out.write(array.getValue());
                out.closeEntry();
            }
        }
        return bytes.toByteArray();
    }

    private Dataset load(int limit) throws IOException {
        Files.write(folder.resolve("mnist.npz"), zip());
        return CsvFileTest.fromFolder(IdxBytes.set(30, 20), folder, limit);
    }

    @ParameterizedTest
    @CsvSource({"|u1", "|i1", "<i2", "<u4", "<i8"})
    void kerassArchiveIsTheOriginalImages(String type) throws IOException {
        arrays.put("y_train", labels(30, type));
        arrays.put("y_test", labels(20, type));
        Dataset loaded = load(Integer.MAX_VALUE);
        assertEquals(Verified.ORIGINAL, loaded.provenance().verified());
        CsvFileTest.assertIsTheSet(loaded, 30, 20);
        CsvFileTest.assertIsTheSet(load(12), 12, 2);
    }

    @Test
    void kmnistsFourArchives() throws IOException {
        Map<String, String> names = Map.of("x_train", "kmnist-train-imgs", "y_train", "kmnist-train-labels",
                "x_test", "kmnist-test-imgs", "y_test", "kmnist-test-labels");
        Map<String, byte[]> all = Map.copyOf(arrays);
        for (Map.Entry<String, String> name : names.entrySet()) {
            arrays.clear();
            arrays.put("arr_0", all.get(name.getKey()));
            Files.write(folder.resolve(name.getValue() + ".npz"), zip());
        }
        DatasetFiles mnist = IdxBytes.set(30, 20);
        DatasetFiles kmnist = new DatasetFiles("KMNIST", LabeledImages.DIGITS, 0, false, mnist.archive(),
                mnist.trainImages(), mnist.trainLabels(), mnist.testImages(), mnist.testLabels());
        Dataset loaded = CsvFileTest.fromFolder(kmnist, folder, Integer.MAX_VALUE);
        assertEquals("KMNIST", loaded.name());
        CsvFileTest.assertIsTheSet(loaded, 30, 20);
    }

    @ParameterizedTest
    @CsvSource({"x_train, <f4, '30, 28, 28', values of type <f4", "x_train, |u1, '30, 784', 'shape (30,784)'",
        "x_train, |u1, '30, 14, 56', 'shape (30,14,56)'", "x_train, |u1, '0, 28, 28', 'shape (0,28,28)'",
        "x_train, |u1, '9999999, 28, 28', '9,999,999 images, expected 1 to 1,000,000'",
        "x_train, |u1, '99999999999, 28, 28', shape", "x_train, |u1, '1000000, 28, 28', breaks off",
        "x_train, |u1, '29, 28, 28', bytes after the last value", "x_train, |O, '30, 28, 28', type |O",
        "y_train, <f8, '30,', values of type <f8", "y_train, |u1, '30, 10', shape", "y_train, >i8, '30,', type >i8"})
    void otherArraysAreRefused(String array, String type, String shape, String found) throws IOException {
        byte[] whole = arrays.get(array);
        arrays.put(array, npy(1, header(type, shape), Arrays.copyOfRange(whole, whole.length
                - (array.startsWith("x") ? 30 * 784 : 30), whole.length)));
        refused(found);
    }

    @Test
    void headersThatLieAreRefused() throws IOException {
        byte[] good = arrays.get("x_train");
        for (String header : List.of("", "{}", "{'descr': __import__('os'), }", header(U1, "30, 28, 28").repeat(3),
                "{'descr': '|u1', 'fortran_order': True, 'shape': (30, 28, 28), }", "(".repeat(60_000))) {
            arrays.put("x_train", npy(1, header, new byte[784]));
            refused("x_train");
        }
        byte[] huge = npy(2, header(U1, "30, 28, 28"), new byte[784]);
        Arrays.fill(huge, 8, 12, (byte) -1);
        arrays.put("x_train", huge);
        refused("a header of 4,294,967,295 bytes");
        arrays.put("x_train", Arrays.copyOf(good, 7));
        refused("a NumPy array");
        arrays.put("x_train", good);
        arrays.put("y_train", npy(1, header("<i8", "1,"), new byte[] {-1, -1, -1, -1, -1, -1, -1, -1}));
        refused("a label below 0 or above 255");
        byte[] labels = new byte[30];
        labels[0] = 10;
        arrays.put("y_train", npy(1, header(U1, "30,"), labels));
        refused("label 10 at position 0");
        arrays.remove("y_train");
        refused("[x_test.npy, x_train.npy, y_test.npy]");
    }

    @Test
    void damagedFilesAreRefused() throws IOException {
        byte[] whole = zip();
        Path file = folder.resolve("mnist.npz");
        for (int length = 0; length < whole.length; length += whole.length / 17) {
            Files.write(file, Arrays.copyOf(whole, length));
            assertRefused("Fetch the file again");
        }
        byte[] flipped = whole.clone();
        flipped[whole.length / 3] ^= 0x10;
        Files.write(file, flipped);
        assertRefused("Fetch the file again");
        Files.writeString(file, "<!DOCTYPE html>");
        assertRefused("a web page");
        Files.writeString(file, "version https://git-lfs.github.com/spec/v1\n");
        assertRefused("git lfs pull");
    }

    private void refused(String words) throws IOException {
        Files.write(folder.resolve("mnist.npz"), zip());
        assertRefused(words);
    }

    private void assertRefused(String words) {
        String said = assertThrows(DataException.class,
                () -> CsvFileTest.fromFolder(IdxBytes.set(30, 20), folder, Integer.MAX_VALUE)).getMessage();
        assertTrue(said.startsWith(folder.resolve("mnist.npz").toString()) && said.contains(words), said);
    }
}
