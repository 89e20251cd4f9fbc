package digits.pictures;

import digits.Text;
import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Graphics2D;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import org.knowm.xchart.CategoryChart;
import org.knowm.xchart.CategoryChartBuilder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.XYSeries.XYSeriesRenderStyle;
import org.knowm.xchart.internal.chartpart.Chart;
import org.knowm.xchart.style.AxesChartStyler;
import org.knowm.xchart.style.Styler;
import org.knowm.xchart.style.markers.Marker;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** Common parts of the charts: their look, their axes, and curves that differ in color and marker. */
final class Charts {
    private static final List<Color> COLORS = List.of(Style.BLUE, Style.VERMILION, Style.GREEN, Style.PURPLE,
            Style.AMBER, Style.SKY, Style.GRAY, Style.INK);
    private static final List<Marker> MARKERS = List.of(SeriesMarkers.CIRCLE, SeriesMarkers.SQUARE,
            SeriesMarkers.TRIANGLE_UP, SeriesMarkers.DIAMOND, SeriesMarkers.TRIANGLE_DOWN, SeriesMarkers.CROSS,
            SeriesMarkers.PLUS, SeriesMarkers.OVAL);

    private Charts() { }

    /** Paints the mark of one point, whose place on the picture is known only now. */
    interface Mark {
        void paint(Graphics2D g, double x, double y);
    }

    static Marker marker(Mark mark) {
        return new Marker() {
            @Override
            public void paint(Graphics2D g, double x, double y, int markerSize) {
                mark.paint(g, x, y);
            }
        };
    }

    static Color color(int number) {
        return COLORS.get(number % COLORS.size());
    }

    static XYChart curves(String title, String xTitle, int width, int height) {
        XYChart chart = new XYChartBuilder().title(title).xAxisTitle(xTitle).width(width).height(height).build();
        apply(chart.getStyler());
        return chart;
    }

    /** A chart of full width with a place on its axis for each category. */
    static CategoryChart categories(String title, String xTitle, int height) {
        CategoryChart chart = new CategoryChartBuilder().title(title).xAxisTitle(xTitle).width(Style.WIDTH)
                .height(height).build();
        apply(chart.getStyler());
        return chart;
    }

    /** Makes the horizontal axis one of whole epochs, 1 to {@code last}, with ticks at least this many units apart. */
    static void epochs(XYChart chart, int last, double spacing) {
        // from 0, as XChart counts its ticks from there; and it draws none if the first label is like the last
        chart.getStyler().setXAxisMin(0.0).setXAxisMax(last + 0.5)
                .setXAxisTickLabelsFormattingFunction(x -> Text.decimal(x, 0))
                .setXAxisTickMarkSpacingHint(Math.max(40, (int) Math.ceil(spacing)));
        chart.getStyler().setMarkerSize(7);
    }

    /**
     * The label of one of the ticks 0 to 5 that has no number. XChart draws no labels at all if two are the same, and
     * makes room for the longest: these are one or two invisible characters, each time others.
     */
    static String blank(int tick) {
        return Integer.toBinaryString(2 + tick).substring(1).replace('0', '\u200c').replace('1', '\u200d');
    }

    /** Decimals that tell the ticks of an axis of losses apart. */
    static int lossDigits(double span) {
        return span < 0.05 ? 3 : span < 2 ? 2 : 1;
    }

    /** Decimals that tell the ticks of an axis of percentages apart; {@code span} is a share of 1. */
    static int percentDigits(double span) {
        return span < 0.01 ? 2 : span < 0.1 ? 1 : 0;
    }

    /** Adds a curve, the {@code number}-th of its chart from 0, with or without markers; NaN leaves a gap. */
    static <T> void add(XYChart chart, int number, String name, List<T> points, ToDoubleFunction<T> x,
            ToDoubleFunction<T> y, boolean markers) {
        XYSeries curve = chart.addSeries(name, points.stream().mapToDouble(x).toArray(),
                points.stream().mapToDouble(y).toArray());
        curve.setLineColor(color(number)).setLineStyle(Style.CURVE);
        curve.setMarker(markers ? MARKERS.get(number % MARKERS.size()) : SeriesMarkers.NONE)
                .setMarkerColor(color(number));
    }

    /** Adds a band between two curves, in the color of the {@code number}-th curve; all values have to be numbers. */
    static void band(XYChart chart, int number, String name, double[] x, double[] low, double[] high) {
        int n = x.length;
        // there along the low values, and back along the high ones
        double[] across = IntStream.range(0, 2 * n).mapToDouble(i -> x[i < n ? i : 2 * n - 1 - i]).toArray();
        double[] up = IntStream.range(0, 2 * n).mapToDouble(i -> i < n ? low[i] : high[2 * n - 1 - i]).toArray();
        XYSeries band = chart.addSeries(name, across, up);
        band.setXYSeriesRenderStyle(XYSeriesRenderStyle.PolygonArea).setShowInLegend(false);
        band.setFillColor(Style.faint(color(number), 45));
        band.setLineColor(Style.faint(Color.BLACK, 0));
        band.setMarker(SeriesMarkers.NONE);
    }

    /** The finished chart, with this sentence about it. */
    static Picture picture(Chart<?, ?> chart, String sentence) {
        return picture(chart, sentence, g -> { });
    }

    /** The same with what the painter draws over it, in the chart's coordinates. */
    static Picture picture(Chart<?, ?> chart, String sentence, Consumer<Graphics2D> over) {
        return Style.picture(chart.getWidth(), chart.getHeight(), sentence, g -> {
            Graphics2D own = (Graphics2D) g.create();   // a chart leaves its settings behind
            chart.paint(own, chart.getWidth(), chart.getHeight());
            own.dispose();
            over.accept(g);
        });
    }

    /** A learning rate with two digits that count: 0.001, 0.00012. */
    static String rate(double rate) {
        return new BigDecimal(rate).round(new MathContext(2)).stripTrailingZeros().toPlainString();
    }

    private static void apply(AxesChartStyler styler) {
        Style.checkFonts();
        styler.setChartBackgroundColor(Style.PAPER).setPlotBackgroundColor(Style.PAPER).setPlotBorderVisible(false)
                .setChartFontColor(Style.INK).setChartTitleFont(Style.bold(14)).setChartTitlePadding(8)
                .setChartPadding(12).setLocale(Text.LOCALE).setAntiAlias(true).setTextAntiAlias(true)
                // all of the plot is used; at exactly 1 XChart drops the ticks at both ends
                .setPlotContentSize(0.999);
        styler.setPlotGridLinesColor(Style.RULE).setPlotGridLinesStroke(new BasicStroke(1f))
                .setPlotGridVerticalLinesVisible(false).setPlotTicksMarksVisible(false).setAxisTitleFont(Style.font(13))
                .setAxisTickLabelsFont(Style.font(12)).setAxisTickLabelsColor(Style.INK)
                .setAxisTickMarksColor(Style.GRAY).setYAxisLabelAlignment(AxesChartStyler.TextAlignment.Right);
        styler.setXAxisTitleColor(Style.MUTED);
        styler.setYAxisTitleColor(Style.MUTED);
        styler.setLegendFont(Style.font(13)).setLegendPosition(Styler.LegendPosition.OutsideS)
                .setLegendLayout(Styler.LegendLayout.Horizontal).setLegendPadding(6)
                .setLegendBorderColor(Style.PAPER).setLegendBackgroundColor(Style.PAPER);
    }
}
