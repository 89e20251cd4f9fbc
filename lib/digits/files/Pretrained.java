package digits.files;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.dataset.api.preprocessor.ImagePreProcessingScaler;

/**
 * The walkthrough's network after a full run, inside the library, for predictions before anything has been trained
 * here. How it was trained and how well it does, {@code TrainingRecord.pretrained()} tells. It has weights and running
 * averages, but no updater's state: it can be trained further, but not as if training had never stopped.
 * {@code make pretrained} makes it from a full run.
 */
public final class Pretrained {
    /** The file beside this class, and its record's. */
    private static final String NAME = "trained/walkthrough";

    private Pretrained() { }

    /**
     * A fresh copy of the network: reads [n, 1, 28, 28] scaled to [0, 1], see {@link #scaler()}; predicts [n, 10]
     * probabilities.
     *
     * @throws UncheckedIOException if it is not in the library or damaged
     */
    public static MultiLayerNetwork network() {
        try {
            return NetworkZip.read(file()).network();
        } catch (IOException e) {
            throw damaged(e);
        }
    }

    /** The scaler of its images: from 0…255 to 0…1. */
    public static ImagePreProcessingScaler scaler() {
        try {
            return NetworkZip.read(file()).scaler();
        } catch (IOException e) {
            throw damaged(e);
        }
    }

    /** The zip that {@link #network()} is read from. */
    public static byte[] file() {
        return bytes(".zip");
    }

    /** Its record, as JSON, for {@code TrainingRecord.pretrained()}. */
    public static String recordJson() {
        return new String(bytes(".json"), StandardCharsets.UTF_8);
    }

    private static byte[] bytes(String ending) {
        try (InputStream in = Pretrained.class.getResourceAsStream(NAME + ending)) {
            if (in == null) throw new IOException("digits/files/" + NAME + ending + " is missing; run \"make setup\"");
            return in.readAllBytes();
        } catch (IOException e) {
            throw damaged(e);
        }
    }

    private static UncheckedIOException damaged(IOException e) {
        return new UncheckedIOException("The library's trained network cannot be loaded: " + e.getMessage(), e);
    }
}
