package digits.keras;

import static digits.keras.KerasFileException.refused;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** The layers written so far, and the array that the next one reads. */
final class LayerChain {
    private static final int LONGEST_NAME = 100;

    /**
     * An array between two layers.
     *
     * @param from  the Keras layer that returns it
     * @param type  its shape in Deeplearning4j
     * @param order if it is a flattened image, the order of its numbers, which differs in Keras; otherwise null
     */
    record Flow(String from, InputType type, FlattenOrder order) {
        boolean isImage() {
            return type instanceof InputType.InputTypeConvolutional;
        }

        /** Channels of an image, or numbers of a list. */
        long channels() {
            return isImage() ? image().getChannels() : ((InputType.InputTypeFeedForward) type).getSize();
        }

        InputType.InputTypeConvolutional image() {
            return (InputType.InputTypeConvolutional) type;
        }
    }

    private final List<WrittenModel.Layer> layers = new ArrayList<>();
    private final Set<String> names = new HashSet<>();
    private Flow now;

    /** @param input shape of the network's input, images with the channels first */
    LayerChain(String name, InputType input) {
        InputType type = input instanceof InputType.InputTypeConvolutionalFlat flat
                ? InputType.feedForward(flat.getFlattenedSize()) : input;
        if (!(type instanceof InputType.InputTypeFeedForward || type instanceof InputType.InputTypeConvolutional)) {
            throw refused("the network reads " + input + "; only images and lists of numbers can be written");
        }
        now = new Flow(unique(name), type, null);
        layers.add(new WrittenModel.Layer("InputLayer", now.from(), Map.of(), Map.of(), List.of(), shape(type)));
    }

    List<WrittenModel.Layer> layers() {
        return layers;
    }

    /** The array that the next layer reads. */
    Flow now() {
        return now;
    }

    /** Continues from another array. */
    void continueFrom(Flow flow) {
        now = flow;
    }

    /** Adds a layer that reads the current array; its result is the current array then. */
    void put(String type, String name, Map<String, Object> config, Map<String, INDArray> weights, InputType result) {
        put(type, name, config, weights, List.of(now.from()), new Flow("", result, now.order()));
    }

    /** Adds a layer that reads these layers' outputs. */
    void put(String type, String name, Map<String, Object> config, Map<String, INDArray> weights, List<String> inputs,
             Flow result) {
        now = new Flow(unique(name), result.type(), result.order());
        layers.add(new WrittenModel.Layer(type, now.from(), config, weights, inputs, shape(result.type())));
    }

    /** The name as TensorFlow and HDF5 accept it, and different from all others. */
    private String unique(String name) {
        String accepted = name.replaceAll("[^A-Za-z0-9_.\\-]", "_");
        if (!accepted.matches("[A-Za-z0-9].*")) accepted = "layer" + accepted;
        accepted = accepted.substring(0, Math.min(LONGEST_NAME, accepted.length()));
        while (!names.add(accepted)) accepted += "_";
        return accepted;
    }

    private static List<Long> shape(InputType type) {
        return type instanceof InputType.InputTypeConvolutional image
                ? List.of(image.getHeight(), image.getWidth(), image.getChannels())
                : List.of(((InputType.InputTypeFeedForward) type).getSize());
    }
}
