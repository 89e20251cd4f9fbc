package digits.keras;

import static digits.keras.KerasFileException.damaged;
import static digits.keras.KerasFileException.refused;
import static digits.keras.KerasFileException.shortened;

import digits.files.AtomicFile;
import digits.files.BoundedZip;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import tech.tablesaw.api.Table;

/**
 * Reads Sequential networks from Keras's {@code .h5} (Keras 2 and 3) and {@code .keras}, and writes {@code .h5}.
 *
 * <p>Supported layers: Conv2D, BatchNormalization, MaxPooling2D, AveragePooling2D, GlobalAveragePooling2D, Flatten,
 * ZeroPadding2D, Dense, Dropout, Activation, ReLU, Softmax, InputLayer. Any other class or option is refused with the
 * name and the position of its layer, regularization too. Images are [n, channels, height, width] here and [n, height,
 * width, channels] in Keras; weights are transposed accordingly. The optimizer's state is not carried over.
 */
public final class KerasFiles {
    /** Largest file, in bytes: thirty million weights; the networks here have half a million. */
    static final int LARGEST = 128 << 20;
    private static final byte[] ZIP = {'P', 'K', 3, 4};
    static final String CONFIG = "config.json";
    static final String WEIGHTS = "model.weights.h5";
    private static final Map<String, Long> ENTRIES =
            Map.of(CONFIG, 8L << 20, WEIGHTS, (long) LARGEST, "metadata.json", 1L << 20);

    private KerasFiles() { }

    /**
     * Reads a network; the file's content decides which format it has. The file is not trusted: it may have at most
     * 128 MB, its size bounds time and memory, and nothing in it is executed.
     *
     * @return the network, ready for inference; a final softmax or sigmoid layer gets the loss that belongs to it, so
     *     that training can continue, by Adam with Keras's settings
     * @throws KerasFileException if it is another kind of file or damaged, or a layer is not supported
     */
    public static MultiLayerNetwork read(Path file) {
        return open(file, root -> new NetworkBuilder(KerasModel.ofH5(root)).build(),
                (config, weights) -> new NetworkBuilder(KerasModel.ofArchive(config, weights)).build());
    }

    /**
     * Lists the contents of a file: texts such as the model description, and every array of weights with its path and
     * shape. The file need not hold a model that can be read.
     *
     * @return one row per text or array, with the columns “place”, “what” and “count” (of letters or numbers)
     * @throws KerasFileException if it is another kind of file, or damaged
     */
    public static Table contents(Path file) {
        return open(file, root -> {
            KerasContents contents = new KerasContents();
            for (String name : KerasContents.inOrder(root.attributeNames())) {
                root.text(name).ifPresent(text -> contents.row(name, "text", text.length()));
            }
            return contents.tree("", root).table();
        }, (config, weights) -> new KerasContents().row(CONFIG, "text", config.length())
                .tree(WEIGHTS + "/", weights).table());
    }

    private static <T> T open(Path file, Function<Hdf5Object, T> ofH5, BiFunction<String, Hdf5Object, T> ofArchive) {
        String fileName = String.valueOf(file.getFileName());
        try {
            if (!Files.isRegularFile(file)) throw refused("there is no such file");
            if (Files.size(file) > LARGEST) throw refused("it is larger than " + (LARGEST >> 20) + " MB");
            byte[] content = Files.readAllBytes(file);
            if (Arrays.mismatch(content, ZIP) < ZIP.length) return ofH5.apply(Hdf5File.open(content));
            Map<String, byte[]> entries = BoundedZip.read(file, "Keras archive", ENTRIES);
            for (String name : List.of(CONFIG, WEIGHTS)) {
                if (!entries.containsKey(name)) throw refused("it has no " + name + ", so it is not a Keras archive");
            }
            String config = new String(entries.get(CONFIG), StandardCharsets.UTF_8);
            return ofArchive.apply(config, Hdf5File.open(entries.get(WEIGHTS)));
        } catch (KerasFileException e) {
            throw new KerasFileException(fileName + ": " + e.getMessage(), e);
        } catch (IOException e) {
            throw new KerasFileException(fileName + " cannot be read: " + shortened(e.getMessage()), e);
        } catch (OutOfMemoryError e) {
            throw new KerasFileException(fileName + " needs more memory than Java has; start it with a larger -Xmx", e);
        } catch (RuntimeException | StackOverflowError e) {
            throw new KerasFileException(fileName + ": " + damaged(shortened(e.toString())).getMessage(), e);
        }
    }

    /**
     * Writes a network, see {@link #write(MultiLayerNetwork, InputType, Path)}; the shape of its input is the one that
     * its first layer tells, otherwise 28×28 grayscale images. Where Deeplearning4j makes images of lists of numbers
     * ({@code InputType.convolutionalFlat}), the written model reads images.
     *
     * @throws KerasFileException if Keras has no such layer; nothing has been written then
     */
    public static void write(MultiLayerNetwork network, Path file) {
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
        write(NetworkWriter.model(graph, null), file);
    }

    /** Writes a graph that reads examples of this shape, see {@link #write(ComputationGraph, Path)}. */
    public static void write(ComputationGraph graph, InputType input, Path file) {
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
