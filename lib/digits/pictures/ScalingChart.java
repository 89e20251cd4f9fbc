package digits.pictures;

import digits.Text;
import digits.training.ScalingModel;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYSeries.XYSeriesRenderStyle;

/** Chart of the speed-up over the number of executors: calculated curves, and measured points. */
public final class ScalingChart {
    private static final int HEIGHT = 380;
    private static final int DOUBLINGS = 6;

    /** A measured point: the speed of that many executors divided by that of one which averages nothing. */
    public record Point(int executors, int averageEvery, double speedUp) {
    }

    private ScalingChart() { }

    /**
     * A curve per number of steps between two exchanges, from 1 to 64 executors, on logarithmic axes.
     *
     * @param averageEvery numbers of steps, one or more
     * @param measured     points that were measured; in the color of the curve with as many steps, if there is one
     */
    public static Picture of(ScalingModel model, List<Integer> averageEvery, List<Point> measured) {
        if (averageEvery.isEmpty()) throw new IllegalArgumentException("a chart needs one number of steps or more");
        XYChart chart = Charts.curves("Speed-up by more machines (lines: calculated, points: measured)",
                "executors", Style.WIDTH, HEIGHT);
        chart.setYAxisTitle("times as fast as one");
        List<Integer> executors = IntStream.rangeClosed(0, DOUBLINGS).mapToObj(i -> 1 << i).toList();
        // both axes count doublings: where every executor counts fully, the curve is the diagonal
        chart.getStyler().setXAxisMin(-0.1).setXAxisMax((double) DOUBLINGS).setYAxisMin(-1.0)
                .setYAxisMax((double) DOUBLINGS).setXAxisTickMarkSpacingHint(Style.WIDTH / 9)
                .setYAxisTickMarkSpacingHint(HEIGHT / 10).setXAxisTickLabelsFormattingFunction(ScalingChart::label)
                .setYAxisTickLabelsFormattingFunction(ScalingChart::label);
        for (int steps : averageEvery) {
            String name = steps == 1 ? "averaging every step" : "every " + steps + " steps";
            Charts.add(chart, averageEvery.indexOf(steps), name, executors, n -> doublings(n),
                    n -> doublings(model.speedUp(n, steps)), false);
        }
        for (int steps : measured.stream().map(Point::averageEvery).distinct().toList()) {
            List<Point> points = measured.stream().filter(point -> point.averageEvery() == steps).toList();
            int color = averageEvery.contains(steps) ? averageEvery.indexOf(steps) : averageEvery.size();
            Charts.add(chart, color, "every " + steps + ", measured", points, point -> doublings(point.executors()),
                    point -> doublings(point.speedUp()), true);
        }
        chart.getSeriesCollection().stream().skip(averageEvery.size()).forEach(points -> {
            points.setXYSeriesRenderStyle(XYSeriesRenderStyle.Scatter);
            points.setShowInLegend(false);
        });
        int most = 1 << DOUBLINGS;
        List<String> parts = Stream.concat(averageEvery.stream().map(steps -> "averaging every "
                + Text.count(steps, "step") + " " + times(model.speedUp(most, steps)) + " with " + most + " executors"),
                measured.stream().map(point -> "measured " + times(point.speedUp()) + " with "
                        + Text.count(point.executors(), "executor"))).toList();
        return Charts.picture(chart, "Speed-up by more machines: " + Picture.list(parts, "; ") + ".");
    }

    private static String times(double speedUp) {
        return Text.decimal(speedUp, 1) + " times as fast";
    }

    private static double doublings(double number) {
        return Math.log(number) / Math.log(2);
    }

    private static String label(double doublings) {
        double number = Math.pow(2, doublings);
        return doublings == Math.rint(doublings) ? Text.decimal(number, number < 1 ? 1 : 0) : "";
    }
}
