package digits.keras;

import static digits.keras.KerasFileException.shortened;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.InputPreProcessor;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.graph.PreprocessorVertex;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.LossLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.weights.WeightInit;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/** The parts of a network in the making: layers with their weights, and vertices that join branches. */
final class NetworkParts {
    static final String INPUT = "input";

    /** One of {@code layer} and {@code vertex} is null, and so is {@code before} if there is no step before it. */
    private record Part(String name, Layer layer, GraphVertex vertex, InputPreProcessor before, List<String> reads,
                        Map<String, INDArray> weights) { }

    private final List<Part> parts = new ArrayList<>();
    private final Set<String> names = new HashSet<>(Set.of(INPUT));

    /**
     * Adds a layer.
     *
     * @param name    as near as possible; letters that a page would have to escape are replaced
     * @param weights by Deeplearning4j's names
     * @return its name here, which no other part has
     */
    String add(String name, Tensor reads, Layer.Builder<?> layer, Map<String, INDArray> weights) {
        String unique = unique(name);
        layer.name(unique);
        parts.add(new Part(unique, layer.build(), null, reads.before(), List.of(reads.from()), weights));
        return unique;
    }

    /** Adds a vertex that joins branches. */
    String add(String name, List<Tensor> reads, GraphVertex vertex) {
        List<String> from = new ArrayList<>();
        for (Tensor branch : reads) {
            String source = branch.from();
            if (branch.before() != null) {
                source = unique(name + "_input");
                parts.add(new Part(source, null, new PreprocessorVertex(branch.before()), null, List.of(branch.from()),
                        Map.of()));
            }
            from.add(source);
        }
        String unique = unique(name);
        parts.add(new Part(unique, null, vertex, null, from, Map.of()));
        return unique;
    }

    private String unique(String name) {
        String plain = shortened(name).replaceAll("[^\\p{L}\\p{N} _.:/()-]", "_");
        String unique = plain.isBlank() ? "layer" : plain;
        for (int i = 1; !names.add(unique); i++) unique = plain + "_" + i;
        return unique;
    }

    /** Whether every part reads the one before it and there is nothing to join. */
    boolean isSequence() {
        String last = INPUT;
        for (Part part : parts) {
            if (part.layer == null || !part.reads.equals(List.of(last))) return false;
            last = part.name;
        }
        return true;
    }

    /** The function that gave the result its form: the last one that is not the identity, after the last weights. */
    IActivation lastActivation() {
        IActivation identity = Activation.IDENTITY.getActivationFunction();
        for (int i = parts.size() - 1; i >= 0; i--) {
            Layer layer = parts.get(i).layer;
            IActivation function = layer instanceof ActivationLayer only ? only.getActivationFn()
                    : layer instanceof DenseLayer dense ? dense.getActivationFn()
                    : layer instanceof ConvolutionLayer convolution ? convolution.getActivationFn() : identity;
            if (!function.equals(identity) || layer == null || !parts.get(i).weights.isEmpty()) return function;
        }
        return identity;
    }

    /** Gives the last layer the loss that belongs to its activation, so that training can continue. */
    void endWithALoss() {
        int last = parts.size() - 1;
        Part end = parts.get(last);
        boolean softmaxOnly = end.layer instanceof ActivationLayer layer
                && Activations.isSoftmax(layer.getActivationFn());
        Part before = last > 0 ? parts.get(last - 1) : null;
        if (softmaxOnly && before != null && end.reads.equals(List.of(before.name)) && end.before == null
                && before.layer instanceof DenseLayer dense
                && Activations.is(dense.getActivationFn(), Activation.IDENTITY)) {
            parts.remove(last);
            replace(last - 1, output(dense, Activation.SOFTMAX.getActivationFunction()));
        } else if (softmaxOnly) {
            replace(last, new LossLayer.Builder(LossFunction.MCXENT).activation(Activation.SOFTMAX)
                    .name(end.name).build());
        } else if (end.layer instanceof DenseLayer dense) {
            replace(last, output(dense, dense.getActivationFn()));
        }
    }

    private void replace(int at, Layer layer) {
        Part old = parts.get(at);
        parts.set(at, new Part(old.name, layer, null, old.before, old.reads, old.weights));
    }

    private static OutputLayer output(DenseLayer dense, IActivation activation) {
        LossFunction loss = Activations.isSoftmax(activation) ? LossFunction.MCXENT
                : Activations.is(activation, Activation.SIGMOID) ? LossFunction.XENT : LossFunction.MSE;
        return new OutputLayer.Builder(loss).nOut(dense.getNOut()).hasBias(dense.hasBias()).activation(activation)
                .name(dense.getLayerName()).build();
    }

    private static NeuralNetConfiguration.Builder settings() {
        return new NeuralNetConfiguration.Builder().weightInit(WeightInit.XAVIER_UNIFORM)
                .updater(Adam.builder().learningRate(1e-3).epsilon(1e-7).build());
    }

    MultiLayerNetwork sequence(Tensor input) {
        NeuralNetConfiguration.ListBuilder list = settings().list();
        Map<Integer, InputPreProcessor> before = new HashMap<>();
        for (int i = 0; i < parts.size(); i++) {
            list.layer(parts.get(i).layer);
            if (parts.get(i).before != null) before.put(i, parts.get(i).before);
        }
        before.forEach(list::inputPreProcessor);
        MultiLayerNetwork network = new MultiLayerNetwork(list.setInputType(input.inputType()).build());
        network.init();
        for (int i = 0; i < parts.size(); i++) fill(network.getLayer(i).paramTable(), parts.get(i));
        return network;
    }

    ComputationGraph graph(Tensor input) {
        GraphBuilder graph = settings().graphBuilder().addInputs(INPUT);
        for (Part part : parts) {
            String[] reads = part.reads.toArray(String[]::new);
            if (part.layer == null) graph.addVertex(part.name, part.vertex, reads);
            else graph.addLayer(part.name, part.layer, part.before, reads);
        }
        graph.setOutputs(parts.get(parts.size() - 1).name).setInputTypes(input.inputType());
        ComputationGraph network = new ComputationGraph(graph.build());
        network.init();
        for (Part part : parts) {
            if (part.layer != null) fill(network.getLayer(part.name).paramTable(), part);
        }
        return network;
    }

    private static void fill(Map<String, INDArray> table, Part part) {
        part.weights.forEach((name, values) -> table.get(name).assign(values));
    }
}
