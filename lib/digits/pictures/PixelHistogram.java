package digits.pictures;

import digits.Text;
import java.awt.Color;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.LongStream;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYSeries.XYSeriesRenderStyle;
import org.knowm.xchart.style.markers.SeriesMarkers;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * The distribution of pixel values before and after normalizing, side by side: the same shape over another range. The
 * vertical axis is logarithmic, since four of five pixels of a digit are background.
 */
public final class PixelHistogram {
    private static final int BINS = 32;
    private static final int AT_ONCE = 1_000;

    private PixelHistogram() { }

    /** The histograms of two arrays of finite numbers, of any shape; counted in parts, as they may be whole sets. */
    public static Picture of(INDArray before, INDArray after) {
        return Figures.sideBySide(chart("before", count(before), Style.GRAY), chart("after", count(after), Style.BLUE));
    }

    /** The number of values in each of 32 equal parts of the range from the lowest to the highest. */
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
                .mapToObj(from -> floats(array.get(NDArrayIndex.interval(from, Math.min(size, from + AT_ONCE)))))
                .iterator());
    }

    private static float[] floats(INDArray part) {
        float[] values = new float[Math.toIntExact(part.length())];
        part.castTo(DataType.FLOAT).dup('c').data().asNioFloat().get(values);   // one by one takes seconds
        return values;
    }

    private static Picture chart(String when, Counts counts, Color color) {
        double lowest = counts.lowest();
        double highest = counts.highest();
        String title = when + ": " + number(lowest) + " to " + number(highest);
        XYChart chart = Charts.curves(title, "pixel value", (Style.WIDTH - 16) / 2, 300);
        chart.setYAxisTitle("pixels");
        chart.getStyler().setDefaultSeriesRenderStyle(XYSeriesRenderStyle.Area).setLegendVisible(false);
        chart.getStyler().setYAxisLogarithmic(true).setYAxisLogarithmicDecadeOnly(true).setYAxisMin(1.0)
                .setYAxisMax((double) Math.max(10, 2 * Arrays.stream(counts.bins()).max().orElseThrow()))
                .setYAxisTickLabelsFormattingFunction(v -> Text.whole(Math.round(v)))
                .setXAxisTickLabelsFormattingFunction(PixelHistogram::number)
                .setXAxisMin(lowest).setXAxisMax(highest).setPlotGridLinesVisible(false);
        List<Double> x = new ArrayList<>();
        List<Double> y = new ArrayList<>();
        double width = (highest - lowest) / BINS;
        for (int bin = 0; bin < BINS; bin++) {
            // the outline of the bars; empty ones are drawn at the axis's foot, 1, as a logarithm has no zero.
            // XChart puts its ticks on values that are equally far apart: one in between brings round numbers back
            for (double at : bin == 0 ? new double[] {0, 0.5, 1} : new double[] {bin, bin + 1}) {
                x.add(lowest + at * width);
                y.add(Math.max(1.0, (double) counts.bins()[bin]));
            }
        }
        chart.addSeries(when, x, y).setMarker(SeriesMarkers.NONE).setLineColor(color).setLineWidth(1.5f)
                .setFillColor(Style.mix(Style.PAPER, color, 0.55));
        double first = (double) counts.bins()[0] / Arrays.stream(counts.bins()).sum();
        return Charts.picture(chart, "Histogram of pixel values " + title + ", " + Text.percent(first, 0)
                + " of them in the lowest of " + BINS + " parts.");
    }

    private static String number(double value) {
        return value == Math.rint(value) ? Text.whole((long) value) : Text.decimal(value, 2);
    }
}
