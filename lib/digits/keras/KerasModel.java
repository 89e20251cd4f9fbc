package digits.keras;

import static digits.keras.KerasFileException.damaged;
import static digits.keras.KerasFileException.shortened;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;

/**
 * A Sequential model as its file holds it.
 *
 * @param input   shape of one example, without the batch: {height, width, channels}, {height, width} or {n}
 * @param layers  all but the input layer
 * @param weights the weights of a layer, in Keras's order
 */
record KerasModel(int[] input, List<KerasLayer> layers, Function<KerasLayer, List<Hdf5Values>> weights) {
    private static final int MOST_LAYERS = 1000;
    private static final int LONGEST_DESCRIPTION = 2 << 20;

    /** Reads the older format, a single HDF5 file. */
    static KerasModel ofH5(Hdf5Object root) {
        String json = root.text("model_config").orElseThrow(() -> new KerasFileException(
                "it has no model description; if it has only weights, save the whole model: model.save(\"name.h5\")"));
        Hdf5Object groups = root.child("model_weights").orElseThrow(() -> new KerasFileException(
                "it has no weights; save the whole model: model.save(\"name.h5\")"));
        return of(json, layers -> layer -> groups.child(layer.name()).map(group -> byName(layer, group)).orElse(List.of()));
    }

    private static List<Hdf5Values> byName(KerasLayer layer, Hdf5Object group) {
        return group.texts("weight_names").orElse(List.of()).stream().map(name -> group.child(name).map(Hdf5Object::data)
                .orElseThrow(() -> layer.cannot("has no weights \"" + shortened(name) + "\", although the file lists them"))).toList();
    }

    /** Reads Keras 3's archive: a description as JSON, and the weights, layer by layer, in an HDF5 file. */
    static KerasModel ofArchive(String json, Hdf5Object root) {
        return of(json, layers -> {
            Map<KerasLayer, String> groups = archiveGroups(layers);
            return layer -> root.child("layers/" + groups.get(layer) + "/vars").map(vars -> byNumber(layer, vars)).orElse(List.of());
        });
    }

    private static List<Hdf5Values> byNumber(KerasLayer layer, Hdf5Object vars) {
        List<Hdf5Values> values = new ArrayList<>();
        for (int i = 0; i < vars.names().size(); i++) {
            values.add(vars.child(String.valueOf(i)).map(Hdf5Object::data)
                    .orElseThrow(() -> layer.cannot("has weights that are not numbered from 0, as Keras numbers them")));
        }
        return values;
    }

    /** Keras names a layer's group after its class, in lower case, with a number from the second on: conv2d, conv2d_1. */
    private static Map<KerasLayer, String> archiveGroups(List<KerasLayer> layers) {
        Map<KerasLayer, String> groups = new HashMap<>();
        Map<String, Integer> used = new HashMap<>();
        for (KerasLayer layer : layers) {
            String name = layer.type().replaceAll("\\W+", "").replaceAll("(.)([A-Z][a-z]+)", "$1_$2")
                    .replaceAll("([a-z])([A-Z])", "$1_$2").toLowerCase(Locale.ROOT);
            int before = used.merge(name, 1, Integer::sum) - 1;
            groups.put(layer, before == 0 ? name : name + "_" + before);
        }
        return groups;
    }

    private static KerasModel of(String json, Function<List<KerasLayer>, Function<KerasLayer, List<Hdf5Values>>> weights) {
        JsonObject model = object(json);
        String type = model.has("class_name") ? model.get("class_name").toString() : "none";
        if (!type.equals("\"Sequential\"")) {
            throw new KerasFileException("its model has the class " + shortened(type) + "; only Sequential models can be read");
        }
        JsonElement config = model.get("config");
        JsonElement list = config instanceof JsonObject object ? object.get("layers") : config;   // very old models: the list itself
        List<KerasLayer> layers = layers(list);
        KerasLayer first = layers.get(0);
        int[] input = shape(first.config().get(first.has("batch_shape") ? "batch_shape" : "batch_input_shape"));
        if (input == null && config instanceof JsonObject object) input = shape(object.get("build_input_shape"));
        if (input == null) throw new KerasFileException("its model has no input shape; begin the model with an InputLayer");
        if (first.type().equals("InputLayer")) layers.remove(0);
        return new KerasModel(input, List.copyOf(layers), weights.apply(layers));
    }

    private static List<KerasLayer> layers(JsonElement list) {
        if (!(list instanceof JsonArray described) || described.isEmpty()) throw new KerasFileException("its model has no layers");
        if (described.size() > MOST_LAYERS) {
            throw new KerasFileException("its model has " + described.size() + " layers; at most " + MOST_LAYERS + " can be read");
        }
        List<KerasLayer> layers = new ArrayList<>();
        Set<String> names = new HashSet<>();
        for (JsonElement one : described) {
            KerasLayer layer = KerasLayer.of(layers.size() + 1, one);
            if (!names.add(layer.name())) throw layer.cannot("has the same name as another layer; give it a different one");
            layers.add(layer);
        }
        return layers;
    }

    /** The shape without the batch; null if there is none. */
    private static int[] shape(JsonElement json) {
        if (!(json instanceof JsonArray sides) || sides.size() < 2 || sides.size() > 4) return null;
        int[] shape = new int[sides.size() - 1];
        for (int i = 0; i < shape.length; i++) {
            String side = sides.get(i + 1).toString();
            if (!side.matches("[1-9][0-9]{0,5}")) {
                throw new KerasFileException("its model has the input shape " + shortened(json.toString()) + "; only fixed sizes can be read");
            }
            shape[i] = Integer.parseInt(side);
        }
        return shape;
    }

    private static JsonObject object(String json) {
        if (json.length() > LONGEST_DESCRIPTION) throw damaged("its model description is longer than " + (LONGEST_DESCRIPTION >> 20) + " MB");
        try {
            if (JsonParser.parseString(json) instanceof JsonObject object) return object;
        } catch (JsonParseException e) {
            throw new KerasFileException("its model description is not valid JSON; save the model again", e);
        }
        throw new KerasFileException("its model description is not a JSON object; save the model again");
    }
}
