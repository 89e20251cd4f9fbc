package digits.keras;

import static digits.keras.KerasFileException.refused;
import static digits.keras.KerasFileException.shortened;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import java.util.List;
import java.util.stream.Stream;
import org.nd4j.linalg.activations.Activation;

/**
 * One layer of a Sequential model as its JSON describes it. Every option is checked, and every message names the layer.
 *
 * @param place   position from 1; an input layer counts
 * @param earlier how many layers before it have its type, Keras's class
 */
record KerasLayer(int place, String type, String name, int earlier, JsonObject config) {
    private static final int LARGEST_SIDE = 4096;
    private static final List<String> NOT_READ = List.of("kernel_regularizer", "kernel_constraint", "bias_regularizer",
            "bias_constraint", "activity_regularizer", "beta_regularizer", "beta_constraint", "gamma_regularizer",
            "gamma_constraint");

    static KerasLayer of(JsonElement json, List<KerasLayer> before) {
        int place = before.size() + 1;
        if (!(json instanceof JsonObject object && isText(object, "class_name")
                && object.get("config") instanceof JsonObject config)) {
            throw refused("layer " + place + " is not described by a class name and options, as Keras does it");
        }
        String type = object.get("class_name").getAsString();
        String name = isText(config, "name") ? config.get("name").getAsString() : "";
        int earlier = (int) before.stream().filter(other -> other.type.equals(type)).count();
        KerasLayer layer = new KerasLayer(place, type, name, earlier, config);
        if (isText(object, "registered_name") && !object.get("registered_name").getAsString().equals(type)) {
            throw layer.cannot("is of a class that the model's author wrote, which this library does not know");
        }
        return layer;
    }

    private static boolean isText(JsonObject object, String key) {
        return object.get(key) instanceof JsonPrimitive value && value.isString();
    }

    /** An exception that begins: layer 5, "lstm_1" (LSTM), … */
    KerasFileException cannot(String what) {
        return refused("layer " + place + ", \"" + shortened(name) + "\" (" + shortened(type) + "), " + what);
    }

    private KerasFileException badOption(String key) {
        String value = shortened(String.valueOf(config.get(key)));
        return cannot("has the option " + key + " = " + value + ", which this library does not know");
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
        if (value instanceof JsonElement) return json.equals(value);
        if (!(json instanceof JsonPrimitive found)) return false;
        if (value instanceof Number number) return found.isNumber() && found.getAsDouble() == number.doubleValue();
        if (value instanceof Boolean) return found.isBoolean() && value.equals(found.getAsBoolean());
        return found.isString() && found.getAsString().equals(value);
    }

    /** Checks what all layers have in common: 32-bit floats, trainable, channels last, not regularized. */
    void checkCommonOptions() {
        only("trainable", true);
        only("data_format", "channels_last");
        JsonElement type = config.get("dtype");
        if (type instanceof JsonObject policy && policy.get("config") instanceof JsonObject of) type = of.get("name");
        if (has("dtype") && !matches(type, "float32")) throw badOption("dtype");
        NOT_READ.forEach(this::only);
    }

    boolean flag(String key, boolean otherwise) {
        only(key, true, false);
        return has(key) ? config.get(key).getAsBoolean() : otherwise;
    }

    double number(String key, double otherwise, double min, double max) {
        return has(key) ? number(config.get(key), key, min, max) : otherwise;
    }

    private double number(JsonElement value, String key, double min, double max) {
        double number = value instanceof JsonPrimitive p && p.isNumber() ? p.getAsDouble() : Double.NaN;
        if (number >= min && number <= max) return number;
        throw badOption(key);
    }

    int count(String key, int max) {
        return whole(config.get(key), key, 1, max);
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
    int[] borders(String key) {
        JsonElement[] sides = sides(has(key) ? config.get(key) : new JsonPrimitive(1));
        int[] vertical = pair(sides[0], key, 0);
        int[] horizontal = pair(sides[1], key, 0);
        return new int[] {vertical[0], vertical[1], horizontal[0], horizontal[1]};
    }

    private static JsonElement[] sides(JsonElement value) {
        if (value instanceof JsonArray pair && pair.size() == 2) return new JsonElement[] {pair.get(0), pair.get(1)};
        return new JsonElement[] {value, value};
    }

    private int whole(JsonElement value, String key, int min, int max) {
        double number = number(value, key, min, max);
        if (number == Math.rint(number)) return (int) number;
        throw badOption(key);
    }

    /** Whether the padding is “same”; the only other one is “valid”. */
    boolean same() {
        only("padding", "same", "valid");
        return has("padding") && config.get("padding").getAsString().equals("same");
    }

    /** The activation function; Keras 3 may wrap its name in an object. */
    Activation activation() {
        if (!has("activation")) return Activation.IDENTITY;
        JsonElement value = config.get("activation");
        if (value instanceof JsonObject object) value = object.get("config");
        Activation known = value instanceof JsonPrimitive p ? Activations.BY_KERAS_NAME.get(p.getAsString()) : null;
        if (known == null) throw badOption("activation");
        return known;
    }
}
