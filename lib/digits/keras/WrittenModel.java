package digits.keras;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A model as Keras describes it, before it is written.
 *
 * @param graph    whether it is Functional; otherwise it is Sequential, and the layers form a chain
 * @param layers   in Keras's order; the first is the input layer, the last returns the predictions
 * @param training how Keras compiles it; null if it does not
 */
record WrittenModel(boolean graph, List<Layer> layers, Training training) {
    /**
     * A layer: missing options have Keras's defaults.
     *
     * @param type    Keras's class
     * @param weights in Keras's order and shapes, by Keras's names; its own order counts
     * @param inputs  names of the layers that it reads
     * @param shape   shape of its output for one example, channels last
     */
    record Layer(String type, String name, Map<String, Object> config, Map<String, INDArray> weights,
                 List<String> inputs, List<Long> shape) {
        boolean isInput() {
            return inputs.isEmpty();
        }

        /** The options with those that all layers have; Keras's formats call the shape of the input differently. */
        Map<String, Object> allOptions(String inputShape) {
            Map<String, Object> all = options("name", name, "dtype", "float32");
            if (isInput()) all.put(inputShape, batch(shape));
            all.putAll(config);
            return all;
        }
    }

    /** Keys and values in turn, as a map that keeps their order: equal networks give equal files. */
    static Map<String, Object> options(Object... keysAndValues) {
        Map<String, Object> options = new LinkedHashMap<>();
        for (int i = 0; i < keysAndValues.length; i += 2) options.put((String) keysAndValues[i], keysAndValues[i + 1]);
        return options;
    }

    /** A shape with the batch, whose size is free. */
    static List<Long> batch(List<Long> shape) {
        List<Long> batch = new ArrayList<>(shape);
        batch.add(0, null);
        return batch;
    }

    /** The last layer. */
    Layer output() {
        return layers.get(layers.size() - 1);
    }

    /**
     * Puts the layers of a graph in the order in which Keras keeps them, by which it matches the weights in a file: the
     * farther from the output the earlier, and at the same distance as a depth-first search from the output meets them.
     * Layers that do not lead to the output are left out.
     *
     * @param layers each after its inputs
     */
    static List<Layer> inOrder(List<Layer> layers, String output) {
        Map<String, Layer> byName = layers.stream().collect(Collectors.toMap(Layer::name, Function.identity()));
        Map<String, Integer> met = new HashMap<>();
        Deque<String> next = new ArrayDeque<>(List.of(output));
        while (!next.isEmpty()) {
            String name = next.pop();
            if (met.putIfAbsent(name, met.size()) != null) continue;
            List<String> inputs = byName.get(name).inputs();
            for (int i = inputs.size() - 1; i >= 0; i--) next.push(inputs.get(i));
        }
        Map<String, Integer> distance = new HashMap<>(Map.of(output, 0));
        for (int i = layers.size() - 1; i >= 0; i--) {
            Integer here = distance.get(layers.get(i).name());
            if (here == null) continue;
            for (String input : layers.get(i).inputs()) distance.merge(input, here + 1, Math::max);
        }
        List<Layer> ordered = new ArrayList<>(layers);
        ordered.removeIf(layer -> !met.containsKey(layer.name()));
        ordered.sort(Comparator.comparing((Layer layer) -> -distance.get(layer.name()))
                .thenComparing(layer -> met.get(layer.name())));
        return ordered;
    }
}
