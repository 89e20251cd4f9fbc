package digits.training;

import com.google.gson.FieldNamingPolicy;
import com.google.gson.Gson;
import digits.evaluation.Predictions;
import digits.files.AtomicFile;
import digits.files.Json;
import java.nio.file.Path;
import java.util.Map;

/**
 * The result of a whole run, as {@code results.json} holds it: the training's record and the figures on the test set.
 *
 * @param profile         {@code full} or {@code quick}
 * @param dataset         name of the data set
 * @param source          where it came from: {@code folder}, {@code package}, {@code cache}, {@code mirror} or {@code sample}
 * @param train           images trained on
 * @param validation      images validated on
 * @param test            images tested on
 * @param parameters      the network's parameters, trained or not
 * @param epochs          passes over the training images
 * @param batch           images per training step
 * @param seed            seed of split, weights, shuffling and dropout
 * @param threads         threads of the native library
 * @param testLoss        mean categorical cross-entropy on the test images
 * @param testAccuracy    share of the test images recognised, 0 to 1
 * @param trainSeconds    wall time of all epochs, validation included
 * @param imagesPerSecond training speed
 * @param peakResidentMb  peak resident memory of the training process, 10⁶ bytes
 * @param versions        of Java and the libraries
 */
public record Results(String profile, String dataset, String source, int train, int validation, int test, long parameters, int epochs, int batch,
                      long seed, int threads, double testLoss, double testAccuracy, double trainSeconds, double imagesPerSecond,
                      long peakResidentMb, Map<String, String> versions) {
    public static final Gson JSON = Json.builder().setPrettyPrinting()
            .setFieldNamingPolicy(FieldNamingPolicy.LOWER_CASE_WITH_UNDERSCORES).create();

    /** The results of a trained network on the test images. */
    public static Results of(TrainingRecord training, Predictions test, long parameters) {
        return new Results(training.profile(), training.dataset(), training.source(), training.train(), training.validation(), test.size(), parameters,
                training.epochs().size(), training.batch(), training.seed(), training.threads(), test.loss(), test.accuracy(),
                training.trainSeconds(), training.imagesPerSecond(), training.peakResidentMb(), training.versions());
    }

    /** Writes the results as JSON with names like {@code test_accuracy}, completely or not at all. */
    public void save(Path file) {
        AtomicFile.writeText(file, JSON.toJson(this) + "\n");
    }
}
