package digits.html;

import digits.Text;
import digits.pictures.Style;
import digits.training.Epoch;
import digits.training.TrainingProgress;
import java.util.List;

/** A training's progress as HTML: one row an epoch, finished ones with their validation, the running one with what is left. */
public final class ProgressBars {
    private static final List<String> HEADINGS = List.of("epoch", "", "", "loss", "accuracy",
            "validation loss", "validation accuracy", "images/s", "time");

    /**
     * The epoch that is running.
     *
     * @param epoch           its number, from 1
     * @param done            training images seen in this epoch
     * @param total           training images in an epoch
     * @param loss            mean loss of this epoch so far; NaN if there is none yet
     * @param accuracy        share recognised in this epoch so far, 0 to 1; NaN if there is none yet
     * @param imagesPerSecond training speed; NaN if not known yet
     * @param secondsLeft     until the training ends; NaN if not known yet
     */
    public record Running(int epoch, long done, long total, double loss, double accuracy, double imagesPerSecond,
                          double secondsLeft) {
        public Running {
            if (epoch < 1 || total < 1 || done < 0 || done > total) {
                throw new IllegalArgumentException("epoch " + epoch + " with " + done + " of " + total + " images");
            }
        }
    }

    private ProgressBars() {
    }

    /** A training between two epochs or at its end: the finished epochs of {@code epochs}. */
    public static String html(List<Epoch> finished, int epochs) {
        return page(finished, epochs, "",
                finished.isEmpty() ? "0/" + epochs + " epochs" : line(finished.get(finished.size() - 1), epochs));
    }

    /**
     * A training within an epoch: the finished ones of {@code epochs} and the running one. The outer element says the
     * running row as plain text in its attribute {@code data-progress}, for whoever runs a notebook without a browser.
     */
    public static String html(List<Epoch> finished, int epochs, Running running) {
        return page(finished, epochs, row(running, epochs), line(running, epochs));
    }

    /** How far a training is, as the trainer reports it. */
    public static String html(TrainingProgress progress) {
        TrainingProgress p = progress;
        if (p.finished().size() == p.epoch()) return html(p.finished(), p.epochs());
        // while the validation images run, the training images of this epoch are all done
        double share = p.validating() ? 1 : (double) p.done() / p.total();
        return html(p.finished(), p.epochs(), new Running(p.epoch(), Math.round(share * p.total()), p.total(), p.loss(), p.accuracy(),
                p.imagesPerSecond(), p.secondsLeft()));
    }

    private static String page(List<Epoch> finished, int epochs, String runningRow, String line) {
        StringBuilder html = new StringBuilder("<div data-progress=\"").append(Text.escape(line))
                .append("\"><table style=\"border-collapse:collapse;border:0;margin:4px 0\"><tr>");
        for (String heading : HEADINGS) {
            String align = "epoch".equals(heading) ? "left" : "right";
            html.append("<th style=\"text-align:").append(align).append(";padding:2px 10px 4px 0;border:0;font-weight:bold;"
                    + "background-color:transparent;vertical-align:bottom\">").append(heading).append("</th>");
        }
        html.append("</tr>");
        for (Epoch e : finished) html.append(row(e, epochs));
        return html.append(runningRow).append("</table></div>").toString();
    }

    private static String row(Epoch e, int epochs) {
        return cells(e.number() + "/" + epochs, ProgressBar.bar(1, Style.GREEN), "100 %",
                Text.decimal(e.trainLoss(), 4), Text.percent(e.trainAccuracy(), 2),
                Text.decimal(e.validationLoss(), 4), Text.percent(e.validationAccuracy(), 2),
                Text.decimal(e.imagesPerSecond(), 0), Text.duration(e.trainSeconds() + e.validationSeconds()));
    }

    private static String row(Running r, int epochs) {
        return cells(r.epoch() + "/" + epochs, ProgressBar.bar((double) r.done() / r.total(), Style.SKY),
                ProgressBar.whole((double) r.done() / r.total()),
                Text.decimal(r.loss(), 4), Text.percent(r.accuracy(), 2),
                "", r.done() == r.total() ? "validating …" : "",
                Text.decimal(r.imagesPerSecond(), 0), left(r));
    }

    private static String cells(String epoch, String bar, String... others) {
        StringBuilder html = new StringBuilder("<tr>")
                .append(ProgressBar.cell("left", epoch)).append(ProgressBar.cell("left", bar));
        for (String other : others) html.append(ProgressBar.cell("right", other));
        return html.append("</tr>").toString();
    }

    private static String left(Running r) {
        return Double.isNaN(r.secondsLeft()) ? "" : Text.duration(r.secondsLeft()) + " left";
    }

    private static String line(Running r, int epochs) {
        return "epoch " + r.epoch() + "/" + epochs + " · " + ProgressBar.whole((double) r.done() / r.total())
                + figures(r.loss(), r.accuracy())
                + (r.done() == r.total() ? " · validating" : "")
                + (Double.isNaN(r.imagesPerSecond()) ? "" : " · " + Text.decimal(r.imagesPerSecond(), 0) + " images/s")
                + (Double.isNaN(r.secondsLeft()) ? "" : " · " + left(r));
    }

    private static String line(Epoch e, int epochs) {
        return "epoch " + e.number() + "/" + epochs + " · 100 %" + figures(e.trainLoss(), e.trainAccuracy())
                + " · validation loss " + Text.decimal(e.validationLoss(), 4)
                + " · validation accuracy " + Text.percent(e.validationAccuracy(), 2)
                + " · " + Text.decimal(e.imagesPerSecond(), 0) + " images/s";
    }

    private static String figures(double loss, double accuracy) {
        return (Double.isNaN(loss) ? "" : " · loss " + Text.decimal(loss, 4))
                + (Double.isNaN(accuracy) ? "" : " · accuracy " + Text.percent(accuracy, 2));
    }
}
