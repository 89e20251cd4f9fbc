package digits.onnx;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;

/** Reads networks from ONNX files and writes them. */
public final class OnnxFiles {
    /** Largest file, in bytes: thirty million weights; the networks here have half a million. */
    static final int LARGEST = 128 << 20;

    private OnnxFiles() { }

    /** Writes a network with its metadata. */
    public static void write(MultiLayerNetwork network, Map<String, String> metadata, Path file) {
        OnnxWriter.write(network, null, metadata, List.of(), file);
    }

    /** Writes a graph with its metadata. */
    public static void write(ComputationGraph graph, Map<String, String> metadata, Path file) {
        OnnxWriter.write(graph, null, metadata, List.of(), file);
    }

    /** Writes a network that returns the activations of these layers, too. */
    public static void write(Model network, Map<String, String> metadata, List<String> layers, Path file) {
        OnnxWriter.write(network, null, metadata, layers, file);
    }

    /** Writes a network that reads examples of this shape and returns the activations of these layers, too. */
    public static void write(Model network, InputType input, Map<String, String> metadata, List<String> layers,
                             Path file) {
        OnnxWriter.write(network, input, metadata, layers, file);
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
