package digits.pictures;

import digits.Text;
import digits.experiments.Run;
import digits.experiments.Runs;
import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;

/**
 * How a sweep over learning rates went: for each setting's name the share of the validation images that were not recognised after the best
 * epoch, mean of its seeds, over the rate. Both axes are logarithmic: what is to be seen lies between 2 and 5 %, and beside it are runs
 * with 90 %. A rate at which a run failed leaves a gap.
 */
public final class RateChart {
    private static final int HEIGHT = 380;
    /** Stands for no mistake at all, of which there is no logarithm. */
    private static final double LOWEST = 1e-4;

    private RateChart() {
    }

    /** One setting at one rate. */
    private record Point(double rate, double error) {
    }

    /**
     * The chart.
     *
     * @throws IllegalArgumentException if no run has a rate above 0
     */
    public static BufferedImage of(Runs runs) {
        Map<String, List<Point>> lines = new LinkedHashMap<>();
        for (List<Run> seeds : runs.bySetting().values()) {
            Run first = seeds.get(0);
            if (!(first.rate() > 0)) continue;
            double mean = seeds.stream().anyMatch(Run::failed) ? Double.NaN
                    : Math.max(LOWEST, 1 - seeds.stream().mapToDouble(run -> run.best().orElseThrow()).average().orElseThrow());
            lines.computeIfAbsent(first.setting(), name -> new ArrayList<>()).add(new Point(first.rate(), mean));
        }
        if (lines.isEmpty()) throw new IllegalArgumentException("no run of this sweep has a learning rate");
        XYChart chart = new XYChartBuilder().width(Style.WIDTH).height(HEIGHT).title("Validation error at each learning rate (lower is better)")
                .xAxisTitle("learning rate").build();
        Style.apply(chart.getStyler());
        chart.getStyler().setXAxisLogarithmic(true).setYAxisLogarithmic(true).setYAxisMin(tenthBelow(lines)).setYAxisMax(1.0)
                .setYAxisTickLabelsFormattingFunction(y -> Text.percent(y, y < 0.01 ? 2 : 0));
        chart.getStyler().setMarkerSize(8);
        int number = 0;
        for (Map.Entry<String, List<Point>> line : lines.entrySet()) {
            List<Point> points = line.getValue().stream().sorted((a, b) -> Double.compare(a.rate, b.rate)).toList();
            Lines.add(chart, number++, line.getKey(), points.stream().mapToDouble(Point::rate).toArray(),
                    points.stream().mapToDouble(Point::error).toArray(), true);
        }
        return BitmapEncoder.getBufferedImage(chart);
    }

    /** The power of ten below the lowest error, so that the axis begins with a label. */
    private static double tenthBelow(Map<String, List<Point>> lines) {
        double lowest = lines.values().stream().flatMap(List::stream).mapToDouble(Point::error).filter(Double::isFinite).min().orElse(0.1);
        return Math.min(0.1, Math.pow(10, Math.floor(Math.log10(lowest))));
    }
}
