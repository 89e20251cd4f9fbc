package digits.onnx;

import java.nio.file.Path;
import java.util.Map;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;

final class OnnxWriter {
    private OnnxWriter() { }

    static void write(MultiLayerNetwork network, Map<String, String> metadata, Path file) {
        throw new OnnxFileException("not yet");
    }

    static void write(ComputationGraph graph, Map<String, String> metadata, Path file) {
        throw new OnnxFileException("not yet");
    }
}
