package digits.onnx;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.BooleanIndexing;
import org.nd4j.linalg.indexing.conditions.Conditions;

/** Models that PyTorch, Keras and scikit-learn exported, see tests/onnx/models.py, and 100 digits to predict. */
final class ReadFixtures {
    static final Path FOLDER = Path.of("tests/digits/onnx/fixtures");
    static final int DIGITS = 100;
    private static final Path IMAGES = Path.of("tests/digits/keras/fixtures/digits.gz");

    private ReadFixtures() {
    }

    static List<Path> models() {
        try (Stream<Path> files = Files.list(FOLDER)) {
            return files.filter(file -> file.toString().endsWith(".onnx")).sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static Path model(String name) {
        return FOLDER.resolve(name + ".onnx");
    }

    /** Pixels from 0 to 1, [100, 1, 28, 28]. */
    static INDArray images() {
        byte[] content = digits();
        float[] pixels = new float[DIGITS * 784];
        for (int i = 0; i < pixels.length; i++) pixels[i] = (content[i] & 255) / 255f;
        return Nd4j.create(pixels, new long[] {DIGITS, 1, 28, 28}, 'c');
    }

    /** One-hot, [100, 10]. */
    static INDArray labels() {
        byte[] content = digits();
        INDArray labels = Nd4j.zeros(DIGITS, 10);
        for (int i = 0; i < DIGITS; i++) labels.putScalar(i, content[DIGITS * 784 + i], 1);
        return labels;
    }

    private static byte[] digits() {
        try (InputStream in = new GZIPInputStream(Files.newInputStream(IMAGES))) {
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** ONNX Runtime's predictions, from the file beside a model's: [100, 10]. */
    static INDArray predictions(Path model) {
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

    /** The largest absolute difference; infinite if a value is NaN or infinite. */
    static double difference(INDArray one, INDArray other) {
        boolean finite = BooleanIndexing.and(one, Conditions.isFinite())
                && BooleanIndexing.and(other, Conditions.isFinite());
        return finite ? one.sub(other).amaxNumber().doubleValue() : Double.POSITIVE_INFINITY;
    }
}
