package digits.keras;

import static digits.keras.KerasFileException.refused;

import digits.files.AtomicFile;
import digits.files.Json;
import io.jhdf.HdfFile;
import io.jhdf.WritableHdfFile;
import io.jhdf.api.WritableGroup;
import java.io.IOException;
import java.lang.reflect.Array;
import java.nio.FloatBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Writes Keras's older file format, which Keras 3 still reads: an HDF5 file with the model description as JSON in an
 * attribute, and a group of arrays for each layer.
 */
final class H5ModelFile {
    private static final String VERSION = "2.15.0";   // of the Keras that writes files of this form
    private static final int LONGEST_ATTRIBUTE = 64_000;   // bytes: it is in a header, whose messages have up to 64 KB

    private H5ModelFile() { }

    /** A layer as Keras describes it: missing options have its defaults, weights its order and shape. */
    record Layer(String type, String name, Map<String, Object> config, Map<String, INDArray> weights) {
        Map<String, Object> description() {
            Map<String, Object> all = new HashMap<>(Map.of("name", name, "trainable", true, "dtype", "float32"));
            all.putAll(config);
            return Map.of("class_name", type, "config", all);
        }
    }

    /** Writes a model that reads examples of the shape {@code input}, channels last; {@code training} may be empty. */
    static void write(Path file, List<Integer> input, List<Layer> layers, Map<String, Object> training) {
        // Keras also lists layers without weights and ignores them; but jhdf corrupts empty groups at the end of a file
        List<Layer> weighted = layers.stream().filter(layer -> !layer.weights().isEmpty()).toList();
        if (weighted.isEmpty()) throw refused("the network has no weights");
        String model = description(input, layers);
        if (model.getBytes(StandardCharsets.UTF_8).length > LONGEST_ATTRIBUTE) {
            throw refused("the description of " + layers.size() + " layers is longer than the .h5 format allows");
        }
        AtomicFile.write(file, temporary -> {
            try (WritableHdfFile h5 = HdfFile.write(temporary)) {
                h5.removeAttribute("_jHDF");
                h5.putAttribute("keras_version", VERSION);
                h5.putAttribute("backend", "tensorflow");
                h5.putAttribute("model_config", model);
                if (!training.isEmpty()) h5.putAttribute("training_config", Json.line(training));
                weights(h5.putGroup("model_weights"), weighted);
            } catch (RuntimeException e) {
                throw new IOException(e.getMessage(), e);
            }
            check(temporary, model, weighted);
        });
    }

    /** Reads the file back with our own reader before it gets its name, because jhdf calls its writer unfinished. */
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
        if (!same) throw new IOException("reading the file back gave other values than were written");
    }

    private static String description(List<Integer> input, List<Layer> layers) {
        List<Integer> batch = new ArrayList<>(input);
        batch.add(0, null);
        Map<String, Object> first = Map.of("batch_input_shape", batch, "dtype", "float32", "name", "input_1");
        List<Map<String, Object>> all = new ArrayList<>();
        all.add(Map.of("class_name", "InputLayer", "config", first));
        layers.forEach(layer -> all.add(layer.description()));
        return Json.line(Map.of("class_name", "Sequential", "config", Map.of("name", "sequential", "layers", all)));
    }

    private static void weights(WritableGroup group, List<Layer> layers) {
        group.putAttribute("keras_version", VERSION);
        group.putAttribute("backend", "tensorflow");
        group.putAttribute("layer_names", layers.stream().map(Layer::name).toArray(String[]::new));
        for (Layer layer : layers) {
            WritableGroup outer = group.putGroup(layer.name());
            outer.putAttribute("weight_names", layer.weights().keySet().stream()
                    .map(name -> layer.name() + "/" + name + ":0").toArray(String[]::new));
            WritableGroup inner = outer.putGroup(layer.name());
            layer.weights().forEach((name, values) -> inner.putDataset(name + ":0", array(values)));
        }
    }

    /** Copies an ND4J array into nested Java arrays. */
    private static Object array(INDArray values) {
        int[] shape = Arrays.stream(values.shape()).mapToInt(Math::toIntExact).toArray();
        Object array = Array.newInstance(float.class, shape);
        fill(array, FloatBuffer.wrap(numbers(values)));
        return array;
    }

    private static void fill(Object array, FloatBuffer from) {
        if (array instanceof float[] row) from.get(row);
        else for (Object part : (Object[]) array) fill(part, from);
    }

    /** The numbers of an ND4J array, in C order. */
    private static float[] numbers(INDArray values) {
        return values.dup('c').data().asFloat();
    }
}
