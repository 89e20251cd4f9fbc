package digits.pictures;

import digits.Text;
import digits.experiments.Run;
import digits.experiments.Runs;
import digits.training.Epoch;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.geom.Point2D;
import java.awt.geom.Rectangle2D;
import java.util.ArrayList;
import java.util.DoubleSummaryStatistics;
import java.util.List;
import java.util.function.ToDoubleFunction;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.XYSeries.XYSeriesRenderStyle;
import org.knowm.xchart.style.markers.SeriesMarkers;

/**
 * Accuracy against cost: one point per network, with its name and parameters. The best place is up and to the left.
 * Accuracy does not start at 0, since the differences are small. The title says which images the accuracy is from: a
 * choice is made by the validation set's, never by the test set's.
 */
public final class CostChart {
    static final int HEIGHT = 420;
    private static final int RADIUS = 6;
    private static final int MARGIN = 70;   // left of the plot lie the axis's labels

    private CostChart() { }

    /** What a chart shows of each run: its accuracy on which images, and its seconds of what. */
    private record Measure(String images, ToDoubleFunction<Run> accuracy, String cost, ToDoubleFunction<Run> seconds) {
    }

    /**
     * Accuracy on the test set against the seconds per epoch of training.
     *
     * @throws IllegalArgumentException without a tested run; runs that failed are left out
     */
    public static Picture of(Runs compared) {
        return picture(compared.runs().stream().filter(run -> run.test() != null).toList(), new Measure("test set",
                run -> run.test().accuracy(), "seconds per epoch", Run::secondsPerEpoch), false);
    }

    /**
     * Accuracy on the validation set after the last epoch, as in {@link Runs#comparison}, against the seconds per
     * epoch of training.
     *
     * @throws IllegalArgumentException without a run; those that failed are left out
     */
    public static Picture validation(Runs compared) {
        return picture(compared.runs().stream().filter(run -> !run.failed()).toList(), new Measure("validation set",
                run -> run.last().validationAccuracy(), "seconds per epoch", Run::secondsPerEpoch), false);
    }

    /**
     * The rungs of a ladder in their order, joined by a line: accuracy on the validation set after the last epoch
     * against the seconds of the whole training, without validation.
     *
     * @throws IllegalArgumentException without a rung; those that failed are left out
     */
    public static Picture ladder(List<Run> rungs) {
        return picture(rungs.stream().filter(run -> !run.failed()).toList(), new Measure("validation set",
                run -> run.last().validationAccuracy(), "seconds of training",
                run -> run.epochs().stream().mapToDouble(Epoch::trainSeconds).sum()), true);
    }

    private static Picture picture(List<Run> networks, Measure measure, boolean joined) {
        if (networks.isEmpty()) throw new IllegalArgumentException("there is no network to show");
        DoubleSummaryStatistics accuracy = networks.stream().mapToDouble(measure.accuracy()).summaryStatistics();
        double span = accuracy.getMax() - accuracy.getMin();
        double room = Math.max(0.002, 0.15 * span);
        double cost = networks.stream().mapToDouble(measure.seconds()).max().orElseThrow();
        String title = "Accuracy on the " + measure.images() + " against " + (joined ? "time" : "cost");
        XYChart chart = Charts.curves(title, measure.cost(), Style.WIDTH, HEIGHT);
        chart.getStyler().setDefaultSeriesRenderStyle(XYSeriesRenderStyle.Scatter).setLegendVisible(false);
        chart.getStyler().setXAxisMin(0.0).setXAxisMax(1.15 * cost)
                .setYAxisMin(Math.max(0, accuracy.getMin() - room)).setYAxisMax(Math.min(1, accuracy.getMax() + room))
                .setYAxisTickLabelsFormattingFunction(y -> Text.percent(y, span < 0.02 ? 2 : 1))
                .setXAxisTickLabelsFormattingFunction(x -> Text.decimal(x, cost < 1 ? 2 : cost < 10 ? 1 : 0));
        List<Point2D> places = new ArrayList<>();
        if (joined) join(chart, networks, measure);
        for (int i = 0; i < networks.size(); i++) {
            Color color = Charts.color(i);
            XYSeries point = chart.addSeries("network " + i,
                    new double[] {measure.seconds().applyAsDouble(networks.get(i))},
                    new double[] {measure.accuracy().applyAsDouble(networks.get(i))});
            point.setMarker(Charts.marker((g, x, y) -> {
                g.setColor(color);
                g.fill(Style.circle(x, y, RADIUS));
                places.add(new Point2D.Double(x, y));
            }));
        }
        String sentence = "Accuracy on the " + measure.images() + " against " + measure.cost() + ": "
                + Picture.list(networks.stream().map(run -> run.setting() + " "
                        + Text.percent(measure.accuracy().applyAsDouble(run), 2) + " in "
                        + Text.duration(measure.seconds().applyAsDouble(run)) + " with "
                        + Text.count(run.parameters(), "parameter")).toList(), "; ") + ".";
        return Charts.picture(chart, sentence, g -> label(g, networks.stream().map(Run::setting).toList(),
                networks.stream().map(run -> Text.whole(run.parameters()) + " parameters").toList(), places));
    }

    /** Adds a line from one network to the next, under the points. */
    private static void join(XYChart chart, List<Run> networks, Measure measure) {
        XYSeries way = chart.addSeries("way", networks.stream().mapToDouble(measure.seconds()).toArray(),
                networks.stream().mapToDouble(measure.accuracy()).toArray());
        way.setXYSeriesRenderStyle(XYSeriesRenderStyle.Line).setLineColor(Style.RULE).setLineStyle(Style.CURVE);
        way.setMarker(SeriesMarkers.NONE);
    }

    /** Writes each name, and figures below it, where there is room: beside its point, otherwise above or below it. */
    static void label(Graphics2D g, List<String> names, List<String> figures, List<Point2D> places) {
        List<Rectangle2D> taken = new ArrayList<>();
        for (Point2D p : places) taken.add(Style.circle(p.getX(), p.getY(), RADIUS).getBounds2D());
        for (int i = 0; i < names.size(); i++) {
            double width = Math.max(Style.width(Style.bold(13), names.get(i)),
                    Style.width(Style.font(12), figures.get(i)));
            Rectangle2D box = free(places.get(i), width, 34, taken);
            taken.add(box);
            Style.write(g, Style.bold(13), Style.INK, names.get(i), box.getX(), box.getY() + 14);
            Style.write(g, Style.font(12), Style.MUTED, figures.get(i), box.getX(), box.getY() + 30);
        }
    }

    private static Rectangle2D free(Point2D point, double width, double height, List<Rectangle2D> taken) {
        double x = point.getX();
        double y = point.getY();
        double gap = RADIUS + 5;
        double[][] corners = {{x + gap, y - height / 2}, {x - gap - width, y - height / 2},
            {x - width / 2, y - gap - height}, {x - width / 2, y + gap},
            {x + gap, y - gap - height}, {x + gap, y + gap}};
        Rectangle2D plot = new Rectangle2D.Double(MARGIN, 36, Style.WIDTH - 12 - MARGIN, HEIGHT - 55 - 36);
        for (double[] corner : corners) {
            Rectangle2D box = new Rectangle2D.Double(corner[0], corner[1], width, height);
            if (plot.contains(box) && taken.stream().noneMatch(box::intersects)) return box;
        }
        return new Rectangle2D.Double(corners[0][0], corners[0][1], width, height);
    }
}
