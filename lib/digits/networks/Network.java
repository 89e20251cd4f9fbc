package digits.networks;

import java.util.Collection;
import java.util.Objects;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.layers.BaseOutputLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.optimize.api.TrainingListener;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;

/**
 * A Deeplearning4j network that reads one array and answers with one row of probabilities an image, whichever of the two
 * kinds it is: layers in a row ({@link MultiLayerNetwork}) or a graph of them ({@link ComputationGraph}). Training and
 * prediction are written once, for this; it holds nothing of its own.
 */
public abstract sealed class Network {
    private Network() {
    }

    /** Layers in a row. */
    public static Network of(MultiLayerNetwork network) {
        return new Row(Objects.requireNonNull(network, "network"));
    }

    /**
     * A graph of layers.
     *
     * @throws IllegalArgumentException if it has not just one input and one output
     */
    public static Network of(ComputationGraph graph) {
        if (graph.getNumInputArrays() != 1 || graph.getNumOutputArrays() != 1) {
            throw new IllegalArgumentException("the graph has " + graph.getNumInputArrays() + " inputs and "
                    + graph.getNumOutputArrays() + " outputs; this needs one of each");
        }
        return new Graph(graph);
    }

    /** The network itself. */
    public abstract Model model();

    /** The answers to these features, dropout off: one row an image. */
    public abstract INDArray output(INDArray features);

    /** Trains on the batches that are left, from where the network is. */
    public abstract void fit(DataSetIterator batches);

    /** Who is told of its training. */
    public abstract Collection<TrainingListener> listeners();

    /** The layer whose output are the answers. */
    public final BaseOutputLayer<?> outputLayer() {
        if (lastLayer() instanceof BaseOutputLayer<?> output) return output;
        throw new IllegalArgumentException("the network's last layer is a " + lastLayer().getClass().getSimpleName()
                + "; training needs one with a loss, such as OutputLayer");
    }

    abstract Layer lastLayer();

    private static final class Row extends Network {
        private final MultiLayerNetwork network;

        Row(MultiLayerNetwork network) {
            this.network = network;
        }

        @Override
        public Model model() {
            return network;
        }

        @Override
        public INDArray output(INDArray features) {
            return network.output(features, false);
        }

        @Override
        public void fit(DataSetIterator batches) {
            network.fit(batches);
        }

        @Override
        public Collection<TrainingListener> listeners() {
            return network.getListeners();
        }

        @Override
        Layer lastLayer() {
            return network.getOutputLayer();
        }
    }

    private static final class Graph extends Network {
        private final ComputationGraph graph;

        Graph(ComputationGraph graph) {
            this.graph = graph;
        }

        @Override
        public Model model() {
            return graph;
        }

        @Override
        public INDArray output(INDArray features) {
            return graph.outputSingle(false, features);
        }

        @Override
        public void fit(DataSetIterator batches) {
            graph.fit(batches);
        }

        @Override
        public Collection<TrainingListener> listeners() {
            return graph.getListeners();
        }

        @Override
        Layer lastLayer() {
            return graph.getOutputLayer(0);
        }
    }
}
