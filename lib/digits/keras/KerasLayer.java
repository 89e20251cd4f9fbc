package digits.keras;

import static digits.keras.KerasFileException.refused;
import static digits.keras.KerasFileException.shortened;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.activations.impl.ActivationLReLU;

/**
 * One layer of a model as its JSON describes it. Every option that matters for predictions is checked, and every
 * message names the layer. Options that matter only for training, and the precision, are not read.
 *
 * @param place  position from 1; input layers and the layers of models within the model count
 * @param outer  the name of the layer of the whole model that holds it; its own if it is not in a model within it
 * @param group  where a .keras archive keeps its weights: “layers/conv2d_1”
 * @param keras3 whether Keras 3 wrote the file
 */
record KerasLayer(int place, String type, String name, String outer, String group, boolean keras3, JsonObject config) {
    static final int LARGEST_SIDE = 4096;

    /** A layer's class, without the package of one that Keras 3 registered, and its options. */
    static JsonObject described(JsonElement json, int place) {
        if (json instanceof JsonObject object && isText(object, "class_name")
                && object.get("config") instanceof JsonObject) {
            return object;
        }
        throw refused("layer " + place + " is not described by a class name and options, as Keras does it");
    }

    /** Whether the class belongs to Keras. */
    void checkOwnClass(JsonObject object) {
        boolean registered = isText(object, "registered_name")
                && !object.get("registered_name").getAsString().replaceFirst("^Keras>", "").equals(type);
        if (registered || type.contains(">")) {
            throw cannot("is of a class that the model's author wrote, which this library does not know;"
                    + " build the model from Keras's own layers");
        }
    }

    static boolean isText(JsonObject object, String key) {
        return object.get(key) instanceof JsonPrimitive value && value.isString();
    }

    /** The name that Keras gives to a layer of this class, and to its group in an archive. */
    static String snakeCase(String type) {
        return type.replaceAll("\\W+", "").replaceAll("(.)([A-Z][a-z]+)", "$1_$2")
                .replaceAll("([a-z])([A-Z])", "$1_$2").toLowerCase(Locale.ROOT);
    }

    /** An exception that begins: layer 5, "lstm_1" (LSTM), … */
    KerasFileException cannot(String what) {
        return refused("layer " + place + ", \"" + shortened(name) + "\" (" + shortened(type) + "), " + what);
    }

    KerasFileException badOption(String key) {
        String value = shortened(String.valueOf(config.get(key)));
        return cannot("has the option " + key + " = " + value + ", which this library does not know;"
                + " build the model without it");
    }

    /** Whether an option is present and not null. */
    boolean has(String key) {
        return config.has(key) && !config.get(key).isJsonNull();
    }

    /** Refuses an option with a value other than these, if any; it may be missing or null. */
    void only(String key, Object... allowed) {
        if (has(key) && Stream.of(allowed).noneMatch(value -> matches(config.get(key), value))) throw badOption(key);
    }

    private static boolean matches(JsonElement json, Object value) {
        if (!(json instanceof JsonPrimitive found)) return false;
        if (value instanceof Number number) return found.isNumber() && found.getAsDouble() == number.doubleValue();
        if (value instanceof Boolean) return found.isBoolean() && value.equals(found.getAsBoolean());
        return found.isString() && found.getAsString().equals(value);
    }

    /** Refuses a quantized layer: its weights are whole numbers and scales. Other precisions do not matter. */
    void checkPrecision() {
        if (String.valueOf(config.get("dtype")).matches("(?s).*\"(u?int|float)[48]_.*")) {
            throw cannot("is quantized; save the model before you call quantize()");
        }
    }

    /** Whether the layer reads images with the channels last. */
    boolean channelsLast() {
        only("data_format", "channels_last", "channels_first");
        return !(has("data_format") && config.get("data_format").getAsString().equals("channels_first"));
    }

    boolean flag(String key, boolean otherwise) {
        only(key, true, false);
        return has(key) ? config.get(key).getAsBoolean() : otherwise;
    }

    double number(String key, double otherwise, double min, double max) {
        return has(key) ? number(config.get(key), key, min, max) : otherwise;
    }

    double number(JsonElement value, String key, double min, double max) {
        double number = plain(value) instanceof JsonPrimitive p && p.isNumber() ? p.getAsDouble() : Double.NaN;
        if (number >= min && number <= max) return number;
        throw badOption(key);
    }

    /** Keras 2 wrote some numbers as arrays of NumPy, and some pairs as tuples. */
    private static JsonElement plain(JsonElement value) {
        if (!(value instanceof JsonObject object)) return value;
        JsonObject array = object.get("config") instanceof JsonObject config ? config : object;
        return array.has("value") ? array.get("value") : array.has("items") ? array.get("items") : value;
    }

    int count(String key, int max) {
        return whole(config.get(key), key, 1, max);
    }

    /** A list of numbers, each of any size; one number is a list of one. */
    double[] numbers(String key, int most) {
        JsonElement value = plain(config.get(key));
        while (value instanceof JsonArray array && array.size() == 1) value = array.get(0);
        List<JsonElement> all = new ArrayList<>();
        if (value instanceof JsonArray array) array.forEach(all::add);
        else all.add(value);
        if (all.size() > most) throw badOption(key);
        return all.stream().mapToDouble(one -> number(one, key, -Float.MAX_VALUE, Float.MAX_VALUE)).toArray();
    }

    /** {height, width}, from a pair or a single number. */
    int[] pair(String key, int otherwise) {
        return pair(has(key) ? config.get(key) : new JsonPrimitive(otherwise), key, 1);
    }

    private int[] pair(JsonElement value, String key, int min) {
        JsonElement[] sides = sides(value);
        return new int[] {whole(sides[0], key, min, LARGEST_SIDE), whole(sides[1], key, min, LARGEST_SIDE)};
    }

    /** {top, bottom, left, right} of a padding, from one number, a pair, or a pair of pairs. */
    int[] borders(String key, int otherwise) {
        JsonElement[] sides = sides(has(key) ? config.get(key) : new JsonPrimitive(otherwise));
        int[] vertical = pair(sides[0], key, 0);
        int[] horizontal = pair(sides[1], key, 0);
        return new int[] {vertical[0], vertical[1], horizontal[0], horizontal[1]};
    }

    private static JsonElement[] sides(JsonElement described) {
        JsonElement value = plain(described);
        if (value instanceof JsonArray pair && pair.size() == 2) return new JsonElement[] {pair.get(0), pair.get(1)};
        return new JsonElement[] {value, value};
    }

    int whole(JsonElement value, String key, int min, int max) {
        double number = number(value, key, min, max);
        if (number == Math.rint(number)) return (int) number;
        throw badOption(key);
    }

    /** Whether the padding is “same”; the only other one is “valid”. */
    boolean same() {
        only("padding", "same", "valid");
        return has("padding") && config.get("padding").getAsString().equals("same");
    }

    /** The activation function: a name, a function that Keras wraps in an object, or a layer such as LeakyReLU. */
    IActivation activation() {
        if (!has("activation")) return Activation.IDENTITY.getActivationFunction();
        JsonElement value = config.get("activation");
        if (value instanceof JsonObject object && object.get("config") instanceof JsonObject options
                && isText(object, "class_name")) {
            String function = object.get("class_name").getAsString();
            KerasLayer inside = new KerasLayer(place, function, name, outer, group, keras3, options);
            if (inside.activationOfALayer() != null) return inside.activationOfALayer();
        }
        if (value instanceof JsonObject object) value = object.get("config");
        if (!(value instanceof JsonPrimitive known)) throw badOption("activation");
        return Activations.of(known.getAsString(), keras3).orElseThrow(() -> badOption("activation"));
    }

    /** The function of a layer that only applies one, or null. */
    IActivation activationOfALayer() {
        return switch (type) {
            case "Activation" -> activation();
            case "ReLU" -> {
                double maximum = number("max_value", Float.MAX_VALUE, 0, Float.MAX_VALUE);
                yield relu(maximum, number("negative_slope", 0, 0, 1e6), number("threshold", 0, 0, 1e6));
            }
            case "ThresholdedReLU" -> relu(Float.MAX_VALUE, 0, number("theta", 1, 0, 1e6));
            case "LeakyReLU" -> relu(Float.MAX_VALUE,
                    number(has("alpha") ? "alpha" : "negative_slope", 0.3, -1e6, 1e6), 0);
            case "ELU" -> elu(number("alpha", 1, -1e6, 1e6));
            case "Softmax" -> Activation.SOFTMAX.getActivationFunction();
            default -> null;
        };
    }

    private static IActivation relu(double maximum, double slope, double threshold) {
        boolean plain = threshold == 0 && slope == 0;
        if (plain && maximum == Float.MAX_VALUE) return Activation.RELU.getActivationFunction();
        if (plain && maximum == 6) return Activation.RELU6.getActivationFunction();
        if (threshold == 0 && maximum == Float.MAX_VALUE && slope > 0 && slope <= 1) {
            return new ActivationLReLU(slope);
        }
        return new KerasActivation("relu", Math.min(maximum, KerasActivation.UNBOUNDED), slope, threshold);
    }

    private static IActivation elu(double alpha) {
        return alpha == 1 ? Activation.ELU.getActivationFunction()
                : new KerasActivation("elu", KerasActivation.UNBOUNDED, alpha, 0);
    }
}
