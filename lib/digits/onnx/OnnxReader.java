package digits.onnx;

import java.nio.file.Path;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;

final class OnnxReader {
    private OnnxReader() { }

    static MultiLayerNetwork read(Path file) {
        throw new OnnxFileException("not yet");
    }

    static ComputationGraph readGraph(Path file) {
        throw new OnnxFileException("not yet");
    }
}
