package digits.keras;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPInputStream;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.BooleanIndexing;
import org.nd4j.linalg.indexing.conditions.Conditions;

/** Models that Keras itself wrote, see tests/keras/models.py, and the 100 digits for which it made predictions. */
public final class Fixtures {
    public static final Path FOLDER = Path.of("tests/digits/keras/fixtures");
    public static final int DIGITS = 100;

    private Fixtures() {
    }

    /** Pixels from 0 to 1, [100, 1, 28, 28]. */
    public static INDArray images() {
        byte[] content = digits();
        float[] pixels = new float[DIGITS * 784];
        for (int i = 0; i < pixels.length; i++) pixels[i] = (content[i] & 255) / 255f;
        return Nd4j.create(pixels, new long[] {DIGITS, 1, 28, 28}, 'c');
    }

    public static int[] labels() {
        byte[] content = digits();
        int[] labels = new int[DIGITS];
        for (int i = 0; i < DIGITS; i++) labels[i] = content[DIGITS * 784 + i];
        return labels;
    }

    private static byte[] digits() {
        try (InputStream in = new GZIPInputStream(Files.newInputStream(FOLDER.resolve("digits.gz")))) {
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What made the model predicts, from the file beside it: [100, 10]. */
    public static INDArray predictions(Path model) {
        try {
            String stem = model.getFileName().toString().replaceFirst("\\.[^.]*$", "");
            byte[] content = Files.readAllBytes(model.resolveSibling(stem + ".f32"));
            ByteBuffer bytes = ByteBuffer.wrap(content).order(ByteOrder.LITTLE_ENDIAN);
            float[] values = new float[bytes.remaining() / 4];
            bytes.asFloatBuffer().get(values);
            return Nd4j.create(values, new long[] {DIGITS, values.length / DIGITS}, 'c');
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A text's bytes, one for each letter and for each {@code \\x89}, and 200 zeros: the start of some file. */
    public static byte[] fileThatStarts(String text) {
        String[] parts = text.replace("\\\\", "\\").split("\\\\x", -1);
        StringBuilder bytes = new StringBuilder(parts[0]);
        for (int i = 1; i < parts.length; i++) {
            bytes.append((char) Integer.parseInt(parts[i].substring(0, 2), 16)).append(parts[i].substring(2));
        }
        return (bytes + "\0".repeat(200)).getBytes(StandardCharsets.ISO_8859_1);
    }

    /** The largest absolute difference; infinite if a value is NaN or infinite. */
    public static double difference(INDArray one, INDArray other) {
        boolean finite = BooleanIndexing.and(one, Conditions.isFinite())
                && BooleanIndexing.and(other, Conditions.isFinite());
        return finite ? one.sub(other).amaxNumber().doubleValue() : Double.POSITIVE_INFINITY;
    }
}
