package digits.pictures;

import digits.Text;
import digits.experiments.Run;
import digits.experiments.Runs;
import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.geom.Ellipse2D;
import java.awt.geom.Point2D;
import java.awt.geom.Rectangle2D;
import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.DoubleSummaryStatistics;
import java.util.List;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.XYSeries.XYSeriesRenderStyle;
import org.knowm.xchart.style.markers.Marker;

/**
 * Accuracy against cost: one point a network, with its name and parameters beside it. To the right: seconds that an epoch's training
 * takes, from 0; upwards: share of the test images recognised. Best is up and to the left. The accuracy does not start at 0: between
 * 97 % and 99 % lies the story.
 */
public final class CostChart {
    private static final int HEIGHT = 420;
    private static final int RADIUS = 6;
    private static final int MARGIN = 70;   // left of the plot lie the axis's labels

    private CostChart() {
    }

    /**
     * The chart; runs that failed are left out.
     *
     * @throws IllegalArgumentException without a tested network
     */
    public static BufferedImage of(Runs compared) {
        List<Run> networks = compared.runs().stream().filter(run -> run.test() != null).toList();
        if (networks.isEmpty()) throw new IllegalArgumentException("there is no network to show");
        DoubleSummaryStatistics accuracy = networks.stream().mapToDouble(network -> network.test().accuracy()).summaryStatistics();
        double cost = networks.stream().mapToDouble(Run::secondsPerEpoch).max().orElseThrow();
        double room = Math.max(0.002, 0.15 * (accuracy.getMax() - accuracy.getMin()));
        XYChart chart = new XYChartBuilder().width(Style.WIDTH).height(HEIGHT).title("Accuracy on the test images against cost")
                .xAxisTitle("seconds an epoch").build();
        Style.apply(chart.getStyler());
        chart.getStyler().setDefaultSeriesRenderStyle(XYSeriesRenderStyle.Scatter).setLegendVisible(false);
        chart.getStyler().setXAxisMin(0.0).setXAxisMax(1.15 * cost)
                .setYAxisMin(Math.max(0, accuracy.getMin() - room)).setYAxisMax(Math.min(1, accuracy.getMax() + room))
                .setYAxisTickLabelsFormattingFunction(y -> Text.percent(y, accuracy.getMax() - accuracy.getMin() < 0.02 ? 2 : 1))
                .setXAxisTickLabelsFormattingFunction(x -> Text.decimal(x, cost < 1 ? 2 : cost < 10 ? 1 : 0));
        List<Point2D> places = new ArrayList<>();
        for (int i = 0; i < networks.size(); i++) {
            Run network = networks.get(i);
            chart.addSeries(network.setting(), new double[] {network.secondsPerEpoch()}, new double[] {network.test().accuracy()})
                    .setMarker(new Dot(Lines.colour(i), places));
        }
        BufferedImage picture = BitmapEncoder.getBufferedImage(chart);
        Graphics2D g = Style.pen(picture);
        label(g, networks, places);
        g.dispose();
        return picture;
    }

    /** Each name where it is free: beside its point, else above or below it. */
    private static void label(Graphics2D g, List<Run> networks, List<Point2D> places) {
        List<Rectangle2D> taken = new ArrayList<>();
        for (Point2D p : places) taken.add(new Rectangle2D.Double(p.getX() - RADIUS, p.getY() - RADIUS, 2 * RADIUS, 2 * RADIUS));
        for (int i = 0; i < networks.size(); i++) {
            String parameters = Text.whole(networks.get(i).parameters()) + " parameters";
            double width = Math.max(width(g, Style.bold(13), networks.get(i).setting()), width(g, Style.font(12), parameters));
            Rectangle2D box = free(places.get(i), width, 34, taken);
            taken.add(box);
            g.setFont(Style.bold(13));
            g.setColor(Style.INK);
            Style.write(g, networks.get(i).setting(), box.getX(), box.getY() + 14, Style.Align.LEFT);
            g.setFont(Style.font(12));
            g.setColor(Style.MUTED);
            Style.write(g, parameters, box.getX(), box.getY() + 30, Style.Align.LEFT);
        }
    }

    private static double width(Graphics2D g, Font font, String text) {
        return g.getFontMetrics(font).stringWidth(text);
    }

    private static Rectangle2D free(Point2D point, double width, double height, List<Rectangle2D> taken) {
        double x = point.getX();
        double y = point.getY();
        double gap = RADIUS + 5;
        double[][] corners = {{x + gap, y - height / 2}, {x - gap - width, y - height / 2},
            {x - width / 2, y - gap - height}, {x - width / 2, y + gap}, {x + gap, y - gap - height}, {x + gap, y + gap}};
        for (double[] corner : corners) {
            Rectangle2D box = new Rectangle2D.Double(corner[0], corner[1], width, height);
            boolean inside = corner[0] > MARGIN && corner[0] + width < Style.WIDTH - 12 && corner[1] > 36 && corner[1] + height < HEIGHT - 55;
            if (inside && taken.stream().noneMatch(box::intersects)) return box;
        }
        return new Rectangle2D.Double(corners[0][0], corners[0][1], width, height);
    }

    /** A point that remembers where it was painted. */
    private static final class Dot extends Marker {
        private final Color colour;
        private final List<Point2D> places;

        Dot(Color colour, List<Point2D> places) {
            this.colour = colour;
            this.places = places;
        }

        @Override
        public void paint(Graphics2D g, double x, double y, int markerSize) {
            g.setColor(colour);
            g.fill(new Ellipse2D.Double(x - RADIUS, y - RADIUS, 2 * RADIUS, 2 * RADIUS));
            places.add(new Point2D.Double(x, y));
        }
    }
}
