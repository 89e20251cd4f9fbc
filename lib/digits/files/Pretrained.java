package digits.files;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.dataset.api.preprocessor.ImagePreProcessingScaler;

/**
 * The walkthrough's network after a full run, inside the library: to predict at once, before anything has been trained here.
 * How it came to be and what it is worth, {@code TrainingRecord.pretrained()} tells.
 *
 * <p>Weights and running averages only: without its updater's state it can be trained further, but not as if it had never stopped.
 * {@code make pretrained} makes it anew from a full run.
 */
public final class Pretrained {
    /** Its file, and its record's, beside this class. */
    private static final String NAME = "trained/walkthrough";

    private Pretrained() {
    }

    /**
     * A fresh copy of the network: reads [n, 1, 28, 28] scaled to [0, 1], see {@link #scaler()}, answers [n, 10] probabilities.
     *
     * @throws UncheckedIOException if it is not in the library or damaged
     */
    public static MultiLayerNetwork network() {
        try {
            return zip().network();
        } catch (IOException e) {
            throw damaged(e);
        }
    }

    /** What its images have to go through: from 0…255 to 0…1. */
    public static ImagePreProcessingScaler scaler() {
        try {
            return zip().scaler();
        } catch (IOException e) {
            throw damaged(e);
        }
    }

    /** The zip that {@link #network()} is read from. */
    public static byte[] file() {
        return bytes(".zip");
    }

    /** Its record, as JSON. {@code TrainingRecord.pretrained()} reads it. */
    public static String recordJson() {
        return new String(bytes(".json"), StandardCharsets.UTF_8);
    }

    private static NetworkZip zip() throws IOException {
        byte[] content = file();
        return NetworkZip.read(new ByteArrayInputStream(content), content.length);
    }

    private static byte[] bytes(String ending) {
        try (InputStream in = Optional.ofNullable(Pretrained.class.getResourceAsStream(NAME + ending))
                .orElseThrow(() -> new IOException("digits/model/" + NAME + ending + " is not in it; run \"make setup\""))) {
            return in.readAllBytes();
        } catch (IOException e) {
            throw damaged(e);
        }
    }

    private static UncheckedIOException damaged(IOException e) {
        return new UncheckedIOException("The library's trained network cannot be loaded: " + e.getMessage(), e);
    }
}
