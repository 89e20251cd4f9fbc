package digits.pictures;

import digits.Text;
import digits.experiments.Run;
import digits.experiments.Runs;
import digits.training.Epoch;
import java.awt.geom.Rectangle2D;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.DoubleSummaryStatistics;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.DoubleFunction;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.knowm.xchart.CategoryChart;
import org.knowm.xchart.CategorySeries.CategorySeriesRenderStyle;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.style.markers.Marker;

/** Charts of an experiment's runs, all about the validation set: curves, accuracies, errors over learning rates. */
public final class RunCharts {
    private static final double LOWEST_ERROR = 1e-4;   // stands for no mistake at all, which has no logarithm

    private RunCharts() { }

    /**
     * Loss and accuracy over the epochs: for each setting the mean of its seeds, in a band from the lowest to the
     * highest of them. Failed runs are left out; all failed is an error.
     */
    public static Picture curves(Runs runs) {
        Map<String, List<Run>> settings = runs.bySetting();
        settings.replaceAll((label, all) -> all.stream().filter(run -> !run.failed()).toList());
        settings.values().removeIf(List::isEmpty);
        if (settings.isEmpty()) throw new IllegalArgumentException("no run went through: there is no curve to draw");
        return Figures.stacked(List.of(curves("Validation loss", settings, Epoch::validationLoss, true),
                curves("Validation accuracy", settings, Epoch::validationAccuracy, false)));
    }

    private static Picture curves(String title, Map<String, List<Run>> settings, ToDoubleFunction<Epoch> value,
            boolean loss) {
        XYChart chart = Charts.curves(title, "epoch", Style.WIDTH, loss ? 290 : 330);
        chart.getStyler().setLegendVisible(!loss);   // one for both, below the second
        int last = settings.values().stream().mapToInt(group -> group.get(0).epochs().size()).max().orElseThrow();
        Charts.epochs(chart, last, 0.9 * Style.WIDTH / (last + 1));
        DoubleSummaryStatistics all = settings.values().stream().flatMap(List::stream)
                .flatMap(run -> run.epochs().stream()).mapToDouble(value).summaryStatistics();
        double span = all.getMax() - all.getMin();
        if (loss) chart.getStyler().setYAxisMin(0.0).setYAxisTickMarkSpacingHint(36);
        chart.getStyler().setYAxisTickLabelsFormattingFunction(y -> loss ? Text.decimal(y, Charts.lossDigits(span))
                : Text.percent(y, Charts.percentDigits(span)));
        DoubleFunction<String> format = y -> loss ? Text.decimal(y, 4) : Text.percent(y, 2);
        List<String> ends = new ArrayList<>();
        int number = 0;
        for (Map.Entry<String, List<Run>> setting : settings.entrySet()) {
            List<Run> seeds = setting.getValue();
            // the values of the seeds after each epoch
            List<DoubleSummaryStatistics> spread = IntStream.range(0, seeds.get(0).epochs().size()).mapToObj(epoch ->
                    seeds.stream().mapToDouble(run -> value.applyAsDouble(run.epochs().get(epoch))).summaryStatistics())
                    .toList();
            double[] x = IntStream.rangeClosed(1, spread.size()).asDoubleStream().toArray();
            if (seeds.size() > 1 && x.length > 1) {
                Charts.band(chart, number, setting.getKey() + ", spread", x,
                        spread.stream().mapToDouble(DoubleSummaryStatistics::getMin).toArray(),
                        spread.stream().mapToDouble(DoubleSummaryStatistics::getMax).toArray());
            }
            ends.add(setting.getKey() + " " + format.apply(spread.get(spread.size() - 1).getAverage()));
            Charts.add(chart, number++, setting.getKey(), IntStream.range(0, spread.size()).boxed().toList(),
                    epoch -> epoch + 1, epoch -> spread.get(epoch).getAverage(), true);
        }
        return Charts.picture(chart, title + " after the last of " + Text.count(last, "epoch") + ": "
                + Picture.list(ends) + ".");
    }

    /**
     * Best accuracy of each run: a dot per seed, a bar at their mean. The axis does not start at 0, since the
     * differences are small. Failed runs have no dot; the setting's label counts them. All failed is an error.
     */
    public static Picture dots(Runs runs) {
        Map<String, List<Run>> settings = runs.bySetting();
        DoubleSummaryStatistics all = best(runs.runs());
        if (all.getCount() == 0) throw new IllegalArgumentException("no run went through: there is nothing to compare");
        double span = all.getMax() - all.getMin();
        double room = Math.max(0.0005, 0.12 * span);
        CategoryChart chart = Charts.categories("Best validation accuracy of each run, and their mean", "", 360);
        chart.getStyler().setDefaultSeriesRenderStyle(CategorySeriesRenderStyle.Scatter).setOverlapped(true)
                .setLegendVisible(false).setMarkerSize(9);
        chart.getStyler().setYAxisMin(Math.max(0, all.getMin() - room)).setYAxisMax(Math.min(1, all.getMax() + room))
                .setYAxisTickLabelsFormattingFunction(y -> Text.percent(y, span < 0.02 ? 2 : 1));
        List<String> labels = settings.entrySet().stream().map(s -> label(s.getKey(), s.getValue())).toList();
        add(chart, "mean", labels, settings.values().stream().map(RunCharts::best)
                .map(s -> s.getCount() == 0 ? null : s.getAverage()), Charts.marker((g, x, y) -> {
                    g.setColor(Style.VERMILION);
                    g.fill(new Rectangle2D.Double(x - 22, y - 1.5, 44, 3));
                }));
        int seeds = settings.values().stream().mapToInt(List::size).max().orElseThrow();
        Marker dot = Charts.marker((g, x, y) -> {
            g.setColor(Style.faint(Style.BLUE, 150));   // dots on top of each other stay visible
            g.fill(Style.circle(x, y, 5));
        });
        IntStream.range(0, seeds).forEach(at -> add(chart, "seed " + at, labels, settings.values().stream()
                .map(group -> at < group.size() && !group.get(at).failed()
                        ? (Double) group.get(at).best().orElseThrow() : null), dot));
        List<String> means = settings.entrySet().stream().filter(s -> best(s.getValue()).getCount() > 0)
                .map(s -> label(s.getKey(), s.getValue()) + " " + Text.percent(best(s.getValue()).getAverage(), 2))
                .toList();
        return Charts.picture(chart, "Best validation accuracy of each run, mean of each setting: "
                + Picture.list(means) + ".");
    }

    private static DoubleSummaryStatistics best(List<Run> runs) {
        return runs.stream().flatMapToDouble(run -> run.best().stream()).summaryStatistics();
    }

    private static String label(String name, List<Run> group) {
        long failed = group.stream().filter(Run::failed).count();
        return failed == 0 ? name : name + " (" + failed + " failed)";
    }

    /** Adds a series, with null where it has no value. */
    private static void add(CategoryChart chart, String name, List<String> labels, Stream<Double> values, Marker mark) {
        List<Double> all = values.toList();
        if (all.stream().anyMatch(Objects::nonNull)) chart.addSeries(name, labels, all).setMarker(mark);
    }

    /**
     * Error over the learning rate: for each setting's name the share of images misclassified after the best epoch,
     * mean of its seeds. Both axes are logarithmic, since errors range from a few percent to 90 %. A rate at which a
     * run failed leaves a gap; runs without a rate above 0 are left out.
     */
    public static Picture rates(Runs runs) {
        Map<String, List<double[]>> curves = new LinkedHashMap<>();   // rate and error
        for (List<Run> seeds : runs.bySetting().values()) {
            Run first = seeds.get(0);
            if (!(first.rate() > 0)) continue;
            double error = seeds.stream().anyMatch(Run::failed) ? Double.NaN
                    : Math.max(LOWEST_ERROR, 1 - best(seeds).getAverage());
            curves.computeIfAbsent(first.setting(), name -> new ArrayList<>()).add(new double[] {first.rate(), error});
        }
        if (curves.isEmpty()) throw new IllegalArgumentException("no run of this experiment has a learning rate");
        double lowest = curves.values().stream().flatMap(List::stream).mapToDouble(point -> point[1])
                .filter(Double::isFinite).min().orElse(0.1);
        DoubleSummaryStatistics x = curves.values().stream().flatMap(List::stream).mapToDouble(point -> point[0])
                .summaryStatistics();
        XYChart chart = Charts.curves("Validation error at each learning rate (lower is better)", "learning rate",
                Style.WIDTH, 380);
        // with room for the markers at the ends
        chart.getStyler().setXAxisLogarithmic(true).setXAxisMin(x.getMin() / 1.3).setXAxisMax(1.3 * x.getMax())
                .setYAxisLogarithmic(true).setYAxisMin(0.8 * lowest).setYAxisMax(1.0);
        chart.getStyler().setXAxisLogarithmicDecadeOnly(false).setYAxisLogarithmicDecadeOnly(false)
                .setXAxisTickLabelsFormattingFunction(rate -> leads(rate, 1, 3) ? Charts.rate(rate)
                        : " ")
                .setYAxisTickLabelsFormattingFunction(y -> leads(y, 1, 2, 3, 5) ? Text.percent(y, y < 0.01 ? 2 : 0)
                        : " ");
        chart.getStyler().setMarkerSize(8);
        curves.forEach((name, points) -> {
            points.sort(Comparator.comparingDouble(point -> point[0]));
            Charts.add(chart, chart.getSeriesCollection().size(), name, points, p -> p[0], p -> p[1], true);
        });
        List<String> lows = curves.entrySet().stream().map(curve -> lowest(curve.getKey(), curve.getValue())).toList();
        return Charts.picture(chart, "Validation error at each learning rate: " + Picture.list(lows, "; ") + ".");
    }

    /** Whether a number's first digit, the only one that is not 0, is one of these. */
    private static boolean leads(double number, int... digits) {
        double lead = number / Math.pow(10, Math.floor(Math.log10(number) + 1e-9));
        return IntStream.of(digits).anyMatch(digit -> Math.abs(lead - digit) < 0.01);
    }

    private static String lowest(String name, List<double[]> points) {
        return points.stream().filter(point -> Double.isFinite(point[1])).min(Comparator.comparingDouble(p -> p[1]))
                .map(point -> name + " lowest at " + Charts.rate(point[0]) + " with " + Text.percent(point[1], 2))
                .orElse(name + " failed at every rate");
    }
}
