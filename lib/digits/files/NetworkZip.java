package digits.files;

import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipInputStream;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.util.ModelSerializer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.api.preprocessor.ImagePreProcessingScaler;
import tech.tablesaw.api.LongColumn;
import tech.tablesaw.api.StringColumn;
import tech.tablesaw.api.Table;

/**
 * What is in Deeplearning4j's zip, read without trusting it.
 *
 * <p>Deeplearning4j's own reader unpacks whatever there is into memory, deserialises Java objects from one entry, and asks for memory
 * by numbers in the file. Here only the entries that a network has are let in, each once, none larger than such a thing can be and
 * all with the right checksum (the zip's own); arrays are counted before they are made, see {@link SavedArray}. Then the network is
 * made of them by Deeplearning4j.
 */
final class NetworkZip {
    /** Thirty million parameters; the networks here have half a million. */
    private static final long LARGEST_PARAMETERS = 128L << 20;
    /** As much as three numbers for each parameter, the most that an updater keeps, and the parameters. */
    private static final long LARGEST_FILE = 4 * LARGEST_PARAMETERS + (16 << 20);
    private static final int RATIO = 100;   // weights hardly shrink; an updater's state before the first step, all zeros, does

    private final Map<String, byte[]> entries;

    private NetworkZip(Map<String, byte[]> entries) {
        this.entries = entries;
    }

    /**
     * Reads a file's entries.
     *
     * @throws IOException if it is no whole zip with just the entries of a network: it says what is wrong
     */
    static NetworkZip read(Path file) throws IOException {
        if (Files.size(file) > LARGEST_FILE) throw new IOException("it is larger than a network's file can be");
        int listed;
        try (ZipFile zip = new ZipFile(file.toFile())) {   // reads the table at the file's end
            listed = zip.size();
        }
        try (InputStream in = Files.newInputStream(file)) {
            NetworkZip zip = read(in, Files.size(file));
            if (zip.entries.size() != listed) throw new IOException("its table lists " + listed + " entries, but it has " + zip.entries.size());
            return zip;
        }
    }

    /**
     * The same from a stream, which has to be trusted to be whole.
     *
     * @param size of the stream in bytes
     */
    static NetworkZip read(InputStream stream, long size) throws IOException {
        Map<String, byte[]> entries = new LinkedHashMap<>();
        ZipInputStream zip = new ZipInputStream(stream);
        for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
            String name = entry.getName();
            long largest = largest(name, size, entries);
            byte[] content = content(zip, name, (int) largest);
            if (entries.put(name, content) != null) throw new IOException("it has the entry \"" + name + "\" twice");
        }
        return new NetworkZip(entries);
    }

    /** All of an entry; having come to its end, the zip's reader has compared its checksum. */
    private static byte[] content(InputStream zip, String name, int largest) throws IOException {
        try {
            byte[] content = zip.readNBytes(largest);
            if (zip.read() < 0) return content;
        } catch (IOException e) {
            throw new IOException("its entry \"" + name + "\" is damaged: " + e.getMessage(), e);
        }
        throw new IOException("its entry \"" + name + "\" is far larger unpacked than it can be");
    }

    private static long largest(String name, long fileSize, Map<String, byte[]> before) throws IOException {
        long unpacked = Math.max(1 << 20, RATIO * fileSize);
        return switch (name) {
            case ModelSerializer.CONFIGURATION_JSON -> Math.min(8 << 20, unpacked);
            case ModelSerializer.COEFFICIENTS_BIN -> Math.min(LARGEST_PARAMETERS, unpacked);
            case ModelSerializer.UPDATER_BIN -> {
                byte[] coefficients = before.get(ModelSerializer.COEFFICIENTS_BIN);
                if (coefficients == null) throw new IOException("it has the updater's state before the parameters");
                yield 3L * coefficients.length;
            }
            case ModelSerializer.NORMALIZER_BIN -> 1 << 20;
            default -> throw new IOException("it has an entry \"" + shortened(name) + "\" that a network's file has not");
        };
    }

    /** The network, with its updater's state if there is one. */
    MultiLayerNetwork network() throws IOException {
        byte[] json = entries.get(ModelSerializer.CONFIGURATION_JSON);
        byte[] coefficients = entries.get(ModelSerializer.COEFFICIENTS_BIN);
        if (json == null || coefficients == null) throw new IOException("it has no configuration or no parameters of a network");
        INDArray parameters = SavedArray.read(coefficients, ModelSerializer.COEFFICIENTS_BIN);
        MultiLayerConfiguration configuration = MultiLayerConfiguration.fromJson(new String(json, StandardCharsets.UTF_8));
        configuration.setDataType(DataType.FLOAT);
        MultiLayerNetwork network = new MultiLayerNetwork(configuration);
        network.init(parameters, false);   // compares the number of parameters with what the layers need before anything else
        byte[] state = entries.get(ModelSerializer.UPDATER_BIN);
        if (state != null) setUpdaterState(network, SavedArray.read(state, ModelSerializer.UPDATER_BIN));
        return network;
    }

    private static void setUpdaterState(MultiLayerNetwork network, INDArray state) throws IOException {
        INDArray needed = network.getUpdater().getStateViewArray();
        if (needed == null || needed.length() != state.length()) {
            throw new IOException("its updater's state has " + state.length() + " numbers, but the network's updater needs "
                    + (needed == null ? 0 : needed.length()));
        }
        network.getUpdater().setStateViewArray(network, state, false);
    }

    /** The scaler of pixels. Other kinds may name classes to be loaded: they are not read. */
    ImagePreProcessingScaler scaler() throws IOException {
        byte[] content = entries.get(ModelSerializer.NORMALIZER_BIN);
        if (content == null) throw new IOException("it keeps no scaler");
        DataInputStream in = new DataInputStream(new ByteArrayInputStream(content));
        if (!in.readUTF().equals("NORMALIZER") || in.readInt() != 1) throw new IOException("its scaler is none of Deeplearning4j's");
        String kind = in.readUTF();
        if (!kind.equals("IMAGE_MIN_MAX")) throw new IOException("its scaler is a " + kind + "; only an ImagePreProcessingScaler is read");
        ImagePreProcessingScaler scaler = new ImagePreProcessingScaler(in.readDouble(), in.readDouble());
        scaler.setMaxPixelVal(in.readDouble());
        return scaler;
    }

    /** One row an entry, in the order of the file. */
    Table contents() {
        Map<String, String> what = Map.of(ModelSerializer.CONFIGURATION_JSON, "layers and settings, as JSON",
                ModelSerializer.COEFFICIENTS_BIN, "weights and running averages", ModelSerializer.UPDATER_BIN, "the optimizer's state",
                ModelSerializer.NORMALIZER_BIN, "the scaler of the input");
        return Table.create("contents", StringColumn.create("entry", entries.keySet()),
                StringColumn.create("what", entries.keySet().stream().map(what::get)),
                LongColumn.create("bytes", entries.values().stream().mapToLong(content -> content.length).toArray()));
    }

    /** A text out of a file as a message can quote it: no longer than a person reads. */
    static String shortened(String text) {
        return text == null || text.length() <= 200 ? text : text.substring(0, 200) + "…";
    }
}
