package digits.acceleration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import digits.networks.DenseNetwork;
import digits.networks.LeNet;
import digits.networks.LeanNetwork;
import digits.networks.Network;
import digits.networks.ResNet;
import digits.networks.WalkthroughNetwork;
import digits.networks.WiderNetwork;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Adam;

class FrozenTest {
    private static Network of(Object configuration) {
        if (configuration instanceof MultiLayerConfiguration sequence) {
            var network = new MultiLayerNetwork(sequence);
            network.init();
            Acceleration.of(network);
            return Network.of(network);
        }
        var graph = new ComputationGraph((ComputationGraphConfiguration) configuration);
        graph.init();
        Acceleration.of(graph);
        return Network.of(graph);
    }

    /** Statistics and biases as after training: none is 0 or 1. */
    static Network seasoned(Network network, long seed) {
        Random random = new Random(seed);
        for (var layer : network.layers()) {
            layer.paramTable().forEach((name, parameter) -> {
                if (name.equals("W")) return;
                boolean positive = name.equals("gamma") || name.equals("var");
                for (int i = 0; i < parameter.length(); i++) {
                    parameter.putScalar(i, positive ? 0.5 + random.nextDouble() : random.nextGaussian() * 0.2);
                }
            });
        }
        return network;
    }

    static Map<String, Supplier<Network>> networks() {
        Map<String, Supplier<Network>> all = new TreeMap<>();
        all.put("walkthrough", () -> of(WalkthroughNetwork.configuration(1, 0.99)));
        all.put("LeNet 1998", () -> of(LeNet.asPublished(1, 10)));
        all.put("LeNet", () -> of(LeNet.modern(1, 10)));
        all.put("dense", () -> of(DenseNetwork.configuration(1, 10)));
        all.put("lean", () -> of(LeanNetwork.configuration(1, new Adam(1e-3))));
        all.put("wider", () -> of(WiderNetwork.configuration(1, 26, new Adam(1e-3))));
        for (int n = 1; n <= 3; n++) {
            int blocks = n;
            all.put("ResNet-" + (6 * n + 2), () -> of(ResNet.configuration(1, 10, blocks)));
        }
        return all;
    }

    static java.util.Set<String> names() {
        return networks().keySet();
    }

    static INDArray images(int n) {
        Random random = new Random(3);
        float[] pixels = new float[n * 784];
        for (int i = 0; i < pixels.length; i++) pixels[i] = random.nextInt(4) == 0 ? random.nextFloat() : 0;
        return Nd4j.create(pixels, new long[] {n, 1, 28, 28}, 'c');
    }

    @ParameterizedTest
    @MethodSource("names")
    void predictsAsTheNetworkItself(String name) {
        Network network = seasoned(networks().get(name).get(), 5);
        INDArray images = images(500);
        try (FrozenNetwork frozen = Acceleration.freeze(network)) {
            for (int n : new int[] {128, 1, 7, 500, 2, 1, 128}) {
                INDArray some = images.get(org.nd4j.linalg.indexing.NDArrayIndex.interval(0, n));
                assertClose(name + " " + n, network.output(some), frozen.output(some));
            }
            assertEquals(Optional.empty(), frozen.reason());
            System.out.println(name + ": " + frozen);
        }
    }

    static void assertClose(String what, INDArray expected, INDArray actual) {
        assertTrue(Arrays.equals(expected.shape(), actual.shape()), what);
        double worst = expected.sub(actual).amaxNumber().doubleValue();
        System.out.println(what + " " + worst + " of " + expected.amaxNumber() + " row 0 " + expected.getRow(0).toString().substring(0, 40));
        assertTrue(worst < 1e-5, what + ": they differ by " + worst);
    }
}
