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
 * Networks on disk, as Deeplearning4j's own zip: configuration, parameters, the updater's state and the normaliser.
 *
 * <p>A file appears under its name only when it is complete, so that a run that is killed while saving leaves the
 * earlier file as it was. A file that is loaded is not trusted: {@link NetworkZip} says what is checked.
 */
public final class ModelFiles {
    private ModelFiles() {
    }

    /** Saves a network with its updater's state, so that training can go on, and without a normaliser. */
    public static void save(MultiLayerNetwork network, Path file) {
        save(network, null, file);
    }

    /**
     * Saves a network with its updater's state and the normaliser that its input needs.
     *
     * @param scaler the normaliser, or null
     * @throws UncheckedIOException if the file cannot be written; what was there before is still there
     */
    public static void save(MultiLayerNetwork network, DataNormalization scaler, Path file) {
        AtomicFile.write(file, temporary -> {
            ModelSerializer.writeModel(network, temporary.toFile(), true);
            // M2.1's writeModel with a normaliser closes its stream too early, so the normaliser is added afterwards
            if (scaler != null) ModelSerializer.addNormalizerToModel(temporary.toFile(), scaler);
        });
    }

    /**
     * Loads a network that another notebook saved.
     *
     * @param notebook the notebook that writes the file, for the message if it is missing
     * @throws IllegalStateException if there is no such file: it says which notebook to run
     * @throws UncheckedIOException  if the file is not a network's: it says why
     */
    public static MultiLayerNetwork load(Path file, String notebook) {
        if (!Files.exists(file)) {
            throw new IllegalStateException("There is no " + file.getFileName() + " yet: run the notebook " + notebook + " first.");
        }
        return load(file);
    }

    /**
     * Loads a network; with its updater's state, if the file has it, so that training can go on.
     *
     * @throws UncheckedIOException if the file cannot be read or is not a network's: it says why; time and memory that it costs are
     *                              bounded by the file's size, and nothing in it is executed
     */
    public static MultiLayerNetwork load(Path file) {
        return read(file, NetworkZip::network);
    }

    /**
     * Loads the scaler that a network's file keeps: what its input has to go through.
     *
     * @throws UncheckedIOException if the file cannot be read, or keeps no scaler of pixels: it says why
     */
    public static ImagePreProcessingScaler loadScaler(Path file) {
        return read(file, NetworkZip::scaler);
    }

    /**
     * What is in a network's file, entry by entry.
     *
     * @return one row an entry: «entry», «what», «bytes» unpacked
     * @throws UncheckedIOException if the file cannot be read or is not a network's: it says why
     */
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
            throw new UncheckedIOException(file.getFileName() + " does not hold a Deeplearning4j network: " + NetworkZip.shortened(e.getMessage()),
                    new IOException(e));
        }
    }
}
