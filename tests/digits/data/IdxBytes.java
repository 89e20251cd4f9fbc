package digits.data;

import digits.fetch.FileServer;
import digits.files.Sha256;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.Random;
import java.util.zip.GZIPOutputStream;

/** Small IDX files for tests. */
public final class IdxBytes {
    private IdxBytes() {
    }

    /** {@code count} images of random pixels, always the same ones for the same count. */
    public static byte[] images(int count) {
        byte[] pixels = new byte[count * 784];
        new Random(count).nextBytes(pixels);
        return file(pixels, 0x0803, count, 28, 28);
    }

    /** Labels 0, 1, …, 9, 0, … */
    public static byte[] labels(int count) {
        byte[] labels = new byte[count];
        for (int i = 0; i < count; i++) labels[i] = (byte) (i % 10);
        return file(labels, 0x0801, count);
    }

    static byte[] file(byte[] values, int... header) {
        ByteBuffer file = ByteBuffer.allocate(4 * header.length + values.length);
        for (int number : header) file.putInt(number);
        return file.put(values).array();
    }

    public static byte[] gzip(byte[] bytes) {
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (GZIPOutputStream out = new GZIPOutputStream(packed)) {
            out.write(bytes);
        } catch (IOException inMemory) {
            throw new UncheckedIOException(inMemory);
        }
        return packed.toByteArray();
    }

    /** A stand-in for MNIST: {@code train} and {@code test} images. */
    public static DatasetFiles set(int train, int test) {
        return new DatasetFiles("MNIST", LabeledImages.DIGITS, 0, false, Optional.empty(),
                new DatasetFiles.Item("train-images", train, Sha256.of(images(train)), null),
                new DatasetFiles.Item("train-labels", train, Sha256.of(labels(train)), null),
                new DatasetFiles.Item("t10k-images", test, Sha256.of(images(test)), null),
                new DatasetFiles.Item("t10k-labels", test, Sha256.of(labels(test)), null));
    }

    /** The unpacked bytes of one of that stand-in's items. */
    public static byte[] of(DatasetFiles.Item item, int train, int test) {
        int count = item.stem().startsWith("train") ? train : test;
        return item.kind() == IdxFile.Kind.IMAGES ? images(count) : labels(count);
    }

    /** A mirror on this machine that has that stand-in. */
    public static FileServer server(int train, int test) {
        FileServer server = new FileServer();
        set(train, test).all().forEach(item -> server.file(item.gzipName(), gzip(of(item, train, test))));
        return server;
    }
}
