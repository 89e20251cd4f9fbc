package digits.pictures;

import digits.Text;
import digits.experiments.Run;
import digits.experiments.Runs;
import java.awt.Graphics2D;
import java.awt.geom.Point2D;
import java.awt.geom.Rectangle2D;
import java.util.ArrayList;
import java.util.DoubleSummaryStatistics;
import java.util.List;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYSeries.XYSeriesRenderStyle;

/**
 * Accuracy on the test set against cost, the seconds per epoch of training: one point per network, with its name and
 * parameters. The best place is up and to the left. Accuracy does not start at 0, since the differences are small.
 */
public final class CostChart {
    static final int HEIGHT = 420;
    private static final int RADIUS = 6;
    private static final int MARGIN = 70;   // left of the plot lie the axis's labels

    private CostChart() { }

    /** @throws IllegalArgumentException without a tested run; runs that failed are left out */
    public static Picture of(Runs compared) {
        List<Run> networks = compared.runs().stream().filter(run -> run.test() != null).toList();
        if (networks.isEmpty()) throw new IllegalArgumentException("there is no network to show");
        DoubleSummaryStatistics accuracy = networks.stream().mapToDouble(network -> network.test().accuracy())
                .summaryStatistics();
        double span = accuracy.getMax() - accuracy.getMin();
        double room = Math.max(0.002, 0.15 * span);
        double cost = networks.stream().mapToDouble(Run::secondsPerEpoch).max().orElseThrow();
        XYChart chart = Charts.curves("Accuracy on the test set against cost", "seconds per epoch", Style.WIDTH,
                HEIGHT);
        chart.getStyler().setDefaultSeriesRenderStyle(XYSeriesRenderStyle.Scatter).setLegendVisible(false);
        chart.getStyler().setXAxisMin(0.0).setXAxisMax(1.15 * cost)
                .setYAxisMin(Math.max(0, accuracy.getMin() - room)).setYAxisMax(Math.min(1, accuracy.getMax() + room))
                .setYAxisTickLabelsFormattingFunction(y -> Text.percent(y, span < 0.02 ? 2 : 1))
                .setXAxisTickLabelsFormattingFunction(x -> Text.decimal(x, cost < 1 ? 2 : cost < 10 ? 1 : 0));
        List<Point2D> places = new ArrayList<>();
        for (Run network : networks) {
            int number = chart.getSeriesCollection().size();
            chart.addSeries(network.setting(), new double[] {network.secondsPerEpoch()},
                    new double[] {network.test().accuracy()}).setMarker(Charts.marker((g, x, y) -> {
                        g.setColor(Charts.color(number));
                        g.fill(Style.circle(x, y, RADIUS));
                        places.add(new Point2D.Double(x, y));
                    }));
        }
        String sentence = "Accuracy on the test set against seconds per epoch: " + Picture.list(networks.stream()
                .map(network -> network.setting() + " " + Text.percent(network.test().accuracy(), 2) + " at "
                        + Text.decimal(network.secondsPerEpoch(), 1) + " s with " + Text.whole(network.parameters())
                        + " parameters").toList(), "; ") + ".";
        return Charts.picture(chart, sentence, g -> label(g, networks.stream().map(Run::setting).toList(),
                networks.stream().map(run -> Text.whole(run.parameters()) + " parameters").toList(), places));
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
