package digits.keras;

import static digits.keras.KerasFileException.damaged;
import static digits.keras.KerasFileException.refused;
import static digits.keras.KerasFileException.shortened;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import digits.files.Json;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/**
 * A model as its file describes it, with the models inside it taken apart: each layer follows those that it reads, and
 * the last one returns the predictions.
 */
final class KerasModel {
    /** What a model reads, as the position of a layer. */
    static final int INPUT = -1;
    private static final int MOST_LAYERS = 1000;
    private static final int DEEPEST = 16;
    private static final int LONGEST_DESCRIPTION = 2 << 20;
    private static final Set<String> MODELS = Set.of("Sequential", "Functional", "Model");

    /** A layer and the positions of those that it reads. */
    record Node(KerasLayer layer, List<Integer> reads) { }

    /** How a model was trained, as far as the file says so. */
    enum Outputs { PROBABILITIES, LOGITS, OTHER, UNKNOWN }

    private final boolean keras3;
    private final List<Node> nodes = new ArrayList<>();
    private int[] input;
    private int place;

    private KerasModel(boolean keras3) {
        this.keras3 = keras3;
    }

    /**
     * Reads a model's description.
     *
     * @param keras3 whether Keras 3 wrote it
     */
    static KerasModel of(JsonObject json, boolean keras3) {
        KerasModel model = new KerasModel(keras3);
        String type = json.has("class_name") ? json.get("class_name").toString() : "none";
        if (!MODELS.contains(type.replace("\"", ""))) {
            throw refused("its model has the class " + shortened(type) + "; only Sequential and Functional models can"
                    + " be read: build the same layers as keras.Sequential and copy them: set_weights(get_weights())");
        }
        int last = model.inside(json, "", "", INPUT, DEEPEST);
        if (last != model.nodes.size() - 1) throw refused("its model has layers that lead nowhere; leave them out");
        if (model.nodes.isEmpty()) throw refused("its model has no layers that compute");
        if (model.input == null) throw refused("its model has no input shape; begin the model with an InputLayer");
        return model;
    }

    /** The shape of one example, without the batch. */
    int[] input() {
        return input;
    }

    List<Node> nodes() {
        return nodes;
    }

    boolean keras3() {
        return keras3;
    }

    /** Parses JSON that must be an object. */
    static JsonObject object(String json) {
        if (json.length() > LONGEST_DESCRIPTION) throw refused("its model description is longer than 2 MB");
        try {
            return Json.read(json, JsonObject.class);
        } catch (IOException e) {
            throw refused("its model description is not valid JSON of an object; save the model again");
        }
    }

    /**
     * Adds the layers of a model.
     *
     * @param outer the name of the layer of the whole model that holds it, or empty
     * @param group where an archive keeps its weights, or empty
     * @return the position of the layer that returns its result
     */
    private int inside(JsonObject model, String outer, String group, int reads, int deepest) {
        if (deepest == 0) throw refused("its model has models within models within models, too deep to read");
        JsonObject config = model.get("config") instanceof JsonObject object ? object : new JsonObject();
        // very old models have the list of layers itself as their config
        JsonElement list = config.has("layers") ? config.get("layers") : model.get("config");
        if (!(list instanceof JsonArray described) || described.size() == 0) throw refused("its model has no layers");
        if (described.size() + place > MOST_LAYERS) {
            throw refused("its model has " + described.size() + " layers, more than " + MOST_LAYERS);
        }
        Map<String, Described> layers = new LinkedHashMap<>();
        Map<String, Integer> ofClass = new HashMap<>();
        for (JsonElement one : described) {
            Described layer = described(one, outer, group, ofClass);
            if (layers.putIfAbsent(layer.layer.name(), layer) != null) {
                throw layer.layer.cannot("has the name of another layer; give it a different one");
            }
        }
        boolean sequence = model.get("class_name").getAsString().equals("Sequential");
        if (input == null) input = inputShape(config, layers.values().iterator().next(), sequence);
        return sequence ? sequence(layers, reads, deepest) : new Graph(config, layers, reads, deepest).result();
    }

    private record Described(KerasLayer layer, JsonObject json) { }

    private Described described(JsonElement one, String outer, String group, Map<String, Integer> ofClass) {
        JsonObject json = KerasLayer.described(one, ++place);
        JsonObject config = json.getAsJsonObject("config");
        String type = json.get("class_name").getAsString();
        JsonObject named = KerasLayer.isText(config, "name") ? config : json;
        String name = KerasLayer.isText(named, "name") ? named.get("name").getAsString() : "";
        String snake = KerasLayer.snakeCase(type);
        int number = ofClass.merge(snake, 1, Integer::sum) - 1;
        String path = (group.isEmpty() ? "" : group + "/") + snake + (number == 0 ? "" : "_" + number);
        String top = outer.isEmpty() ? name : outer;
        return new Described(new KerasLayer(place, type, name, top, path, keras3, config), json);
    }

    private int sequence(Map<String, Described> layers, int reads, int deepest) {
        int last = reads;
        boolean first = true;
        for (Described one : layers.values()) {
            boolean input = one.layer.type().equals("InputLayer");
            if (input && !first) throw one.layer.cannot("must be the first layer of the model");
            if (!input) last = add(one, List.of(last), deepest);
            first = false;
        }
        return last;
    }

    private int add(Described one, List<Integer> reads, int deepest) {
        KerasLayer layer = one.layer;
        if (MODELS.contains(layer.type())) {
            if (reads.size() != 1) throw layer.cannot("reads " + reads.size() + " layers; only one can be read");
            return inside(one.json, layer.outer(), layer.group(), reads.get(0), deepest - 1);
        }
        layer.checkOwnClass(one.json);
        nodes.add(new Node(layer, reads));
        return nodes.size() - 1;
    }

    private static int[] inputShape(JsonObject config, Described first, boolean sequence) {
        int[] shape = null;
        if (sequence || first.layer.type().equals("InputLayer")) {
            shape = shape(first.layer.config().get("batch_shape"));
            if (shape == null) shape = shape(first.layer.config().get("batch_input_shape"));
        }
        if (shape == null) shape = shape(config.get("build_input_shape"));
        if (shape == null && first.json.get("build_config") instanceof JsonObject build) {
            shape = shape(build.get("input_shape"));
        }
        return shape;
    }

    /** The shape without the batch; null if there is none. An image of any size is read as one of 28×28. */
    private static int[] shape(JsonElement json) {
        if (!(json instanceof JsonArray sides) || sides.size() < 2 || sides.size() > 5) return null;
        int[] shape = new int[sides.size() - 1];
        for (int i = 0; i < shape.length; i++) {
            String side = sides.get(i + 1).toString();
            boolean any = side.equals("null") && shape.length == 3 && ofDigits(sides);
            if (any) side = String.valueOf(Tensor.DIGIT);
            if (!side.matches("[1-9][0-9]{0,5}")) {
                throw refused("its model reads the shape " + shortened(json.toString()) + "; every size must be fixed:"
                        + " build the model with keras.Input((28, 28, 1))");
            }
            shape[i] = Integer.parseInt(side);
        }
        return shape;
    }

    /** Whether only the height and the width are open, so that an image of 28×28 is one of those that go in. */
    private static boolean ofDigits(JsonArray sides) {
        return !sides.get(3).isJsonNull() || !sides.get(1).isJsonNull();
    }

    /** The layers of a Functional model, in an order in which each follows those that it reads. */
    private final class Graph {
        private final JsonObject config;
        private final Map<String, Described> layers;
        private final int reads;
        private final int deepest;
        private final Map<String, Integer> done = new HashMap<>();
        private final Set<String> begun = new HashSet<>();

        Graph(JsonObject config, Map<String, Described> layers, int reads, int deepest) {
            this.config = config;
            this.layers = layers;
            this.reads = reads;
            this.deepest = deepest;
        }

        int result() {
            int inputs = ends("input_layers").size();
            if (inputs != 1) {
                throw refused("its model has " + inputs + " inputs; only models with one can be read");
            }
            List<String> outputs = ends("output_layers");
            if (outputs.size() != 1) {
                throw refused("its model has " + outputs.size() + " outputs; choose one before you save it:"
                        + " keras.Model(model.inputs, model.outputs[0])");
            }
            return visit(outputs.get(0));
        }

        /** The layers at the model's ends: a reference or a list of references. */
        private List<String> ends(String key) {
            List<String> names = new ArrayList<>();
            JsonElement found = config.get(key);
            if (isReference(found)) names.add(found.getAsJsonArray().get(0).getAsString());
            else if (found instanceof JsonArray all) {
                all.forEach(one -> names.add(isReference(one) ? one.getAsJsonArray().get(0).getAsString() : ""));
            }
            return names;
        }

        private int visit(String name) {
            if (done.containsKey(name)) return done.get(name);
            Described one = layers.get(name);
            if (one == null) throw damaged("there is no layer \"" + shortened(name) + "\", which another one reads");
            if (!begun.add(name)) throw damaged("the layer \"" + shortened(name) + "\" reads its own result");
            int at = reads;
            if (!one.layer.type().equals("InputLayer")) {
                List<Integer> before = new ArrayList<>();
                for (String other : inbound(one)) before.add(visit(other));
                at = add(one, before, deepest);
            }
            done.put(name, at);
            return at;
        }

        /** The layers that a layer reads, by name: Keras 2 lists references, Keras 3 the arguments of a call. */
        private List<String> inbound(Described one) {
            if (!(one.json.get("inbound_nodes") instanceof JsonArray calls) || calls.size() == 0) {
                throw one.layer.cannot("is not connected to the model's input");
            }
            if (calls.size() > 1) {
                throw one.layer.cannot("is used " + calls.size() + " times; only layers used once can be read:"
                        + " give each use its own layer");
            }
            List<String> names = new ArrayList<>();
            if (calls.get(0) instanceof JsonObject call) {
                tensors(call.get("args"), one, names, DEEPEST);
            } else if (calls.get(0) instanceof JsonArray call) {
                for (JsonElement reference : isReference(call) ? array(call) : call) {
                    if (!isReference(reference)) throw one.layer.cannot("reads something that is not a layer's result");
                    names.add(reference.getAsJsonArray().get(0).getAsString());
                }
            }
            if (names.isEmpty()) throw one.layer.cannot("reads no other layer");
            return names;
        }

        private static JsonArray array(JsonElement only) {
            JsonArray array = new JsonArray();
            array.add(only);
            return array;
        }

        private void tensors(JsonElement value, Described one, List<String> names, int deepest) {
            if (value instanceof JsonArray all && deepest > 0) {
                all.forEach(part -> tensors(part, one, names, deepest - 1));
            } else if (value instanceof JsonObject tensor && tensor.get("config") instanceof JsonObject options
                    && isReference(options.get("keras_history"))) {
                names.add(options.getAsJsonArray("keras_history").get(0).getAsString());
            } else if (value != null && !value.isJsonNull()) {
                throw one.layer.cannot("reads something that is not a layer's result");
            }
        }

        /** Whether this is [name, call, tensor, …], for the first call and its only tensor. */
        private static boolean isReference(JsonElement json) {
            return json instanceof JsonArray array && array.size() >= 3
                    && array.get(0) instanceof JsonPrimitive name && name.isString();
        }
    }

    /** What a compiled model says about its outputs, by its loss. */
    static Outputs outputs(Optional<JsonObject> training) {
        String loss = training.map(json -> String.valueOf(json.get("loss"))).orElse("null");
        if (loss.matches("(?s).*(\"from_logits\":true|with_logits).*")) return Outputs.LOGITS;
        if (loss.matches("(?si).*cross_?entropy.*")) return Outputs.PROBABILITIES;
        return loss.matches("(?si).*(squared|absolute|mse|mae|hinge|poisson|cosine|huber|kullback|kl_?d|log_?cosh).*")
                ? Outputs.OTHER : Outputs.UNKNOWN;
    }
}
