package digits.cluster;

import digits.files.Sha256;
import digits.networks.Network;
import java.io.Serializable;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.rng.Random;
import org.nd4j.linalg.factory.Nd4j;

/**
 * A trained network of either kind as plain values, for predictions in another process: its configuration and its
 * parameters, without an optimizer's state. Only a driver sends it, whose code the executors run anyway; what is read
 * from files, {@code NetworkZip} checks.
 *
 * @param graph         whether the configuration is that of a {@link ComputationGraph}
 * @param configuration Deeplearning4j's JSON
 * @param parameters    all of them, in the network's order
 */
record ShippedNetwork(boolean graph, String configuration, float[] parameters) implements Serializable {
    /** The present state of a network. */
    static ShippedNetwork of(Network network) {
        Model model = network.model();
        INDArray parameters = model.params();
        if (parameters == null || parameters.isEmpty()) {
            throw new IllegalArgumentException("the network has no parameters: call init() first");
        }
        if (parameters.dataType() != DataType.FLOAT) {
            throw new IllegalArgumentException("the network computes with numbers of the type " + parameters.dataType()
                    + "; convert it first: network.convertDataType(DataType.FLOAT)");
        }
        return new ShippedNetwork(model instanceof ComputationGraph, network.configuration(),
                parameters.dup().data().asFloat());
    }

    /** A network with these values, in this process; random numbers continue as if it had not been made. */
    Network network() {
        Random random = Nd4j.getRandom();   // a network sets the seed
        long root = random.rootState();
        long node = random.nodeState();
        try {
            INDArray row = Nd4j.create(parameters, new long[] {1, parameters.length}, 'c');
            if (graph) {
                ComputationGraph made = new ComputationGraph(ComputationGraphConfiguration.fromJson(configuration));
                made.init(row, false);
                return Network.of(made);
            }
            MultiLayerNetwork made = new MultiLayerNetwork(MultiLayerConfiguration.fromJson(configuration));
            made.init(row, false);
            return Network.of(made);
        } finally {
            random.setStates(root, node);
        }
    }

    /** SHA-256 of all values. */
    String sha256() {
        ByteBuffer bytes = ByteBuffer.allocate(4 * parameters.length);
        bytes.asFloatBuffer().put(parameters);
        return new Sha256().add((graph + configuration).getBytes(StandardCharsets.UTF_8)).add(bytes.array()).hex();
    }
}
