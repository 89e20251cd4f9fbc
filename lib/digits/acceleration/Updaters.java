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
 * Deeplearning4j's updaters (Adam and the others) on their short way. They ask a step's gradient for its array and take it for
 * another network's unless it is the very object that the network has; but in M2.1 a gradient makes a new view of that array
 * each time it is asked. So every step took the way for another network's gradient, which makes four new views of each parameter. The
 * figures are the same to the last bit; the state stays the array that files and clones have.
 */
final class Updaters {
    private Updaters() {
    }

    /** Gives the network an updater that takes the short way, or takes it back. What the updater has gathered stays. */
    static void install(MultiLayerNetwork network, boolean shortWay) {
        if (network.numParams() == 0) return;
        Updater known = network.getUpdater(shortWay);
        if (known == null || known instanceof OfNetwork == shortWay || !(known instanceof MultiLayerUpdater)) return;
        INDArray state = known.getStateViewArray();
        network.setUpdater(shortWay ? new OfNetwork(network, state) : new MultiLayerUpdater(network, state));
    }

    /** The same for a graph. */
    static void install(ComputationGraph graph, boolean shortWay) {
        if (graph.numParams() == 0) return;
        ComputationGraphUpdater known = graph.getUpdater(shortWay);
        if (known == null || known instanceof OfGraph == shortWay) return;
        INDArray state = known.getStateViewArray();
        graph.setUpdater(shortWay ? new OfGraph(graph, state) : new ComputationGraphUpdater(graph, state));
    }

    private static final class OfNetwork extends MultiLayerUpdater {
        private final INDArray gradients = getFlattenedGradientsView();

        OfNetwork(MultiLayerNetwork network, INDArray state) {
            super(network, state);
        }

        @Override
        public synchronized void update(Gradient gradient, int iteration, int epoch, int batchSize, LayerWorkspaceMgr workspaces) {
            super.update(recognised(gradient, gradients, getFlattenedGradientsView()), iteration, epoch, batchSize, workspaces);
        }
    }

    private static final class OfGraph extends ComputationGraphUpdater {
        private final INDArray gradients = getFlattenedGradientsView();

        OfGraph(ComputationGraph graph, INDArray state) {
            super(graph, state);
        }

        @Override
        public synchronized void update(Gradient gradient, int iteration, int epoch, int batchSize, LayerWorkspaceMgr workspaces) {
            super.update(recognised(gradient, gradients, getFlattenedGradientsView()), iteration, epoch, batchSize, workspaces);
        }
    }

    /**
     * The gradient as one that hands out the network's own array, if that is what it is about.
     *
     * @param first the network's array when the updater was made: its views of the parameters are of that time
     * @param now   and as it is now
     */
    static Gradient recognised(Gradient gradient, INDArray first, INDArray now) {
        if (first != now) return gradient;
        INDArray asked = gradient.gradient();
        boolean own = asked.length() == now.length() && OneDnn.address(asked) == OneDnn.address(now);
        return own ? new Own(now, gradient.gradientForVariable()) : gradient;
    }

    private static final class Own extends DefaultGradient {
        private static final long serialVersionUID = 1;
        private final transient INDArray all;
        private final transient Map<String, INDArray> byVariable;

        Own(INDArray all, Map<String, INDArray> byVariable) {
            this.all = all;
            this.byVariable = byVariable;
        }

        @Override
        public INDArray gradient() {
            return all;
        }

        @Override
        public Map<String, INDArray> gradientForVariable() {
            return byVariable;
        }
    }
}
