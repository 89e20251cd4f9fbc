package digits.files;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.zip.Deflater;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.util.ModelSerializer;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.api.preprocessor.DataNormalization;
import org.nd4j.linalg.dataset.api.preprocessor.ImagePreProcessingScaler;
import org.nd4j.linalg.dataset.api.preprocessor.serializer.NormalizerSerializer;
import tech.tablesaw.api.Table;

/**
 * Networks on disk, as Deeplearning4j's own zip: configuration, parameters, the updater's state and the normalizer. One
 * more entry, which Deeplearning4j ignores, is the record of the training. A file that is written appears completely or
 * not at all ({@link AtomicFile}); a file that is loaded is not trusted ({@link NetworkZip}).
 */
public final class ModelFiles {
    static final String RECORD = "record.json";

    private ModelFiles() { }

    /**
     * What a file says about its network.
     *
     * @param checksum SHA-256 of the network's configuration and parameters
     * @param record   how it was trained, as JSON; empty in a file that Deeplearning4j or an older version wrote
     */
    public record Description(String checksum, Optional<String> record) { }

    /** Saves a network with its updater's state, so that training can resume; without a normalizer or a record. */
    public static void save(MultiLayerNetwork network, Path file) {
        save(network, null, checksum -> null, file);
    }

    /**
     * Saves a network with its updater's state, the normalizer of its input and the record of its training.
     *
     * @param scaler null for none
     * @param record makes the record from the network's checksum, see {@link Description}; null for none
     * @throws UncheckedIOException if the file cannot be written; the earlier file is still there
     */
    public static void save(MultiLayerNetwork network, DataNormalization scaler, UnaryOperator<String> record,
                            Path file) {
        Versions.check();
        Map<String, byte[]> entries = new LinkedHashMap<>();
        String json = network.getLayerWiseConfigurations().toJson();
        entries.put(ModelSerializer.CONFIGURATION_JSON, json.getBytes(StandardCharsets.UTF_8));
        entries.put(ModelSerializer.COEFFICIENTS_BIN, SavedArray.write(network.params()));
        INDArray state = network.getUpdater().getStateViewArray();
        if (state != null && !state.isEmpty()) entries.put(ModelSerializer.UPDATER_BIN, SavedArray.write(state));
        if (scaler != null) entries.put(ModelSerializer.NORMALIZER_BIN, bytes(scaler));
        String text = record.apply(checksum(entries));
        if (text != null) entries.put(RECORD, text.getBytes(StandardCharsets.UTF_8));
        AtomicFile.writeZip(file, entries, Deflater.DEFAULT_COMPRESSION);
    }

    private static byte[] bytes(DataNormalization scaler) {
        try (ByteArrayOutputStream out = new ByteArrayOutputStream()) {
            NormalizerSerializer.getDefault().write(scaler, out);
            return out.toByteArray();
        } catch (IOException inMemory) {
            throw new UncheckedIOException(inMemory);
        }
    }

    private static String checksum(Map<String, byte[]> entries) {
        Sha256 sum = new Sha256();
        byte[] none = {};
        return sum.add(entries.getOrDefault(ModelSerializer.CONFIGURATION_JSON, none))
                .add(entries.getOrDefault(ModelSerializer.COEFFICIENTS_BIN, none)).hex();
    }

    /**
     * Replaces the record in a network's file, or adds one.
     *
     * @param checksum of the network that the record is about
     * @throws IllegalStateException if the file holds another network by now
     * @throws UncheckedIOException  if the file cannot be read or written; the earlier file is still there
     */
    public static void replaceRecord(Path file, String checksum, String record) {
        Map<String, byte[]> entries = new LinkedHashMap<>(read(file, NetworkZip::entries));
        if (!checksum(entries).equals(checksum)) {
            throw new IllegalStateException(file.getFileName() + " holds another network than the record's by now");
        }
        entries.put(RECORD, record.getBytes(StandardCharsets.UTF_8));
        AtomicFile.writeZip(file, entries, Deflater.DEFAULT_COMPRESSION);
    }

    /** The description of the network in a file; throws like {@link #load(Path)}. */
    public static Description describe(Path file) {
        return read(file, ModelFiles::describe);
    }

    static Description describe(NetworkZip zip) {
        return new Description(checksum(zip.entries()), Optional.ofNullable(zip.entries().get(RECORD))
                .map(record -> new String(record, StandardCharsets.UTF_8)));
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

    /** Reads one thing from a network's file. */
    interface Part<T> {
        T of(NetworkZip zip) throws IOException;
    }

    private static <T> T read(Path file, Part<T> part) {
        Versions.check();
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
