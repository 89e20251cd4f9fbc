package digits.training;

import digits.acceleration.Acceleration;
import digits.networks.Network;
import java.io.Serializable;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.factory.Nd4j;

/**
 * A network that is yet to be built, as plain values that can travel to another process.
 *
 * @param graph         whether the configuration is that of a {@link ComputationGraph}
 * @param configuration the network's configuration, with its updater, as Deeplearning4j's JSON
 */
public record PlannedNetwork(boolean graph, String configuration) implements Serializable {
    /** A sequence of layers. */
    public static PlannedNetwork of(MultiLayerConfiguration configuration) {
        // In the JSON of a network without parameters Deeplearning4j reads batch normalization's "useLogStd" as true,
        // which changes the last bits.
        MultiLayerNetwork network = new MultiLayerNetwork(configuration.clone());
        network.init();
        return new PlannedNetwork(false, network.getLayerWiseConfigurations().toJson());
    }

    /** A graph of layers. */
    public static PlannedNetwork of(ComputationGraphConfiguration configuration) {
        ComputationGraph network = new ComputationGraph(configuration.clone());
        network.init();
        return new PlannedNetwork(true, network.getConfiguration().toJson());
    }

    /** The network before its first step, accelerated: with the same seed always the same. */
    public Network build(long seed) {
        Nd4j.getRandom().setSeed(seed);   // otherwise the first weights depend on what was drawn before
        if (graph) {
            ComputationGraph network = new ComputationGraph(ComputationGraphConfiguration.fromJson(configuration));
            network.init();
            Acceleration.of(network);
            return Network.of(network);
        }
        MultiLayerNetwork network = new MultiLayerNetwork(MultiLayerConfiguration.fromJson(configuration));
        network.init();
        Acceleration.of(network);
        return Network.of(network);
    }
}
