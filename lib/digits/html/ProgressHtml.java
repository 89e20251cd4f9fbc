package digits.html;

import digits.Progress;
import digits.Text;
import digits.data.Provenance;
import digits.experiments.ExperimentProgress;
import digits.experiments.Run;
import digits.pictures.Style;
import digits.training.Epoch;
import digits.training.History;
import digits.training.TrainingProgress;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Progress as HTML. The outer element holds the line as plain text, for runs of a notebook without a browser. */
final class ProgressHtml {
    private static final int MOST_EPOCHS = 20;
    private static final List<String> EPOCHS = List.of("epoch", "", "", "loss", "accuracy", "validation loss",
            "validation accuracy", "images per second", "time");
    private static final List<String> SETTINGS = List.of("setting", "", "runs", "failed", "validation loss",
            "validation accuracy", "images per second", "time", "best run");

    private ProgressHtml() { }

    static String of(Progress progress) {
        return "<div data-progress=\"" + Text.escape(progress.line()) + "\">" + body(progress) + "</div>";
    }

    private static String body(Progress progress) {
        if (progress instanceof TrainingProgress training) return epochs(training);
        if (progress instanceof ExperimentProgress experiment) return settings(experiment);
        if (progress instanceof Provenance provenance) return Banner.of(provenance);
        return bar(progress.line(), progress.share());
    }

    /** The text before the first “ · ”. */
    static String phase(String line) {
        return line.split(" · ", 2)[0];
    }

    private static String bar(String line, double share) {
        String detail = line.substring(Math.min(line.length(), phase(line).length() + 3));
        // a task that ended early says so instead of a percentage
        boolean said = Double.isNaN(share) || detail.contains(" %") || detail.contains("ended early");
        String percent = said ? "" : Text.percentDone(share);
        return table(List.of(), List.of(row(phase(line), share, share == 1, percent, detail)));
    }

    /** One row per epoch, the running one last; of a long training only the last epochs. */
    private static String epochs(TrainingProgress training) {
        List<Epoch> finished = training.finished();
        List<String> rows = new ArrayList<>();
        int skipped = Math.max(0, finished.size() - MOST_EPOCHS);
        if (skipped > 0) rows.add("<tr><td colspan=\"9\">… " + Text.count(skipped, "earlier epoch") + "</td></tr>");
        for (Epoch e : finished.subList(skipped, finished.size())) {
            rows.add(row(e.number() + "/" + training.epochs(), 1, true, "100 %",
                    Text.decimal(e.trainLoss(), 4), Text.percent(e.trainAccuracy(), 2),
                    Text.decimal(e.validationLoss(), 4), Text.percent(e.validationAccuracy(), 2),
                    Text.decimal(e.imagesPerSecond(), 0), Text.duration(e.trainSeconds() + e.validationSeconds())));
        }
        if (!training.betweenEpochs()) {
            double left = training.secondsLeft();
            rows.add(row(training.epoch() + "/" + training.epochs(), training.share(), false,
                    Text.percentDone(training.share()), Text.decimal(training.loss(), 4),
                    Text.percent(training.accuracy(), 2), "", training.validating() ? "validating …" : "",
                    Text.decimal(training.imagesPerSecond(), 0),
                    Double.isNaN(left) ? "" : Text.duration(left) + " left"));
        }
        return table(EPOCHS, rows) + note(training);
    }

    /** One row per setting with its best epoch so far, and a line about the current run. */
    private static String settings(ExperimentProgress experiment) {
        List<String> rows = experiment.planned().keySet().stream().map(name -> setting(experiment, name)).toList();
        return table(SETTINGS, rows) + "<div>" + Text.escape(experiment.line()) + "</div>"
                + experiment.running().stream().map(run -> note(run.training())).collect(Collectors.joining());
    }

    private static String note(TrainingProgress training) {
        return training.note().isEmpty() ? "" : "<div>" + Text.escape(training.note()) + "</div>";
    }

    private static String setting(ExperimentProgress experiment, String name) {
        int planned = experiment.planned().get(name);
        List<Run> over = experiment.finished().stream().filter(run -> run.setting().equals(name)).toList();
        List<TrainingProgress> running = experiment.running().stream().filter(run -> run.setting().equals(name))
                .map(ExperimentProgress.Running::training).toList();
        long failed = over.stream().filter(Run::failed).count();
        Optional<Run> bestRun = over.stream().filter(run -> !run.failed())
                .max(Comparator.comparingDouble(run -> run.best().orElseThrow()));
        Optional<Epoch> best = new History(bestRun.map(Run::epochs)
                .orElse(running.isEmpty() ? List.of() : running.get(0).finished())).best();
        double current = running.stream().mapToDouble(TrainingProgress::shareOfTraining).sum();
        double share = (over.size() + current) / planned;
        double speed = running.stream().mapToDouble(TrainingProgress::imagesPerSecond).findFirst()
                .orElse(best.map(Epoch::imagesPerSecond).orElse(Double.NaN));
        return row(name, Math.min(1, share), over.size() == planned, over.size() + "/" + planned,
                failed == 0 ? "" : Text.whole(failed),
                best.map(epoch -> Text.decimal(epoch.validationLoss(), 4)).orElse(""),
                best.map(epoch -> Text.percent(epoch.validationAccuracy(), 2)).orElse(""),
                Double.isNaN(speed) ? "" : Text.decimal(speed, 0),
                over.isEmpty() ? "" : Text.duration(over.stream().mapToDouble(Run::seconds).sum()),
                bestRun.map(run -> run.label() + ", seed " + run.seed()).orElse(""));
    }

    private static String table(List<String> headings, List<String> rows) {
        return "<table style=\"border-collapse:collapse;border:0;margin:4px 0\"><tr>"
                + IntStream.range(0, headings.size())
                        .mapToObj(c -> cell("th", c, headings.get(c), ";font-weight:bold;vertical-align:bottom"))
                        .collect(Collectors.joining()) + "</tr>" + String.join("", rows) + "</table>";
    }

    /** A name, a bar of 140 pixels in a color that shows on light and dark pages, and texts. */
    private static String row(String name, double share, boolean done, String... texts) {
        String bar = "<div role=\"progressbar\" aria-label=\"" + Text.escape(name) + "\" aria-valuemin=\"0\" "
                + "aria-valuemax=\"100\"" + (Double.isNaN(share) ? "" : " aria-valuenow=\"" + (int) (100 * share)
                + "\"") + " style=\"background-color:#8c959f66;width:140px;height:12px\"><div style=\"background-color:"
                + Style.hex(done ? Style.GREEN : Style.SKY) + ";width:" + Math.round(140 * share)
                + "px;height:12px\"></div></div>";
        return "<tr>" + cell("td", 0, Text.escape(name), ";white-space:nowrap") + cell("td", 1, bar, "")
                + Stream.of(texts).map(text -> cell("td", 2, Text.escape(text), ";white-space:nowrap"))
                .collect(Collectors.joining()) + "</tr>";
    }

    private static String cell(String tag, int column, String html, String style) {
        return HtmlTable.cell(tag, column > 0, "padding:2px 10px 2px 0;border:0" + style, html);
    }
}
