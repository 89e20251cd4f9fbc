package digits.pictures;

import digits.training.LearningRateFinder;
import java.awt.image.BufferedImage;
import java.util.List;
import java.util.Map;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;

/** The curve of a learning-rate range test: smoothed loss over the learning rate, which is drawn on a logarithmic axis. */
public final class LearningRateChart {
    private static final int HEIGHT = 320;

    private LearningRateChart() {
    }

    /**
     * The curve.
     *
     * @throws IllegalArgumentException if the test has fewer than two points
     */
    public static BufferedImage of(LearningRateFinder test) {
        return chart(Map.of("loss", test), false);
    }

    /**
     * The curves of several tests, such as those of several optimizers.
     *
     * @param tests by name, in the order of the legend
     * @throws IllegalArgumentException without a test, or if one has fewer than two points
     */
    public static BufferedImage of(Map<String, LearningRateFinder> tests) {
        return chart(tests, true);
    }

    private static BufferedImage chart(Map<String, LearningRateFinder> tests, boolean legend) {
        if (tests.isEmpty() || tests.values().stream().anyMatch(test -> test.points().size() < 2)) {
            throw new IllegalArgumentException("a curve needs two points or more");
        }
        XYChart chart = new XYChartBuilder().width(Style.WIDTH).height(HEIGHT).title("Learning-rate range test")
                .xAxisTitle("learning rate").yAxisTitle("loss").build();
        Style.apply(chart.getStyler());
        double top = tests.values().stream().mapToDouble(test -> test.points().get(0).loss() * 1.3).max().orElseThrow();
        chart.getStyler().setXAxisLogarithmic(true).setYAxisMin(0.0).setYAxisMax(top);
        chart.getStyler().setLegendVisible(legend);
        int number = 0;
        for (Map.Entry<String, LearningRateFinder> test : tests.entrySet()) {
            List<LearningRateFinder.Point> points = test.getValue().points();
            Lines.add(chart, number++, test.getKey(), points.stream().mapToDouble(LearningRateFinder.Point::rate).toArray(),
                    points.stream().mapToDouble(p -> p.loss() <= top ? p.loss() : Double.NaN).toArray(), false);
        }
        return BitmapEncoder.getBufferedImage(chart);
    }
}
