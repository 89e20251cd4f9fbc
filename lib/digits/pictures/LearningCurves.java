package digits.pictures;

import digits.Text;
import digits.training.Epoch;
import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Shape;
import java.awt.geom.AffineTransform;
import java.awt.geom.Line2D;
import java.awt.geom.Rectangle2D;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.DoubleSummaryStatistics;
import java.util.List;
import java.util.Optional;
import java.util.function.ToDoubleFunction;
import java.util.stream.DoubleStream;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.style.lines.SeriesLines;
import org.knowm.xchart.style.markers.SeriesMarkers;

/**
 * Loss and accuracy over the epochs, side by side: training in blue circles, validation in vermilion squares. The
 * lowest validation loss and the highest validation accuracy, which may be those of different epochs, are ringed and
 * named in the titles. Accuracy does not start at 0, since the differences between the epochs are small; a first epoch
 * far off is drawn beyond a break of the axis, with its value.
 */
public final class LearningCurves {
    private static final int CHART_WIDTH = (Style.WIDTH - 16) / 2;
    private static final int HEIGHT = 320;
    private static final double BROKEN = 0.25;   // the part beyond a break, as a share of the part to scale
    private static final BasicStroke DASHED = new BasicStroke(1.2f, BasicStroke.CAP_BUTT, BasicStroke.JOIN_BEVEL, 1,
            new float[] {4, 4}, 0);

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

        /** Whether a number of this epoch is off the axis, on the side where it is broken. */
        boolean off(Epoch epoch, Axis axis) {
            return DoubleStream.of(training.applyAsDouble(epoch), validation.applyAsDouble(epoch))
                    .anyMatch(value -> Double.isFinite(value) && (loss ? value > axis.to() : value < axis.from()));
        }

        /** The epoch with the lowest validation loss, or the highest validation accuracy; of several the first. */
        Optional<Epoch> best(List<Epoch> epochs) {
            Comparator<Epoch> byValue = Comparator.comparingDouble(e -> (loss ? 1 : -1) * validation.applyAsDouble(e));
            return epochs.stream().filter(e -> Double.isFinite(validation.applyAsDouble(e))).min(byValue);
        }
    }

    /** The part of a vertical axis that is to scale. */
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
        // a first epoch far off would flatten all others: once there are enough, it is drawn beyond a break of the axis
        Axis axis = measure.axis(epochs.size() > 3 ? epochs.subList(1, epochs.size()) : epochs);
        XYChart chart = Charts.curves(what, "epoch", CHART_WIDTH, HEIGHT);
        Charts.epochs(chart, last, (double) CHART_WIDTH / last);
        double span = axis.to() - axis.from();
        int digits = measure.loss() ? Charts.lossDigits(span) : 2 + Charts.percentDigits(span);
        double beyond = epochs.size() > 3 && measure.off(epochs.get(0), axis) ? BROKEN * span : 0;
        chart.getStyler().setYAxisMin(axis.from() - (measure.loss() ? 0 : beyond))
                .setYAxisMax(axis.to() + (measure.loss() ? beyond : 0))
                .setYAxisTickLabelsFormattingFunction(v -> axis.shows(v) ? measure.text(v, digits)
                        : Charts.blank((int) (16 * Math.max(axis.from() - v, v - axis.to()) / span)));
        // a series needs a point: NaN draws none, for a curve without epochs as for a loss that is not a number
        double none = Double.NaN;
        List<Epoch> all = epochs.isEmpty() ? List.of(new Epoch(1, none, none, none, none, none, none, none)) : epochs;
        Charts.add(chart, 0, "training", all, Epoch::number, axis.visible(measure.training()), epochs.size() <= 40);
        Charts.add(chart, 1, "validation", all, Epoch::number, axis.visible(measure.validation()), epochs.size() <= 40);
        if (beyond > 0) breakAxis(chart, measure, axis, beyond, epochs, last);
        measure.best(epochs).ifPresent(e -> {
            double value = measure.validation().applyAsDouble(e);
            chart.setTitle((measure.loss() ? "Lowest validation loss: " : "Best validation accuracy: ")
                    + measure.text(value, 4) + ", epoch " + e.number());
            if (axis.shows(value)) mark(chart, "best", e.number(), value, (g, x, y) -> {
                g.setColor(Style.INK);
                g.setStroke(new BasicStroke(1.8f));
                g.draw(Style.circle(x, y, 8));
            });
        });
        return Charts.picture(chart, sentence(what, epochs, measure), g -> {
            if (!epochs.isEmpty()) return;
            Style.centered(g, Style.font(13), Style.MUTED, "no epoch is finished yet", CHART_WIDTH / 2.0 + 20,
                    HEIGHT / 2.0 - 34);
        });
    }

    /** Draws the first epoch's points that are off the axis beyond a dashed line, each with its value. */
    private static void breakAxis(XYChart chart, Measure measure, Axis axis, double beyond, List<Epoch> epochs,
            int last) {
        double edge = measure.loss() ? axis.to() : axis.from();
        XYSeries line = chart.addSeries("break", new double[] {0, last + 0.5}, new double[] {edge, edge});
        line.setLineColor(Style.GRAY).setLineStyle(DASHED).setShowInLegend(false);
        line.setMarker(Charts.marker((g, x, y) -> {
            g.setColor(Style.INK);   // two strokes across the axis
            g.setStroke(new BasicStroke(1.2f));
            for (int up = -2; up <= 2; up += 4) g.draw(new Line2D.Double(x - 5, y + up + 3, x + 5, y + up - 3));
        }));
        List<ToDoubleFunction<Epoch>> curves = List.of(measure.training(), measure.validation());
        double[] first = curves.stream().mapToDouble(curve -> curve.applyAsDouble(epochs.get(0))).toArray();
        List<Runnable> marks = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            if (axis.shows(first[i]) || !Double.isFinite(first[i])) continue;
            boolean alone = axis.shows(first[1 - i]) || !Double.isFinite(first[1 - i]);
            double height = alone ? 0.5 : first[i] > first[1 - i] ? 0.75 : 0.25;
            double at = measure.loss() ? edge + height * beyond : edge - (1 - height) * beyond;
            Color color = Charts.color(i);
            XYSeries fall = chart.addSeries("from the first epoch " + i,
                    new double[] {epochs.get(0).number(), epochs.get(1).number()},
                    new double[] {at, curves.get(i).applyAsDouble(epochs.get(1))});
            fall.setLineColor(color).setLineStyle(DASHED).setShowInLegend(false);
            fall.setMarker(SeriesMarkers.NONE);
            String value = measure.text(first[i], measure.loss() ? 2 : 3);
            Shape shape = i == 0 ? Style.circle(0, 0, 4) : new Rectangle2D.Double(-3.5, -3.5, 7, 7);
            String name = "first epoch " + i;
            marks.add(() -> mark(chart, name, epochs.get(0).number(), at, (g, x, y) -> {
                g.setColor(color);
                g.fill(AffineTransform.getTranslateInstance(x, y).createTransformedShape(shape));
                g.setColor(Style.PAPER);   // over the dashed lines
                g.fill(new Rectangle2D.Double(x + 8, y - 6, Style.width(Style.font(12), value) + 2, 13));
                Style.write(g, Style.font(12), Style.INK, value, x + 9, y + 4);
            }));
        }
        marks.forEach(Runnable::run);
    }

    private static void mark(XYChart chart, String name, double x, double y, Charts.Mark mark) {
        XYSeries point = chart.addSeries(name, new double[] {x}, new double[] {y});
        point.setMarker(Charts.marker(mark));
        point.setLineStyle(SeriesLines.NONE).setShowInLegend(false);
    }

    private static String sentence(String what, List<Epoch> epochs, Measure measure) {
        if (epochs.isEmpty()) return what + " over the epochs: no epoch is finished yet.";
        String best = measure.best(epochs).map(epoch -> ", " + (measure.loss() ? "lowest " : "highest ")
                + measure.text(measure.validation().applyAsDouble(epoch), 4) + " in epoch " + epoch.number())
                .orElse("");
        return what + " over " + Text.count(epochs.size(), "epoch") + ": training "
                + ends(epochs, measure, measure.training())
                + (best.isEmpty() ? "" : ", validation " + ends(epochs, measure, measure.validation()) + best) + ".";
    }

    private static String ends(List<Epoch> epochs, Measure measure, ToDoubleFunction<Epoch> value) {
        return "from " + measure.text(value.applyAsDouble(epochs.get(0)), 4) + " to "
                + measure.text(value.applyAsDouble(epochs.get(epochs.size() - 1)), 4);
    }
}
