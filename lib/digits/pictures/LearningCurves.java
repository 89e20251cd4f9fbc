package digits.pictures;

import digits.Text;
import digits.training.Epoch;
import digits.training.History;
import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.image.BufferedImage;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.style.lines.SeriesLines;
import org.knowm.xchart.style.markers.Marker;
import org.knowm.xchart.style.markers.SeriesMarkers;

/**
 * Loss and accuracy over the epochs, side by side: training in blue circles, validation in vermilion squares. The best
 * epoch by validation accuracy is ringed and named in the titles. Accuracy does not start at 0, since the differences
 * between the epochs are small.
 */
public final class LearningCurves {
    private static final int CHART_WIDTH = (Style.WIDTH - 16) / 2;
    private static final int HEIGHT = 320;

    private LearningCurves() {
    }

    /** The curves of the epochs so far; an empty list gives empty axes. */
    public static BufferedImage of(List<Epoch> epochs) {
        return of(epochs, epochs.size());
    }

    /**
     * The same with room for {@code planned} epochs, so that the axis of a live picture stays the same.
     *
     * @throws IllegalArgumentException if an epoch's number is below 1
     */
    public static BufferedImage of(List<Epoch> epochs, int planned) {
        epochs.forEach(e -> {
            if (e.number() < 1) throw new IllegalArgumentException("epochs are numbered from 1, this one is " + e.number());
        });
        int last = epochs.stream().mapToInt(Epoch::number).reduce(Math.max(2, planned), Math::max);
        // a first epoch far off would flatten all others: once there are enough, it is named instead of drawn
        List<Epoch> settled = epochs.size() > 3 ? epochs.subList(1, epochs.size()) : epochs;
        Curve trainLoss = new Curve("training", Epoch::trainLoss, Style.BLUE, SeriesMarkers.CIRCLE);
        Curve loss = new Curve("validation", Epoch::validationLoss, Style.VERMILION, SeriesMarkers.SQUARE);
        Curve trainAccuracy = new Curve("training", Epoch::trainAccuracy, Style.BLUE, SeriesMarkers.CIRCLE);
        Curve accuracy = new Curve("validation", Epoch::validationAccuracy, Style.VERMILION, SeriesMarkers.SQUARE);
        return Figures.sideBySide(
                chart("Loss", epochs, last, trainLoss, loss, Axis.ofLoss(values(settled, trainLoss, loss))),
                chart("Accuracy", epochs, last, trainAccuracy, accuracy,
                        Axis.ofAccuracy(values(settled, trainAccuracy, accuracy))));
    }

    private record Curve(String name, ToDoubleFunction<Epoch> value, Color color, Marker marker) {
        double of(Epoch epoch) {
            return value.applyAsDouble(epoch);
        }
    }

    /** A vertical axis, how its ticks are written, how single values are (roughly and exactly), and where a note fits. */
    private record Axis(double from, double to, Function<Double, String> tick, Function<Double, String> rough,
            Function<Double, String> exact, int note) {

        boolean shows(double value) {
            return value >= from && value <= to;
        }

        static Axis ofLoss(double[] values) {
            double to = Math.max(0.01, 1.1 * DoubleStream.of(values).max().orElse(1));
            int digits = to < 0.03 ? 3 : to < 3 ? 2 : 1;
            return new Axis(0, to, v -> Text.decimal(v, digits), v -> Text.decimal(v, 2), v -> Text.decimal(v, 4), 56);
        }

        static Axis ofAccuracy(double[] values) {
            double low = DoubleStream.of(values).min().orElse(0);
            double high = DoubleStream.of(values).max().orElse(1);
            double room = Math.max(0.005, 0.1 * (high - low));
            double from = Math.max(0, low - room);
            double to = Math.min(1, high + room);
            return new Axis(from, to, v -> Text.percent(v, Charts.percentDigits(to - from)), v -> Text.percent(v, 1),
                    v -> Text.percent(v, 2), HEIGHT - 86);
        }
    }

    private static double[] values(List<Epoch> epochs, Curve a, Curve b) {
        return epochs.stream().flatMapToDouble(e -> DoubleStream.of(a.of(e), b.of(e))).filter(Double::isFinite).toArray();
    }

    private static BufferedImage chart(String what, List<Epoch> epochs, int last, Curve training, Curve validation,
            Axis axis) {
        XYChart chart = Charts.curves(what, "epoch", CHART_WIDTH, HEIGHT);
        Charts.epochs(chart, last, (double) CHART_WIDTH / last);
        chart.getStyler().setYAxisMin(axis.from()).setYAxisMax(axis.to())
                .setYAxisTickLabelsFormattingFunction(axis.tick());
        add(chart, epochs, training, axis);
        add(chart, epochs, validation, axis);
        Optional<Epoch> best = new History(epochs).best();
        best.filter(e -> axis.shows(validation.of(e))).ifPresent(e -> {
            XYSeries ring = chart.addSeries("best", new double[] {e.number()}, new double[] {validation.of(e)});
            ring.setMarker(Charts.marker((g, x, y) -> {
                g.setColor(Style.INK);
                g.setStroke(new BasicStroke(1.8f));
                g.draw(Style.circle(x, y, 8));
            }));
            ring.setLineStyle(SeriesLines.NONE).setShowInLegend(false);
            chart.setTitle(what + ", best epoch " + e.number() + ": " + axis.exact().apply(validation.of(e)));
        });
        return Style.paint(BitmapEncoder.getBufferedImage(chart), g -> {
            if (epochs.isEmpty()) {
                Style.write(g, Style.font(13), Style.MUTED, "no epoch is finished yet", CHART_WIDTH / 2.0 + 20,
                        HEIGHT / 2.0 - 34, Style.Align.CENTER);
            } else {
                // in the corner that a falling loss, or a rising accuracy, leaves free
                Style.write(g, Style.font(13), Style.MUTED, notDrawn(epochs.get(0), axis, training, validation),
                        CHART_WIDTH - 16, axis.note(), Style.Align.RIGHT);
            }
        });
    }

    /** Names the values of the first epoch that are off the axis: “epoch 1, not drawn: validation 3.02”; may be empty. */
    private static String notDrawn(Epoch first, Axis axis, Curve... curves) {
        List<String> values = Stream.of(curves).filter(curve -> !axis.shows(curve.of(first)))
                .map(curve -> curve.name() + " " + axis.rough().apply(curve.of(first))).toList();
        return values.isEmpty() ? "" : "epoch " + first.number() + ", not drawn: " + String.join(", ", values);
    }

    private static void add(XYChart chart, List<Epoch> epochs, Curve curve, Axis axis) {
        // a series needs a point: NaN draws none, for a curve without epochs as for a loss that is not a number
        double[] x = epochs.isEmpty() ? new double[] {1} : epochs.stream().mapToDouble(Epoch::number).toArray();
        double[] y = epochs.isEmpty() ? new double[] {Double.NaN}
                : epochs.stream().mapToDouble(curve::of).map(v -> axis.shows(v) ? v : Double.NaN).toArray();
        XYSeries series = chart.addSeries(curve.name(), x, y);
        series.setMarker(epochs.size() > 40 ? SeriesMarkers.NONE : curve.marker());
        series.setMarkerColor(curve.color()).setLineColor(curve.color()).setLineStyle(Style.curve());
    }
}
