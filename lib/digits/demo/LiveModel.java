package digits.demo;

import digits.Settings;
import digits.files.ModelFiles;
import digits.files.Pretrained;
import digits.training.Epoch;
import digits.training.TrainingRecord;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;

/**
 * A network to draw for, and which one it is.
 *
 * @param network     trained on digits of 28×28, 0 to 1
 * @param description a sentence for the page
 */
public record LiveModel(MultiLayerNetwork network, String description) {
    private static final String NOTEBOOK = "05_train";

    /**
     * The reader's own network, as notebook 5 saved it last, in the full or in the quick profile; if there is none, or its files are
     * damaged, the one that comes with the project.
     */
    public static LiveModel newest(Settings settings) {
        List<Path> own = candidates(settings);
        String damaged = "";
        for (Path file : own) {
            try {
                TrainingRecord record = TrainingRecord.load(file, NOTEBOOK);
                return new LiveModel(ModelFiles.load(file), describe(record));
            } catch (IllegalStateException | UncheckedIOException unusable) {
                damaged = " (Your own could not be used. " + unusable.getMessage() + ")";
            }
        }
        LiveModel pretrained = pretrained();
        return new LiveModel(pretrained.network(), pretrained.description() + damaged);
    }

    /** The network that comes with the project. */
    public static LiveModel pretrained() {
        TrainingRecord record = TrainingRecord.pretrained();
        String exam = record.test() == null ? "" : String.format(Locale.ROOT, ", %.1f %% of %,d test digits recognised",
                100 * record.test().accuracy(), record.test().images());
        return new LiveModel(Pretrained.network(), String.format(Locale.ROOT,
                "The network that comes with the project: trained on %,d images%s. Train your own in notebook 5, and it answers here.",
                record.train(), exam));
    }

    /** The networks that runs of either profile leave, the newest first. `make quick` has a folder of its own in that of the others. */
    private static List<Path> candidates(Settings settings) {
        Path output = settings.outputFolder();
        return List.of(settings.modelFolder(), output.resolve("models/full"), output.resolve("models/quick"), output.resolve("quick/models/quick"))
                .stream().distinct().map(folder -> folder.resolve("trained.zip")).filter(Files::isRegularFile)
                .sorted(Comparator.comparing(LiveModel::modified).reversed()).toList();
    }

    private static FileTime modified(Path file) {
        try {
            return Files.getLastModifiedTime(file);
        } catch (IOException gone) {
            return FileTime.fromMillis(0);
        }
    }

    private static String describe(TrainingRecord record) {
        List<Epoch> epochs = record.epochs();
        String accuracy = epochs.isEmpty() ? "" : String.format(Locale.ROOT, "; it recognised %.1f %% of the %,d images that it was validated on",
                100 * epochs.get(epochs.size() - 1).validationAccuracy(), record.validation());
        return String.format(Locale.ROOT, "Your own network, trained in notebook 5 (profile %s) on %,d images, %d %s%s.", record.profile(),
                record.train(), epochs.size(), epochs.size() == 1 ? "epoch" : "epochs", accuracy);
    }
}
