package digits.keras;

import static digits.keras.WrittenModel.options;

import digits.files.Json;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.LocalDateTime;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.zip.Deflater;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Writes Keras 3's archive: a zip of {@code metadata.json}, {@code config.json} with the model description, and {@code
 * model.weights.h5}, in which the weights have numbers instead of names. Equal models give equal bytes.
 */
final class ArchiveFile {
    private static final String VERSION = "3.0.0";   // the first Keras that reads files of this form
    private static final LocalDateTime NO_TIME = LocalDateTime.of(1980, 1, 1, 0, 0);   // the first that a zip can hold
    private static final Set<String> NOT_TRAINED = Set.of("moving_mean", "moving_variance");

    private ArchiveFile() { }

    static void write(WrittenModel model, OutputStream out) throws IOException {
        ZipOutputStream zip = new ZipOutputStream(out);
        zip.setLevel(Deflater.NO_COMPRESSION);   // weights hardly shrink
        text(zip, "metadata.json", options("keras_version", VERSION));
        text(zip, KerasFiles.CONFIG, description(model));
        begin(zip, KerasFiles.WEIGHTS);
        Hdf5Writer.write(weights(model), zip);
        zip.finish();
    }

    private static void text(ZipOutputStream zip, String name, Object content) throws IOException {
        begin(zip, name);
        zip.write(Json.line(content).getBytes(StandardCharsets.UTF_8));
    }

    private static void begin(ZipOutputStream zip, String name) throws IOException {
        ZipEntry entry = new ZipEntry(name);
        entry.setTimeLocal(NO_TIME);
        zip.putNextEntry(entry);
    }

    private static Map<String, Object> object(String module, String type, Map<String, Object> config) {
        return options("module", module, "class_name", type, "config", config, "registered_name", null);
    }

    private static Map<String, Object> description(WrittenModel model) {
        Map<String, Object> config = options("name", model.graph() ? "functional" : "sequential", "trainable", true);
        if (model.graph()) {
            Map<String, List<Long>> shapes = new HashMap<>();
            model.layers().forEach(layer -> shapes.put(layer.name(), layer.shape()));
            config.put("layers", model.layers().stream().map(layer -> vertex(layer, shapes)).toList());
            config.put("input_layers", List.of(List.of(model.layers().get(0).name(), 0, 0)));
            config.put("output_layers", List.of(List.of(model.output().name(), 0, 0)));
        } else {
            config.put("layers", model.layers().stream().map(ArchiveFile::layer).toList());
            config.put("build_input_shape", WrittenModel.batch(model.layers().get(0).shape()));
        }
        Map<String, Object> all = model.graph() ? object("keras.src.models.functional", "Functional", config)
                : object("keras", "Sequential", config);
        if (model.training() != null) all.put("compile_config", training(model.training()));
        return all;
    }

    private static Map<String, Object> layer(WrittenModel.Layer layer) {
        return object("keras.layers", layer.type(), layer.allOptions("batch_shape"));
    }

    private static Map<String, Object> vertex(WrittenModel.Layer layer, Map<String, List<Long>> shapes) {
        List<Object> tensors = layer.inputs().stream().<Object>map(input -> options("class_name", "__keras_tensor__",
                "config", options("shape", WrittenModel.batch(shapes.get(input)), "dtype", "float32",
                        "keras_history", List.of(input, 0, 0)))).toList();
        Object inputs = tensors.size() == 1 ? tensors.get(0) : tensors;
        Map<String, Object> all = layer(layer);
        all.put("name", layer.name());
        all.put("inbound_nodes", layer.isInput() ? List.of()
                : List.of(options("args", List.of(inputs), "kwargs", Map.of())));
        return all;
    }

    private static Map<String, Object> training(Training training) {
        Map<String, Object> options = new LinkedHashMap<>(training.options());
        options.put("name", training.optimizer().toLowerCase(Locale.ROOT));
        Map<String, Object> all = training.common();
        all.put("optimizer", object("keras.optimizers", training.optimizer(), options));
        return all;
    }

    private static Hdf5Writer.Group weights(WrittenModel model) {
        Hdf5Writer.Group root = new Hdf5Writer.Group();
        Map<String, Integer> used = new HashMap<>();
        for (WrittenModel.Layer layer : model.layers()) {
            String group = KerasLayer.snakeCase(layer.type());
            int earlier = used.merge(group, 1, Integer::sum) - 1;
            Hdf5Writer.Group vars = root.group("layers/" + group + (earlier == 0 ? "" : "_" + earlier) + "/vars")
                    .text("name", layer.name());
            int number = 0;
            for (INDArray values : layer.weights().values()) vars.put(String.valueOf(number++), values);
        }
        if (model.training() != null && model.training().states() >= 0) {
            optimizer(root.group("optimizer/vars"), model);
        }
        return root;
    }

    /**
     * The state of an optimizer that has not made a step; without it, Keras warns. All but the learning rate are zeros,
     * so its order does not matter as long as the shapes are right.
     */
    private static void optimizer(Hdf5Writer.Group vars, WrittenModel model) {
        vars.zero("0");
        vars.put("1", Nd4j.scalar(((Number) model.training().options().get("learning_rate")).floatValue()));
        List<long[]> trained = model.layers().stream()
                .filter(layer -> !Boolean.FALSE.equals(layer.config().get("trainable")))
                .flatMap(layer -> layer.weights().entrySet().stream())
                .filter(weight -> !NOT_TRAINED.contains(weight.getKey()))
                .map(weight -> weight.getValue().shape()).toList();
        int number = 2;
        for (long[] shape : trained) {
            for (int i = 0; i < model.training().states(); i++) vars.zeros(String.valueOf(number++), shape);
        }
    }
}
