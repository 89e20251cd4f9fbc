package digits.pictures;

import java.awt.BasicStroke;
import java.awt.Color;
import java.util.List;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.XYSeries.XYSeriesRenderStyle;
import org.knowm.xchart.style.markers.Marker;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** Curves of several things in one chart: each with its own colour and, where its points are to be seen, its own marker. */
final class Lines {
    private static final List<Color> COLOURS =
            List.of(Style.BLUE, Style.VERMILION, Style.GREEN, Style.PURPLE, Style.AMBER, Style.SKY, Style.GREY, Style.INK);
    private static final List<Marker> MARKERS = List.of(SeriesMarkers.CIRCLE, SeriesMarkers.SQUARE, SeriesMarkers.TRIANGLE_UP,
            SeriesMarkers.DIAMOND, SeriesMarkers.TRIANGLE_DOWN, SeriesMarkers.CROSS, SeriesMarkers.PLUS, SeriesMarkers.OVAL);

    private Lines() {
    }

    static Color colour(int number) {
        return COLOURS.get(number % COLOURS.size());
    }

    /** A line, the {@code number}-th of its chart from 0; NaN leaves a gap. */
    static void add(XYChart chart, int number, String name, double[] x, double[] y, boolean points) {
        XYSeries line = chart.addSeries(name, x, y);
        line.setLineColor(colour(number)).setLineStyle(new BasicStroke(2f, BasicStroke.CAP_ROUND, BasicStroke.JOIN_ROUND));
        line.setMarker(points ? MARKERS.get(number % MARKERS.size()) : SeriesMarkers.NONE).setMarkerColor(colour(number));
    }

    /** The band between two lines, behind the {@code number}-th line; {@code low} and {@code high} have to be numbers. */
    static void band(XYChart chart, int number, String name, double[] x, double[] low, double[] high) {
        int n = x.length;
        double[] aroundX = new double[2 * n];
        double[] aroundY = new double[2 * n];
        for (int i = 0; i < n; i++) {
            aroundX[i] = aroundX[2 * n - 1 - i] = x[i];
            aroundY[i] = low[i];
            aroundY[2 * n - 1 - i] = high[i];
        }
        XYSeries band = chart.addSeries(name, aroundX, aroundY);
        Color c = colour(number);
        band.setXYSeriesRenderStyle(XYSeriesRenderStyle.PolygonArea).setShowInLegend(false);
        band.setFillColor(new Color(c.getRed(), c.getGreen(), c.getBlue(), 45));
        band.setLineColor(new Color(0, 0, 0, 0));
        band.setMarker(SeriesMarkers.NONE);
    }
}
