package digits.demo;

import digits.Settings;
import digits.Text;
import digits.data.Catalogue;
import digits.files.ModelFiles;
import digits.files.Pretrained;
import digits.training.Epoch;
import digits.training.TrainingRecord;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;

/**
 * A network for the demo, trained on images of 28×28, 0 to 1.
 *
 * @param description a sentence about it for the page
 * @param record      of its training: what it was trained on, and so what its outputs mean; null if it is not known
 */
public record LiveModel(MultiLayerNetwork network, String description, TrainingRecord record) {
    private static final String NOTEBOOK = "05_train";

    /** A network of which is not known how it was trained; its classes are numbers. */
    public LiveModel(MultiLayerNetwork network, String description) {
        this(network, description, null);
    }

    /** The network that notebook 5 saved last, with either profile; if none can be used, the project's own. */
    public static LiveModel newest(Settings settings) {
        String damaged = "";
        for (Path file : candidates(settings)) {
            try {
                TrainingRecord record = TrainingRecord.load(file, NOTEBOOK);
                return new LiveModel(ModelFiles.load(file), describe(record), record);
            } catch (IllegalStateException | UncheckedIOException unusable) {
                damaged = " (Your own network could not be used. " + unusable.getMessage() + ")";
            }
        }
        LiveModel pretrained = pretrained();
        return new LiveModel(pretrained.network(), pretrained.description() + damaged, pretrained.record());
    }

    /** The network that comes with the project. */
    public static LiveModel pretrained() {
        TrainingRecord record = TrainingRecord.pretrained();
        String test = record.test() == null ? "" : ", " + Text.percent(record.test().accuracy(), 1) + " of "
                + Text.whole(record.test().images()) + " test digits recognized";
        return new LiveModel(Pretrained.network(), "The network that comes with the project: trained on "
                + Text.whole(record.train()) + " images" + test
                + ". Train your own in notebook 5 to use it here.", record);
    }

    /**
     * What the network's outputs mean, one name per class: those of the data set that its record names, or numbers if
     * the catalog has no such data set of as many classes.
     */
    public List<String> names() {
        int classes = Math.toIntExact(network.layerSize(network.getnLayers() - 1));
        return Optional.ofNullable(record).flatMap(known -> Catalogue.named(known.dataset()))
                .map(Catalogue::names).filter(names -> names.size() == classes)
                .orElseGet(() -> IntStream.range(0, classes).mapToObj(Integer::toString).toList());
    }

    /** The files of networks trained with either profile, newest first. {@code make quick} has its own folder. */
    private static List<Path> candidates(Settings settings) {
        Path output = settings.outputFolder();
        Stream<Path> folders = Stream.concat(Stream.of(settings.modelFolder()),
                Stream.of("models/full", "models/quick", "quick/models/quick").map(output::resolve));
        return folders.distinct().map(folder -> folder.resolve("trained.zip")).filter(Files::isRegularFile)
                .sorted(Comparator.comparingLong((Path file) -> -file.toFile().lastModified())).toList();
    }

    private static String describe(TrainingRecord record) {
        List<Epoch> epochs = record.epochs();
        String accuracy = epochs.isEmpty() ? "" : "; it recognized "
                + Text.percent(epochs.get(epochs.size() - 1).validationAccuracy(), 1) + " of the "
                + Text.whole(record.validation()) + " validation images";
        return "Your own network, trained in notebook 5 (profile " + record.profile() + ") on "
                + Text.whole(record.train()) + " images, " + Text.count(epochs.size(), "epoch") + accuracy + ".";
    }
}
