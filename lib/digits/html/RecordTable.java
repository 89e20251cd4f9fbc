package digits.html;

import digits.Text;
import digits.training.Epoch;
import digits.training.TestScore;
import digits.training.TrainingRecord;
import java.util.List;
import java.util.stream.Collectors;

/** The record of a training as an HTML table: what a reader wants to know about a network that was loaded. */
public final class RecordTable {
    private RecordTable() { }

    /** Data and settings of the training, figures on validation and test set, and versions of the libraries. */
    public static String of(TrainingRecord record) {
        HtmlTable.Rows rows = new HtmlTable.Rows(List.of("record", ""), List.of(false, false));
        rows.add(List.of("data", record.dataset() + " (" + record.source() + "): " + Text.whole(record.train())
                + " training images, " + Text.whole(record.validation()) + " validation images"), false);
        rows.add(List.of("training", Text.count(record.epochs().size(), "epoch") + ", batch " + record.batch()
                + ", seed " + record.seed() + ", profile " + record.profile() + "; "
                + Text.duration(record.trainSeconds()) + " on " + Text.count(record.threads(), "thread")), false);
        rows.add(List.of("validation", validation(record)), false);
        rows.add(List.of("test", test(record.test())), false);
        rows.add(List.of("versions", record.versions().entrySet().stream().map(e -> e.getKey() + " " + e.getValue())
                .collect(Collectors.joining(", "))), false);
        rows.add(List.of("network", record.sha256() == null ? "not saved yet"
                : "SHA-256 " + record.sha256().substring(0, 16) + "…"), false);
        return rows.end("");
    }

    private static String validation(TrainingRecord record) {
        if (record.epochs().isEmpty()) return "–";
        Epoch last = record.epochs().get(record.epochs().size() - 1);
        return figures(last.validationLoss(), last.validationAccuracy())
                + (record.bestEpoch() > 0 ? "; best epoch: " + record.bestEpoch() : "");
    }

    private static String test(TestScore test) {
        return test == null ? "not tested yet"
                : figures(test.loss(), test.accuracy()) + ", " + Text.whole(test.images()) + " images";
    }

    private static String figures(double loss, double accuracy) {
        return "loss " + Text.decimal(loss, 4) + ", accuracy " + Text.decimal(accuracy, 4);
    }
}
