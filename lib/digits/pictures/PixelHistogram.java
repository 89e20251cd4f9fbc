package digits.pictures;

import digits.Text;
import java.awt.Color;
import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.LongStream;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.style.markers.SeriesMarkers;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * The distribution of pixel values before and after normalising, side by side: the same shape over another range.
 * The vertical axis is logarithmic, since four of five pixels of a digit are background.
 */
public final class PixelHistogram {
    private static final int BINS = 32;
    private static final int AT_ONCE = 1_000;

    private PixelHistogram() {
    }

    /** Two arrays of any shape; whole sets of images are counted in parts, so that they need not be copied at once. */
    public static BufferedImage of(INDArray before, INDArray after) {
        return Figures.sideBySide(chart("before", count(before), Style.GREY), chart("after", count(after), Style.BLUE));
    }

    /**
     * Two lists of pixel values.
     *
     * @throws IllegalArgumentException if one is empty or holds something that is not a finite number
     */
    public static BufferedImage of(double[] before, double[] after) {
        return Figures.sideBySide(chart("before", count(List.of(floats(before))), Style.GREY),
                chart("after", count(List.of(floats(after))), Style.BLUE));
    }

    /** How many values lie in each of 32 equal parts of the range from the lowest to the highest. */
    record Counts(double lowest, double highest, long[] bins) {
    }

    static Counts count(Iterable<float[]> parts) {
        double lowest = Double.POSITIVE_INFINITY;
        double highest = Double.NEGATIVE_INFINITY;
        for (float[] part : parts) {
            for (float value : part) {
                if (!Double.isFinite(value)) {
                    throw new IllegalArgumentException("a pixel's value is " + value + "; it has to be a number");
                }
                lowest = Math.min(lowest, value);
                highest = Math.max(highest, value);
            }
        }
        if (lowest > highest) throw new IllegalArgumentException("there are no pixels to count");
        double range = highest > lowest ? highest - lowest : 1;
        double perUnit = BINS / range;
        long[] bins = new long[BINS];
        for (float[] part : parts) {
            for (float value : part) bins[Math.min(BINS - 1, (int) ((value - lowest) * perUnit))]++;
        }
        return new Counts(lowest, lowest + range, bins);
    }

    private static Counts count(INDArray array) {
        if (array.isEmpty()) throw new IllegalArgumentException("there are no pixels to count");
        if (array.rank() < 2) return count(List.of(floats(array)));
        long size = array.size(0);
        return count(() -> LongStream.iterate(0, from -> from < size, from -> from + AT_ONCE)
                .mapToObj(from -> floats(array.get(NDArrayIndex.interval(from, Math.min(size, from + AT_ONCE))))).iterator());
    }

    private static float[] floats(INDArray part) {
        float[] values = new float[Math.toIntExact(part.length())];
        part.castTo(DataType.FLOAT).dup('c').data().asNioFloat().get(values);   // at one go: element by element takes seconds
        return values;
    }

    private static float[] floats(double[] values) {
        float[] floats = new float[values.length];
        for (int i = 0; i < values.length; i++) floats[i] = (float) values[i];
        return floats;
    }

    private static BufferedImage chart(String when, Counts counts, Color colour) {
        XYChart chart = new XYChartBuilder().width((Style.WIDTH - 16) / 2).height(300)
                .title(when + ": " + number(counts.lowest()) + " to " + number(counts.highest()))
                .xAxisTitle("pixel value").yAxisTitle("pixels").build();
        Style.apply(chart.getStyler());
        chart.getStyler().setLegendVisible(false);
        chart.getStyler().setYAxisLogarithmic(true).setYAxisLogarithmicDecadeOnly(true).setYAxisMin(1.0)
                .setYAxisMax((double) Math.max(10, 2 * Arrays.stream(counts.bins()).max().orElseThrow()))
                .setYAxisTickLabelsFormattingFunction(v -> Text.whole(Math.round(v)))
                .setXAxisTickLabelsFormattingFunction(PixelHistogram::number)
                .setXAxisMin(counts.lowest()).setXAxisMax(counts.highest()).setPlotGridLinesVisible(false);
        chart.getStyler().setDefaultSeriesRenderStyle(XYSeries.XYSeriesRenderStyle.Area);
        List<Double> x = new ArrayList<>();
        List<Double> y = new ArrayList<>();
        // XChart puts its ticks on the values if they are equally far apart: one in between brings the round numbers back
        x.add(counts.lowest());
        y.add((double) Math.max(1, counts.bins()[0]));
        x.add(counts.lowest() + (counts.highest() - counts.lowest()) / BINS / 2);
        y.add((double) Math.max(1, counts.bins()[0]));
        double width = (counts.highest() - counts.lowest()) / BINS;
        for (int bin = 0; bin < BINS; bin++) {
            // the outline of the bars; nothing there is drawn at the axis's foot, 1, as a logarithm has no zero
            double height = Math.max(1, counts.bins()[bin]);
            if (bin > 0) {
                x.add(counts.lowest() + bin * width);
                y.add(height);
            }
            x.add(counts.lowest() + (bin + 1) * width);
            y.add(height);
        }
        XYSeries series = chart.addSeries(when, x, y);
        series.setMarker(SeriesMarkers.NONE).setLineColor(colour).setFillColor(Style.mix(Style.PAPER, colour, 0.55));
        series.setLineWidth(1.5f);
        return BitmapEncoder.getBufferedImage(chart);
    }

    private static String number(double value) {
        return value == Math.rint(value) ? Text.whole((long) value) : Text.decimal(value, 2);
    }
}
