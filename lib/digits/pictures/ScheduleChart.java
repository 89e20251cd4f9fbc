package digits.pictures;

import digits.Text;
import java.awt.image.BufferedImage;
import java.util.Map;
import java.util.stream.IntStream;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.nd4j.linalg.schedule.ISchedule;

/** Learning rates over the steps of a training, one line a schedule. */
public final class ScheduleChart {
    private static final int HEIGHT = 320;

    private ScheduleChart() {
    }

    /**
     * The lines.
     *
     * @param schedules by name, in the order of the legend; they go by the step, not by the epoch
     * @param steps     training steps to draw, 1 or more
     */
    public static BufferedImage of(Map<String, ISchedule> schedules, int steps) {
        if (schedules.isEmpty() || steps < 1) throw new IllegalArgumentException(schedules.size() + " schedules over " + steps + " steps");
        XYChart chart = new XYChartBuilder().width(Style.WIDTH).height(HEIGHT).title("Learning rate at each step").xAxisTitle("step").build();
        Style.apply(chart.getStyler());
        double highest = schedules.values().stream().mapToDouble(s -> IntStream.range(0, steps).mapToDouble(t -> s.valueAt(t, 0)).max().orElse(0))
                .max().orElse(1);
        int digits = Math.max(1, (int) Math.ceil(1.5 - Math.log10(Math.max(1e-12, highest))));
        chart.getStyler().setXAxisTickMarkSpacingHint(90).setYAxisTickLabelsFormattingFunction(y -> Text.decimal(y, Math.min(12, digits)));
        chart.getStyler().setYAxisMin(0.0).setXAxisMin(0.0).setXAxisMax((double) steps);
        double[] x = IntStream.range(0, steps).asDoubleStream().toArray();
        int number = 0;
        for (Map.Entry<String, ISchedule> schedule : schedules.entrySet()) {
            double[] rates = IntStream.range(0, steps).mapToDouble(step -> schedule.getValue().valueAt(step, 0)).toArray();
            Lines.add(chart, number++, schedule.getKey(), x, rates, steps == 1);
        }
        return BitmapEncoder.getBufferedImage(chart);
    }
}
