package digits.html;

import digits.Text;
import digits.training.Epoch;
import digits.training.TestScore;
import digits.training.TrainingRecord;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** A training's record as a small HTML table: what a reader sees when a network is loaded. */
public final class RecordTable {
    private RecordTable() {
    }

    /** What it was trained on and how, what it is worth on validation and test images, and with which versions it was made. */
    public static String html(TrainingRecord record) {
        HtmlTable.Rows rows = new HtmlTable.Rows(List.of("record", ""), List.of(false, false));
        add(rows, "data", record.dataset() + " (" + record.source() + "): " + Text.whole(record.train()) + " images to train on, "
                + Text.whole(record.validation()) + " to validate on");
        add(rows, "training", epochs(record.epochs().size()) + ", batch " + record.batch() + ", seed " + record.seed()
                + ", profile " + record.profile() + "; " + Text.duration(record.trainSeconds()) + " on " + record.threads() + (record.threads() == 1 ? " thread" : " threads"));
        add(rows, "validation", validation(record));
        add(rows, "test", record.test() == null ? "not tested yet" : test(record.test()));
        add(rows, "versions", versions(record.versions()));
        add(rows, "file", record.sha256() == null ? "not saved yet" : "SHA-256 " + shortened(record.sha256()));
        return rows.end("");
    }

    private static void add(HtmlTable.Rows rows, String what, String value) {
        rows.add(List.of(what, value), false);
    }

    private static String epochs(int n) {
        return n + (n == 1 ? " epoch" : " epochs");
    }

    private static String validation(TrainingRecord record) {
        if (record.epochs().isEmpty()) return "–";
        Epoch last = record.epochs().get(record.epochs().size() - 1);
        return figures(last.validationLoss(), last.validationAccuracy())
                + (record.bestEpoch() > 0 ? "; best epoch: " + record.bestEpoch() : "");
    }

    private static String test(TestScore exam) {
        return figures(exam.loss(), exam.accuracy()) + ", " + Text.whole(exam.images()) + " images";
    }

    private static String figures(double loss, double accuracy) {
        return "loss " + Text.decimal(loss, 4) + ", accuracy " + Text.decimal(accuracy, 4);
    }

    private static String versions(Map<String, String> versions) {
        return versions.entrySet().stream().map(e -> e.getKey() + " " + e.getValue()).collect(Collectors.joining(", "));
    }

    private static String shortened(String checksum) {
        return checksum.length() <= 16 ? checksum : checksum.substring(0, 16) + "…";
    }
}
