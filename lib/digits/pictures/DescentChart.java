package digits.pictures;

import digits.Text;
import java.awt.BasicStroke;
import java.util.Arrays;
import java.util.List;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** Charts of gradient descent: steps on a curve of losses, and losses over the passes through the training set. */
public final class DescentChart {
    private static final int HEIGHT = 320;
    private static final int POINTS = 80;
    private static final int FEW = 20;   // points of a curve that has markers

    private DescentChart() { }

    /**
     * A cut through the loss, with the steps of gradient descent in it: a panel per path, all with the same axes.
     *
     * @param loss  the loss at each position of the cut; it is drawn between {@code from} and {@code to}
     * @param names the title of each path, 1 to 4
     * @param paths the positions one after another; those outside the cut are left out
     */
    public static Picture valley(DoubleUnaryOperator loss, double from, double to, List<String> names,
            double[]... paths) {
        check(names, paths);
        if (paths.length > 4 || !(from < to)) {
            throw new IllegalArgumentException(paths.length + " paths between " + from + " and " + to);
        }
        double[] x = IntStream.rangeClosed(0, POINTS).mapToDouble(i -> from + (to - from) * i / POINTS).toArray();
        double[] y = Arrays.stream(x).map(loss).toArray();
        int width = (Style.WIDTH - 16 * (paths.length - 1)) / paths.length;
        return Figures.sideBySide(IntStream.range(0, paths.length)
                .mapToObj(i -> panel(names.get(i), width, x, y, loss, paths[i])).toArray(Picture[]::new));
    }

    private static Picture panel(String name, int width, double[] x, double[] y, DoubleUnaryOperator loss,
            double[] path) {
        XYChart chart = Charts.curves(name, "position along the line", width, HEIGHT);
        double highest = Arrays.stream(y).max().orElseThrow();
        chart.getStyler().setYAxisMin(0.0).setYAxisMax(1.05 * highest)
                .setXAxisMin(x[0]).setXAxisMax(x[POINTS]).setXAxisTickMarkSpacingHint(60)
                .setYAxisTickLabelsFormattingFunction(value -> Text.decimal(value, Charts.lossDigits(highest)))
                .setLegendVisible(false);
        chart.setYAxisTitle("loss");
        XYSeries curve = chart.addSeries("loss", x, y);
        curve.setLineColor(Style.GRAY).setLineStyle(Style.CURVE);
        curve.setMarker(SeriesMarkers.NONE);
        double[] inside = Arrays.stream(path).filter(at -> at >= x[0] && at <= x[POINTS]).toArray();
        if (inside.length > 0) {
            XYSeries steps = chart.addSeries("steps", inside, Arrays.stream(inside).map(loss).toArray());
            steps.setLineColor(Style.VERMILION).setLineStyle(new BasicStroke(1.2f));
            steps.setMarker(SeriesMarkers.CIRCLE).setMarkerColor(Style.VERMILION);
        }
        chart.getStyler().setMarkerSize(7);
        int digits = Charts.lossDigits(highest);
        String steps = path.length == 0 ? "no step" : Text.count(path.length - 1, "step") + ", loss from "
                + Text.decimal(loss.applyAsDouble(path[0]), digits) + " to "
                + Text.decimal(loss.applyAsDouble(path[path.length - 1]), digits);
        return Charts.picture(chart, "Gradient descent on a curve of losses, " + name + ": " + steps + ".");
    }

    /**
     * Losses while a network trains, a curve per name: its numbers are spaced evenly from the start to the end of that
     * many passes through the training set. Curves of up to 20 numbers have markers.
     *
     * @param losses two or more finite numbers each
     */
    public static Picture losses(double passes, List<String> names, double[]... losses) {
        check(names, losses);
        if (!(passes > 0) || Stream.of(losses).anyMatch(curve -> curve.length < 2)) {
            throw new IllegalArgumentException("a curve needs two points or more, over more than 0 passes");
        }
        XYChart chart = Charts.curves("Loss while training", "passes through the training set", Style.WIDTH, HEIGHT);
        double highest = Stream.of(losses).flatMapToDouble(Arrays::stream).max().orElseThrow();
        chart.setYAxisTitle("loss");
        chart.getStyler().setXAxisMin(0.0).setXAxisMax(passes).setYAxisMin(0.0).setYAxisMax(1.05 * highest)
                .setYAxisTickLabelsFormattingFunction(value -> Text.decimal(value, Charts.lossDigits(highest)));
        chart.getStyler().setMarkerSize(7);
        for (int i = 0; i < losses.length; i++) {
            double[] curve = losses[i];
            Charts.add(chart, i, names.get(i), IntStream.range(0, curve.length).boxed().toList(),
                    at -> passes * at / (curve.length - 1), at -> curve[at], curve.length <= FEW);
        }
        int digits = Charts.lossDigits(highest);
        String ends = Picture.list(IntStream.range(0, losses.length).mapToObj(i -> names.get(i) + " from "
                + Text.decimal(losses[i][0], digits) + " to "
                + Text.decimal(losses[i][losses[i].length - 1], digits)).toList(), "; ");
        return Charts.picture(chart, "Loss over " + Text.decimal(passes, passes == Math.rint(passes) ? 0 : 1)
                + " passes through the training set: " + ends + ".");
    }

    private static void check(List<String> names, double[]... curves) {
        if (curves.length == 0 || names.size() != curves.length) {
            throw new IllegalArgumentException(names.size() + " names for " + curves.length + " curves");
        }
    }
}
