package digits.onnx;

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
import org.deeplearning4j.nn.conf.layers.BaseLayer;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.DropoutLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.LossLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.conf.layers.ZeroPaddingLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.weights.WeightInit;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.activations.impl.ActivationIdentity;
import org.nd4j.linalg.activations.impl.ActivationReLU;
import org.nd4j.linalg.activations.impl.ActivationReLU6;
import org.nd4j.linalg.activations.impl.ActivationSigmoid;
import org.nd4j.linalg.activations.impl.ActivationSoftmax;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.indexing.BooleanIndexing;
import org.nd4j.linalg.indexing.conditions.Conditions;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/** The parts of a network in the making: layers with their weights, and vertices that join branches. */
final class ReadParts {
    static final String INPUT = "input";
    /** As many layers and parameters as a saved network may have. */
    private static final int MOST_PARTS = 500;
    private static final int MOST_READS = 1_000;   // of all parts together
    private static final long MOST_PARAMETERS = 32L << 20;

    /**
     * A layer or, with {@code layer} null, a vertex.
     *
     * @param before  a step before it; null if there is none
     * @param weights by Deeplearning4j's names
     * @param affine  whether it is a fixed normalization: gamma · x + beta
     */
    record Part(String name, Layer layer, GraphVertex vertex, InputPreProcessor before, List<String> reads,
                Map<String, INDArray> weights, boolean affine) {
        /** A layer with weights whose result no activation has changed. */
        boolean isLinear() {
            return !(layer instanceof ActivationLayer) && function() instanceof ActivationIdentity;
        }

        /** Its activation function; null if it is of another kind. */
        IActivation function() {
            return layer instanceof ActivationLayer only ? only.getActivationFn()
                    : layer instanceof DenseLayer || layer instanceof ConvolutionLayer
                    ? ((BaseLayer) layer).getActivationFn() : null;
        }
    }

    private final List<Part> parts = new ArrayList<>();
    private final Set<String> names = new HashSet<>(Set.of(INPUT));
    private long parameters;
    private int read;

    /** Adds a layer with the name of its node. */
    String add(ReadNode node, Signal reads, Layer.Builder<?> layer, Map<String, INDArray> weights) {
        return add(node, node.name(), reads, layer, weights, false);
    }

    /**
     * Adds a layer.
     *
     * @param name    as near as possible; letters that a page would have to escape are replaced
     * @param weights by Deeplearning4j's names
     * @param affine  whether it is a fixed normalization
     * @return its name here, which no other part has
     */
    String add(ReadNode node, String name, Signal reads, Layer.Builder<?> layer, Map<String, INDArray> weights,
               boolean affine) {
        String unique = unique(name);
        layer.name(unique);
        for (INDArray values : weights.values()) parameters += values.length();
        if (parameters > MOST_PARAMETERS) throw node.cannot("brings the weights to more than 32 million numbers");
        put(node, new Part(unique, layer.build(), null, reads.before(), List.of(reads.from()), weights, affine));
        return unique;
    }

    /** Adds a vertex that joins branches. */
    String add(ReadNode node, List<Signal> reads, GraphVertex vertex) {
        List<String> from = new ArrayList<>();
        for (Signal branch : reads) {
            String source = branch.from();
            if (branch.before() != null) {
                source = unique(node.name() + "_input");
                put(node, new Part(source, null, new PreprocessorVertex(branch.before()), null, List.of(branch.from()),
                        Map.of(), false));
            }
            from.add(source);
        }
        String unique = unique(node.name());
        put(node, new Part(unique, null, vertex, null, from, Map.of(), false));
        return unique;
    }

    private void put(ReadNode node, Part part) {
        read += part.reads.size();
        if (read > MOST_READS) throw node.cannot("brings the joined results to more than " + MOST_READS);
        if (parts.size() == MOST_PARTS) throw node.cannot("would be layer " + (MOST_PARTS + 1) + ", too many to read");
        parts.add(part);
    }

    private String unique(String name) {
        String plain = OnnxReader.shortened(name).replaceAll("[^\\p{L}\\p{N} _.:/()-]", "_");
        String unique = plain;
        for (int i = 1; !names.add(unique); i++) unique = plain + "_" + i;
        return unique;
    }

    /** The part of this name; null for the input. */
    Part part(String name) {
        for (int i = parts.size() - 1; i >= 0; i--) {
            if (parts.get(i).name.equals(name)) return parts.get(i);
        }
        return null;
    }

    /** Puts a part in the place of another one of the same name. */
    void replace(Part old, Layer layer, Map<String, INDArray> weights) {
        parts.set(parts.indexOf(old), new Part(old.name, layer, null, old.before, old.reads, weights, old.affine));
    }

    /** Whether a part returns no negative numbers, so that a border of zeros never is a maximum. */
    boolean isNotNegative(String name) {
        Part part = part(name);
        while (part != null && part.reads.size() == 1 && (part.layer instanceof SubsamplingLayer
                || part.layer instanceof ZeroPaddingLayer || part.layer instanceof DropoutLayer)) {
            part = part(part.reads.get(0));
        }
        IActivation function = part == null ? null : part.function();
        return function instanceof ActivationReLU || function instanceof ActivationReLU6
                || function instanceof ActivationSigmoid;
    }

    /** Whether every part reads the one before it and there is nothing to join. */
    private boolean isSequence() {
        String last = INPUT;
        for (Part part : parts) {
            if (part.layer == null || !part.reads.equals(List.of(last))) return false;
            last = part.name;
        }
        return true;
    }

    /** The function that gave the result its form: the last one that is not the identity, after the last weights. */
    IActivation lastActivation() {
        IActivation identity = new ActivationIdentity();
        for (int i = parts.size() - 1; i >= 0; i--) {
            Part part = parts.get(i);
            IActivation function = part.function() == null ? identity : part.function();
            if (!function.equals(identity) || part.layer == null || !part.weights.isEmpty()) return function;
        }
        return identity;
    }

    /** Gives the last layer the loss that belongs to its activation, so that training can continue. */
    void endWithALoss() {
        int last = parts.size() - 1;
        Part end = parts.get(last);
        boolean softmaxOnly = end.layer instanceof ActivationLayer layer
                && layer.getActivationFn() instanceof ActivationSoftmax;
        Part before = last > 0 ? parts.get(last - 1) : null;
        if (softmaxOnly && before != null && end.reads.equals(List.of(before.name)) && end.before == null
                && before.layer instanceof DenseLayer dense && before.isLinear()) {
            parts.remove(last);
            replace(before, output(dense, Activation.SOFTMAX.getActivationFunction()), before.weights);
        } else if (softmaxOnly) {
            replace(end, new LossLayer.Builder(LossFunction.MCXENT).activation(Activation.SOFTMAX).name(end.name)
                    .build(), end.weights);
        } else if (end.layer instanceof DenseLayer dense) {
            replace(end, output(dense, dense.getActivationFn()), end.weights);
        }
    }

    private static OutputLayer output(DenseLayer dense, IActivation activation) {
        LossFunction loss = activation instanceof ActivationSoftmax ? LossFunction.MCXENT
                : activation instanceof ActivationSigmoid ? LossFunction.XENT : LossFunction.MSE;
        return new OutputLayer.Builder(loss).nOut(dense.getNOut()).hasBias(dense.hasBias()).activation(activation)
                .name(dense.getLayerName()).build();
    }

    private static NeuralNetConfiguration.Builder settings() {
        return new NeuralNetConfiguration.Builder().weightInit(WeightInit.XAVIER_UNIFORM).updater(new Adam(1e-3));
    }

    MultiLayerNetwork sequence(Signal input) {
        if (!isSequence()) {
            throw OnnxReader.refused("its model has branches; read it with OnnxFiles.readGraph(file)");
        }
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

    ComputationGraph graph(Signal input) {
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
        part.weights.forEach((name, values) -> {
            if (BooleanIndexing.or(values, Conditions.notFinite())) {
                throw OnnxReader.refused("layer \"" + part.name + "\" has weights that are too large; train the model"
                        + " again");
            }
            table.get(name).assign(values);
        });
    }
}
