package digits.pictures;

import digits.Text;
import digits.evaluation.Interval;
import digits.experiments.RecipeRun;
import digits.experiments.Rung;
import java.awt.BasicStroke;
import java.awt.geom.Line2D;
import java.awt.geom.Point2D;
import java.util.ArrayList;
import java.util.List;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYSeries.XYSeriesRenderStyle;
import org.knowm.xchart.style.markers.Marker;

/**
 * The rungs of a ladder: test accuracy against the processor time of the training, which grows tenfold from tick to
 * tick. A large mark is the mean of a rung, with its 95 % interval as a bar; small ones are its networks.
 */
public final class RungChart {
    private static final int RADIUS = 6;

    private RungChart() { }

    /** @throws IllegalArgumentException without a tested rung; the others are left out */
    public static Picture of(List<Rung> all) {
        List<Rung> rungs = all.stream().filter(Rung::isTested).toList();
        if (rungs.isEmpty()) throw new IllegalArgumentException("there is no tested rung to show");
        double low = rungs.stream().mapToDouble(rung -> rung.interval().low()).min().orElseThrow();
        double longest = rungs.stream().mapToDouble(rung -> rung.mean(RecipeRun::cpuSeconds)).max().orElseThrow();
        double shortest = rungs.stream().mapToDouble(rung -> rung.mean(RecipeRun::cpuSeconds)).min().orElseThrow();
        XYChart chart = Charts.curves("Accuracy on the test set against time", "processor time in seconds",
                Style.WIDTH, CostChart.HEIGHT);
        chart.getStyler().setDefaultSeriesRenderStyle(XYSeriesRenderStyle.Scatter).setLegendVisible(false);
        chart.getStyler().setXAxisLogarithmic(true).setXAxisMin(shortest / 3).setXAxisMax(4 * longest)
                .setYAxisMin(Math.max(0, low - 0.0005)).setYAxisMax(1.0)
                .setYAxisTickLabelsFormattingFunction(y -> Text.percent(y, Charts.percentDigits(1 - low)))
                .setXAxisTickLabelsFormattingFunction(x -> Text.whole(Math.round(x)));
        List<Point2D> places = new ArrayList<>();
        for (int i = 0; i < rungs.size(); i++) add(chart, rungs.get(i), i, places);
        return Charts.picture(chart, sentence(rungs), g -> CostChart.label(g, rungs.stream().map(Rung::name).toList(),
                rungs.stream().map(RungChart::figures).toList(), places));
    }

    private static void add(XYChart chart, Rung rung, int number, List<Point2D> places) {
        double[] x = {rung.mean(RecipeRun::cpuSeconds)};
        Interval interval = rung.interval();
        double[] ends = new double[2];
        add(chart, number + " low", x, interval.low(), (g, px, py) -> ends[0] = py);
        add(chart, number + " high", x, interval.high(), (g, px, py) -> {
            g.setColor(Style.faint(Charts.color(number), 110));
            g.setStroke(new BasicStroke(4, BasicStroke.CAP_ROUND, BasicStroke.JOIN_ROUND));
            g.draw(new Line2D.Double(px, ends[0], px, py));
        });
        for (int i = 0; i < rung.runs().size() && rung.runs().size() > 1; i++) {
            add(chart, number + " run " + i, new double[] {rung.runs().get(i).cpuSeconds()}, rung.accuracies().get(i),
                    (g, px, py) -> {
                        g.setColor(Charts.color(number));
                        g.fill(Style.circle(px, py, 2.5));
                    });
        }
        add(chart, number + " mean", x, interval.share(), (g, px, py) -> {
            g.setColor(Charts.color(number));
            g.fill(Style.circle(px, py, RADIUS));
            places.add(new Point2D.Double(px, py));
        });
    }

    private static void add(XYChart chart, String name, double[] x, double y, Charts.Mark mark) {
        Marker marker = Charts.marker(mark);
        chart.addSeries(name, x, new double[] {y}).setMarker(marker);
    }

    private static String figures(Rung rung) {
        int seeds = rung.runs().size();
        return Text.percent(rung.interval().share(), 2) + (seeds > 1 ? ", mean of " + seeds : "");
    }

    private static String sentence(List<Rung> rungs) {
        return "Accuracy on the test set against processor time of training: " + Picture.list(rungs.stream().map(rung ->
                rung.name() + " " + rung.interval() + " after " + Text.duration(rung.mean(RecipeRun::cpuSeconds)))
                .toList(), "; ") + ".";
    }
}
