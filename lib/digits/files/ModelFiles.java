package digits.files;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.util.ModelSerializer;
import org.nd4j.linalg.dataset.api.preprocessor.DataNormalization;
import org.nd4j.linalg.dataset.api.preprocessor.ImagePreProcessingScaler;
import tech.tablesaw.api.Table;

/**
 * Networks on disk, as Deeplearning4j's own zip: configuration, parameters, the updater's state and the normalizer. A
 * file that is written appears completely or not at all ({@link AtomicFile}); a file that is loaded is not trusted
 * ({@link NetworkZip}).
 */
public final class ModelFiles {
    private ModelFiles() { }

    /** Saves a network with its updater's state, so that training can resume, and without a normalizer. */
    public static void save(MultiLayerNetwork network, Path file) {
        save(network, null, file);
    }

    /**
     * Saves a network with its updater's state and the normalizer of its input, or null.
     *
     * @throws UncheckedIOException if the file cannot be written; the earlier file is still there
     */
    public static void save(MultiLayerNetwork network, DataNormalization scaler, Path file) {
        AtomicFile.write(file, temporary -> {
            ModelSerializer.writeModel(network, temporary.toFile(), true);
            // M2.1's writeModel with a normalizer closes its stream too early, so the normalizer is added afterwards
            if (scaler != null) ModelSerializer.addNormalizerToModel(temporary.toFile(), scaler);
        });
    }

    /**
     * Loads a network that another notebook saved.
     *
     * @param notebook the notebook that writes the file, for the message if it is missing
     * @throws IllegalStateException if there is no such file: it says which notebook to run
     * @throws UncheckedIOException  if the file does not hold a network: it says why
     */
    public static MultiLayerNetwork load(Path file, String notebook) {
        if (Files.exists(file)) return load(file);
        throw new IllegalStateException(
                "There is no " + file.getFileName() + " yet: run the notebook " + notebook + " first.");
    }

    /**
     * Loads a network, with its updater's state if the file has it.
     *
     * @throws UncheckedIOException if the file cannot be read or does not hold a network: it says why; the file's size
     *                              bounds the time and memory that this takes, and nothing in the file is executed
     */
    public static MultiLayerNetwork load(Path file) {
        return read(file, NetworkZip::network);
    }

    /** Loads the scaler of pixels that a network's file keeps; throws like {@link #load(Path)}. */
    public static ImagePreProcessingScaler loadScaler(Path file) {
        return read(file, NetworkZip::scaler);
    }

    /** Lists the entries of a network's file: “entry”, “what”, “bytes” (unpacked); throws like {@link #load(Path)}. */
    public static Table contents(Path file) {
        return read(file, NetworkZip::contents);
    }

    private interface Part<T> {
        T of(NetworkZip zip) throws IOException;
    }

    private static <T> T read(Path file, Part<T> part) {
        try {
            return part.of(NetworkZip.read(file));
        } catch (IOException e) {
            throw new UncheckedIOException(file.getFileName() + " cannot be loaded: " + e.getMessage(), e);
        } catch (RuntimeException | StackOverflowError e) {
            throw new UncheckedIOException(file.getFileName() + " does not hold a Deeplearning4j network: "
                    + BoundedZip.shortened(e.getMessage()), new IOException(e));
        }
    }
}
