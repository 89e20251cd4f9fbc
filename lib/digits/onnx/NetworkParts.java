package digits.onnx;

import static digits.onnx.OnnxFileException.refused;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.InputPreProcessor;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.graph.FrozenVertex;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.graph.PreprocessorVertex;
import org.deeplearning4j.nn.conf.graph.ScaleVertex;
import org.deeplearning4j.nn.conf.graph.ShiftVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.DropoutLayer;
import org.deeplearning4j.nn.conf.layers.FeedForwardLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayer;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayerWithBackprop;
import org.deeplearning4j.nn.conf.preprocessor.CnnToFeedForwardPreProcessor;
import org.deeplearning4j.nn.conf.preprocessor.FeedForwardToCnnPreProcessor;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * What a network consists of, the same for a sequence of layers and for a graph.
 *
 * @param input  name of the network's input
 * @param output name of the part that returns the predictions
 * @param list   in an order in which they can be computed
 */
record NetworkParts(String input, String output, List<Part> list) {
    private static final InputType DIGIT = InputType.convolutional(28, 28, 1);

    /**
     * A layer, or a vertex that is not a layer; the other one is null.
     *
     * @param place      where it is, for messages, such as: layer 3, "name"
     * @param before     changes the shape of a layer's input; may be null
     * @param parameters by Deeplearning4j's names
     */
    record Part(String name, String place, Layer layer, GraphVertex vertex, InputPreProcessor before,
                List<String> reads, Map<String, INDArray> parameters) {
        Part {
            layer = layer instanceof FrozenLayer outer ? outer.getLayer()
                    : layer instanceof FrozenLayerWithBackprop outer ? outer.getUnderlying() : layer;
            vertex = vertex instanceof FrozenVertex outer ? outer.getUnderlying() : vertex;
        }

        /** Whether it returns arrays of the shape that it reads. */
        private boolean keepsShape() {
            return layer instanceof ActivationLayer || layer instanceof DropoutLayer
                    || layer instanceof BatchNormalization || vertex instanceof ElementWiseVertex
                    || vertex instanceof ScaleVertex || vertex instanceof ShiftVertex;
        }

        /** The shape that it needs; null if it does not tell. */
        private InputType needs() {
            InputPreProcessor first = vertex instanceof PreprocessorVertex only ? only.getPreProcessor() : before;
            if (first instanceof FeedForwardToCnnPreProcessor to) {
                return InputType.convolutional(to.getInputHeight(), to.getInputWidth(), to.getNumChannels());
            }
            if (first instanceof CnnToFeedForwardPreProcessor from) {
                return InputType.convolutional(from.getInputHeight(), from.getInputWidth(), from.getNumChannels());
            }
            boolean list = first == null && (layer instanceof DenseLayer || layer instanceof OutputLayer);
            return list ? InputType.feedForward(((FeedForwardLayer) layer).getNIn()) : null;
        }
    }

    /** @throws OnnxFileException if it is no network, or a graph with several inputs or outputs */
    static NetworkParts of(Model network) {
        if (network instanceof MultiLayerNetwork sequence) return of(sequence);
        if (network instanceof ComputationGraph graph) return of(graph);
        throw refused("a " + network.getClass().getSimpleName() + " is not a whole network");
    }

    private static NetworkParts of(MultiLayerNetwork network) {
        MultiLayerConfiguration configuration = network.getLayerWiseConfigurations();
        List<Part> parts = new ArrayList<>();
        String last = "";
        for (int i = 0; i < network.getnLayers(); i++) {
            Layer layer = configuration.getConf(i).getLayer();
            String given = layer.getLayerName();
            String name = given == null || given.isBlank() ? "layer" + i : given;
            parts.add(new Part(name, "layer " + (i + 1) + ", \"" + name + "\"", layer, null,
                    configuration.getInputPreProcess(i), List.of(last), network.getLayer(i).paramTable()));
            last = name;
        }
        return new NetworkParts("", last, parts);
    }

    private static NetworkParts of(ComputationGraph graph) {
        ComputationGraphConfiguration configuration = graph.getConfiguration();
        if (graph.getNumInputArrays() != 1 || graph.getNumOutputArrays() != 1) {
            throw refused("the graph has " + graph.getNumInputArrays() + " inputs and " + graph.getNumOutputArrays()
                    + " outputs; only graphs with one of each can be written");
        }
        String input = configuration.getNetworkInputs().get(0);
        List<Part> parts = new ArrayList<>();
        for (int index : graph.topologicalSortOrder()) {
            String name = graph.getVertices()[index].getVertexName();
            if (name.equals(input)) continue;
            String place = "vertex \"" + name + "\"";
            GraphVertex vertex = configuration.getVertices().get(name);
            List<String> reads = configuration.getVertexInputs().get(name);
            parts.add(vertex instanceof LayerVertex layer
                    ? new Part(name, place, layer.getLayerConf().getLayer(), null, layer.getPreProcessor(), reads,
                    graph.getLayer(name).paramTable()) : new Part(name, place, null, vertex, null, reads, Map.of()));
        }
        return new NetworkParts(input, configuration.getNetworkOutputs().get(0), parts);
    }

    /** The shape of the network's input, as the first parts tell it; otherwise 28×28 grayscale images. */
    InputType inputType() {
        Set<String> same = new HashSet<>(Set.of(input));
        for (Part part : list) {
            if (part.reads.stream().noneMatch(same::contains)) continue;
            InputType needed = part.needs();
            if (needed != null) return needed;
            if (part.keepsShape() && part.before == null) same.add(part.name);
        }
        return DIGIT;
    }
}
