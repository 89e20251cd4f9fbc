package digits.pictures;

import digits.Text;
import digits.experiments.ExperimentProgress;
import digits.experiments.Run;
import digits.html.ProgressBar;
import digits.training.TrainingProgress;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** A sweep's progress as HTML: one row a setting with its runs and its best so far, and a line on the run under way. */
public final class RunBars {
    private static final List<String> HEADINGS = List.of("setting", "", "runs", "failed", "best so far", "");

    private RunBars() {
    }

    /**
     * How far a sweep is. The outer element says it as plain text in its attribute {@code data-progress}, for whoever runs a
     * notebook without a browser.
     */
    public static String html(ExperimentProgress progress) {
        StringBuilder html = new StringBuilder("<div data-progress=\"").append(Text.escape(progress.line()))
                .append("\"><table style=\"border-collapse:collapse;border:0;margin:4px 0\"><tr>");
        for (String heading : HEADINGS) {
            html.append("<th style=\"text-align:").append(heading.equals("runs") || heading.equals("failed") ? "right" : "left")
                    .append(";padding:2px 10px 4px 0;border:0;font-weight:bold;background-color:transparent\">").append(heading).append("</th>");
        }
        html.append("</tr>");
        progress.planned().forEach((setting, runs) -> html.append(row(progress, setting, runs)));
        return html.append("</table><div>").append(Text.escape(progress.line())).append("</div></div>").toString();
    }

    private static String row(ExperimentProgress progress, String setting, int planned) {
        List<Run> over = progress.finished().stream().filter(run -> run.setting().equals(setting)).toList();
        Optional<TrainingProgress> running = progress.running().stream().filter(r -> r.setting().equals(setting)).map(ExperimentProgress.Running::training).findFirst();
        long failed = over.stream().filter(Run::failed).count();
        Optional<Run> best = over.stream().filter(run -> !run.failed()).max(Comparator.comparingDouble(run -> run.best().orElseThrow()));
        double share = (over.size() + running.map(TrainingProgress::shareOfTraining).orElse(0.0)) / planned;
        return "<tr>" + ProgressBar.cell("left", Text.escape(setting))
                + ProgressBar.cell("left", ProgressBar.bar(Math.min(1, share), over.size() == planned ? Style.GREEN : Style.SKY))
                + ProgressBar.cell("right", over.size() + "/" + planned) + ProgressBar.cell("right", failed == 0 ? "" : Text.whole(failed))
                + ProgressBar.cell("left", best.map(run -> Text.percent(run.best().orElseThrow(), 2)).orElse(""))
                + ProgressBar.cell("left", Text.escape(best.map(RunBars::where).orElse(""))) + "</tr>";
    }

    private static String where(Run run) {
        return (Double.isNaN(run.rate()) ? "" : "rate " + run.label().substring(run.setting().length() + 2) + ", ") + "seed " + run.seed();
    }
}
