package digits.keras;

import static digits.keras.WrittenModel.options;

import digits.files.Json;
import java.io.IOException;
import java.io.OutputStream;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Writes Keras's older file format, which Keras 3 still reads: an HDF5 file with the model description as JSON in an
 * attribute, and a group of arrays for each layer.
 */
final class H5ModelFile {
    private static final String VERSION = "2.15.0";   // of the Keras that writes files of this form

    private H5ModelFile() { }

    static void write(WrittenModel model, OutputStream out) throws IOException {
        Hdf5Writer.Group root = new Hdf5Writer.Group().text("keras_version", VERSION).text("backend", "tensorflow")
                .text("model_config", Json.line(description(model)));
        if (model.training() != null) root.text("training_config", Json.line(training(model.training())));
        Hdf5Writer.Group weights = root.group("model_weights").text("keras_version", VERSION)
                .text("backend", "tensorflow").list("layer_names", names(model));
        for (WrittenModel.Layer layer : model.layers()) {
            String name = layer.name();
            weights.group(name).list("weight_names", layer.weights().keySet().stream()
                    .map(weight -> name + "/" + weight + ":0").toList());
            layer.weights().forEach((weight, values) -> weights.group(name + "/" + name).put(weight + ":0", values));
        }
        Hdf5Writer.write(root, out);
    }

    private static List<String> names(WrittenModel model) {
        return model.layers().stream().map(WrittenModel.Layer::name).toList();
    }

    private static Map<String, Object> description(WrittenModel model) {
        Map<String, Object> config = options("name", model.graph() ? "model" : "sequential",
                "layers", model.layers().stream().map(layer -> layer(layer, model.graph())).toList());
        if (model.graph()) {
            config.put("input_layers", List.of(List.of(model.layers().get(0).name(), 0, 0)));
            config.put("output_layers", List.of(List.of(model.output().name(), 0, 0)));
        }
        return options("class_name", model.graph() ? "Functional" : "Sequential", "config", config);
    }

    private static Map<String, Object> layer(WrittenModel.Layer layer, boolean graph) {
        Map<String, Object> all = options("class_name", layer.type(), "config", layer.allOptions("batch_input_shape"));
        if (graph) {
            all.put("name", layer.name());
            all.put("inbound_nodes", layer.isInput() ? List.of() : List.of(layer.inputs().stream()
                    .map(input -> List.of(input, 0, 0, Map.of())).toList()));
        }
        return all;
    }

    private static Map<String, Object> training(Training training) {
        Map<String, Object> options = new LinkedHashMap<>(training.options());
        options.put("name", training.optimizer());
        Map<String, Object> all = training.common();
        all.put("optimizer_config", options("class_name", training.optimizer(), "config", options));
        return all;
    }
}
