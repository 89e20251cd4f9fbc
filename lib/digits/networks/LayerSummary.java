package digits.networks;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
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
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.learning.config.NoOp;

/**
 * One row of a network's summary.
 *
 * @param name       the layer's name in the network; «input» and «flatten» for the two rows that are no layers of their own
 * @param type       what sort of layer
 * @param kind       what it does, for people: «Conv 3×3, ReLU», «Conv 3×3 / 2» (stride 2), «BatchNorm», «MaxPool 2×2», «Dropout 25 %»,
 *                   «Flatten 1,024», «Dense 10, softmax»
 * @param shape      of one image's output: {height, width, channels}, or {n} for a list of numbers
 * @param parameters how many numbers the layer holds
 * @param trainable  how many of them training by gradients changes: all but batch normalisation's running mean and variance
 */
public record LayerSummary(String name, Type type, String kind, List<Long> shape, long parameters, long trainable) {

    /** Sorts of layers. */
    public enum Type {
        INPUT("input"), CONVOLUTION("convolution"), NORMALISATION("batch normalisation"), POOLING("pooling"), DROPOUT("dropout"),
        FLATTEN("flatten"), DENSE("dense"), OTHER("other");

        private final String label;

        Type(String label) {
            this.label = label;
        }

        /** The sort in words. */
        public String label() {
            return label;
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

    /** The output's shape for people: «26 × 26 × 32» or «1,024». */
    public String outputShape() {
        return shape.stream().map(LayerSummary::number).collect(Collectors.joining(" × "));
    }

    /** The rows of an initialised network that reads 28×28 greyscale images. */
    public static List<LayerSummary> of(MultiLayerNetwork network) {
        return of(network, InputType.convolutional(28, 28, 1));
    }

    /**
     * The rows of an initialised network, in order: its input, its layers, and a row where an output is flattened to a list.
     *
     * @param input what one example looks like
     * @throws IllegalArgumentException if a layer's output is neither an image with channels nor a list of numbers
     */
    public static List<LayerSummary> of(MultiLayerNetwork network, InputType input) {
        MultiLayerConfiguration configuration = network.getLayerWiseConfigurations();
        List<LayerSummary> rows = new ArrayList<>();
        rows.add(new LayerSummary("input", Type.INPUT, "Input", shape("input", input), 0, 0));
        InputType current = input;
        for (int i = 0; i < network.getnLayers(); i++) {
            InputPreProcessor before = configuration.getInputPreProcess(i);
            if (before != null) {
                current = before.getOutputType(current);
                if (before instanceof CnnToFeedForwardPreProcessor) {
                    List<Long> flat = shape("flatten", current);
                    rows.add(new LayerSummary("flatten", Type.FLATTEN, "Flatten " + number(flat.get(0)), flat, 0, 0));
                }
            }
            Layer layer = configuration.getConf(i).getLayer();
            current = layer.getOutputType(i, current);
            String name = layer.getLayerName() == null ? "layer " + i : layer.getLayerName();
            rows.add(of(name, layer, network.getLayer(i).paramTable(), current));
        }
        return List.copyOf(rows);
    }

    /** The rows of an initialised graph that reads 28×28 greyscale images: its input and its vertices, each after those it reads. */
    public static List<LayerSummary> of(ComputationGraph graph) {
        return of(graph, InputType.convolutional(28, 28, 1));
    }

    /**
     * The rows of an initialised graph with one input, each after those it reads; flattening has no row of its own here.
     *
     * @param input what one example looks like
     * @throws IllegalArgumentException if a vertex's output is neither an image with channels nor a list of numbers
     */
    public static List<LayerSummary> of(ComputationGraph graph, InputType input) {
        ComputationGraphConfiguration configuration = graph.getConfiguration();
        Map<String, InputType> outputs = configuration.getLayerActivationTypes(input);
        List<LayerSummary> rows = new ArrayList<>();
        for (int i : graph.topologicalSortOrder()) {
            String name = graph.getVertices()[i].getVertexName();
            GraphVertex vertex = configuration.getVertices().get(name);
            if (vertex == null) {
                rows.add(new LayerSummary(name, Type.INPUT, "Input", shape(name, input), 0, 0));
            } else if (vertex instanceof LayerVertex layer) {
                rows.add(of(name, layer.getLayerConf().getLayer(), graph.getLayer(name).paramTable(), outputs.get(name)));
            } else {
                rows.add(new LayerSummary(name, Type.OTHER, kind(vertex), shape(name, outputs.get(name)), 0, 0));
            }
        }
        return List.copyOf(rows);
    }

    private static LayerSummary of(String name, Layer layer, Map<String, INDArray> parameters, InputType output) {
        long all = parameters.values().stream().mapToLong(INDArray::length).sum();
        long trainable = parameters.entrySet().stream()
                .filter(p -> !(layer.getUpdaterByParam(p.getKey()) instanceof NoOp))
                .mapToLong(p -> p.getValue().length()).sum();
        return new LayerSummary(name, type(layer), kind(layer), shape(name, output), all, trainable);
    }

    private static String kind(GraphVertex vertex) {
        return vertex instanceof ElementWiseVertex e ? e.getOp().toString() : vertex.getClass().getSimpleName().replace("Vertex", "");
    }

    private static List<Long> shape(String name, InputType type) {
        if (type instanceof InputType.InputTypeConvolutional c) return List.of(c.getHeight(), c.getWidth(), c.getChannels());
        if (type instanceof InputType.InputTypeFeedForward f) return List.of(f.getSize());
        throw new IllegalArgumentException("the output of " + name + " is " + type
                + ", neither an image with channels nor a list of numbers");
    }

    private static Type type(Layer layer) {
        if (layer instanceof ConvolutionLayer) return Type.CONVOLUTION;
        if (layer instanceof BatchNormalization) return Type.NORMALISATION;
        if (layer instanceof SubsamplingLayer || layer instanceof GlobalPoolingLayer) return Type.POOLING;
        if (layer instanceof DropoutLayer) return Type.DROPOUT;
        if (layer instanceof ActivationLayer) return Type.OTHER;
        return layer instanceof FeedForwardLayer ? Type.DENSE : Type.OTHER;
    }

    private static String kind(Layer layer) {
        return switch (type(layer)) {
            case CONVOLUTION -> "Conv " + size(((ConvolutionLayer) layer).getKernelSize()) + stride((ConvolutionLayer) layer) + activation(layer);
            case NORMALISATION -> "BatchNorm";
            case POOLING -> layer instanceof GlobalPoolingLayer g ? "Global" + how(g.getPoolingType()) + "Pool" : pooling((SubsamplingLayer) layer);
            case DROPOUT -> "Dropout" + dropped(layer);
            case DENSE -> "Dense " + number(((FeedForwardLayer) layer).getNOut()) + activation(layer);
            default -> layer instanceof ActivationLayer a ? name(a.getActivationFn().toString())
                    : layer.getClass().getSimpleName() + activation(layer);
        };
    }

    private static String stride(ConvolutionLayer layer) {
        int[] stride = layer.getStride();
        return stride[0] == 1 && stride[1] == 1 ? "" : " / " + (stride[0] == stride[1] ? String.valueOf(stride[0]) : size(stride));
    }

    private static String pooling(SubsamplingLayer layer) {
        return how(layer.getPoolingType()) + "Pool " + size(layer.getKernelSize());
    }

    private static String how(PoolingType type) {
        return switch (type) {
            case MAX -> "Max";
            case AVG -> "Average";
            case SUM -> "Sum";
            case PNORM -> "Norm";
        };
    }

    /** Deeplearning4j's dropout keeps with probability p; people say how much is dropped. */
    private static String dropped(Layer layer) {
        if (!(layer.getIDropout() instanceof Dropout dropout) || dropout.getPSchedule() != null) return "";
        return String.format(Locale.ENGLISH, " %.0f %%", 100 * (1 - dropout.getP()));
    }

    private static String activation(Layer layer) {
        if (!(layer instanceof BaseLayer base) || base.getActivationFn() == null) return "";
        String name = base.getActivationFn().toString();
        return name.equals("identity") ? "" : ", " + name(name);
    }

    private static String name(String activation) {
        return switch (activation) {
            case "relu" -> "ReLU";
            case "rationaltanh" -> "tanh";   // an approximation of it, scaled
            default -> activation;
        };
    }

    private static String size(int[] sides) {
        return sides[0] + "×" + sides[1];
    }

    private static String number(long n) {
        return String.format(Locale.ENGLISH, "%,d", n);
    }
}
