package digits.training;

import com.google.gson.FieldNamingPolicy;
import com.google.gson.Gson;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import digits.Settings;
import digits.data.Catalogue;
import digits.data.Dataset;
import digits.data.Split;
import digits.evaluation.Predictions;
import digits.files.AtomicFile;
import digits.files.Json;
import digits.files.ModelFiles;
import digits.files.Pretrained;
import digits.files.Sha256;
import digits.files.Versions;
import java.io.IOException;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.api.rng.Random;
import org.nd4j.linalg.dataset.api.preprocessor.DataNormalization;
import org.nd4j.linalg.dataset.api.preprocessor.ImagePreProcessingScaler;
import org.nd4j.linalg.factory.Nd4j;

/**
 * How a network was trained and how good it is. Kept in two forms: {@link #save in the network's file}, for the network
 * with its checksum alone, and as the {@link #saveResults results} of a run.
 *
 * @param dataset         name of the data set
 * @param source          where it came from: {@code folder}, {@code package}, {@code cache}, {@code mirror}, …
 * @param train           number of training images
 * @param validation      number of validation images
 * @param parameters      number of the network's parameters, trained or not
 * @param batch           images per training step
 * @param seed            seed of split, weights, shuffling and dropout
 * @param threads         threads of the native library
 * @param bestEpoch       the epoch with the highest validation accuracy
 * @param trainSeconds    wall time of all epochs, validation included
 * @param imagesPerSecond training images divided by the wall time of the training steps alone
 * @param peakResidentMb  the process's peak resident memory up to the end of the training, 10⁶ bytes; 0 if unknown
 * @param versions        of Java and the libraries
 * @param test            figures on the test set; null until {@link #tested}
 * @param random          the state of the random numbers after the last epoch, for {@link Trainer#resume}; may be null
 * @param sha256          checksum of the network, see {@link ModelFiles.Description}; null in a record that was not
 *                        loaded from the network's file
 */
public record TrainingRecord(String dataset, String source, int train, int validation, long parameters, String profile,
                             int batch, long seed, int threads, List<Epoch> epochs, int bestEpoch, double trainSeconds,
                             double imagesPerSecond, long peakResidentMb, Map<String, String> versions, TestScore test,
                             RandomState random, String sha256) {
    /** The state of ND4J's random numbers, for dropout: the word that the seed sets, and the one that draws change. */
    public record RandomState(long root, long node) implements Serializable {
        static RandomState now() {
            Random random = Nd4j.getRandom();
            return new RandomState(random.rootState(), random.nodeState());
        }

        void restore() {
            Nd4j.getRandom().setStates(root, node);
        }
    }

    /** How figures are written: indented, names like {@code test_accuracy}, null for a number that JSON lacks. */
    public static final Gson JSON = Json.builder().setPrettyPrinting()
            .setFieldNamingPolicy(FieldNamingPolicy.LOWER_CASE_WITH_UNDERSCORES).create();

    /** The record of a training that has just ended, in this process and on this thread. */
    public static TrainingRecord of(History history, long parameters, Dataset data, Split split, Settings settings) {
        return of(history, parameters, data.name(), data.provenance().source().toString(), split.training().size(),
                split.validation().size(), settings);
    }

    static TrainingRecord of(History history, long parameters, String dataset, String source, int train, int validation,
                             Settings settings) {
        List<Epoch> epochs = history.epochs();
        double steps = epochs.stream().mapToDouble(Epoch::trainSeconds).sum();
        double all = steps + epochs.stream().mapToDouble(Epoch::validationSeconds).sum();
        return new TrainingRecord(dataset, source, train, validation, parameters, settings.profile(), settings.batch(),
                settings.seed(), settings.threads(), epochs, history.best().map(Epoch::number).orElse(0), all,
                steps == 0 ? 0 : (double) train * epochs.size() / steps, RunEnvironment.peakResidentMb(),
                Versions.ofThisRun(), null, RandomState.now(), null);
    }

    /** The record of the network that is part of the library, {@link Pretrained}. */
    public static TrainingRecord pretrained() {
        ModelFiles.Description description = Pretrained.description();
        String name = "The record of the library's trained network";
        TrainingRecord record = parse(description.record().orElse(""), name);
        if (description.checksum().equals(record.sha256())) return record;
        throw new IllegalStateException(name + " belongs to another network: run \"make pretrained\"");
    }

    /** The same record with the figures of these predictions of the test set. */
    public TrainingRecord tested(Predictions onTestSet) {
        return tested(TestScore.of(onTestSet));
    }

    /** The same record with these figures on the test set. */
    public TrainingRecord tested(TestScore score) {
        return with(score, sha256);
    }

    private TrainingRecord with(TestScore score, String checksum) {
        return new TrainingRecord(dataset, source, train, validation, parameters, profile, batch, seed, threads, epochs,
                bestEpoch, trainSeconds, imagesPerSecond, peakResidentMb, versions, score, random, checksum);
    }

    /**
     * Saves the network that was trained, its updater's state, the scaler of its input and this record in one file.
     *
     * @param scaler null for none
     * @throws UncheckedIOException if the file cannot be written; the earlier file is still there
     */
    public void save(MultiLayerNetwork network, DataNormalization scaler, Path file) {
        ModelFiles.save(network, scaler, checksum -> JSON.toJson(with(test, checksum)), file);
    }

    /**
     * Puts this record, which was loaded from the file, in the place of the file's.
     *
     * @throws IllegalStateException if it is not the record of the file's network
     * @throws UncheckedIOException  if the file cannot be read or written; the earlier file is still there
     */
    public void save(Path file) {
        ModelFiles.replaceRecord(file, sha256, JSON.toJson(this));
    }

    /** Saves the {@link #results} of a whole run, {@code results.json}; UncheckedIOException if that fails. */
    public void saveResults(Path file) {
        write(file, results());
    }

    /** Writes a value as {@link #JSON}, completely or not at all. */
    public static void write(Path file, Object value) {
        AtomicFile.writeText(file, JSON.toJson(value) + "\n");
    }

    /**
     * The record, flat: {@code epochs} is their number; {@code test}, {@code test_loss} … are of the test set.
     *
     * @throws IllegalStateException without figures on the test set
     */
    public JsonObject results() {
        if (test == null) throw new IllegalStateException("there are no results yet: test the network first");
        JsonObject json = JSON.toJsonTree(this).getAsJsonObject();
        List.of("best_epoch", "random", "sha256").forEach(json::remove);
        json.addProperty("epochs", epochs.size());
        json.addProperty("test", test.images());
        json.add("test_loss", JSON.toJsonTree(test.loss()));
        json.addProperty("test_accuracy", test.accuracy());
        return json;
    }

    /**
     * What a file in another format, such as ONNX, should say about the network: {@code dataset} and {@code classes}
     * (names as a JSON list, if the {@link Catalogue} has the data set), the {@code parameters}, how they were trained,
     * the figures on the test set if there are any, and, in words and as two numbers, what becomes of the pixels.
     *
     * @param scaler of the network's input; null for none
     * @return texts by lower-case keys, in this order
     */
    public Map<String, String> metadata(ImagePreProcessingScaler scaler) {
        Map<String, String> texts = new LinkedHashMap<>();
        texts.put("dataset", dataset);
        Stream.of(Catalogue.values()).filter(known -> known.title().equals(dataset)).findFirst()
                .ifPresent(known -> texts.put("classes", new Gson().toJson(known.names())));
        if (scaler != null) {
            double scale = (scaler.getMaxRange() - scaler.getMinRange()) / scaler.getMaxPixelVal();
            texts.put("pixels", "gray, light on dark, 0 to " + Math.round(scaler.getMaxPixelVal()) + " scaled to "
                    + scaler.getMinRange() + " to " + scaler.getMaxRange());
            texts.put("pixel_scale", String.valueOf(scale));
            texts.put("pixel_offset", String.valueOf(scaler.getMinRange()));
        }
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("source", source);
        facts.put("parameters", parameters);
        facts.put("train", train);
        facts.put("validation", validation);
        facts.put("batch", batch);
        facts.put("seed", seed);
        facts.put("epochs", epochs.size());
        facts.put("best_epoch", bestEpoch);
        if (test != null) {
            facts.put("test", test.images());
            facts.put("test_loss", test.loss());
            facts.put("test_accuracy", test.accuracy());
        }
        facts.forEach((name, fact) -> texts.put(name, String.valueOf(fact)));
        versions.forEach((name, version) -> texts.put("version_" + name, version));
        return texts;
    }

    /**
     * Loads the record of a network from its file, or from the one beside it where older versions kept the record:
     * {@code trained.json} beside {@code trained.zip}.
     *
     * @param notebook the notebook that writes the file, for the messages
     * @throws IllegalStateException if there is no file or no record, or it is that of another network
     * @throws UncheckedIOException  if it cannot be read
     */
    public static TrainingRecord load(Path file, String notebook) {
        String name = file.getFileName().toString();
        if (!Files.exists(file)) {
            throw new IllegalStateException("There is no " + name + " yet: run the notebook " + notebook + " first.");
        }
        ModelFiles.Description description = ModelFiles.describe(file);
        boolean inside = description.record().isPresent();
        Path beside = file.resolveSibling(name.replaceFirst("\\.zip$", "") + ".json");
        if (!inside && !Files.exists(beside)) {
            throw new IllegalStateException(name + " holds a network without the record of its training: run the "
                    + "notebook " + notebook + " again.");
        }
        try {
            TrainingRecord record = inside ? parse(description.record().get(), "The record in " + name)
                    : parse(Files.readString(beside), beside.getFileName().toString());
            String checksum = inside ? description.checksum() : Sha256.of(file);
            if (checksum.equals(record.sha256())) return record.with(record.test, description.checksum());
        } catch (IOException e) {
            throw new UncheckedIOException(beside.getFileName() + " cannot be read: " + e.getMessage(), e);
        }
        throw new IllegalStateException("The record of " + name + " describes another network: run the notebook "
                + notebook + " again.");
    }

    private static TrainingRecord parse(String json, String name) {
        try {
            TrainingRecord record = JSON.fromJson(json, TrainingRecord.class);
            if (record == null || record.dataset() == null || record.epochs() == null
                    || record.epochs().stream().anyMatch(Objects::isNull) || record.versions() == null) {
                throw new JsonParseException("it is not the record of a training");
            }
            if (record.parameters() == 0) throw new JsonParseException("an older version wrote it; train again");
            return record;
        } catch (JsonParseException | StackOverflowError e) {
            throw new UncheckedIOException(name + " cannot be read: " + e.getMessage(), new IOException(e));
        }
    }
}
