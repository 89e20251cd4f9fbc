package digits.pictures;

import digits.Text;
import digits.training.Epoch;
import digits.training.History;
import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.geom.Ellipse2D;
import java.awt.image.BufferedImage;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.style.lines.SeriesLines;
import org.knowm.xchart.style.markers.Marker;
import org.knowm.xchart.style.markers.SeriesMarkers;

/**
 * Loss and accuracy over the epochs, side by side: training in blue circles, validation in vermilion squares. The best
 * epoch by validation accuracy is ringed and named in the titles. Accuracy does not start at 0: between 97 % and 99.9 %
 * lies the story.
 */
public final class LearningCurves {
    private static final int CHART_WIDTH = (Style.WIDTH - 16) / 2;
    private static final int HEIGHT = 320;

    private LearningCurves() {
    }

    /** The curves of the epochs so far; without one, the empty axes. */
    public static BufferedImage of(List<Epoch> epochs) {
        return of(epochs, epochs.size());
    }

    /**
     * The same with room for {@code planned} epochs, so that the axis of a live picture stands still.
     *
     * @throws IllegalArgumentException if an epoch's number is below 1
     */
    public static BufferedImage of(List<Epoch> epochs, int planned) {
        epochs.forEach(e -> {
            if (e.number() < 1) throw new IllegalArgumentException("epochs are numbered from 1, this one is " + e.number());
        });
        Optional<Epoch> best = new History(epochs).best();
        int last = epochs.stream().mapToInt(Epoch::number).reduce(Math.max(2, planned), Math::max);
        return Figures.sideBySide(
                chart("Loss", epochs, last, Epoch::trainLoss, Epoch::validationLoss, best, true),
                chart("Accuracy", epochs, last, Epoch::trainAccuracy, Epoch::validationAccuracy, best, false));
    }

    /** A vertical axis and how its numbers are written. */
    private record Axis(double from, double to, Function<Double, String> label) {

        boolean shows(double value) {
            return value >= from && value <= to;
        }

        static Axis ofLoss(List<Epoch> epochs) {
            double[] values = finite(epochs, Epoch::trainLoss, Epoch::validationLoss);
            double high = values.length == 0 ? 1 : DoubleStream.of(values).max().orElseThrow();
            double to = Math.max(0.01, high * 1.1);
            int digits = to < 0.03 ? 3 : to < 3 ? 2 : 1;
            return new Axis(0, to, v -> Text.decimal(v, digits));
        }

        static Axis ofAccuracy(List<Epoch> epochs) {
            double[] values = finite(epochs, Epoch::trainAccuracy, Epoch::validationAccuracy);
            double low = values.length == 0 ? 0 : DoubleStream.of(values).min().orElseThrow();
            double high = values.length == 0 ? 1 : DoubleStream.of(values).max().orElseThrow();
            double room = Math.max(0.005, 0.1 * (high - low));
            double from = Math.max(0, low - room);
            double to = Math.min(1, high + room);
            double span = to - from;
            int digits = span < 0.01 ? 2 : span < 0.1 ? 1 : 0;
            return new Axis(from, to, v -> Text.percent(v, digits));
        }

        private static double[] finite(List<Epoch> epochs, ToDoubleFunction<Epoch> a, ToDoubleFunction<Epoch> b) {
            return DoubleStream.concat(epochs.stream().mapToDouble(a), epochs.stream().mapToDouble(b))
                    .filter(Double::isFinite).toArray();
        }
    }

    private static BufferedImage chart(String what, List<Epoch> epochs, int last, ToDoubleFunction<Epoch> train,
                                       ToDoubleFunction<Epoch> validation, Optional<Epoch> best, boolean lossAxis) {
        // a first epoch far off would press all others into a line: once there are enough, it is named instead of drawn
        List<Epoch> settled = epochs.size() > 3 ? epochs.subList(1, epochs.size()) : epochs;
        Axis axis = lossAxis ? Axis.ofLoss(settled) : Axis.ofAccuracy(settled);
        XYChart chart = new XYChartBuilder().width(CHART_WIDTH).height(HEIGHT).title(what).xAxisTitle("epoch").build();
        Style.apply(chart.getStyler());
        chart.getStyler().setXAxisMin(0.5).setXAxisMax(last + 0.5).setYAxisMin(axis.from()).setYAxisMax(axis.to())
                .setXAxisTickLabelsFormattingFunction(v -> v == Math.rint(v) ? Text.whole(Math.round(v)) : Text.decimal(v, 1))
                .setYAxisTickLabelsFormattingFunction(axis.label())
                // at least one epoch apart: no ticks at halves
                .setXAxisTickMarkSpacingHint(Math.max(40, (int) Math.ceil(CHART_WIDTH / (double) last)));
        chart.getStyler().setMarkerSize(7);
        line(chart, "training", epochs, train, axis, Style.BLUE, SeriesMarkers.CIRCLE);
        line(chart, "validation", epochs, validation, axis, Style.VERMILION, SeriesMarkers.SQUARE);
        best.filter(e -> axis.shows(validation.applyAsDouble(e))).ifPresent(e -> {
            double value = validation.applyAsDouble(e);
            XYSeries ring = chart.addSeries("best", new double[] {e.number()}, new double[] {value});
            ring.setMarker(new Ring());
            ring.setLineStyle(SeriesLines.NONE).setShowInLegend(false);
            chart.setTitle(what + ", best epoch " + e.number() + ": "
                    + (lossAxis ? Text.decimal(value, 4) : Text.percent(value, 2)));
        });
        BufferedImage picture = BitmapEncoder.getBufferedImage(chart);
        Graphics2D g = Style.pen(picture);
        g.setColor(Style.MUTED);
        if (epochs.isEmpty()) {
            Style.write(g, "no epoch is finished yet", CHART_WIDTH / 2.0 + 20, HEIGHT / 2.0 - 34, Style.Align.CENTRE);
        } else {
            // in the corner that a falling loss, or a rising accuracy, leaves free
            String note = offTheAxis(epochs.get(0), axis, train, validation, v -> lossAxis ? Text.decimal(v, 2) : Text.percent(v, 1));
            Style.write(g, note, CHART_WIDTH - 16, lossAxis ? 56 : HEIGHT - 86, Style.Align.RIGHT);
        }
        g.dispose();
        return picture;
    }

    /** What of the first epoch is not drawn, for example «epoch 1, not drawn: validation 3.02»; empty if all is. */
    private static String offTheAxis(Epoch first, Axis axis, ToDoubleFunction<Epoch> train, ToDoubleFunction<Epoch> validation,
                                     Function<Double, String> format) {
        String values = Stream.of(Map.entry("training ", train), Map.entry("validation ", validation))
                .filter(curve -> !axis.shows(curve.getValue().applyAsDouble(first)))
                .map(curve -> curve.getKey() + format.apply(curve.getValue().applyAsDouble(first)))
                .collect(Collectors.joining(", "));
        return values.isEmpty() ? "" : "epoch " + first.number() + ", not drawn: " + values;
    }

    private static void line(XYChart chart, String name, List<Epoch> epochs, ToDoubleFunction<Epoch> value, Axis axis,
                             Color colour, Marker marker) {
        // a series needs a point: NaN draws none, for a curve without epochs as for a loss that is not a number
        double[] x = epochs.isEmpty() ? new double[] {1} : epochs.stream().mapToDouble(Epoch::number).toArray();
        double[] y = epochs.isEmpty() ? new double[] {Double.NaN}
                : epochs.stream().mapToDouble(value).map(v -> axis.shows(v) ? v : Double.NaN).toArray();
        XYSeries series = chart.addSeries(name, x, y);
        series.setMarker(epochs.size() > 40 ? SeriesMarkers.NONE : marker).setMarkerColor(colour).setLineColor(colour);
        series.setLineStyle(new BasicStroke(2f, BasicStroke.CAP_ROUND, BasicStroke.JOIN_ROUND));
    }

    /** A ring around the best epoch; a marker, because XChart tells only markers where on the picture a value is. */
    private static final class Ring extends Marker {
        @Override
        public void paint(Graphics2D g, double x, double y, int markerSize) {
            g.setColor(Style.INK);
            g.setStroke(new BasicStroke(1.8f));
            g.draw(new Ellipse2D.Double(x - 8, y - 8, 16, 16));
        }
    }
}
