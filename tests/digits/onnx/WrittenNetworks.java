package digits.onnx;

import digits.keras.Networks;
import digits.networks.LeNet;
import digits.networks.ResNet;
import java.util.Map;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;

/** The networks that are written as ONNX: those for Keras, and those that Keras cannot have. */
final class WrittenNetworks {
    private WrittenNetworks() {
    }

    static Map<String, Model> all() {
        Map<String, Model> networks = Networks.all();
        networks.put("lenet1998", Networks.trained(new MultiLayerNetwork(LeNet.asPublished(1, 10))));
        networks.put("resnet8", Networks.trained(new ComputationGraph(ResNet.configuration(1, 10, 1))));
        networks.put("resnet20", Networks.trained(new ComputationGraph(ResNet.configuration(1, 10, 3))));
        return networks;
    }
}
