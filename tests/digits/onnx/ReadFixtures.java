package digits.onnx;

import digits.keras.Fixtures;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Models that PyTorch, Keras and scikit-learn exported, see tests/onnx/models.py. */
final class ReadFixtures {
    static final Path FOLDER = Path.of("tests/digits/onnx/fixtures");

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

    /** One-hot, [100, 10]. */
    static INDArray labels() {
        int[] digits = Fixtures.labels();
        INDArray labels = Nd4j.zeros(digits.length, 10);
        for (int i = 0; i < digits.length; i++) labels.putScalar(i, digits[i], 1);
        return labels;
    }
}
