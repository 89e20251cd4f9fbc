package digits.pictures;

import digits.Text;
import digits.evaluation.Coverage;
import java.util.List;
import java.util.Map;
import org.knowm.xchart.XYChart;

/** Accuracy of the predictions that a network keeps against the share of images that it hands to a person. */
public final class CoverageChart {
    private static final int HEIGHT = 340;

    private CoverageChart() { }

    /**
     * Curves by name, in the map's order, from no rejections to this share of all images, above 0 and up to 1.
     *
     * @throws IllegalArgumentException if there is no curve or no such share
     */
    public static Picture of(Map<String, Coverage> curves, double rejected) {
        if (curves.isEmpty() || !(rejected > 0 && rejected <= 1)) {
            throw new IllegalArgumentException(curves.size() + " curves up to a share of " + rejected);
        }
        XYChart chart = Charts.curves("", "share of the images handed to a person", Style.WIDTH, HEIGHT);
        chart.setYAxisTitle("accuracy on the others");
        double lowest = curves.values().stream().flatMap(curve -> shown(curve, rejected).stream())
                .mapToDouble(Coverage.Point::accuracy).min().orElseThrow();
        double floor = Math.min(0.999, Math.floor(lowest * 1000) / 1000);
        chart.getStyler().setXAxisMin(0.0).setXAxisMax(rejected).setYAxisMin(floor).setYAxisMax(1.0)
                .setXAxisTickLabelsFormattingFunction(x -> Text.percent(x, rejected < 0.1 ? 1 : 0))
                .setYAxisTickLabelsFormattingFunction(y -> Text.percent(y, Charts.percentDigits(1 - floor)))
                .setXAxisTickMarkSpacingHint(80);
        curves.forEach((name, curve) -> {
            List<Coverage.Point> shown = shown(curve, rejected);
            Charts.add(chart, chart.getSeriesCollection().size(), name, shown, p -> 1 - p.coverage(),
                    Coverage.Point::accuracy, shown.size() <= 20);
        });
        return Charts.picture(chart, "Accuracy against the share of images handed to a person: "
                + Picture.list(curves.entrySet().stream().map(curve -> ends(curve.getKey(),
                        shown(curve.getValue(), rejected))).toList(), "; ") + ".");
    }

    /** “test from 99.29 % without rejections to 99.90 % with 2.0 %”. */
    private static String ends(String name, List<Coverage.Point> points) {
        Coverage.Point last = points.get(points.size() - 1);
        return name + " from " + Text.percent(points.get(0).accuracy(), 2) + " without rejections to "
                + Text.percent(last.accuracy(), 2) + " with " + Text.percent(1 - last.coverage(), 1);
    }

    private static List<Coverage.Point> shown(Coverage curve, double rejected) {
        return curve.points().stream().filter(point -> 1 - point.coverage() <= rejected).toList();
    }
}
