package digits.experiments;

import digits.training.Epoch;
import java.util.ArrayList;
import java.util.DoubleSummaryStatistics;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import tech.tablesaw.api.DoubleColumn;
import tech.tablesaw.api.IntColumn;
import tech.tablesaw.api.LongColumn;
import tech.tablesaw.api.StringColumn;
import tech.tablesaw.api.Table;

/** The runs of a sweep, setting by setting in the order in which they were given, each with its seeds. */
public record Runs(List<Run> runs) {

    public Runs {
        runs = List.copyOf(runs);
    }

    /** The runs of each setting and rate, by its label. */
    public Map<String, List<Run>> bySetting() {
        Map<String, List<Run>> groups = new LinkedHashMap<>();
        for (Run run : runs) groups.computeIfAbsent(run.label(), label -> new ArrayList<>()).add(run);
        return groups;
    }

    /** One row a run: setting, rate (if the sweep varies it), seed, epochs, best and last accuracy on the validation images, seconds, failure. */
    public Table table() {
        Table table = table("runs", runs);
        return table.addColumns(IntColumn.create("epochs", runs.stream().mapToInt(run -> run.epochs().size()).toArray()),
                numbers("best val. accuracy", runs, run -> run.best().orElse(Double.NaN)),
                numbers("last val. accuracy", runs, run -> run.failed() ? Double.NaN : last(run).validationAccuracy()),
                numbers("last val. loss", runs, run -> run.failed() ? Double.NaN : last(run).validationLoss()),
                numbers("seconds", runs, Run::seconds),
                StringColumn.create("failure", runs.stream().map(Run::failure)));
    }

    private static Epoch last(Run run) {
        return run.epochs().get(run.epochs().size() - 1);
    }

    /** Every run's curve: one row a run and epoch. */
    public Table curves() {
        List<Run> owners = runs.stream().flatMap(run -> run.epochs().stream().map(epoch -> run)).toList();
        List<Epoch> epochs = runs.stream().flatMap(run -> run.epochs().stream()).toList();
        return table("curves", owners).addColumns(
                IntColumn.create("epoch", epochs.stream().mapToInt(Epoch::number).toArray()),
                numbers("loss", epochs, Epoch::trainLoss),
                numbers("accuracy", epochs, Epoch::trainAccuracy),
                numbers("val. loss", epochs, Epoch::validationLoss),
                numbers("val. accuracy", epochs, Epoch::validationAccuracy),
                numbers("seconds", epochs, e -> e.trainSeconds() + e.validationSeconds()));
    }

    /**
     * One row a setting and rate: runs, how many of them failed, and of the others' best validation accuracies mean, standard
     * deviation (of a sample; missing for a single run), lowest and highest; mean of the seconds of all.
     */
    public Table summary() {
        List<List<Run>> groups = List.copyOf(bySetting().values());
        List<DoubleSummaryStatistics> best = groups.stream().map(group -> group.stream().filter(run -> !run.failed())
                .mapToDouble(run -> run.best().orElseThrow()).summaryStatistics()).toList();
        Table table = table("summary", groups.stream().map(group -> group.get(0)).toList());
        table.removeColumns("seed");
        return table.addColumns(IntColumn.create("runs", groups.stream().mapToInt(List::size).toArray()),
                IntColumn.create("failed", groups.stream().mapToInt(group -> (int) group.stream().filter(Run::failed).count()).toArray()),
                numbers("mean val. accuracy", best, s -> s.getCount() == 0 ? Double.NaN : s.getAverage()),
                numbers("std. dev.", groups, Runs::deviation),
                numbers("lowest", best, s -> s.getCount() == 0 ? Double.NaN : s.getMin()),
                numbers("highest", best, s -> s.getCount() == 0 ? Double.NaN : s.getMax()),
                numbers("seconds", groups, group -> group.stream().mapToDouble(Run::seconds).average().orElseThrow()));
    }

    private static double deviation(List<Run> group) {
        return DoubleColumn.create("", group.stream().filter(run -> !run.failed()).mapToDouble(run -> run.best().orElseThrow()).toArray())
                .standardDeviation();
    }

    /**
     * The learning rate at which a setting did best: the highest mean of its runs' best validation accuracies, among the rates
     * at which none failed.
     *
     * @throws IllegalArgumentException if no run of that name has a rate, or at each of its rates one failed
     */
    public double bestRate(String setting) {
        return bySetting().values().stream().filter(group -> group.get(0).setting().equals(setting) && !Double.isNaN(group.get(0).rate()))
                .filter(group -> group.stream().noneMatch(Run::failed))
                .max((a, b) -> Double.compare(mean(a), mean(b))).map(group -> group.get(0).rate())
                .orElseThrow(() -> new IllegalArgumentException("no rate at which all runs of «" + setting + "» went through; there are "
                        + bySetting().keySet()));
    }

    private static double mean(List<Run> group) {
        return group.stream().mapToDouble(run -> run.best().orElseThrow()).average().orElseThrow();
    }

    private static Table table(String name, List<Run> rows) {
        Table table = Table.create(name, StringColumn.create("setting", rows.stream().map(Run::setting)));
        if (rows.stream().anyMatch(run -> !Double.isNaN(run.rate()))) table.addColumns(numbers("rate", rows, Run::rate));
        return table.addColumns(LongColumn.create("seed", rows.stream().mapToLong(Run::seed).toArray()));
    }

    private static <T> DoubleColumn numbers(String name, List<T> rows, ToDoubleFunction<T> value) {
        return DoubleColumn.create(name, rows.stream().mapToDouble(value).toArray());
    }
}
