package digits.keras;

import static digits.keras.KerasFileException.refused;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.InputPreProcessor;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.BaseLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.FeedForwardLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.preprocessor.CnnToFeedForwardPreProcessor;
import org.deeplearning4j.nn.conf.preprocessor.FeedForwardToCnnPreProcessor;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.learning.config.IUpdater;

/** Describes a network as Keras does: a sequence of layers as a Sequential model, a graph as a Functional one. */
final class NetworkWriter {
    private static final InputType DIGIT = InputType.convolutional(28, 28, 1);

    private NetworkWriter() { }

    /** @param input shape of one example; null if the network is to tell it */
    static WrittenModel model(MultiLayerNetwork network, InputType input) {
        LayerChain chain = new LayerChain("input_1", input != null ? input
                : input(network.getLayerWiseConfigurations().getInputPreProcess(0),
                network.getLayerWiseConfigurations().getConf(0).getLayer()).orElse(DIGIT));
        Layer layer = null;
        for (int i = 0; i < network.getnLayers(); i++) {
            layer = network.getLayerWiseConfigurations().getConf(i).getLayer();
            String name = layer.getLayerName() == null || layer.getLayerName().isBlank() ? "layer" + i
                    : layer.getLayerName();
            InputPreProcessor before = network.getLayerWiseConfigurations().getInputPreProcess(i);
            new LayerWriter(chain, "layer " + (i + 1) + ", \"" + name + "\"", name, layer,
                    network.getLayer(i).paramTable()).write(before);
        }
        return model(false, chain, Training.of(layer, updater(network.getLayers())));
    }

    private static WrittenModel model(boolean graph, LayerChain chain, Training training) {
        if (chain.now().order() != null) {
            throw refused("the network ends with a flattened image; a Dense layer must follow");
        }
        List<WrittenModel.Layer> layers = graph ? WrittenModel.inOrder(chain.layers(), chain.now().from())
                : chain.layers();
        if (layers.stream().allMatch(layer -> layer.weights().isEmpty())) throw refused("the network has no weights");
        return new WrittenModel(graph, layers, training);
    }

    private static IUpdater updater(org.deeplearning4j.nn.api.Layer... layers) {
        return Stream.of(layers).map(layer -> layer.conf().getLayer()).filter(BaseLayer.class::isInstance)
                .map(layer -> ((BaseLayer) layer).getIUpdater()).findFirst().orElse(null);
    }

    /** The shape that a layer needs that reads the network's input; empty if it does not tell. */
    private static Optional<InputType> input(InputPreProcessor before, Layer layer) {
        if (before instanceof FeedForwardToCnnPreProcessor to) {
            return Optional.of(InputType.convolutional(to.getInputHeight(), to.getInputWidth(), to.getNumChannels()));
        }
        if (before instanceof CnnToFeedForwardPreProcessor from) {
            return Optional.of(InputType.convolutional(from.getInputHeight(), from.getInputWidth(),
                    from.getNumChannels()));
        }
        boolean list = before == null && layer instanceof DenseLayer || layer instanceof OutputLayer;
        return list ? Optional.of(InputType.feedForward(((FeedForwardLayer) layer).getNIn())) : Optional.empty();
    }

    private static InputType input(ComputationGraphConfiguration graph, String name) {
        return graph.getVertices().entrySet().stream()
                .filter(vertex -> vertex.getValue() instanceof LayerVertex
                        && graph.getVertexInputs().get(vertex.getKey()).contains(name))
                .map(vertex -> (LayerVertex) vertex.getValue())
                .map(vertex -> input(vertex.getPreProcessor(), vertex.getLayerConf().getLayer()))
                .flatMap(Optional::stream).findFirst().orElse(DIGIT);
    }

    /** @param input shape of one example; null if the graph is to tell it */
    static WrittenModel model(ComputationGraph graph, InputType input) {
        ComputationGraphConfiguration configuration = graph.getConfiguration();
        if (graph.getNumInputArrays() != 1 || graph.getNumOutputArrays() != 1) {
            throw refused("the graph has " + graph.getNumInputArrays() + " inputs and " + graph.getNumOutputArrays()
                    + " outputs; only graphs with one of each can be written");
        }
        String first = configuration.getNetworkInputs().get(0);
        String last = configuration.getNetworkOutputs().get(0);
        LayerChain chain = new LayerChain(first, input != null ? input : input(configuration, first));
        Map<String, LayerChain.Flow> flows = new HashMap<>(Map.of(first, chain.now()));
        for (int index : graph.topologicalSortOrder()) {
            String name = graph.getVertices()[index].getVertexName();
            if (name.equals(first)) continue;
            GraphVertex vertex = configuration.getVertices().get(name);
            List<LayerChain.Flow> inputs = configuration.getVertexInputs().get(name).stream().map(flows::get).toList();
            if (vertex instanceof LayerVertex layer) {
                chain.continueFrom(inputs.get(0));
                new LayerWriter(chain, "vertex \"" + name + "\"", name, layer.getLayerConf().getLayer(),
                        graph.getLayer(name).paramTable()).write(layer.getPreProcessor());
            } else {
                new VertexWriter(chain, name, vertex).write(inputs);
            }
            flows.put(name, chain.now());
        }
        chain.continueFrom(flows.get(last));
        Layer output = configuration.getVertices().get(last) instanceof LayerVertex layer
                ? layer.getLayerConf().getLayer() : null;
        return model(true, chain, Training.of(output, updater(graph.getLayers())));
    }
}
