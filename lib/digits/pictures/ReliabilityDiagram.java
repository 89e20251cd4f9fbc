package digits.pictures;

import digits.Text;
import digits.evaluation.Calibration;
import digits.evaluation.Interval;
import java.awt.BasicStroke;
import java.util.Map;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.style.markers.SeriesMarkers;

/**
 * Reliability diagrams (DeGroot and Fienberg 1983): for each bin of probabilities, the share of its images that were
 * recognized, with a 95 % interval and the number of images. A perfectly calibrated network lies on the diagonal; below
 * it, the network is too confident.
 */
public final class ReliabilityDiagram {
    private static final int MOST = 3;
    private static final int HEIGHT = 420;

    private ReliabilityDiagram() { }

    /** The diagrams of 1 to 3 calibrations by name, side by side in the map's order. */
    public static Picture of(Map<String, Calibration> calibrations) {
        if (calibrations.isEmpty() || calibrations.size() > MOST) {
            throw new IllegalArgumentException(calibrations.size() + " calibrations, not 1 to " + MOST);
        }
        int width = calibrations.size() == 1 ? 520
                : (Style.WIDTH - 16 * (calibrations.size() - 1)) / calibrations.size();
        return Figures.sideBySide(calibrations.entrySet().stream()
                .map(entry -> panel(entry.getKey(), entry.getValue(), width)).toArray(Picture[]::new));
    }

    private static Picture panel(String name, Calibration calibration, int width) {
        XYChart chart = Charts.curves(name + ": calibration error " + Text.percent(calibration.error(), 2),
                "highest probability", width, HEIGHT);
        chart.setYAxisTitle("accuracy");
        // a little more than 0 to 100 %: points at the edge are not cut
        chart.getStyler().setXAxisMin(0.0).setXAxisMax(1.04).setYAxisMin(-0.04).setYAxisMax(1.04)
                .setXAxisTickLabelsFormattingFunction(x -> Text.percent(x, 0)).setXAxisTickMarkSpacingHint(60)
                .setYAxisTickLabelsFormattingFunction(y -> Text.percent(y, 0)).setLegendVisible(false);
        line(chart, "perfect", 0, 0, 1, 1).setLineColor(Style.GRAY).setLineStyle(new BasicStroke(1.5f));
        for (Calibration.Bin bin : calibration.bins()) {
            Interval accuracy = bin.accuracy();
            double x = bin.confidence();
            String key = Text.whole(chart.getSeriesCollection().size());
            line(chart, "interval " + key, x, accuracy.low(), x, accuracy.high())
                    .setLineColor(Style.faint(Style.BLUE, 150)).setLineStyle(Style.CURVE);
            boolean left = accuracy.share() > x || x > 0.9;   // where there is room for the number
            chart.addSeries("bin " + key, new double[] {x}, new double[] {accuracy.share()})
                    .setMarker(Charts.marker((g, px, py) -> {
                        g.setColor(Style.BLUE);
                        g.fill(Style.circle(px, py, 5));
                        String images = Text.whole(bin.images());
                        if (left) Style.rightAligned(g, Style.font(11), Style.MUTED, images, px - 8, py + 4);
                        else Style.write(g, Style.font(11), Style.MUTED, images, px + 8, py + 4);
                    }));
        }
        String points = Picture.list(calibration.bins().stream().map(bin -> Text.percent(bin.confidence(), 0) + " → "
                + Text.percent(bin.accuracy().share(), 0)).toList());
        return Charts.picture(chart, "Reliability diagram, " + name + ", probability → accuracy: " + points
                + "; calibration error " + Text.percent(calibration.error(), 2) + ".");
    }

    private static XYSeries line(XYChart chart, String name, double x1, double y1, double x2, double y2) {
        XYSeries line = chart.addSeries(name, new double[] {x1, x2}, new double[] {y1, y2});
        line.setMarker(SeriesMarkers.NONE);
        return line;
    }
}
