package digits.keras;

import static digits.keras.KerasFileException.refused;
import static digits.keras.KerasFileException.shortened;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import digits.files.Json;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.Stream;

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
        String json = root.text("model_config").orElseThrow(() -> refused(
                "it has no model description; if it has only weights, save the whole model: model.save(\"name.h5\")"));
        Hdf5Object groups = root.child("model_weights").orElseThrow(() -> refused(
                "it has no weights; save the whole model: model.save(\"name.h5\")"));
        return of(json, layer -> groups.child(layer.name()).map(group -> weights(layer, group,
                group.texts("weight_names").orElse(List.of()).stream())).orElse(List.of()));
    }

    private static List<Hdf5Values> weights(KerasLayer layer, Hdf5Object group, Stream<String> names) {
        return names.map(name -> group.child(name).map(Hdf5Object::data)
                .orElseThrow(() -> layer.cannot("lacks its weights \"" + shortened(name) + "\" in the file"))).toList();
    }

    /**
     * Reads Keras 3's archive: a description as JSON, and the weights in an HDF5 file. A layer's group has the name of
     * its class in lower case, with a number from the second layer on: conv2d, conv2d_1.
     */
    static KerasModel ofArchive(String json, Hdf5Object root) {
        return of(json, layer -> {
            String group = layer.type().replaceAll("\\W+", "").replaceAll("(.)([A-Z][a-z]+)", "$1_$2")
                    .replaceAll("([a-z])([A-Z])", "$1_$2").toLowerCase(Locale.ROOT);
            String path = "layers/" + group + (layer.earlier() == 0 ? "" : "_" + layer.earlier()) + "/vars";
            return root.child(path).map(vars -> weights(layer, vars,
                    IntStream.range(0, vars.names().size()).mapToObj(String::valueOf))).orElse(List.of());
        });
    }

    private static KerasModel of(String json, Function<KerasLayer, List<Hdf5Values>> weights) {
        JsonObject model = object(json);
        String type = model.has("class_name") ? model.get("class_name").toString() : "none";
        if (!type.equals("\"Sequential\"")) {
            throw refused("its model has the class " + shortened(type) + "; only Sequential models can be read");
        }
        JsonObject config = model.get("config") instanceof JsonObject object ? object : new JsonObject();
        // very old models have the list of layers itself as their config
        List<KerasLayer> layers = layers(config.has("layers") ? config.get("layers") : model.get("config"));
        KerasLayer first = layers.get(0);
        int[] input = shape(first.config().get(first.has("batch_shape") ? "batch_shape" : "batch_input_shape"));
        if (input == null) input = shape(config.get("build_input_shape"));
        if (input == null) throw refused("its model has no input shape; begin the model with an InputLayer");
        if (first.type().equals("InputLayer")) layers.remove(0);
        return new KerasModel(input, List.copyOf(layers), weights);
    }

    private static List<KerasLayer> layers(JsonElement list) {
        if (!(list instanceof JsonArray described) || described.isEmpty()) throw refused("its model has no layers");
        int count = described.size();
        if (count > MOST_LAYERS) throw refused("its model has " + count + " layers, more than " + MOST_LAYERS);
        List<KerasLayer> layers = new ArrayList<>();
        Set<String> names = new HashSet<>();
        for (JsonElement one : described) {
            KerasLayer layer = KerasLayer.of(one, layers);
            if (!names.add(layer.name())) throw layer.cannot("has the name of another layer; give it a different one");
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
                throw refused("its model reads the shape " + shortened(json.toString()) + "; every size must be fixed");
            }
            shape[i] = Integer.parseInt(side);
        }
        return shape;
    }

    private static JsonObject object(String json) {
        if (json.length() > LONGEST_DESCRIPTION) throw refused("its model description is longer than 2 MB");
        try {
            return Json.read(json, JsonObject.class);
        } catch (IOException e) {
            throw refused("its model description is not valid JSON of an object; save the model again");
        }
    }
}
