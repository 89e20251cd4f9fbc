package digits.keras;

import static digits.keras.KerasFileException.shortened;

import java.util.Arrays;
import java.util.Set;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;

/**
 * One layer of a Sequential model as its JSON describes it. Every option is checked, and every message names the layer.
 *
 * @param place  position from 1; an input layer counts
 * @param type   Keras's class, such as {@code Conv2D}
 * @param name   its name in the model
 * @param config its options
 */
record KerasLayer(int place, String type, String name, JsonObject config) {
    private static final int LARGEST_SIDE = 4096;

    static KerasLayer of(int place, JsonElement json) {
        if (!(json instanceof JsonObject object && isText(object, "class_name") && object.get("config") instanceof JsonObject config)) {
            throw new KerasFileException("its layer " + place + " is not described by a class name and its options, as in Keras");
        }
        String name = isText(config, "name") ? config.get("name").getAsString() : "";
        KerasLayer layer = new KerasLayer(place, object.get("class_name").getAsString(), name, config);
        if (isText(object, "registered_name") && !object.get("registered_name").getAsString().equals(layer.type)) {
            throw layer.cannot("is of a class that the model's author wrote, which this library does not know");
        }
        return layer;
    }

    private static boolean isText(JsonObject object, String key) {
        return object.get(key) instanceof JsonPrimitive value && value.isString();
    }

    /** An exception whose message begins with “layer 5, "lstm_1" (LSTM), ”. */
    KerasFileException cannot(String what) {
        return new KerasFileException("layer " + place + ", \"" + shortened(name) + "\" (" + shortened(type) + "), " + what);
    }

    private KerasFileException badOption(String key) {
        return cannot("has the option " + key + " = " + shortened(String.valueOf(config.get(key))) + ", which this library does not know");
    }

    /** Whether an option is present and not null. */
    boolean has(String key) {
        return config.has(key) && !config.get(key).isJsonNull();
    }

    /** Refuses an option with a value other than these; it may be missing or null. */
    void only(String key, Object... allowed) {
        if (has(key) && Arrays.stream(allowed).noneMatch(value -> matches(config.get(key), value))) throw badOption(key);
    }

    private static boolean matches(JsonElement json, Object value) {
        if (value instanceof JsonElement) return json.equals(value);
        if (!(json instanceof JsonPrimitive found)) return false;
        if (value instanceof Number number) return found.isNumber() && found.getAsDouble() == number.doubleValue();
        if (value instanceof Boolean) return found.isBoolean() && value.equals(found.getAsBoolean());
        return found.isString() && found.getAsString().equals(value);
    }

    /** Refuses options that are set. */
    void without(String... keys) {
        for (String key : keys) if (has(key)) throw badOption(key);
    }

    /** Checks what all layers have in common: 32-bit floats, trainable, channels last, not regularized. */
    void checkCommonOptions() {
        only("trainable", true);
        only("data_format", "channels_last");
        if (config.get("dtype") instanceof JsonObject policy) {
            if (!(policy.get("config") instanceof JsonObject of && new JsonPrimitive("float32").equals(of.get("name")))) throw badOption("dtype");
        } else {
            only("dtype", "float32");
        }
        without("kernel_regularizer", "bias_regularizer", "activity_regularizer", "kernel_constraint", "bias_constraint",
                "beta_regularizer", "gamma_regularizer", "beta_constraint", "gamma_constraint");
    }

    boolean flag(String key, boolean otherwise) {
        only(key, true, false);
        return has(key) ? config.get(key).getAsBoolean() : otherwise;
    }

    double number(String key, double otherwise, double min, double max) {
        if (!has(key)) return otherwise;
        if (!(config.get(key) instanceof JsonPrimitive p && p.isNumber())) throw badOption(key);
        double number = p.getAsDouble();
        if (!(number >= min && number <= max)) throw badOption(key);
        return number;
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
        return value instanceof JsonArray a && a.size() == 2 ? new JsonElement[] {a.get(0), a.get(1)} : new JsonElement[] {value, value};
    }

    private int whole(JsonElement value, String key, int min, int max) {
        if (value instanceof JsonPrimitive p && p.isNumber()) {
            double number = p.getAsDouble();
            if (number == Math.rint(number) && number >= min && number <= max) return (int) number;
        }
        throw badOption(key);
    }

    /** Whether the padding is “same”; the only other one is “valid”. */
    boolean same() {
        only("padding", "same", "valid");
        return has("padding") && config.get("padding").getAsString().equals("same");
    }

    /** The name of an activation function; Keras 3 may wrap it in an object. */
    String activation(Set<String> known) {
        if (!has("activation")) return "linear";
        JsonElement value = config.get("activation");
        if (value instanceof JsonObject object && object.get("config") instanceof JsonPrimitive wrapped) value = wrapped;
        if (!(value instanceof JsonPrimitive p && p.isString() && known.contains(p.getAsString()))) throw badOption("activation");
        return value.getAsString();
    }
}
