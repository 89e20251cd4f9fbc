package digits.pictures;

import digits.Text;
import java.awt.BasicStroke;
import java.awt.Graphics2D;
import java.awt.Shape;
import java.awt.geom.Ellipse2D;
import java.awt.geom.Path2D;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.style.markers.SeriesMarkers;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.GradientUpdater;
import org.nd4j.linalg.learning.config.IUpdater;

/** Charts of gradient descent: steps on a curve and in a valley, losses over the passes through the training set. */
public final class DescentChart {
    private static final int HEIGHT = 320;
    private static final int POINTS = 80;
    private static final int FEW = 20;   // points of a curve that has markers
    private static final int GAP = 14;
    private static final int TITLE = 30;
    private static final int VALLEY = 170;   // height of a panel
    private static final int STEEP = 20;     // curvature across the valley, as a multiple of that along it
    private static final double[] START = {-1, 0.4};

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

    /**
     * The paths of optimizers in a narrow valley, a panel each in the map's order: contours of the loss
     * (x² + 20 y²) / 2 from its lowest point in the middle, and this many steps from the same start.
     *
     * @param optimizers 1 to 6 of them by name, such as {@code new Sgd(0.1)}
     * @param steps      1 to 1,000
     */
    public static Picture paths(Map<String, IUpdater> optimizers, int steps) {
        if (optimizers.isEmpty() || optimizers.size() > 6 || steps < 1 || steps > 1_000) {
            throw new IllegalArgumentException(optimizers.size() + " optimizers and " + steps + " steps");
        }
        int columns = optimizers.size() == 4 ? 2 : Math.min(3, optimizers.size());
        int width = (Style.WIDTH - GAP * (columns + 1)) / columns;
        int rows = (optimizers.size() + columns - 1) / columns;
        Map<String, double[][]> paths = new LinkedHashMap<>();
        optimizers.forEach((name, optimizer) -> paths.put(name, path(optimizer, steps)));
        String ends = Picture.list(paths.entrySet().stream().map(path -> path.getKey() + " "
                + Text.decimal(loss(path.getValue()[steps]), 3)).toList());
        String sentence = "Paths of optimizers in a narrow valley, loss after " + Text.count(steps, "step") + " from "
                + Text.decimal(loss(START), 1) + ": " + ends + ".";
        return Style.picture(Style.WIDTH, rows * (VALLEY + TITLE) + GAP, sentence, g -> {
            int i = 0;
            for (Map.Entry<String, double[][]> path : paths.entrySet()) {
                Graphics2D part = (Graphics2D) g.create();
                part.translate(GAP + i % columns * (width + GAP), TITLE + i / columns * (VALLEY + TITLE));
                Style.write(part, Style.bold(13), Style.INK, path.getKey() + ": loss "
                        + Text.decimal(loss(path.getValue()[steps]), 3), 2, -8);
                path(part, path.getValue(), width);
                part.dispose();
                i++;
            }
        });
    }

    private static double loss(double... at) {
        return (at[0] * at[0] + STEEP * at[1] * at[1]) / 2;
    }

    /** The start and the places after each step, as Deeplearning4j's updater makes them of the gradient (x, 20 y). */
    private static double[][] path(IUpdater optimizer, int steps) {
        INDArray place = Nd4j.createFromArray(START).reshape(1, 2);
        long size = optimizer.stateSize(2);
        INDArray state = size == 0 ? null : Nd4j.zeros(DataType.DOUBLE, 1, size);
        GradientUpdater<?> updater = optimizer.instantiate(state, true);
        double[][] path = new double[steps + 1][];
        path[0] = START;
        for (int step = 0; step < steps; step++) {
            INDArray gradient = Nd4j.createFromArray(path[step][0], STEEP * path[step][1]).reshape(1, 2);
            updater.applyUpdater(gradient, step, 0);
            path[step + 1] = place.subi(gradient).toDoubleVector();
        }
        return path;
    }

    private static void path(Graphics2D g, double[][] path, int width) {
        double scale = width / 2.4;   // x from −1.2 to 1.2
        g.clipRect(0, 0, width, VALLEY);
        g.translate(width / 2.0, VALLEY / 2.0);
        for (int level = 9; level >= 1; level--) {
            double radius = scale * 0.15 * level;
            Shape ellipse = new Ellipse2D.Double(-radius, -radius / Math.sqrt(STEEP), 2 * radius,
                    2 * radius / Math.sqrt(STEEP));
            g.setColor(Style.mix(Style.PAPER, Style.SKY, 0.6 - 0.06 * level));
            g.fill(ellipse);
            g.setColor(Style.RULE);
            g.draw(ellipse);
        }
        Path2D line = new Path2D.Double();
        line.moveTo(scale * path[0][0], -scale * path[0][1]);
        for (double[] at : path) line.lineTo(scale * at[0], -scale * at[1]);
        g.setColor(Style.VERMILION);
        g.setStroke(new BasicStroke(1.2f));
        g.draw(line);
        for (double[] at : path) g.fill(Style.circle(scale * at[0], -scale * at[1], 2.6));
        g.setColor(Style.INK);
        g.fill(Style.circle(scale * path[0][0], -scale * path[0][1], 4));
    }

    private static void check(List<String> names, double[]... curves) {
        if (curves.length == 0 || names.size() != curves.length) {
            throw new IllegalArgumentException(names.size() + " names for " + curves.length + " curves");
        }
    }
}
