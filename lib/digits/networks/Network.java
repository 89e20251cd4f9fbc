package digits.networks;

import java.util.Arrays;
import java.util.Collection;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.layers.BaseOutputLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.optimize.api.TrainingListener;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;

/**
 * A view of a Deeplearning4j network with one input and one output, of either kind: a sequence of layers
 * ({@link MultiLayerNetwork}) or a graph of them ({@link ComputationGraph}). It has no state besides the network.
 */
public final class Network {
    private final MultiLayerNetwork sequence;   // one of the two is null
    private final ComputationGraph graph;

    private Network(MultiLayerNetwork sequence, ComputationGraph graph) {
        this.sequence = sequence;
        this.graph = graph;
    }

    /** A view of a sequence of layers. */
    public static Network of(MultiLayerNetwork network) {
        return new Network(network, null);
    }

    /**
     * A view of a graph of layers.
     *
     * @throws IllegalArgumentException unless it has exactly one input and one output
     */
    public static Network of(ComputationGraph graph) {
        if (graph.getNumInputArrays() != 1 || graph.getNumOutputArrays() != 1) {
            throw new IllegalArgumentException("the graph has " + graph.getNumInputArrays() + " inputs and "
                    + graph.getNumOutputArrays() + " outputs; this needs one of each");
        }
        return new Network(null, graph);
    }

    /** The network itself. */
    public Model model() {
        return sequence != null ? sequence : graph;
    }

    /** The predictions for these features, without dropout: one row per image, one probability per class. */
    public INDArray output(INDArray features) {
        return sequence != null ? sequence.output(features, false) : graph.outputSingle(false, features);
    }

    /** Trains on the remaining batches. */
    public void fit(DataSetIterator batches) {
        if (sequence != null) sequence.fit(batches);
        else graph.fit(batches);
    }

    /** The configuration as Deeplearning4j's JSON. */
    public String configuration() {
        return sequence != null ? sequence.getLayerWiseConfigurations().toJson() : graph.getConfiguration().toJson();
    }

    /** The layers, in the network's order. */
    public Layer[] layers() {
        return sequence != null ? sequence.getLayers() : graph.getLayers();
    }

    /** The optimizer's state, not a copy; null for an optimizer without any, such as plain SGD. */
    public INDArray updaterState() {
        return sequence != null ? sequence.getUpdater().getStateViewArray() : graph.getUpdater().getStateViewArray();
    }

    /** The number of training steps so far, which schedules and Adam's correction read. */
    public int iterations() {
        return sequence != null ? sequence.getIterationCount() : graph.getIterationCount();
    }

    /** The number of epochs that were trained to their end. */
    public int epochs() {
        return sequence != null ? sequence.getEpochCount() : graph.getEpochCount();
    }

    /** Sets both counters, for a training that continues. */
    public void setCounters(int iterations, int epochs) {
        if (sequence != null) {
            sequence.setIterationCount(iterations);
            sequence.setEpochCount(epochs);
        } else {
            graph.getConfiguration().setIterationCount(iterations);
            graph.getConfiguration().setEpochCount(epochs);
        }
    }

    /** The listeners that are notified during training. */
    public Collection<TrainingListener> listeners() {
        return sequence != null ? sequence.getListeners() : graph.getListeners();
    }

    /** The layer that computes the predictions and the loss. */
    public BaseOutputLayer<?> outputLayer() {
        Layer last = sequence != null ? sequence.getOutputLayer() : graph.getOutputLayer(0);
        if (last instanceof BaseOutputLayer<?> layer) return layer;
        throw new IllegalArgumentException("the network's last layer is a " + last.getClass().getSimpleName()
                + "; training needs one with a loss, such as OutputLayer");
    }

    /** Copies an ND4J matrix of type FLOAT into a Java array, much faster than {@code toFloatMatrix()}. */
    public static float[][] rows(INDArray matrix) {
        float[] numbers = matrix.dup('c').data().asFloat();
        float[][] rows = new float[matrix.rows()][];
        int columns = matrix.columns();
        for (int i = 0; i < rows.length; i++) rows[i] = Arrays.copyOfRange(numbers, i * columns, (i + 1) * columns);
        return rows;
    }
}
