package digits.pictures;

import digits.Text;
import digits.experiments.ComparedNetwork;
import digits.experiments.ComparisonProgress;
import digits.html.ProgressBar;
import digits.training.Epoch;
import digits.training.TrainingProgress;
import java.util.List;

/** A comparison's progress as HTML: one row a network, with its latest figures on the validation images. */
public final class ComparisonBars {
    private static final List<String> HEADINGS = List.of("network", "", "", "validation loss", "validation accuracy", "images/s", "time");

    private ComparisonBars() {
    }

    /**
     * How far a comparison is. The outer element says it as plain text in its attribute {@code data-progress}, for whoever runs a
     * notebook without a browser.
     */
    public static String html(ComparisonProgress progress) {
        StringBuilder html = new StringBuilder("<div data-progress=\"").append(Text.escape(line(progress)))
                .append("\"><table style=\"border-collapse:collapse;border:0;margin:4px 0\"><tr>");
        for (String heading : HEADINGS) {
            html.append("<th style=\"text-align:").append(heading.equals("network") ? "left" : "right")
                    .append(";padding:2px 10px 4px 0;border:0;font-weight:bold;background-color:transparent\">").append(heading).append("</th>");
        }
        html.append("</tr>");
        for (int i = 0; i < progress.names().size(); i++) html.append(row(progress, i));
        return html.append("</table></div>").toString();
    }

    private static String row(ComparisonProgress progress, int i) {
        String name = progress.names().get(i);
        int over = progress.finished().size();
        if (i < over) {
            ComparedNetwork network = progress.finished().get(i);
            double seconds = network.epochs().stream().mapToDouble(e -> e.trainSeconds() + e.validationSeconds()).sum();
            return cells(name, 1, network.epochs(), Text.decimal(network.results().imagesPerSecond(), 0), Text.duration(seconds));
        }
        if (i > over || progress.running().isEmpty()) return cells(name, 0, List.of(), "", "");
        TrainingProgress running = progress.running().get();
        return cells(name, share(running), running.finished(),
                Double.isNaN(running.imagesPerSecond()) ? "" : Text.decimal(running.imagesPerSecond(), 0),
                Double.isNaN(running.secondsLeft()) ? "" : Text.duration(running.secondsLeft()) + " left");
    }

    private static String cells(String name, double share, List<Epoch> epochs, String speed, String time) {
        String loss = epochs.isEmpty() ? "" : Text.decimal(epochs.get(epochs.size() - 1).validationLoss(), 4);
        String accuracy = epochs.isEmpty() ? "" : Text.percent(epochs.get(epochs.size() - 1).validationAccuracy(), 2);
        return "<tr>" + ProgressBar.cell("left", Text.escape(name))
                + ProgressBar.cell("left", ProgressBar.bar(share, share < 1 ? Style.SKY : Style.GREEN))
                + ProgressBar.cell("right", ProgressBar.whole(share)) + ProgressBar.cell("right", loss)
                + ProgressBar.cell("right", accuracy) + ProgressBar.cell("right", speed) + ProgressBar.cell("right", time) + "</tr>";
    }

    /** How much of its epochs a training has done; a validation under way counts as all of its epoch's training. */
    private static double share(TrainingProgress p) {
        return (p.epoch() - 1 + (p.validating() ? 1 : (double) p.done() / p.total())) / p.epochs();
    }

    private static String line(ComparisonProgress progress) {
        int over = progress.finished().size();
        if (progress.running().isEmpty()) return over + "/" + progress.names().size() + " networks";
        TrainingProgress p = progress.running().get();
        return "network " + (over + 1) + "/" + progress.names().size() + " · " + progress.names().get(over)
                + " · epoch " + p.epoch() + "/" + p.epochs()
                + (Double.isNaN(p.loss()) ? "" : " · loss " + Text.decimal(p.loss(), 4))
                + (p.finished().isEmpty() ? "" : " · validation accuracy "
                        + Text.percent(p.finished().get(p.finished().size() - 1).validationAccuracy(), 2))
                + (Double.isNaN(p.secondsLeft()) ? "" : " · " + Text.duration(p.secondsLeft()) + " left");
    }
}
