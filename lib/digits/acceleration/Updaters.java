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
 * A shorter path through Deeplearning4j's updaters, same to the last bit. They treat a gradient as another network's,
 * which takes four new views per parameter, unless its array is the very object that the network has; but in M2.1 a
 * gradient makes a new view of the array each time it is asked.
 */
final class Updaters {
    private Updaters() { }

    /** Gives the network an updater with the short path, or reverts that. The updater's state stays. */
    static void install(MultiLayerNetwork network, boolean shortPath) {
        if (network.numParams() == 0) return;
        Updater known = network.getUpdater(shortPath);
        if (!(known instanceof MultiLayerUpdater) || shortPath == (known.getClass() != MultiLayerUpdater.class)) return;
        INDArray state = known.getStateViewArray();
        network.setUpdater(!shortPath ? new MultiLayerUpdater(network, state) : new MultiLayerUpdater(network, state) {
            private final INDArray gradients = getFlattenedGradientsView();

            @Override
            public synchronized void update(Gradient gradient, int iteration, int epoch, int batch,
                                            LayerWorkspaceMgr workspaces) {
                Gradient own = recognized(gradient, gradients, getFlattenedGradientsView());
                super.update(own, iteration, epoch, batch, workspaces);
            }
        });
    }

    /** Gives the graph an updater with the short path, or reverts that. The updater's state stays. */
    static void install(ComputationGraph graph, boolean shortPath) {
        if (graph.numParams() == 0) return;
        ComputationGraphUpdater known = graph.getUpdater(shortPath);
        if (known == null || shortPath == (known.getClass() != ComputationGraphUpdater.class)) return;
        INDArray state = known.getStateViewArray();
        graph.setUpdater(!shortPath ? new ComputationGraphUpdater(graph, state)
                : new ComputationGraphUpdater(graph, state) {
            private final INDArray gradients = getFlattenedGradientsView();

            @Override
            public synchronized void update(Gradient gradient, int iteration, int epoch, int batch,
                                            LayerWorkspaceMgr workspaces) {
                Gradient own = recognized(gradient, gradients, getFlattenedGradientsView());
                super.update(own, iteration, epoch, batch, workspaces);
            }
        });
    }

    /**
     * The gradient as one that hands out the network's own array, if it is a view of that array; otherwise unchanged.
     * The updater's views belong to the {@code first} array, which the network had when the updater was made.
     */
    static Gradient recognized(Gradient gradient, INDArray first, INDArray now) {
        if (first != now) return gradient;
        INDArray asked = gradient.gradient();
        if (!LayerSupport.region(asked).equals(LayerSupport.region(now))) return gradient;
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
