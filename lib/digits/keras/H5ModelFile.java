package digits.keras;

import java.io.IOException;
import java.lang.reflect.Array;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import org.nd4j.linalg.api.ndarray.INDArray;

import digits.files.AtomicFile;
import digits.files.Json;
import io.jhdf.HdfFile;
import io.jhdf.WritableHdfFile;
import io.jhdf.api.WritableGroup;

/**
 * Keras's old file format, which its version 3 still reads: an HDF5 file with the model's description as JSON in an attribute, and a
 * group of arrays for each layer.
 */
final class H5ModelFile {
    private static final String VERSION = "2.15.0";   // the version whose form this is
    /** An attribute lies in a header, whose messages have at most 64 KB. */
    private static final int LONGEST_ATTRIBUTE = 64_000;

    private H5ModelFile() {
    }

    /**
     * A layer as Keras describes it.
     *
     * @param type    Keras's class
     * @param config  its options; what is missing has Keras's default
     * @param weights in Keras's order and shape
     */
    record Layer(String type, String name, Map<String, Object> config, Map<String, INDArray> weights) {
        Map<String, Object> description() {
            Map<String, Object> all = new LinkedHashMap<>();
            all.put("name", name);
            all.put("trainable", true);
            all.put("dtype", "float32");
            all.putAll(config);
            return Map.of("class_name", type, "config", all);
        }
    }

    /**
     * Writes a model.
     *
     * @param input    shape of an example, channels last
     * @param training how Keras is to compile it; empty for not at all
     */
    static void write(Path file, List<Integer> input, List<Layer> layers, Map<String, Object> training) {
        if (layers.stream().allMatch(layer -> layer.weights().isEmpty())) throw new KerasFileException("the network has no weights");
        String model = description(input, layers);
        if (model.getBytes(StandardCharsets.UTF_8).length > LONGEST_ATTRIBUTE) {
            throw new KerasFileException("the network has so many layers that its description is longer than Keras's .h5 format allows");
        }
        AtomicFile.write(file, temporary -> {
            try (WritableHdfFile h5 = HdfFile.write(temporary)) {
                h5.removeAttribute("_jHDF");
                h5.putAttribute("keras_version", VERSION);
                h5.putAttribute("backend", "tensorflow");
                h5.putAttribute("model_config", model);
                if (!training.isEmpty()) h5.putAttribute("training_config", Json.line(training));
                weights(h5.putGroup("model_weights"), layers);
            } catch (RuntimeException e) {
                throw new IOException(e.getMessage(), e);
            }
            check(temporary, model, layers);
        });
    }

    /** jHDF calls its writing unfinished, so the file is read back, by other code, before it gets its name. */
    private static void check(Path file, String model, List<Layer> layers) throws IOException {
        Hdf5Object root = Hdf5File.open(Files.readAllBytes(file));
        boolean same = root.text("model_config").equals(Optional.of(model));
        for (Layer layer : layers) {
            for (Map.Entry<String, INDArray> weight : layer.weights().entrySet()) {
                String path = "model_weights/" + layer.name() + "/" + layer.name() + "/" + weight.getKey() + ":0";
                Optional<Hdf5Values> found = root.child(path).map(Hdf5Object::data);
                same &= found.isPresent() && Arrays.equals(found.get().shape(), weight.getValue().shape())
                        && Arrays.equals(found.get().floats(), numbers(weight.getValue()));
            }
        }
        if (!same) throw new IOException("what was written does not read back as what it should be");
    }

    private static String description(List<Integer> input, List<Layer> layers) {
        List<Integer> batch = new ArrayList<>();
        batch.add(null);
        batch.addAll(input);
        Map<String, Object> first = new LinkedHashMap<>();
        first.put("batch_input_shape", batch);
        first.put("dtype", "float32");
        first.put("name", "input_1");
        List<Map<String, Object>> all = new ArrayList<>();
        all.add(Map.of("class_name", "InputLayer", "config", first));
        layers.forEach(layer -> all.add(layer.description()));
        return Json.line(Map.of("class_name", "Sequential", "config", Map.of("name", "sequential", "layers", all)));
    }

    private static void weights(WritableGroup group, List<Layer> layers) {
        group.putAttribute("keras_version", VERSION);
        group.putAttribute("backend", "tensorflow");
        // Keras also lists layers without weights and passes over them; but jHDF spoils groups without data at a file's end
        List<Layer> weighty = layers.stream().filter(layer -> !layer.weights().isEmpty()).toList();
        group.putAttribute("layer_names", weighty.stream().map(Layer::name).toArray(String[]::new));
        for (Layer layer : weighty) {
            WritableGroup own = group.putGroup(layer.name());
            own.putAttribute("weight_names", layer.weights().keySet().stream().map(name -> layer.name() + "/" + name + ":0").toArray(String[]::new));
            WritableGroup inner = own.putGroup(layer.name());
            layer.weights().forEach((name, values) -> inner.putDataset(name + ":0", array(values)));
        }
    }

    /** The numbers as Java's arrays of arrays. */
    private static Object array(INDArray values) {
        int[] shape = new int[values.rank()];
        for (int i = 0; i < shape.length; i++) shape[i] = (int) values.size(i);
        Object array = Array.newInstance(float.class, shape);
        fill(array, numbers(values), 0);
        return array;
    }

    private static float[] numbers(INDArray values) {
        return values.dup('c').data().asFloat();
    }

    private static int fill(Object array, float[] from, int position) {
        if (array instanceof float[] row) {
            System.arraycopy(from, position, row, 0, row.length);
            return position + row.length;
        }
        for (Object part : (Object[]) array) position = fill(part, from, position);
        return position;
    }
}
