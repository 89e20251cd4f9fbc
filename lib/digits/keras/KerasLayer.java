package digits.keras;

import static digits.keras.KerasFileException.shortened;

import java.util.Set;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;

/**
 * One layer of a Sequential model, as its JSON describes it. Every answer is checked, and every complaint names the layer.
 *
 * @param place  from 1, the input layer counted if there is one
 * @param type   Keras's class, such as {@code Conv2D}
 * @param name   its name in the model
 * @param config its options
 */
record KerasLayer(int place, String type, String name, JsonObject config) {

    static KerasLayer of(int place, JsonElement json) {
        if (!json.isJsonObject() || !text(json.getAsJsonObject(), "class_name") || !json.getAsJsonObject().has("config")
                || !json.getAsJsonObject().get("config").isJsonObject()) {
            throw new KerasFileException("its layer " + place + " is not described as Keras does it");
        }
        JsonObject object = json.getAsJsonObject();
        JsonObject config = object.getAsJsonObject("config");
        KerasLayer layer = new KerasLayer(place, object.get("class_name").getAsString(), text(config, "name") ? config.get("name").getAsString() : "", config);
        if (text(object, "registered_name") && !object.get("registered_name").getAsString().equals(layer.type)) {
            throw layer.cannot("is a class of its author's own, which this library does not know");
        }
        return layer;
    }

    private static boolean text(JsonObject object, String key) {
        JsonElement value = object.get(key);
        return value instanceof JsonPrimitive p && p.isString();
    }

    /** «layer 5, "lstm_1" (LSTM), …» */
    KerasFileException cannot(String what) {
        return new KerasFileException("layer " + place + ", \"" + shortened(name) + "\" (" + shortened(type) + "), " + what);
    }

    private KerasFileException badOption(String key) {
        return cannot("has the option " + key + " = " + shortened(String.valueOf(config.get(key))) + ", which this library does not know");
    }

    /** Whether an option is there and not null. */
    boolean has(String key) {
        return config.has(key) && !config.get(key).isJsonNull();
    }

    /** Refuses an option with any other value than this one; it may be missing or null. */
    void only(String key, Object... allowed) {
        if (!has(key)) return;
        JsonElement value = config.get(key);
        for (Object a : allowed) {
            if (a instanceof JsonElement json ? value.equals(json) : value instanceof JsonPrimitive p
                    && (a instanceof Number n ? p.isNumber() && p.getAsDouble() == n.doubleValue()
                            : a instanceof Boolean b ? p.isBoolean() && p.getAsBoolean() == b : p.isString() && p.getAsString().equals(a))) return;
        }
        throw badOption(key);
    }

    /** Refuses options that are set. */
    void without(String... keys) {
        for (String key : keys) if (has(key)) throw badOption(key);
    }

    /** What all layers have in common: 32-bit floats, to be trained, channels last. */
    void checkCommonOptions() {
        only("trainable", true);
        only("data_format", "channels_last");
        if (has("dtype")) {
            JsonElement dtype = config.get("dtype");
            JsonElement of = dtype.isJsonObject() ? dtype.getAsJsonObject().get("config") : null;
            JsonElement policy = of != null && of.isJsonObject() ? of.getAsJsonObject().get("name") : dtype;
            if (!new JsonPrimitive("float32").equals(policy)) throw badOption("dtype");
        }
        without("kernel_regularizer", "bias_regularizer", "activity_regularizer", "kernel_constraint", "bias_constraint",
                "beta_regularizer", "gamma_regularizer", "beta_constraint", "gamma_constraint");
    }

    boolean flag(String key, boolean otherwise) {
        if (!has(key)) return otherwise;
        only(key, true, false);
        return config.get(key).getAsBoolean();
    }

    double number(String key, double otherwise, double min, double max) {
        if (!has(key)) return otherwise;
        if (!(config.get(key) instanceof JsonPrimitive p && p.isNumber())) throw badOption(key);
        double number = p.getAsDouble();
        if (!(number >= min && number <= max)) throw badOption(key);
        return number;
    }

    int count(String key, int max) {
        double number = number(key, 0, 1, max);
        if (number != Math.rint(number) || number < 1) throw badOption(key);
        return (int) number;
    }

    /** {height, width}, from a pair or a single number. */
    int[] pair(String key, int otherwise) {
        JsonElement value = has(key) ? config.get(key) : new JsonPrimitive(otherwise);
        JsonElement first = value instanceof JsonArray a && a.size() == 2 ? a.get(0) : value;
        JsonElement second = value instanceof JsonArray a && a.size() == 2 ? a.get(1) : value;
        return new int[] {whole(first, key, 1), whole(second, key, 1)};
    }

    /** {top, bottom, left, right} of a padding: one number, a pair, or a pair of pairs. */
    int[] borders(String key) {
        JsonElement value = has(key) ? config.get(key) : new JsonPrimitive(1);
        JsonElement[] sides = {value, value};
        if (value instanceof JsonArray a && a.size() == 2) sides = new JsonElement[] {a.get(0), a.get(1)};
        int[] borders = new int[4];
        for (int i = 0; i < 4; i++) {
            JsonElement side = sides[i / 2];
            borders[i] = whole(side instanceof JsonArray a && a.size() == 2 ? a.get(i % 2) : side, key, 0);
        }
        return borders;
    }

    private int whole(JsonElement value, String key, int min) {
        if (value instanceof JsonPrimitive p && p.isNumber()) {
            double number = p.getAsDouble();
            if (number == Math.rint(number) && number >= min && number <= 4096) return (int) number;
        }
        throw badOption(key);
    }

    /** Whether the padding is «same»; the only other one is «valid». */
    boolean same() {
        only("padding", "same", "valid");
        return has("padding") && config.get("padding").getAsString().equals("same");
    }

    /** The name of an activation function; Keras 3 may wrap it into an object. */
    String activation(String key, Set<String> known) {
        if (!has(key)) return "linear";
        JsonElement value = config.get(key);
        if (value.isJsonObject() && value.getAsJsonObject().get("config") instanceof JsonPrimitive wrapped) value = wrapped;
        if (!(value instanceof JsonPrimitive p && p.isString() && known.contains(p.getAsString()))) throw badOption(key);
        return value.getAsString();
    }
}
