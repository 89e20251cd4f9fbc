package digits.onnx;

import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnxruntime.OrtException;
import digits.keras.Fixtures;
import digits.keras.KerasFiles;
import digits.keras.Networks;
import digits.networks.LeNet;
import digits.networks.ResNet;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Networks written as ONNX compute the same in ONNX Runtime. */
class OnnxWriteTest {
    private static final double CLOSE = 1e-5;
    private static Map<String, Model> networks;

    @TempDir
    Path folder;

    @BeforeAll
    static void train() {
        networks = Networks.all();
        networks.put("lenet1998", Networks.trained(new MultiLayerNetwork(LeNet.asPublished(1, 10))));
        networks.put("resnet8", Networks.trained(new ComputationGraph(ResNet.configuration(1, 10, 1))));
        networks.put("resnet20", Networks.trained(new ComputationGraph(ResNet.configuration(1, 10, 3))));
    }

    static List<String> names() {
        return List.of("walkthrough", "lenet", "dense", "lean", "wider", "resnet", "borders", "global",
                "flat", "lists", "functions", "slopes", "kernels", "frozen", "joins", "lenet1998", "resnet8", "resnet20");
    }

    static List<Path> kerasFiles() throws IOException {
        try (Stream<Path> files = Files.walk(Fixtures.FOLDER)) {
            return files.filter(file -> file.toString().matches(".*\\.(h5|keras)")).sorted().toList();
        }
    }

    @ParameterizedTest
    @MethodSource("names")
    void theSamePredictions(String name) throws OrtException {
        Model network = networks.get(name);
        Path file = folder.resolve(name + ".onnx");
        OnnxFiles.write(network, Map.of(), List.of(), file);
        System.out.println(name + " " + same(network, file, Networks.images(network)));
    }

    private static double same(Model network, Path file, INDArray images) throws OrtException {
        INDArray many = Nd4j.concat(0, images, images).get(org.nd4j.linalg.indexing.NDArrayIndex.interval(0, 128));
        double most = 0;
        try (WrittenRun run = new WrittenRun(file)) {
            for (int batch : new int[] {1, 7, 128}) {
                INDArray some = many.get(org.nd4j.linalg.indexing.NDArrayIndex.interval(0, batch)).dup('c');
                INDArray ours = network instanceof MultiLayerNetwork sequence ? sequence.output(some)
                        : ((ComputationGraph) network).outputSingle(some);
                double difference = Fixtures.difference(ours, run.predict(some));
                most = Math.max(most, difference);
                assertTrue(difference < CLOSE, file + ", " + batch + ": " + difference);
            }
        }
        return most;
    }

    @ParameterizedTest
    @MethodSource("kerasFiles")
    void keras(Path keras) throws OrtException {
        ComputationGraph graph = KerasFiles.readGraph(keras);
        Path file = folder.resolve("keras.onnx");
        OnnxFiles.write(graph, Map.of(), file);
        System.out.println(keras.getFileName() + " " + same(graph, file, Fixtures.images()));
    }
}
