package digits.pictures;

import digits.Text;
import digits.experiments.Run;
import digits.experiments.Runs;
import digits.training.Epoch;
import java.awt.image.BufferedImage;
import java.util.DoubleSummaryStatistics;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;

/**
 * The curves of a sweep: loss and accuracy on the validation images over the epochs. Each setting has a line, the
 * mean of its seeds, in a band from the lowest to the highest of them. Failed runs are left out.
 */
public final class RunCurves {
    private static final int PLOT_HEIGHT = 290;
    private static final int LEGEND_HEIGHT = 40;

    private RunCurves() {
    }

    /**
     * The curves.
     *
     * @throws IllegalArgumentException if no run went through
     */
    public static BufferedImage of(Runs runs) {
        Map<String, List<Run>> settings = new LinkedHashMap<>();
        runs.bySetting().forEach((label, all) -> {
            List<Run> good = all.stream().filter(run -> !run.failed()).toList();
            if (!good.isEmpty()) settings.put(label, good);
        });
        if (settings.isEmpty()) throw new IllegalArgumentException("no run went through: there is no curve to draw");
        return Figures.stacked(List.of(chart("Validation loss", settings, Epoch::validationLoss, true),
                chart("Validation accuracy", settings, Epoch::validationAccuracy, false)));
    }

    private static BufferedImage chart(String title, Map<String, List<Run>> settings, ToDoubleFunction<Epoch> value, boolean loss) {
        XYChart chart = new XYChartBuilder().width(Style.WIDTH).height(PLOT_HEIGHT + (loss ? 0 : LEGEND_HEIGHT)).title(title)
                .xAxisTitle("epoch").build();
        Style.apply(chart.getStyler());
        chart.getStyler().setLegendVisible(!loss);   // one for both
        int last = settings.values().stream().mapToInt(group -> group.get(0).epochs().size()).max().orElseThrow();
        int digits = digits(settings, value, loss);
        chart.getStyler().setXAxisMin(0.5).setXAxisMax(last + 0.5)
                .setXAxisTickLabelsFormattingFunction(x -> x == Math.rint(x) ? Text.whole(Math.round(x)) : Text.decimal(x, 1))
                .setYAxisTickLabelsFormattingFunction(y -> loss ? Text.decimal(y, digits) : Text.percent(y, digits))
                // at least one epoch apart: no ticks at halves
                .setXAxisTickMarkSpacingHint(Math.max(40, (int) Math.ceil(0.9 * Style.WIDTH / (last + 1))));
        chart.getStyler().setMarkerSize(7);
        int number = 0;
        for (Map.Entry<String, List<Run>> setting : settings.entrySet()) {
            List<DoubleSummaryStatistics> spread = spread(setting.getValue(), value);
            double[] x = IntStream.rangeClosed(1, spread.size()).asDoubleStream().toArray();
            if (setting.getValue().size() > 1 && x.length > 1) {
                Lines.band(chart, number, setting.getKey() + ", spread", x, of(spread, DoubleSummaryStatistics::getMin),
                        of(spread, DoubleSummaryStatistics::getMax));
            }
            Lines.add(chart, number++, setting.getKey(), x, of(spread, DoubleSummaryStatistics::getAverage), true);
        }
        return BitmapEncoder.getBufferedImage(chart);
    }

    /** What the seeds had after each epoch. */
    private static List<DoubleSummaryStatistics> spread(List<Run> seeds, ToDoubleFunction<Epoch> value) {
        return IntStream.range(0, seeds.get(0).epochs().size()).mapToObj(epoch -> seeds.stream()
                .collect(Collectors.summarizingDouble(run -> value.applyAsDouble(run.epochs().get(epoch))))).toList();
    }

    private static double[] of(List<DoubleSummaryStatistics> spread, ToDoubleFunction<DoubleSummaryStatistics> which) {
        return spread.stream().mapToDouble(which).toArray();
    }

    /** Decimals for the axis: enough to tell its ticks apart. */
    private static int digits(Map<String, List<Run>> settings, ToDoubleFunction<Epoch> value, boolean loss) {
        DoubleSummaryStatistics all = settings.values().stream().flatMap(List::stream).flatMap(run -> run.epochs().stream())
                .mapToDouble(value).summaryStatistics();
        double span = all.getMax() - all.getMin();
        return loss ? span < 0.05 ? 3 : span < 2 ? 2 : 1 : span < 0.01 ? 2 : span < 0.1 ? 1 : 0;
    }
}
