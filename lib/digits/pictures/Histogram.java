package digits.pictures;

import digits.Text;
import digits.evaluation.Interval;
import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Graphics2D;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.XYSeries.XYSeriesRenderStyle;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** How shares are distributed: accuracies on resampled images, or the highest probabilities for sets of images. */
public final class Histogram {
    private static final int MOST = 12;
    private static final int BARS = 45;
    private static final int BINS = 20;      // of probabilities: 5 % each
    private static final int ROW = 62;
    private static final int LEFT = 170;
    private static final int RIGHT = Style.WIDTH - 210;
    private static final double SURE = 0.99;

    private Histogram() { }

    /**
     * Accuracies on resampled images, with the interval that holds 95 % of them: bars outside it have another color.
     *
     * @param shares two or more different ones, each 0 to 1
     */
    public static Picture of(double[] shares, Interval interval) {
        double[] sorted = Arrays.stream(shares).sorted().toArray();
        if (sorted.length == 0 || sorted[0] == sorted[sorted.length - 1]) {
            throw new IllegalArgumentException("a distribution needs two different shares or more");
        }
        double lowest = sorted[0];
        double width = barWidth(sorted);
        int bars = (int) Math.floor((sorted[sorted.length - 1] - lowest) / width + 1e-6) + 1;
        long[] counts = new long[bars];
        for (double share : sorted) counts[(int) Math.floor((share - lowest) / width + 1e-6)]++;
        double top = Arrays.stream(counts).max().orElseThrow();
        XYChart chart = Charts.curves("", "accuracy", Style.WIDTH, 300);
        double range = bars * width;
        chart.setYAxisTitle("resamples");
        chart.getStyler().setDefaultSeriesRenderStyle(XYSeriesRenderStyle.Area).setYAxisMin(0.0).setYAxisMax(1.2 * top)
                .setXAxisMin(lowest - width / 2).setXAxisMax(lowest - width / 2 + range).setXAxisTickMarkSpacingHint(90)
                .setXAxisTickLabelsFormattingFunction(x -> Text.percent(x, range < 0.02 ? 2 : 1))
                .setYAxisTickLabelsFormattingFunction(y -> Text.whole(Math.round(y)));
        bars(chart, "inside the interval", Style.BLUE, counts, lowest, width, interval, true);
        bars(chart, "outside", Style.VERMILION, counts, lowest, width, interval, false);
        XYSeries line = chart.addSeries("95 % interval", new double[] {interval.low(), interval.high()},
                new double[] {1.1 * top, 1.1 * top});
        line.setXYSeriesRenderStyle(XYSeriesRenderStyle.Line).setLineColor(Style.INK).setLineStyle(Style.CURVE);
        line.setMarker(SeriesMarkers.DIAMOND).setMarkerColor(Style.INK);
        chart.getStyler().setMarkerSize(8);
        return Charts.picture(chart, "Histogram of " + Text.whole(shares.length)
                + " accuracies on resampled images, from " + Text.percent(lowest, 2) + " to "
                + Text.percent(sorted[sorted.length - 1], 2) + ": 95 % of them from "
                + Text.decimal(100 * interval.low(), 2) + " to " + Text.percent(interval.high(), 2) + ".");
    }

    /** A whole number of the steps between neighboring shares, so that each bar counts equally many of them. */
    private static double barWidth(double... sorted) {
        double step = Double.POSITIVE_INFINITY;
        for (int i = 1; i < sorted.length; i++) {
            double gap = sorted[i] - sorted[i - 1];
            if (gap > 1e-9) step = Math.min(step, gap);
        }
        return step * Math.max(1, Math.ceil((sorted[sorted.length - 1] - sorted[0]) / step / BARS));
    }

    /** The outline of the bars whose middle is inside (or outside) the interval; the others have height 0. */
    private static void bars(XYChart chart, String name, Color color, long[] counts, double lowest, double width,
            Interval interval, boolean inside) {
        List<Double> x = new ArrayList<>();
        List<Double> y = new ArrayList<>();
        for (int bar = 0; bar < counts.length; bar++) {
            double middle = lowest + bar * width;
            boolean counted = inside == (middle >= interval.low() - 1e-9 && middle <= interval.high() + 1e-9);
            for (double side : new double[] {-0.5, 0.5}) {
                x.add(middle + side * width);
                y.add(counted ? (double) counts[bar] : 0.0);
            }
        }
        chart.addSeries(name, x, y).setMarker(SeriesMarkers.NONE).setLineColor(color).setLineWidth(1f)
                .setFillColor(Style.mix(Style.PAPER, color, 0.55));
    }

    /**
     * The highest probabilities of the images of several sets, 1 to 12 in the map's order: a row of bars per set, each
     * 5 % wide, with a separate scale per row, and the share of the set's images above 99 %.
     */
    public static Picture rows(Map<String, double[]> sets) {
        if (sets.isEmpty() || sets.size() > MOST || sets.values().stream().anyMatch(values -> values.length == 0)) {
            throw new IllegalArgumentException(sets.size() + " sets, not 1 to " + MOST + ", or one without images");
        }
        int bottom = 34 + ROW * sets.size();
        String sentence = "Histograms of the highest probability, and the share of images for which it is above 99 %: "
                + Picture.list(sets.entrySet().stream().map(set -> set.getKey() + " "
                        + Text.percent(sure(set.getValue()), 1)).toList()) + ".";
        return Style.picture(Style.WIDTH, bottom + 46, sentence, g -> {
            Style.write(g, Style.font(12), Style.MUTED, "above 99 %", RIGHT + 20, 20);
            int y = 34;
            for (Map.Entry<String, double[]> set : sets.entrySet()) {
                row(g, set.getKey(), set.getValue(), y + ROW, Charts.color((y - 34) / ROW));
                y += ROW;
            }
            for (int percent = 0; percent <= 100; percent += 10) {
                Style.centered(g, Style.font(12), Style.INK, percent + " %", LEFT + (RIGHT - LEFT) * percent / 100.0,
                        bottom + 18);
            }
            Style.centered(g, Style.font(13), Style.MUTED, "highest probability", (LEFT + RIGHT) / 2.0, bottom + 38);
        });
    }

    private static void row(Graphics2D g, String name, double[] values, int foot, Color color) {
        int[] counts = new int[BINS];
        for (double value : values) counts[Math.max(0, Math.min(BINS - 1, (int) Math.ceil(value * BINS) - 1))]++;
        double highest = Arrays.stream(counts).max().orElseThrow();
        for (int bin = 0; bin < BINS; bin++) {
            int x = LEFT + (RIGHT - LEFT) * bin / BINS;
            int height = (int) Math.ceil((ROW - 14) * counts[bin] / highest);
            g.setColor(color);
            g.fillRect(x + 1, foot - height, (RIGHT - LEFT) / BINS - 2, height);
        }
        g.setColor(Style.GRAY);
        g.setStroke(new BasicStroke(1f));
        g.drawLine(LEFT, foot, RIGHT, foot);
        Style.rightAligned(g, Style.font(13), Style.INK, Style.fitted(Style.font(13), name, LEFT - 20), LEFT - 12,
                foot - 6);
        Style.write(g, Style.bold(13), Style.INK, Text.percent(sure(values), 1), RIGHT + 20, foot - 6);
        Style.write(g, Style.font(12), Style.MUTED, "of " + Text.whole(values.length), RIGHT + 84, foot - 6);
    }

    private static double sure(double... values) {
        return (double) Arrays.stream(values).filter(value -> value > SURE).count() / values.length;
    }
}
