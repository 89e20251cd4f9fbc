package digits.onnx;

import java.nio.file.Path;
import java.util.Map;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;

/** Reads networks from ONNX files and writes them. */
public final class OnnxFiles {
    private OnnxFiles() { }

    /** Writes a network with its metadata. */
    public static void write(MultiLayerNetwork network, Map<String, String> metadata, Path file) {
        OnnxWriter.write(network, metadata, file);
    }

    /** Writes a graph with its metadata. */
    public static void write(ComputationGraph graph, Map<String, String> metadata, Path file) {
        OnnxWriter.write(graph, metadata, file);
    }

    /** Reads a network that is a straight line of layers. */
    public static MultiLayerNetwork read(Path file) {
        return OnnxReader.read(file);
    }

    /** Reads a network as a graph, which may have branches. */
    public static ComputationGraph readGraph(Path file) {
        return OnnxReader.readGraph(file);
    }
}
