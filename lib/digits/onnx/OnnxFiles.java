package digits.onnx;

import digits.files.Versions;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;

/**
 * Reads networks from ONNX files and writes them.
 *
 * <p>A written file has the operators of ONNX 1.10 (opset 15, format version 8), which every runtime since 2021 reads,
 * and computes what the network computes at inference: dropout is left out, batch normalization and the final softmax
 * are there. Every network of this library can be written, and every one that {@link digits.keras.KerasFiles} reads,
 * accelerated or not. The file's parts have clear names:
 * <ul>
 * <li>its input is {@code image} [N, channels, height, width], or {@code input} [N, n] for lists of numbers, with any
 *     number N of examples
 * <li>its output is {@code probabilities} [N, classes] if the network ends with softmax or sigmoid, otherwise
 *     {@code output}
 * <li>what a layer returns has the layer's name, its weights are {@code layer0.weight}, {@code layer0.bias} … Letters
 *     other than {@code A–Z a–z 0–9 _ . - /} become {@code _}
 * </ul>
 * Equal networks with equal metadata give equal bytes.
 */
public final class OnnxFiles {
    /** Largest file, in bytes: thirty million weights; the networks here have half a million. */
    static final int LARGEST = 128 << 20;

    private OnnxFiles() { }

    /**
     * Writes a network. The shape of its input is the one that its first layers tell, otherwise 28×28 grayscale images.
     *
     * @param metadata the model's properties, any texts by any keys, such as those of a training's record
     * @throws OnnxFileException            if a layer is of a kind or has an option that ONNX does not have or this
     *                                      library does not write: it says which layer; nothing has been written then
     * @throws java.io.UncheckedIOException if the file cannot be written; an earlier file is still intact
     */
    public static void write(MultiLayerNetwork network, Map<String, String> metadata, Path file) {
        Versions.check();
        OnnxWriter.write(network, null, metadata, List.of(), file);
    }

    /**
     * Writes a graph, see {@link #write(MultiLayerNetwork, Map, Path)}. It may have one input and one output, layers,
     * sums and other element-wise operations, and concatenations.
     */
    public static void write(ComputationGraph graph, Map<String, String> metadata, Path file) {
        Versions.check();
        OnnxWriter.write(graph, null, metadata, List.of(), file);
    }

    /**
     * Writes a network that also returns what some of its layers return, see
     * {@link #write(MultiLayerNetwork, Map, Path)}.
     *
     * @param network a {@link MultiLayerNetwork} or a {@link ComputationGraph}
     * @param layers  names of layers or of a graph's vertices; a layer without a name is called “layer” and its
     *                position, from 0. Each becomes an output with this name, in this order, after the predictions. The
     *                last layer's is the predictions themselves
     * @throws OnnxFileException also if there is no such layer
     */
    public static void write(Model network, Map<String, String> metadata, List<String> layers, Path file) {
        Versions.check();
        OnnxWriter.write(network, null, metadata, layers, file);
    }

    /**
     * Writes a network that reads examples of this shape, see {@link #write(Model, Map, List, Path)}.
     *
     * @param input the shape of one example, images with the channels first
     */
    public static void write(Model network, InputType input, Map<String, String> metadata, List<String> layers,
                             Path file) {
        Versions.check();
        OnnxWriter.write(network, input, metadata, layers, file);
    }

    /**
     * Reads an image classifier that PyTorch (either exporter), Keras 3 or scikit-learn exported, or that was written
     * here, if its layers are a straight line. The file is not trusted: it may have at most 128 MB and has to contain
     * its weights, its size bounds time and memory, and nothing in it is executed. Images are [n, channels, height,
     * width], also where the file's are channels last; a model that reads 784 numbers reads images of [n, 1, 28, 28].
     * Operators: convolution, pooling, upsampling that repeats pixels, batch normalization, Gemm and MatMul, the usual
     * activation functions, softmax, sums and products, and what exporters put around them (Reshape, Transpose, Pad,
     * Slice, Cast, Dropout …).
     *
     * @return the network, ready for inference, with softmax as its end (see {@link #notes}); training can continue, by
     *     Adam with the loss that belongs to the last layer
     * @throws OnnxFileException if it is another kind of file or damaged, has branches, or contains an operator or an
     *                           option that is not supported: it says which, where, and what to do
     */
    public static MultiLayerNetwork read(Path file) {
        Versions.check();
        return OnnxReader.read(file);
    }

    /** Reads a network as a graph, which may have branches; otherwise like {@link #read}. */
    public static ComputationGraph readGraph(Path file) {
        Versions.check();
        return OnnxReader.readGraph(file);
    }

    /**
     * What to know about a network that was read: that a softmax was added, which pixels it expects.
     *
     * @return sentences; empty if there is nothing special
     * @throws OnnxFileException like {@link #readGraph}
     */
    public static List<String> notes(Path file) {
        Versions.check();
        return OnnxReader.notes(file);
    }
}
