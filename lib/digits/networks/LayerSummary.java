package digits.networks;

import static java.util.Map.entry;

import digits.Text;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.deeplearning4j.nn.conf.InputPreProcessor;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.dropout.Dropout;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BaseLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DropoutLayer;
import org.deeplearning4j.nn.conf.layers.FeedForwardLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.conf.preprocessor.CnnToFeedForwardPreProcessor;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.learning.config.NoOp;

/**
 * One row of a network's summary.
 *
 * @param name       the layer's name in the network; “input” and “flatten” for the two rows that are not layers
 * @param type       category of the layer
 * @param kind       what the layer does: “Conv 3×3 / 2, ReLU” (stride 2), “MaxPool 2×2”, “Dense 10, softmax”
 * @param shape      shape of the output for one image: {height, width, channels}, or {n} for a list of numbers
 * @param parameters number of parameters
 * @param trainable  number of parameters that gradients change: not batch normalization's running mean and variance
 */
public record LayerSummary(String name, Type type, String kind, List<Long> shape, long parameters, long trainable) {
    private static final Map<PoolingType, String> POOLINGS = Map.of(PoolingType.MAX, "MaxPool", PoolingType.AVG,
            "AveragePool", PoolingType.SUM, "SumPool", PoolingType.PNORM, "NormPool");

    /** Categories of layers. */
    public enum Type {
        INPUT, CONVOLUTION, NORMALIZATION, POOLING, DROPOUT, FLATTEN, DENSE, OTHER;

        /** The category in words. */
        public String label() {
            return this == NORMALIZATION ? "batch normalization" : name().toLowerCase(Locale.ROOT);
        }
    }

    public LayerSummary {
        shape = List.copyOf(shape);
        if (shape.size() != 1 && shape.size() != 3) {
            throw new IllegalArgumentException("layer " + name + ": a shape has one number or three, not " + shape);
        }
    }

    /** Whether the output has height, width and channels. */
    public boolean spatial() {
        return shape.size() == 3;
    }

    /** The output's shape as text: “26 × 26 × 32” or “1,024”. */
    public String outputShape() {
        return shape.stream().map(Text::whole).collect(Collectors.joining(" × "));
    }

    /**
     * The rows of an initialized network that reads 28×28 grayscale images: its input, its layers, and flattening.
     *
     * @throws IllegalArgumentException if a layer's output is neither an image with channels nor a list of numbers
     */
    public static List<LayerSummary> of(MultiLayerNetwork network) {
        MultiLayerConfiguration configuration = network.getLayerWiseConfigurations();
        InputType current = Layers.INPUT;
        List<LayerSummary> rows = new ArrayList<>(List.of(of("input", Type.INPUT, "Input", current)));
        for (int i = 0; i < network.getnLayers(); i++) {
            InputPreProcessor before = configuration.getInputPreProcess(i);
            if (before != null) current = before.getOutputType(current);
            if (before instanceof CnnToFeedForwardPreProcessor) {
                String kind = "Flatten " + Text.whole(current.arrayElementsPerExample());
                rows.add(of("flatten", Type.FLATTEN, kind, current));
            }
            Layer layer = configuration.getConf(i).getLayer();
            current = layer.getOutputType(i, current);
            String name = layer.getLayerName() == null ? "layer " + i : layer.getLayerName();
            rows.add(of(name, layer, network.getLayer(i).paramTable(), current));
        }
        return List.copyOf(rows);
    }

    /**
     * The rows of an initialized graph that reads 28×28 grayscale images: its input and its vertices, in order.
     *
     * @throws IllegalArgumentException if a vertex's output is neither an image with channels nor a list of numbers
     */
    public static List<LayerSummary> of(ComputationGraph graph) {
        Map<String, InputType> outputs = graph.getConfiguration().getLayerActivationTypes(Layers.INPUT);
        return IntStream.of(graph.topologicalSortOrder()).mapToObj(i -> graph.getVertices()[i].getVertexName())
                .map(name -> of(graph, name, outputs.get(name))).toList();
    }

    private static LayerSummary of(ComputationGraph graph, String name, InputType output) {
        GraphVertex vertex = graph.getConfiguration().getVertices().get(name);
        if (vertex == null) return of(name, Type.INPUT, "Input", Layers.INPUT);
        if (vertex instanceof LayerVertex layer) {
            return of(name, layer.getLayerConf().getLayer(), graph.getLayer(name).paramTable(), output);
        }
        return of(name, Type.OTHER, vertex instanceof ElementWiseVertex operation ? operation.getOp().toString()
                : vertex.getClass().getSimpleName().replace("Vertex", ""), output);
    }

    private static LayerSummary of(String name, Type type, String kind, InputType output) {
        return new LayerSummary(name, type, kind, shape(name, output), 0, 0);
    }

    private static LayerSummary of(String name, Layer layer, Map<String, INDArray> parameters, InputType output) {
        long all = parameters.values().stream().mapToLong(INDArray::length).sum();
        long trainable = parameters.entrySet().stream()
                .filter(p -> !(layer.getUpdaterByParam(p.getKey()) instanceof NoOp))
                .mapToLong(p -> p.getValue().length()).sum();
        Map.Entry<Type, String> what = describe(layer);
        return new LayerSummary(name, what.getKey(), what.getValue(), shape(name, output), all, trainable);
    }

    private static List<Long> shape(String name, InputType type) {
        if (type instanceof InputType.InputTypeConvolutional c) {
            return List.of(c.getHeight(), c.getWidth(), c.getChannels());
        }
        if (type instanceof InputType.InputTypeFeedForward f) return List.of(f.getSize());
        throw new IllegalArgumentException("the output of " + name + " is " + type
                + ", neither an image with channels nor a list of numbers");
    }

    private static Map.Entry<Type, String> describe(Layer layer) {
        if (layer instanceof ConvolutionLayer c) {
            return entry(Type.CONVOLUTION, "Conv " + size(c.getKernelSize()) + stride(c.getStride()) + activation(c));
        }
        if (layer instanceof BatchNormalization) return entry(Type.NORMALIZATION, "BatchNorm");
        if (layer instanceof SubsamplingLayer p) {
            return entry(Type.POOLING, POOLINGS.get(p.getPoolingType()) + " " + size(p.getKernelSize()));
        }
        if (layer instanceof GlobalPoolingLayer g) {
            return entry(Type.POOLING, "Global" + POOLINGS.get(g.getPoolingType()));
        }
        if (layer instanceof DropoutLayer) return entry(Type.DROPOUT, "Dropout" + dropped(layer));
        if (layer instanceof ActivationLayer a) return entry(Type.OTHER, name(a.getActivationFn()));
        if (layer instanceof FeedForwardLayer f) {
            return entry(Type.DENSE, "Dense " + Text.whole(f.getNOut()) + activation(f));
        }
        return entry(Type.OTHER, layer.getClass().getSimpleName() + activation(layer));
    }

    private static String size(int[] sides) {
        return sides[0] + "×" + sides[1];
    }

    private static String stride(int[] stride) {
        if (stride[0] != stride[1]) return " / " + size(stride);
        return stride[0] == 1 ? "" : " / " + stride[0];
    }

    /** Deeplearning4j's p is the share that is kept. */
    private static String dropped(Layer layer) {
        if (!(layer.getIDropout() instanceof Dropout dropout) || dropout.getPSchedule() != null) return "";
        return " " + Text.percent(1 - dropout.getP(), 0);
    }

    private static String activation(Layer layer) {
        if (!(layer instanceof BaseLayer base) || base.getActivationFn() == null) return "";
        String name = name(base.getActivationFn());
        return name.equals("identity") ? "" : ", " + name;
    }

    /** Deeplearning4j's rationaltanh is a scaled approximation of tanh. */
    private static String name(IActivation activation) {
        return activation.toString().replace("rationaltanh", "tanh").replace("relu", "ReLU");
    }
}
