package digits.demo;

import digits.Settings;
import digits.Text;
import digits.files.ModelFiles;
import digits.files.Pretrained;
import digits.training.Epoch;
import digits.training.TrainingRecord;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;

/** A network for the demo, trained on digits of 28×28, 0 to 1, and a sentence about it for the page. */
public record LiveModel(MultiLayerNetwork network, String description) {
    private static final String NOTEBOOK = "05_train";

    /** The network that notebook 5 saved last, with either profile; if none can be used, the project's own. */
    public static LiveModel newest(Settings settings) {
        String damaged = "";
        for (Path file : candidates(settings)) {
            try {
                TrainingRecord record = TrainingRecord.load(file, NOTEBOOK);
                return new LiveModel(ModelFiles.load(file), describe(record));
            } catch (IllegalStateException | UncheckedIOException unusable) {
                damaged = " (Your own network could not be used. " + unusable.getMessage() + ")";
            }
        }
        LiveModel pretrained = pretrained();
        return new LiveModel(pretrained.network(), pretrained.description() + damaged);
    }

    /** The network that comes with the project. */
    public static LiveModel pretrained() {
        TrainingRecord record = TrainingRecord.pretrained();
        String test = record.test() == null ? "" : ", " + Text.percent(record.test().accuracy(), 1) + " of "
                + Text.whole(record.test().images()) + " test digits recognized";
        return new LiveModel(Pretrained.network(), "The network that comes with the project: trained on "
                + Text.whole(record.train()) + " images" + test + ". Train your own in notebook 5 to use it here.");
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
