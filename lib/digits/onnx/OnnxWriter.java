package digits.onnx;

import static digits.onnx.OnnxFileException.refused;

import digits.files.AtomicFile;
import digits.onnx.WrittenGraph.Value;
import java.io.BufferedOutputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import onnx.Onnx.ModelProto;
import onnx.Onnx.OperatorSetIdProto;
import onnx.Onnx.StringStringEntryProto;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.InputPreProcessor;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.FeedForwardLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.preprocessor.CnnToFeedForwardPreProcessor;
import org.deeplearning4j.nn.conf.preprocessor.FeedForwardToCnnPreProcessor;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;

/** Writes a network as an ONNX file. */
final class OnnxWriter {
    /** Of ONNX 1.10 (2021): every runtime since then reads them. */
    private static final int OPERATORS = 15;
    private static final int FORMAT = 8;
    private static final InputType DIGIT = InputType.convolutional(28, 28, 1);

    private final WrittenGraph graph;
    private final Map<String, Value> activations = new LinkedHashMap<>();

    private OnnxWriter(InputType input, String result) {
        graph = new WrittenGraph(input instanceof InputType.InputTypeConvolutional ? "image" : "input", shape(input),
                result);
    }

    static void write(Model network, InputType input, Map<String, String> metadata, List<String> layers, Path file) {
        ModelProto model = network instanceof MultiLayerNetwork sequence ? model(sequence, input, layers, metadata)
                : network instanceof ComputationGraph graph ? model(graph, input, layers, metadata) : null;
        if (model == null) throw refused("a " + network.getClass().getSimpleName() + " is not a network");
        AtomicFile.write(file, temporary -> {
            try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(temporary))) {
                model.writeTo(out);
            }
        });
    }

    private static ModelProto model(MultiLayerNetwork network, InputType input, List<String> layers,
                                    Map<String, String> metadata) {
        OnnxWriter writer = new OnnxWriter(input != null ? input
                : input(network.getLayerWiseConfigurations().getInputPreProcess(0),
                network.getLayerWiseConfigurations().getConf(0).getLayer()).orElse(DIGIT), "probabilities");
        Value now = writer.graph.input();
        for (int i = 0; i < network.getnLayers(); i++) {
            Layer layer = network.getLayerWiseConfigurations().getConf(i).getLayer();
            String name = layer.getLayerName() == null || layer.getLayerName().isBlank() ? "layer" + i
                    : layer.getLayerName();
            Value after = new LayerNodes(writer.graph, "layer " + (i + 1) + ", \"" + name + "\"", name, layer,
                    network.getLayer(i).paramTable(), now)
                    .write(network.getLayerWiseConfigurations().getInputPreProcess(i));
            now = writer.keep(name, now, after);
        }
        return writer.model(now, "probabilities", layers, metadata);
    }

    /** Names the array that a layer returns after the layer. */
    private Value keep(String name, Value before, Value after) {
        Value named = after.name().equals(before.name()) ? after : graph.renamed(after, name);
        activations.put(name, named);
        return named;
    }

    private static long[] shape(InputType input) {
        if (input instanceof InputType.InputTypeConvolutional image) {
            return new long[] {image.getChannels(), image.getHeight(), image.getWidth()};
        }
        if (input instanceof InputType.InputTypeConvolutionalFlat flat) return new long[] {flat.getFlattenedSize()};
        if (input instanceof InputType.InputTypeFeedForward list) return new long[] {list.getSize()};
        throw refused("the network reads " + input + "; only images and lists of numbers can be written");
    }

    private ModelProto model(Value result, String name, List<String> layers, Map<String, String> metadata) {
        ModelProto.Builder model = ModelProto.newBuilder().setIrVersion(FORMAT).setProducerName("digits")
                .addOpsetImport(OperatorSetIdProto.newBuilder().setVersion(OPERATORS));
        List<Value> more = layers.stream().map(activations::get).toList();
        model.setGraph(graph.finish(result, name, more).setName("network"));
        new TreeMap<>(metadata).forEach((key, value) -> model.addMetadataProps(
                StringStringEntryProto.newBuilder().setKey(key).setValue(value)));
        return model.build();
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

    private static ModelProto model(ComputationGraph network, InputType input, List<String> layers,
                                    Map<String, String> metadata) {
        ComputationGraphConfiguration configuration = network.getConfiguration();
        String first = configuration.getNetworkInputs().get(0);
        String last = configuration.getNetworkOutputs().get(0);
        OnnxWriter writer = new OnnxWriter(input != null ? input : DIGIT, "probabilities");
        Map<String, Value> values = new HashMap<>(Map.of(first, writer.graph.input()));
        for (int index : network.topologicalSortOrder()) {
            String name = network.getVertices()[index].getVertexName();
            if (name.equals(first)) continue;
            GraphVertex vertex = configuration.getVertices().get(name);
            List<Value> inputs = configuration.getVertexInputs().get(name).stream().map(values::get).toList();
            if (!(vertex instanceof LayerVertex layer)) throw refused("vertex \"" + name + "\"");
            Value after = new LayerNodes(writer.graph, "vertex \"" + name + "\"", name,
                    layer.getLayerConf().getLayer(), network.getLayer(name).paramTable(), inputs.get(0))
                    .write(layer.getPreProcessor());
            values.put(name, writer.keep(name, inputs.get(0), after));
        }
        return writer.model(values.get(last), "probabilities", layers, metadata);
    }
}
