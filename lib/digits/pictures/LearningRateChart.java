package digits.pictures;

import digits.Text;
import digits.training.LearningRateFinder;
import java.util.List;
import java.util.Map;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.knowm.xchart.XYChart;
import org.nd4j.linalg.schedule.ISchedule;

/** Charts of learning rates: the curve of a learning-rate range test, and schedules. */
public final class LearningRateChart {
    private static final int HEIGHT = 320;

    private LearningRateChart() { }

    /** Smoothed loss over the learning rate, on a logarithmic axis, of a test with two points or more. */
    public static Picture of(LearningRateFinder test) {
        return of(Map.of("loss", test));
    }

    /** The curves of several tests by name, such as those of several optimizers, in the map's order. */
    public static Picture of(Map<String, LearningRateFinder> tests) {
        if (tests.isEmpty() || tests.values().stream().anyMatch(test -> test.points().size() < 2)) {
            throw new IllegalArgumentException("a curve needs two points or more");
        }
        XYChart chart = Charts.curves("Learning-rate range test", "learning rate", Style.WIDTH, HEIGHT);
        double top = tests.values().stream().mapToDouble(test -> test.points().get(0).loss() * 1.3).max().orElseThrow();
        chart.setYAxisTitle("loss");
        chart.getStyler().setXAxisLogarithmic(true).setXAxisTickLabelsFormattingFunction(Charts::rate)
                .setYAxisMin(0.0).setYAxisMax(top)
                .setLegendVisible(tests.size() > 1);
        tests.forEach((name, test) -> Charts.add(chart, chart.getSeriesCollection().size(), name, test.points(),
                LearningRateFinder.Point::rate, point -> point.loss() <= top ? point.loss() : Double.NaN, false));
        String lowest = Picture.list(tests.entrySet().stream().map(test -> test.getKey() + " lowest at "
                + Charts.rate(test.getValue().lowest())).toList());
        return Charts.picture(chart, "Learning-rate range test, the loss at growing rates: " + lowest + ".");
    }

    /** Learning rates over 1 step or more: a curve per schedule of steps, not of epochs, in the map's order. */
    public static Picture schedules(Map<String, ISchedule> schedules, int steps) {
        if (schedules.isEmpty() || steps < 1) {
            throw new IllegalArgumentException(schedules.size() + " schedules over " + steps + " steps");
        }
        XYChart chart = Charts.curves("Learning rate at each step", "step", Style.WIDTH, HEIGHT);
        double highest = schedules.values().stream().flatMapToDouble(schedule ->
                IntStream.range(0, steps).mapToDouble(step -> schedule.valueAt(step, 0))).max().orElseThrow();
        int digits = Math.max(1, (int) Math.ceil(1.5 - Math.log10(Math.max(1e-12, highest))));
        chart.getStyler().setYAxisMin(0.0).setXAxisMin(0.0).setXAxisMax((double) steps).setXAxisTickMarkSpacingHint(90)
                .setYAxisTickLabelsFormattingFunction(y -> Text.decimal(y, Math.min(12, digits)));
        // XChart puts its ticks on values that are equally far apart: one in between brings round numbers back
        List<Double> all = DoubleStream.concat(DoubleStream.of(0, 0.5), IntStream.range(1, steps).asDoubleStream())
                .boxed().toList();
        schedules.forEach((name, schedule) -> Charts.add(chart, chart.getSeriesCollection().size(), name, all,
                step -> step, step -> schedule.valueAt(step.intValue(), 0), steps == 1));
        return Charts.picture(chart, "Learning rate at each of " + Text.count(steps, "step") + ": "
                + Picture.list(schedules.entrySet().stream().map(one -> one.getKey() + " from "
                        + Charts.rate(one.getValue().valueAt(0, 0)) + " to "
                        + Charts.rate(one.getValue().valueAt(steps - 1, 0))).toList(), "; ") + ".");
    }
}
