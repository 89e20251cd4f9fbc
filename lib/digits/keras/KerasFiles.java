package digits.keras;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Enumeration;
import java.util.Set;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;

import tech.tablesaw.api.Table;

/**
 * Files of Keras: Sequential networks go out as {@code .h5}, and come in as {@code .h5} of Keras 2 and 3 or as {@code .keras}.
 *
 * <p>The layers: Conv2D, BatchNormalization, MaxPooling2D, AveragePooling2D, GlobalAveragePooling2D, ZeroPadding2D, Flatten, Dense,
 * Dropout, Activation, ReLU, Softmax, InputLayer. Whatever else a file asks for, be it a class or an option, is refused with the
 * name and the place of the layer. Images are [n, channels, height, width] here and [n, height, width, channels] in Keras; the
 * weights are turned accordingly.
 *
 * <p>Weights and running averages are carried over, the optimizer's state and regularisation are not.
 */
public final class KerasFiles {
    /** Thirty million weights; the networks here have half a million. */
    static final long LARGEST = 128L << 20;
    private static final int ZIP_RATIO = 100;   // weights hardly shrink
    private static final String CONFIG = "config.json";
    private static final String WEIGHTS = "model.weights.h5";

    private KerasFiles() {
    }

    /**
     * Reads a network from {@code .h5} (Keras 2 or 3, whole model) or {@code .keras}; which of them it is, its content says.
     *
     * <p>The file is not trusted: time and memory are bounded by its size, which may be 128 MB, and nothing in it is executed.
     *
     * @return the network, ready to predict; a last layer with softmax or sigmoid comes with its loss, so that it can be trained
     *     further, by Adam with Keras's settings
     * @throws KerasFileException if it cannot be read: what it is instead, what is damaged in it, or which layer is not known
     */
    public static MultiLayerNetwork read(Path file) {
        return guarded(file, () -> NetworkBuilder.network(isArchive(file) ? archive(file, KerasModel::ofArchive)
                : KerasModel.ofH5(Hdf5File.open(content(file)))));
    }

    /**
     * What is in a file: texts such as the model's description, and every array of weights with its path and its shape. It need not be
     * a model that can be read.
     *
     * @return one row a thing: «place», «what», «count» (of letters or numbers)
     * @throws KerasFileException if it is no such file, or damaged
     */
    public static Table contents(Path file) {
        return guarded(file, () -> isArchive(file) ? archive(file, KerasFiles::contentsOfArchive) : contentsOfH5(Hdf5File.open(content(file))));
    }

    private static Table contentsOfH5(Hdf5Object root) {
        KerasContents contents = new KerasContents();
        for (String name : KerasContents.inOrder(root.attributeNames())) root.text(name).ifPresent(text -> contents.text(name, text));
        return contents.tree("", root).table();
    }

    private static Table contentsOfArchive(String config, Hdf5Object weights) {
        return new KerasContents().text(CONFIG, config).tree(WEIGHTS + "/", weights).table();
    }

    private interface Work<T> {
        T get() throws IOException;
    }

    private static <T> T guarded(Path file, Work<T> work) {
        try {
            return work.get();
        } catch (KerasFileException e) {
            throw new KerasFileException(file.getFileName() + ": " + e.getMessage(), e);
        } catch (IOException e) {
            throw new KerasFileException(file.getFileName() + " cannot be read: " + KerasFileException.shortened(e.getMessage()), e);
        } catch (RuntimeException | StackOverflowError e) {
            throw new KerasFileException(file.getFileName() + ": it is damaged (" + KerasFileException.shortened(e.toString()) + ")", e);
        }
    }

    private static boolean isArchive(Path file) throws IOException {
        if (!Files.isRegularFile(file)) throw new KerasFileException("there is no such file");
        byte[] start;
        try (InputStream in = Files.newInputStream(file)) {
            start = in.readNBytes(4);
        }
        if (Files.size(file) > LARGEST) throw new KerasFileException("it is larger than " + (LARGEST >> 20) + " MB");
        return start.length == 4 && start[0] == 'P' && start[1] == 'K' && start[2] == 3 && start[3] == 4;
    }

    private static byte[] content(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            return in.readNBytes((int) LARGEST);
        }
    }

    private interface Archive<T> {
        T of(String config, Hdf5Object weights);
    }

    /** Keras's own archive holds these three files and nothing else. */
    private static <T> T archive(Path file, Archive<T> reader) throws IOException {
        try (ZipFile zip = new ZipFile(file.toFile())) {
            for (Enumeration<? extends ZipEntry> entries = zip.entries(); entries.hasMoreElements();) {
                String name = entries.nextElement().getName();
                if (!Set.of(CONFIG, WEIGHTS, "metadata.json").contains(name)) {
                    throw new KerasFileException("it has an entry \"" + KerasFileException.shortened(name) + "\" that a Keras archive has not");
                }
            }
            String config = new String(content(zip, CONFIG, 8 << 20), StandardCharsets.UTF_8);
            return reader.of(config, Hdf5File.open(content(zip, WEIGHTS, LARGEST)));
        }
    }

    private static byte[] content(ZipFile zip, String name, long most) throws IOException {
        ZipEntry entry = zip.getEntry(name);
        if (entry == null) throw new KerasFileException("it has no " + name + ", which a Keras archive has");
        long limit = Math.min(most, Math.max(1 << 20, ZIP_RATIO * entry.getCompressedSize()));
        try (InputStream in = zip.getInputStream(entry)) {
            byte[] content = in.readNBytes((int) limit + 1);
            if (content.length > limit) throw new KerasFileException("its " + name + " is far larger unpacked than weights can be");
            CRC32 checksum = new CRC32();
            checksum.update(content);
            if (checksum.getValue() != entry.getCrc()) {
                throw new KerasFileException("its " + name + " is damaged: it has another checksum than the archive says");
            }
            return content;
        }
    }

    /**
     * Writes a network that reads 28×28 greyscale images, see {@link #write(MultiLayerNetwork, InputType, Path)}.
     *
     * @throws KerasFileException if Keras has no such layer; nothing was written then
     */
    public static void write(MultiLayerNetwork network, Path file) {
        write(network, InputType.convolutional(28, 28, 1), file);
    }

    /**
     * Writes a network as {@code .h5}, which Keras 2 and 3 load with {@code keras.models.load_model(name)}, compiled and ready to
     * evaluate if the network ends with softmax and cross-entropy.
     *
     * @param input what one example looks like, images with the channels first
     * @throws KerasFileException             if Keras has no such layer; nothing was written then
     * @throws java.io.UncheckedIOException if the file cannot be written; what was there before is still there
     */
    public static void write(MultiLayerNetwork network, InputType input, Path file) {
        NetworkWriter.write(network, input, file);
    }
}
