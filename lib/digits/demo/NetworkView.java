package digits.demo;

import digits.networks.LayerSummary;
import digits.networks.LayerSummary.Type;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The layers between a network's input and its output as the page shows them, without dropout, which changes nothing in
 * a prediction; immutable.
 */
final class NetworkView {
    private static final Set<Type> NO_LAYERS = Set.of(Type.INPUT, Type.FLATTEN);
    private static final Logger LOG = LoggerFactory.getLogger(NetworkView.class);

    /**
     * A layer that is shown.
     *
     * @param index position in the network, from 0
     * @param type  “convolution”, “normalization”, “pooling”, “dense” or “other”
     * @param kind  such as “Conv 3×3, ReLU”
     * @param shape of the output for one image: {height, width, channels} or {n}
     */
    record Layer(int index, String type, String kind, List<Long> shape) { }

    /**
     * The output of a layer for one image.
     *
     * @param largest the largest absolute value
     * @param levels  one byte for each number, in Base64: 128 for 0, 255 for {@code largest}, 1 for its negative;
     *                channel by channel
     */
    record Activations(double largest, String levels) { }

    private final List<Layer> layers;

    private NetworkView(List<Layer> layers) {
        this.layers = List.copyOf(layers);
    }

    /** The view of an initialized network; without layers if their shapes cannot be told. */
    static NetworkView of(MultiLayerNetwork network) {
        List<Layer> layers = new ArrayList<>();
        try {
            int index = 0;
            for (LayerSummary row : LayerSummary.of(network)) {
                if (NO_LAYERS.contains(row.type())) continue;
                boolean last = index == network.getnLayers() - 1;
                if (!last && row.type() != Type.DROPOUT) {
                    layers.add(new Layer(index, row.type().name().toLowerCase(Locale.ROOT), row.kind(), row.shape()));
                }
                index++;
            }
        } catch (RuntimeException unusual) {
            LOG.warn("The page does not show this network's layers.", unusual);
            layers.clear();
        }
        return new NetworkView(layers);
    }

    List<Layer> layers() {
        return layers;
    }

    /** The output of each layer that is shown, for an image of shape [1, 1, 28, 28]. */
    List<Activations> activations(MultiLayerNetwork network, INDArray image) {
        List<INDArray> outputs = network.feedForward(image, false);   // the first is the image itself
        return layers.stream().map(layer -> activations(outputs.get(layer.index() + 1))).toList();
    }

    private static Activations activations(INDArray output) {
        float[] numbers = output.castTo(DataType.FLOAT).dup('c').data().asFloat();
        float largest = 0;
        for (float number : numbers) largest = Math.max(largest, Math.abs(number));
        byte[] levels = new byte[numbers.length];
        for (int i = 0; i < levels.length; i++) {
            levels[i] = (byte) (128 + (largest > 0 ? Math.round(127 * numbers[i] / largest) : 0));
        }
        return new Activations(largest, Base64.getEncoder().encodeToString(levels));
    }
}
