package digits.model;

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
    private static final int LARGEST_PARAMETERS = 128 << 20;
    private static final Map<String, Integer> LARGEST = Map.of(
            ModelSerializer.CONFIGURATION_JSON, 8 << 20,
            ModelSerializer.COEFFICIENTS_BIN, LARGEST_PARAMETERS,
            ModelSerializer.UPDATER_BIN, 3 * LARGEST_PARAMETERS,   // three numbers a parameter: no updater has more
            ModelSerializer.NORMALIZER_BIN, 1 << 20,
            ModelSerializer.NO_PARAMS_MARKER, 0);

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
        int listed;
        try (ZipFile zip = new ZipFile(file.toFile())) {   // reads the table at the file's end
            listed = zip.size();
        }
        try (InputStream in = Files.newInputStream(file)) {
            NetworkZip zip = read(in);
            if (zip.entries.size() != listed) throw new IOException("its table lists " + listed + " entries, but it has " + zip.entries.size());
            return zip;
        }
    }

    /** The same from a stream, which has to be trusted to be whole. */
    static NetworkZip read(InputStream stream) throws IOException {
        Map<String, byte[]> entries = new LinkedHashMap<>();
        ZipInputStream zip = new ZipInputStream(stream);
        for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
            String name = entry.getName();
            Integer largest = LARGEST.get(name);
            if (largest == null) throw new IOException("it has an entry \"" + name + "\" that a network's file has not");
            byte[] content = zip.readNBytes(largest);
            if (zip.read() >= 0) throw new IOException("its entry \"" + name + "\" is larger than " + (largest >> 20) + " MB");
            if (entries.put(name, content) != null) throw new IOException("it has the entry \"" + name + "\" twice");
        }
        return new NetworkZip(entries);
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
}
