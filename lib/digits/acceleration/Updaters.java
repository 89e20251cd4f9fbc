package digits.acceleration;

import java.util.Map;
import org.deeplearning4j.nn.api.Updater;
import org.deeplearning4j.nn.gradient.DefaultGradient;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.updater.MultiLayerUpdater;
import org.deeplearning4j.nn.updater.graph.ComputationGraphUpdater;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A shorter path through Deeplearning4j's updaters (Adam and the others). They treat a gradient as another network's,
 * which takes four new views per parameter, unless its array is the very object that the network has; but in M2.1 a
 * gradient makes a new view of the array each time it is asked. The figures are the same to the last bit, and the
 * updater's state remains the array that files and clones contain.
 */
final class Updaters {
    private Updaters() { }

    /** Gives the network an updater with the short path, or reverts that. The updater's state stays. */
    static void install(MultiLayerNetwork network, boolean shortPath) {
        if (network.numParams() == 0) return;
        Updater known = network.getUpdater(shortPath);
        if (known == null || known instanceof OfNetwork == shortPath || !(known instanceof MultiLayerUpdater)) return;
        INDArray state = known.getStateViewArray();
        network.setUpdater(shortPath ? new OfNetwork(network, state) : new MultiLayerUpdater(network, state));
    }

    /** Gives the graph an updater with the short path, or reverts that. The updater's state stays. */
    static void install(ComputationGraph graph, boolean shortPath) {
        if (graph.numParams() == 0) return;
        ComputationGraphUpdater known = graph.getUpdater(shortPath);
        if (known == null || known instanceof OfGraph == shortPath) return;
        INDArray state = known.getStateViewArray();
        graph.setUpdater(shortPath ? new OfGraph(graph, state) : new ComputationGraphUpdater(graph, state));
    }

    private static final class OfNetwork extends MultiLayerUpdater {
        private final INDArray gradients = getFlattenedGradientsView();

        OfNetwork(MultiLayerNetwork network, INDArray state) {
            super(network, state);
        }

        @Override
        public synchronized void update(Gradient gradient, int iteration, int epoch, int batchSize,
                                        LayerWorkspaceMgr workspaces) {
            super.update(recognized(gradient, gradients, getFlattenedGradientsView()), iteration, epoch, batchSize,
                    workspaces);
        }
    }

    private static final class OfGraph extends ComputationGraphUpdater {
        private final INDArray gradients = getFlattenedGradientsView();

        OfGraph(ComputationGraph graph, INDArray state) {
            super(graph, state);
        }

        @Override
        public synchronized void update(Gradient gradient, int iteration, int epoch, int batchSize,
                                        LayerWorkspaceMgr workspaces) {
            super.update(recognized(gradient, gradients, getFlattenedGradientsView()), iteration, epoch, batchSize,
                    workspaces);
        }
    }

    /**
     * The gradient as one that hands out the network's own array, if it is a view of that array; otherwise unchanged.
     * The updater's views belong to the {@code first} array, which the network had when the updater was made.
     */
    static Gradient recognized(Gradient gradient, INDArray first, INDArray now) {
        if (first != now) return gradient;
        INDArray asked = gradient.gradient();
        boolean own = asked.length() == now.length() && LayerSupport.address(asked) == LayerSupport.address(now);
        if (!own) return gradient;
        return new DefaultGradient() {
            @Override
            public INDArray gradient() {
                return now;
            }

            @Override
            public Map<String, INDArray> gradientForVariable() {
                return gradient.gradientForVariable();
            }
        };
    }
}
