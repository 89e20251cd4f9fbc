package digits.training;

import digits.Settings;
import digits.data.Dataset;
import digits.data.Split;
import digits.evaluation.Predictions;
import digits.files.AtomicFile;
import digits.files.Json;
import digits.files.Pretrained;
import digits.files.Sha256;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * How a saved network was trained, and what it is worth: kept as JSON beside its file, which it knows by its checksum.
 *
 * @param dataset         name of the data set
 * @param source          where it came from: {@code folder}, {@code package}, {@code cache}, {@code mirror} or {@code sample}
 * @param train           images trained on
 * @param validation      images validated on
 * @param profile         {@code full} or {@code quick}
 * @param batch           images per training step
 * @param seed            seed of split, weights, shuffling and dropout
 * @param threads         threads of the native library
 * @param epochs          each epoch's figures
 * @param bestEpoch       the epoch with the highest validation accuracy
 * @param trainSeconds    wall time of all epochs, validation included
 * @param imagesPerSecond training images by the wall time of the training steps alone
 * @param peakResidentMb  the process's peak resident memory up to the end of the training, 10⁶ bytes; 0 where the system does not tell
 * @param versions        of Java and the libraries
 * @param test            its figures on the test set; null until it has been tested, see {@link #tested}
 * @param random          where the random numbers stood after the last epoch, for {@link Trainer#resume}; null in older
 *                        records
 * @param sha256          of the network's file; null until the record is saved beside it
 */
public record TrainingRecord(String dataset, String source, int train, int validation, String profile, int batch, long seed,
                             int threads, List<Epoch> epochs, int bestEpoch, double trainSeconds, double imagesPerSecond,
                             long peakResidentMb, Map<String, String> versions, TestScore test, RandomState random, String sha256) {
    /** The record of a training that has just ended, in this process and on this thread. */
    public static TrainingRecord of(History history, Dataset data, Split split, Settings settings) {
        return of(history, data.name(), data.provenance().source().toString(), split.training().size(), split.validation().size(), settings);
    }

    static TrainingRecord of(History history, String dataset, String source, int train, int validation, Settings settings) {
        List<Epoch> epochs = history.epochs();
        double steps = epochs.stream().mapToDouble(Epoch::trainSeconds).sum();
        double all = steps + epochs.stream().mapToDouble(Epoch::validationSeconds).sum();
        return new TrainingRecord(dataset, source, train, validation, settings.profile(), settings.batch(), settings.seed(),
                settings.threads(), epochs, history.best().map(Epoch::number).orElse(0), all,
                steps == 0 ? 0 : (double) train * epochs.size() / steps, RunEnvironment.peakResidentMb(), RunEnvironment.versions(), null,
                RandomState.now(), null);
    }

    /** The record of the network that comes with the library, {@link Pretrained}. */
    public static TrainingRecord pretrained() {
        TrainingRecord record = parse(Pretrained.recordJson(), "the library's trained network's record");
        if (!Sha256.of(Pretrained.file()).equals(record.sha256())) {
            throw new IllegalStateException("the record of the library's trained network tells of another one: run \"make pretrained\"");
        }
        return record;
    }

    /** The same record with the figures on the test set. */
    public TrainingRecord tested(Predictions onTestSet) {
        return with(new TestScore(onTestSet.size(), onTestSet.loss(), onTestSet.accuracy()), sha256);
    }

    private TrainingRecord with(TestScore exam, String checksum) {
        return new TrainingRecord(dataset, source, train, validation, profile, batch, seed, threads, epochs, bestEpoch, trainSeconds,
                imagesPerSecond, peakResidentMb, versions, exam, random, checksum);
    }

    /** The epochs as a history. */
    public History history() {
        return new History(epochs);
    }

    /**
     * Writes the record beside the network's file, which has to be there already: {@code trained.json} beside {@code trained.zip}.
     *
     * @throws UncheckedIOException if the network's file cannot be read or the record cannot be written
     */
    public void save(Path networkFile) {
        AtomicFile.writeText(beside(networkFile), Json.write(with(test, Sha256.of(bytes(networkFile)))));
    }

    /**
     * Reads the record of a network's file.
     *
     * @param notebook the notebook that writes both, for the message if one is missing or they do not belong together
     * @throws IllegalStateException if there is no record, or it is that of another training: it says which notebook to run
     * @throws UncheckedIOException  if it cannot be read
     */
    public static TrainingRecord load(Path networkFile, String notebook) {
        Path file = beside(networkFile);
        if (!Files.exists(file)) {
            throw new IllegalStateException("There is no " + file.getFileName() + " yet: run the notebook " + notebook + " first.");
        }
        TrainingRecord record = parse(text(file), file.getFileName().toString());
        if (!Sha256.of(bytes(networkFile)).equals(record.sha256())) {
            throw new IllegalStateException(file.getFileName() + " tells of another training than that of "
                    + networkFile.getFileName() + ": run the notebook " + notebook + " again.");
        }
        return record;
    }

    private static TrainingRecord parse(String json, String name) {
        try {
            TrainingRecord record = Json.read(json, TrainingRecord.class);
            if (record.dataset() == null || record.epochs() == null || record.epochs().stream().anyMatch(Objects::isNull)
                    || record.versions() == null) {
                throw new IOException("it does not hold a training's record");
            }
            return record;
        } catch (IOException e) {
            throw new UncheckedIOException(name + " cannot be read: " + e.getMessage(), e);
        }
    }

    private static Path beside(Path networkFile) {
        return networkFile.resolveSibling(networkFile.getFileName().toString().replaceFirst("\\.zip$", "") + ".json");
    }

    private static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(file.getFileName() + " cannot be read: " + e.getMessage(), e);
        }
    }

    private static byte[] bytes(Path file) {
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw new UncheckedIOException(file.getFileName() + " cannot be read: " + e.getMessage(), e);
        }
    }
}
