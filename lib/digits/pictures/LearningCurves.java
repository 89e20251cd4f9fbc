package digits.pictures;

import digits.Text;
import digits.training.Epoch;
import digits.training.History;
import java.awt.BasicStroke;
import java.util.DoubleSummaryStatistics;
import java.util.List;
import java.util.StringJoiner;
import java.util.function.ToDoubleFunction;
import java.util.stream.DoubleStream;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.style.lines.SeriesLines;

/**
 * Loss and accuracy over the epochs, side by side: training in blue circles, validation in vermilion squares. The best
 * epoch by validation accuracy is ringed and named in the titles. Accuracy does not start at 0, since the differences
 * between the epochs are small.
 */
public final class LearningCurves {
    private static final int CHART_WIDTH = (Style.WIDTH - 16) / 2;
    private static final int HEIGHT = 320;

    private LearningCurves() { }

    /** The curves of the epochs so far; an empty list gives empty axes. */
    public static Picture of(List<Epoch> epochs) {
        return of(epochs, epochs.size());
    }

    /** The same with room for {@code planned} epochs, so that the axis of a live picture stays the same. */
    public static Picture of(List<Epoch> epochs, int planned) {
        int first = epochs.stream().mapToInt(Epoch::number).min().orElse(1);
        if (first < 1) throw new IllegalArgumentException("epochs are numbered from 1, this one is " + first);
        int last = epochs.stream().mapToInt(Epoch::number).reduce(Math.max(2, planned), Math::max);
        return Figures.sideBySide(
                chart("Loss", epochs, last, new Measure(true, Epoch::trainLoss, Epoch::validationLoss)),
                chart("Accuracy", epochs, last, new Measure(false, Epoch::trainAccuracy, Epoch::validationAccuracy)));
    }

    /** What one chart shows of an epoch: its losses, or its accuracies. */
    private record Measure(boolean loss, ToDoubleFunction<Epoch> training, ToDoubleFunction<Epoch> validation) {
        /** The value with this many digits after the decimal point of a share of 1. */
        String text(double value, int digits) {
            return loss ? Text.decimal(value, digits) : Text.percent(value, digits - 2);
        }

        /** The vertical axis on which these epochs are well visible. */
        Axis axis(List<Epoch> epochs) {
            DoubleSummaryStatistics values = epochs.stream().flatMapToDouble(
                    e -> DoubleStream.of(training.applyAsDouble(e), validation.applyAsDouble(e)))
                    .filter(Double::isFinite).summaryStatistics();
            double low = values.getCount() == 0 ? 0 : values.getMin();
            double high = values.getCount() == 0 ? 1 : values.getMax();
            if (loss) return new Axis(0, Math.max(0.01, high * 1.1));
            double room = Math.max(0.005, 0.1 * (high - low));
            return new Axis(Math.max(0, low - room), Math.min(1, high + room));
        }
    }

    private record Axis(double from, double to) {
        boolean shows(double value) {
            return value >= from && value <= to;
        }

        /** The measure, with NaN for values off the axis. */
        ToDoubleFunction<Epoch> visible(ToDoubleFunction<Epoch> measure) {
            return epoch -> shows(measure.applyAsDouble(epoch)) ? measure.applyAsDouble(epoch) : Double.NaN;
        }
    }

    private static Picture chart(String what, List<Epoch> epochs, int last, Measure measure) {
        // a first epoch far off would flatten all others: once there are enough, it is named instead of drawn
        Axis axis = measure.axis(epochs.size() > 3 ? epochs.subList(1, epochs.size()) : epochs);
        XYChart chart = Charts.curves(what, "epoch", CHART_WIDTH, HEIGHT);
        Charts.epochs(chart, last, (double) CHART_WIDTH / last);
        double span = axis.to() - axis.from();
        int digits = measure.loss() ? Charts.lossDigits(span) : 2 + Charts.percentDigits(span);
        chart.getStyler().setYAxisMin(axis.from()).setYAxisMax(axis.to())
                .setYAxisTickLabelsFormattingFunction(v -> measure.text(v, digits));
        // a series needs a point: NaN draws none, for a curve without epochs as for a loss that is not a number
        double none = Double.NaN;
        List<Epoch> all = epochs.isEmpty() ? List.of(new Epoch(1, none, none, none, none, none, none, none)) : epochs;
        Charts.add(chart, 0, "training", all, Epoch::number, axis.visible(measure.training()), epochs.size() <= 40);
        Charts.add(chart, 1, "validation", all, Epoch::number, axis.visible(measure.validation()), epochs.size() <= 40);
        new History(epochs).best().ifPresent(e -> {
            double value = measure.validation().applyAsDouble(e);
            if (!axis.shows(value)) return;
            XYSeries ring = chart.addSeries("best", new double[] {e.number()}, new double[] {value});
            ring.setMarker(Charts.marker((g, x, y) -> {
                g.setColor(Style.INK);
                g.setStroke(new BasicStroke(1.8f));
                g.draw(Style.circle(x, y, 8));
            }));
            ring.setLineStyle(SeriesLines.NONE).setShowInLegend(false);
            chart.setTitle(what + ", best epoch " + e.number() + ": " + measure.text(value, 4));
        });
        return Charts.picture(chart, sentence(what, epochs, measure), g -> {
            if (epochs.isEmpty()) {
                Style.centered(g, Style.font(13), Style.MUTED, "no epoch is finished yet", CHART_WIDTH / 2.0 + 20,
                        HEIGHT / 2.0 - 34);
            } else {
                // in the corner that a falling loss, or a rising accuracy, leaves free
                Style.rightAligned(g, Style.font(13), Style.MUTED, notDrawn(epochs.get(0), measure, axis),
                        CHART_WIDTH - 16, measure.loss() ? 56 : HEIGHT - 86);
            }
        });
    }

    private static String sentence(String what, List<Epoch> epochs, Measure measure) {
        if (epochs.isEmpty()) return what + " over the epochs: no epoch is finished yet.";
        return what + " over " + Text.count(epochs.size(), "epoch") + ": training "
                + ends(epochs, measure, measure.training()) + ", validation "
                + ends(epochs, measure, measure.validation()) + ".";
    }

    private static String ends(List<Epoch> epochs, Measure measure, ToDoubleFunction<Epoch> value) {
        return "from " + measure.text(value.applyAsDouble(epochs.get(0)), 4) + " to "
                + measure.text(value.applyAsDouble(epochs.get(epochs.size() - 1)), 4);
    }

    /** The first epoch's values off the axis: “epoch 1, not drawn: validation 3.02”; empty if there are none. */
    private static String notDrawn(Epoch first, Measure measure, Axis axis) {
        double training = measure.training().applyAsDouble(first);
        double validation = measure.validation().applyAsDouble(first);
        int digits = measure.loss() ? 2 : 3;
        StringJoiner values = new StringJoiner(", ", "epoch " + first.number() + ", not drawn: ", "").setEmptyValue("");
        if (!axis.shows(training)) values.add("training " + measure.text(training, digits));
        if (!axis.shows(validation)) values.add("validation " + measure.text(validation, digits));
        return values.toString();
    }
}
