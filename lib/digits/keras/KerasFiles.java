package digits.keras;

import static digits.keras.KerasFileException.refused;

import digits.files.AtomicFile;
import digits.files.Versions;
import java.io.BufferedOutputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import tech.tablesaw.api.Table;

/**
 * Reads networks from Keras's files and writes them: {@code .h5} (Keras 2 and 3) and {@code .keras} (Keras 3).
 *
 * <p>Sequential and Functional models can be read, also with such models inside. Supported layers:
 * <ul>
 * <li>Dense, Conv2D, DepthwiseConv2D, SeparableConv2D, MaxPooling2D, AveragePooling2D, GlobalAveragePooling2D,
 *     GlobalMaxPooling2D, ZeroPadding2D, Cropping2D, UpSampling2D
 * <li>Flatten, Reshape, Permute; Rescaling, Normalization, BatchNormalization
 * <li>Activation, ReLU, LeakyReLU, PReLU, ELU, ThresholdedReLU, Softmax, and all of Keras's functions of one number
 * <li>Dropout, SpatialDropout2D, AlphaDropout, GaussianDropout, GaussianNoise, the augmentation layers
 * <li>Add, Subtract, Multiply, Average, Maximum, Concatenate in a model with branches, see {@link #readGraph}
 * </ul>
 * Any other class or option is refused with the name and the position of its layer, and with what to do. What matters
 * only for training (regularization, constraints, frozen layers, mixed precision, the optimizer's state) is not carried
 * over. Images are [n, channels, height, width] here and [n, height, width, channels] in Keras; weights are transposed
 * accordingly. A model that reads 784 numbers or 28×28 reads images of [n, 1, 28, 28] here. With another version of
 * Deeplearning4j, reading and writing end with an {@link IllegalStateException} that names it.
 */
public final class KerasFiles {
    /** Largest file, in bytes: thirty million weights; the networks here have half a million. */
    static final int LARGEST = 128 << 20;
    static final String CONFIG = "config.json";
    static final String WEIGHTS = "model.weights.h5";

    private KerasFiles() { }

    /**
     * Reads a network; the file's content decides which format it has, and a folder is an unpacked {@code .keras}. The
     * file is not trusted: it may have at most 128 MB, its size bounds time and memory, and nothing in it is executed.
     *
     * @return the network, ready for inference; a final softmax or sigmoid layer gets the loss that belongs to it, so
     *     that training can continue, by Adam with Keras's settings. A model that returns logits gets a softmax, see
     *     {@link #notes}
     * @throws KerasFileException if it is another kind of file or damaged, a layer is not supported, or it has branches
     */
    public static MultiLayerNetwork read(Path file) {
        Versions.check();
        return KerasSource.open(file, source -> source.network().network());
    }

    /** Reads a network as a graph, which may have branches; otherwise like {@link #read}. */
    public static ComputationGraph readGraph(Path file) {
        Versions.check();
        return KerasSource.open(file, source -> source.network().graph());
    }

    /**
     * What to know about a network that was read: that a softmax was added, which pixels it expects.
     *
     * @return sentences; empty if there is nothing special
     * @throws KerasFileException like {@link #readGraph}
     */
    public static List<String> notes(Path file) {
        Versions.check();
        return KerasSource.open(file, source -> source.network().notes());
    }

    /**
     * Lists the contents of a file: texts such as the model description, and every array of weights with its path and
     * shape. The file need not hold a model that can be read.
     *
     * @return one row per text or array, with the columns “place”, “what” and “count” (of letters or numbers)
     * @throws KerasFileException if it is another kind of file, or damaged
     */
    public static Table contents(Path file) {
        return KerasSource.open(file, source -> {
            KerasContents contents = new KerasContents();
            if (source.config() != null) {
                return contents.row(CONFIG, "text", source.config().length())
                        .tree(WEIGHTS + "/", source.root()).table();
            }
            for (String name : KerasContents.inOrder(source.root().attributeNames())) {
                source.root().text(name).ifPresent(text -> contents.row(name, "text", text.length()));
            }
            return contents.tree("", source.root()).table();
        });
    }

    /**
     * Writes a network, see {@link #write(MultiLayerNetwork, InputType, Path)}; the shape of its input is the one that
     * its first layer tells, otherwise 28×28 grayscale images. Where Deeplearning4j makes images of lists of numbers
     * ({@code InputType.convolutionalFlat}), the written model reads images.
     *
     * @throws KerasFileException if Keras has no such layer; nothing has been written then
     */
    public static void write(MultiLayerNetwork network, Path file) {
        Versions.check();
        write(NetworkWriter.model(network, null), file);
    }

    /**
     * Writes a network as a Sequential model. The file's ending decides its format: {@code .keras} for Keras 3,
     * {@code .h5} for Keras 2 and 3. Keras loads it with {@code keras.models.load_model(name)}, compiled and ready to
     * evaluate if the network ends with a loss that Keras has. Equal networks give equal bytes. Regularization is not
     * written, and the optimizer begins anew.
     *
     * @param input the shape of one example, images with the channels first
     * @throws KerasFileException           if the ending is another one, or Keras has no such layer: nothing has been
     *                                      written then
     * @throws java.io.UncheckedIOException if the file cannot be written; an earlier file is still intact
     */
    public static void write(MultiLayerNetwork network, InputType input, Path file) {
        Versions.check();
        write(NetworkWriter.model(network, input), file);
    }

    /**
     * Writes a graph as a Functional model, see {@link #write(MultiLayerNetwork, InputType, Path)}. It may have one
     * input and one output, layers, sums and other element-wise operations, and concatenations. The shape of its input
     * is the one that its first layers tell, otherwise 28×28 grayscale images.
     *
     * @throws KerasFileException if Keras has no such layer or vertex; nothing has been written then
     */
    public static void write(ComputationGraph graph, Path file) {
        Versions.check();
        write(NetworkWriter.model(graph, null), file);
    }

    /** Writes a graph that reads examples of this shape, see {@link #write(ComputationGraph, Path)}. */
    public static void write(ComputationGraph graph, InputType input, Path file) {
        Versions.check();
        write(NetworkWriter.model(graph, input), file);
    }

    private static void write(WrittenModel model, Path file) {
        String name = String.valueOf(file.getFileName());
        boolean archive = name.endsWith(".keras");
        if (!archive && !name.endsWith(".h5")) {
            throw refused(name + ": the ending of the name decides the format; use .keras for Keras 3, or .h5, which "
                    + "Keras 2 reads too");
        }
        AtomicFile.write(file, temporary -> {
            try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(temporary))) {
                if (archive) ArchiveFile.write(model, out);
                else H5ModelFile.write(model, out);
            }
        });
    }
}
