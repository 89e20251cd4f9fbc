package digits.model;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Enumeration;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.util.ModelSerializer;
import org.nd4j.linalg.dataset.api.preprocessor.DataNormalization;

import digits.files.AtomicFile;

/**
 * Networks on disk, as Deeplearning4j's own zip: configuration, parameters, the updater's state and the normaliser.
 *
 * <p>A file appears under its name only when it is complete, so that a run that is killed while saving leaves the
 * earlier file as it was.
 */
public final class ModelFiles {
    /** No configuration or parameters of the networks here come near this; a larger entry is not unpacked. */
    private static final long LARGEST_ENTRY = 512L << 20;

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
     * Loads a network with its updater's state.
     *
     * @throws UncheckedIOException if the file cannot be read or is not a network's: it says why
     */
    public static MultiLayerNetwork load(Path file) {
        try {
            check(file);
            return ModelSerializer.restoreMultiLayerNetwork(file.toFile(), true);
        } catch (IOException e) {
            throw new UncheckedIOException(file.getFileName() + " cannot be loaded: " + e.getMessage(), e);
        } catch (RuntimeException e) {
            throw new UncheckedIOException(file.getFileName() + " does not hold a Deeplearning4j network: " + e.getMessage(),
                    new IOException(e));
        }
    }

    /** Deeplearning4j unpacks every entry into memory and would run Java deserialisation on one of them: look first. */
    private static void check(Path file) throws IOException {
        boolean configuration = false;
        boolean coefficients = false;
        try (ZipFile zip = new ZipFile(file.toFile())) {
            for (Enumeration<? extends ZipEntry> entries = zip.entries(); entries.hasMoreElements();) {
                ZipEntry entry = entries.nextElement();
                switch (entry.getName()) {
                    case ModelSerializer.CONFIGURATION_JSON -> configuration = true;
                    case ModelSerializer.COEFFICIENTS_BIN -> coefficients = true;
                    case ModelSerializer.UPDATER_BIN, ModelSerializer.NORMALIZER_BIN, ModelSerializer.NO_PARAMS_MARKER -> { }
                    default -> throw new IOException("it has an entry \"" + entry.getName() + "\" that a network's file has not");
                }
                checkSize(zip, entry);
            }
        }
        if (!configuration || !coefficients) throw new IOException("it has no configuration or no parameters of a network");
    }

    /** The header may lie about the size: count what comes out. */
    private static void checkSize(ZipFile zip, ZipEntry entry) throws IOException {
        byte[] buffer = new byte[1 << 16];
        long size = 0;
        try (InputStream in = zip.getInputStream(entry)) {
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                size += n;
                if (size > LARGEST_ENTRY) throw new IOException("its entry \"" + entry.getName() + "\" is larger than 512 MB");
            }
        }
    }
}
