package digits.pictures;

import digits.Text;
import digits.experiments.Run;
import digits.experiments.Runs;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.geom.Ellipse2D;
import java.awt.geom.Rectangle2D;
import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.DoubleSummaryStatistics;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalDouble;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.CategoryChart;
import org.knowm.xchart.CategoryChartBuilder;
import org.knowm.xchart.CategorySeries.CategorySeriesRenderStyle;
import org.knowm.xchart.style.markers.Marker;

/**
 * How good each setting of a sweep was: a dot for each seed, a bar at their mean. Best accuracy on the validation images of each run.
 * The axis does not start at 0: between the seeds lies the story. Failed runs have no dot; the setting's label counts them.
 */
public final class RunDots {
    private static final int HEIGHT = 360;

    private RunDots() {
    }

    /**
     * The dots.
     *
     * @throws IllegalArgumentException if no run went through
     */
    public static BufferedImage of(Runs runs) {
        Map<String, List<Run>> settings = runs.bySetting();
        DoubleSummaryStatistics all = best(runs.runs());
        if (all.getCount() == 0) throw new IllegalArgumentException("no run went through: there is nothing to compare");
        double room = Math.max(0.0005, 0.12 * (all.getMax() - all.getMin()));
        CategoryChart chart = new CategoryChartBuilder().width(Style.WIDTH).height(HEIGHT)
                .title("Best validation accuracy of each run, and their mean").build();
        Style.apply(chart.getStyler());
        chart.getStyler().setDefaultSeriesRenderStyle(CategorySeriesRenderStyle.Scatter).setOverlapped(true).setLegendVisible(false);
        chart.getStyler().setMarkerSize(9);
        chart.getStyler().setYAxisMin(Math.max(0, all.getMin() - room)).setYAxisMax(Math.min(1, all.getMax() + room))
                .setYAxisTickLabelsFormattingFunction(y -> Text.percent(y, all.getMax() - all.getMin() < 0.02 ? 2 : 1));
        List<String> labels = settings.entrySet().stream().map(s -> label(s.getKey(), s.getValue())).toList();
        int seeds = settings.values().stream().mapToInt(List::size).max().orElseThrow();
        add(chart, "mean", labels, settings.values().stream().map(RunDots::best).map(s -> s.getCount() == 0 ? null : s.getAverage()), new Bar());
        for (int seed = 0; seed < seeds; seed++) {
            int at = seed;
            add(chart, "seed " + seed, labels, settings.values().stream().map(group -> at < group.size() ? group.get(at).best() : OptionalDouble.empty())
                    .map(best -> best.isPresent() ? best.getAsDouble() : null), new Dot());
        }
        return BitmapEncoder.getBufferedImage(chart);
    }

    private static DoubleSummaryStatistics best(List<Run> runs) {
        return runs.stream().filter(run -> !run.failed()).mapToDouble(run -> run.best().orElseThrow()).summaryStatistics();
    }

    private static String label(String name, List<Run> group) {
        long failed = group.stream().filter(Run::failed).count();
        return failed == 0 ? name : name + " (" + failed + " failed)";
    }

    /** A series with null where it has no value. */
    private static void add(CategoryChart chart, String name, List<String> labels, Stream<Double> values, Marker marker) {
        List<Double> all = values.collect(Collectors.toCollection(ArrayList::new));
        if (all.stream().anyMatch(Objects::nonNull)) chart.addSeries(name, labels, all).setMarker(marker);
    }

    /** The mean, as wide as several dots. */
    private static final class Bar extends Marker {
        @Override
        public void paint(Graphics2D g, double x, double y, int markerSize) {
            g.setColor(Style.VERMILION);
            g.fill(new Rectangle2D.Double(x - 22, y - 1.5, 44, 3));
        }
    }

    /** A seed, clear enough that dots upon each other are seen. */
    private static final class Dot extends Marker {
        @Override
        public void paint(Graphics2D g, double x, double y, int markerSize) {
            Color c = Style.BLUE;
            g.setColor(new Color(c.getRed(), c.getGreen(), c.getBlue(), 150));
            g.fill(new Ellipse2D.Double(x - 5, y - 5, 10, 10));
        }
    }
}
