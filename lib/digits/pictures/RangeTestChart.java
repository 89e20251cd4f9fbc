package digits.pictures;

import java.awt.BasicStroke;
import java.awt.image.BufferedImage;

import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.style.markers.SeriesMarkers;

import digits.training.RangeTest;

/** The curve of a learning-rate range test: smoothed loss over the learning rate, which is drawn on a logarithmic axis. */
public final class RangeTestChart {
    private static final int HEIGHT = 320;

    private RangeTestChart() {
    }

    /**
     * The curve.
     *
     * @throws IllegalArgumentException if the test has fewer than two points
     */
    public static BufferedImage of(RangeTest test) {
        if (test.points().size() < 2) throw new IllegalArgumentException("a curve needs two points or more");
        XYChart chart = new XYChartBuilder().width(Style.WIDTH).height(HEIGHT).title("Learning-rate range test")
                .xAxisTitle("learning rate").yAxisTitle("loss").build();
        Style.apply(chart.getStyler());
        double top = test.points().get(0).loss() * 1.3;
        chart.getStyler().setXAxisLogarithmic(true).setYAxisMin(0.0).setYAxisMax(top);
        chart.getStyler().setLegendVisible(false);
        XYSeries curve = chart.addSeries("loss", test.points().stream().mapToDouble(RangeTest.Point::rate).toArray(),
                test.points().stream().mapToDouble(p -> p.loss() <= top ? p.loss() : Double.NaN).toArray());
        curve.setMarker(SeriesMarkers.NONE).setLineColor(Style.BLUE).setLineStyle(new BasicStroke(2f));
        return BitmapEncoder.getBufferedImage(chart);
    }
}
