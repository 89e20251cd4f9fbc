package digits.files;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.dataset.api.preprocessor.ImagePreProcessingScaler;

/**
 * The walkthrough's network after a full run, inside the library, for predictions before anything has been trained
 * here. How it was trained and how well it does, {@code TrainingRecord.pretrained()} tells. It has weights and running
 * averages, but no updater's state: it can be trained further, but not as if training had never stopped.
 * {@code make pretrained} makes it from a full run.
 */
public final class Pretrained {
    /** The file beside this class. */
    private static final String NAME = "trained/walkthrough.zip";

    private Pretrained() { }

    /**
     * A fresh copy of the network: reads [n, 1, 28, 28] scaled to [0, 1], see {@link #scaler()}; predicts [n, 10]
     * probabilities.
     *
     * @throws UncheckedIOException if it is not in the library or damaged
     */
    public static MultiLayerNetwork network() {
        return read(NetworkZip::network);
    }

    /** The scaler of its images: from 0…255 to 0…1. */
    public static ImagePreProcessingScaler scaler() {
        return read(NetworkZip::scaler);
    }

    /** Its checksum and record, for {@code TrainingRecord.pretrained()}. */
    public static ModelFiles.Description description() {
        return read(ModelFiles::describe);
    }

    private static <T> T read(ModelFiles.Part<T> part) {
        try (InputStream in = Pretrained.class.getResourceAsStream(NAME)) {
            if (in == null) throw new IOException("digits/files/" + NAME + " is missing; run \"make setup\"");
            return part.of(NetworkZip.read(in.readAllBytes()));
        } catch (IOException e) {
            throw new UncheckedIOException("The library's trained network cannot be loaded: " + e.getMessage(), e);
        }
    }
}
