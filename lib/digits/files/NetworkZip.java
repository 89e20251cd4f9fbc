package digits.files;

import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.LongStream;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.util.ModelSerializer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.api.preprocessor.ImagePreProcessingScaler;
import org.nd4j.linalg.factory.Nd4j;
import tech.tablesaw.api.LongColumn;
import tech.tablesaw.api.StringColumn;
import tech.tablesaw.api.Table;

/**
 * The content of Deeplearning4j's zip, read without trusting it. Deeplearning4j's own reader unpacks everything into
 * memory, deserializes Java objects from one entry, and reserves memory by numbers in the file; here {@link BoundedZip}
 * and {@link SavedArray} check everything first, and Deeplearning4j makes the network from the result.
 */
final class NetworkZip {
    private static final int HEADER = 4_096;    // of an array, at most
    private static final long SMALL = 1 << 20;  // bytes that an entry may have whatever its packed size
    /** Thirty million parameters; the networks here have half a million. */
    private static final long PARAMETERS = 128L << 20;
    /** An updater keeps at most three numbers per parameter. */
    private static final Map<String, Long> LARGEST = Map.of(ModelSerializer.CONFIGURATION_JSON, 4L << 20,
            ModelSerializer.COEFFICIENTS_BIN, PARAMETERS, ModelSerializer.UPDATER_BIN, 3 * PARAMETERS,
            ModelSerializer.NORMALIZER_BIN, 1L << 20, ModelFiles.RECORD, 16L << 20);
    private static final String KIND = "saved network";

    private final Map<String, byte[]> entries;

    private NetworkZip(Map<String, byte[]> entries) {
        this.entries = entries;
    }

    static NetworkZip read(Path file) throws IOException {
        return new NetworkZip(BoundedZip.read(file, KIND, LARGEST, NetworkZip::bound));
    }

    static NetworkZip read(byte[] zip) throws IOException {
        return new NetworkZip(BoundedZip.read(new ByteArrayInputStream(zip), zip.length, KIND, LARGEST,
                NetworkZip::bound));
    }

    /**
     * Parameters hardly shrink, unlike a record or an updater's state before the first step; that has at most three
     * numbers per parameter.
     */
    private static long bound(String entry, long packed, Map<String, byte[]> before) {
        if (entry.equals(ModelSerializer.COEFFICIENTS_BIN)) return SMALL + 10 * packed;
        byte[] coefficients = before.get(ModelSerializer.COEFFICIENTS_BIN);
        if (!entry.equals(ModelSerializer.UPDATER_BIN)) return Long.MAX_VALUE;
        return coefficients == null ? SMALL + 10 * packed : HEADER + 3L * coefficients.length;
    }

    /** The entries by name, in the order of the file. */
    Map<String, byte[]> entries() {
        return entries;
    }

    /** The network, with its updater's state if there is one. */
    MultiLayerNetwork network() throws IOException {
        byte[] json = entries.get(ModelSerializer.CONFIGURATION_JSON);
        byte[] coefficients = entries.get(ModelSerializer.COEFFICIENTS_BIN);
        if (json == null || coefficients == null) {
            throw new IOException("it has no configuration or no parameters of a network");
        }
        MultiLayerConfiguration configuration = NetworkJson.read(json);
        NetworkShapes shapes = NetworkShapes.of(configuration);
        try {
            return network(configuration, shapes, coefficients);
        } catch (OutOfMemoryError e) {
            throw new IOException("its " + shapes.parameters() + " parameters do not fit into this process's memory",
                    e);
        }
    }

    private MultiLayerNetwork network(MultiLayerConfiguration configuration, NetworkShapes shapes, byte[] coefficients)
            throws IOException {
        INDArray parameters = SavedArray.read(coefficients, ModelSerializer.COEFFICIENTS_BIN);
        if (parameters.length() != shapes.parameters()) {
            throw new IOException("its layers need " + shapes.parameters() + " parameters, but it has "
                    + parameters.length());
        }
        configuration.setDataType(DataType.FLOAT);
        MultiLayerNetwork network = new MultiLayerNetwork(configuration);
        network.init(parameters, false);
        byte[] state = entries.get(ModelSerializer.UPDATER_BIN);
        if (state != null) setUpdaterState(network, SavedArray.read(state, ModelSerializer.UPDATER_BIN));
        network.output(Nd4j.zeros(DataType.FLOAT, batchOfOne(shapes.input())));   // whatever is wrong shows now
        return network;
    }

    private static long[] batchOfOne(long[] shape) {
        return LongStream.concat(LongStream.of(1), LongStream.of(shape)).toArray();
    }

    private static void setUpdaterState(MultiLayerNetwork network, INDArray state) throws IOException {
        INDArray needed = network.getUpdater().getStateViewArray();
        if (needed == null || needed.length() != state.length()) {
            throw new IOException("its updater's state has " + state.length()
                    + " numbers, but the network's updater needs " + (needed == null ? 0 : needed.length()));
        }
        network.getUpdater().setStateViewArray(network, state, false);
    }

    /** The scaler of pixels. Other kinds may name classes to load, so they are not read. */
    ImagePreProcessingScaler scaler() throws IOException {
        byte[] content = entries.get(ModelSerializer.NORMALIZER_BIN);
        if (content == null) throw new IOException("it keeps no scaler");
        DataInputStream in = new DataInputStream(new ByteArrayInputStream(content));
        if (!in.readUTF().equals("NORMALIZER") || in.readInt() != 1) {
            throw new IOException("its scaler is not in Deeplearning4j's format");
        }
        String kind = in.readUTF();
        if (!kind.equals("IMAGE_MIN_MAX")) {
            throw new IOException("its scaler is a " + kind + "; only an ImagePreProcessingScaler is read");
        }
        ImagePreProcessingScaler scaler = new ImagePreProcessingScaler(in.readDouble(), in.readDouble());
        scaler.setMaxPixelVal(in.readDouble());
        return scaler;
    }

    /** One row per entry, in the order of the file. */
    Table contents() {
        Map<String, String> what = Map.of(ModelSerializer.CONFIGURATION_JSON, "layers and settings, as JSON",
                ModelSerializer.COEFFICIENTS_BIN, "weights and running averages",
                ModelSerializer.UPDATER_BIN, "the optimizer's state",
                ModelSerializer.NORMALIZER_BIN, "the scaler of the input",
                ModelFiles.RECORD, "how it was trained and how good it is");
        return Table.create("contents", StringColumn.create("entry", entries.keySet()),
                StringColumn.create("what", entries.keySet().stream().map(what::get)),
                LongColumn.create("bytes", entries.values().stream().mapToLong(content -> content.length).toArray()));
    }
}
