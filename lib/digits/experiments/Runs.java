package digits.experiments;

import com.google.gson.JsonObject;
import digits.Settings;
import digits.data.Dataset;
import digits.data.Split;
import digits.training.TrainingRecord;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import java.util.function.ToIntFunction;
import java.util.stream.Collectors;
import tech.tablesaw.api.DoubleColumn;
import tech.tablesaw.api.IntColumn;
import tech.tablesaw.api.LongColumn;
import tech.tablesaw.api.StringColumn;
import tech.tablesaw.api.Table;

/** The runs of an experiment, setting by setting in the order in which they were added, each with its seeds. */
public record Runs(List<Run> runs) {
    public Runs {
        runs = List.copyOf(runs);
    }

    /** The runs of each setting and rate, by its label. */
    public Map<String, List<Run>> bySetting() {
        return runs.stream().collect(Collectors.groupingBy(Run::label, LinkedHashMap::new, Collectors.toList()));
    }

    /**
     * One row per run: setting, rate (if the experiment varies it), seed, epochs, best and last accuracy on the
     * validation images, last loss, seconds, failure.
     */
    public Table table() {
        return table("runs", runs).addColumns(
                integers("epochs", runs, run -> run.epochs().size()),
                numbers("best val. accuracy", runs, run -> run.best().orElse(Double.NaN)),
                numbers("last val. accuracy", runs, run -> run.last().validationAccuracy()),
                numbers("last val. loss", runs, run -> run.last().validationLoss()),
                numbers("seconds", runs, Run::seconds),
                StringColumn.create("failure", runs.stream().map(Run::failure)));
    }

    /**
     * One row per run of an experiment with a test: setting, seed, parameters, last validation accuracy, loss and
     * accuracy on the test images, seconds per epoch of training, milliseconds to predict one image, threads.
     */
    public Table comparison() {
        return table("comparison", runs).addColumns(
                integers("parameters", runs, run -> (int) run.parameters()),
                numbers("val. accuracy", runs, run -> run.last().validationAccuracy()),
                numbers("test loss", runs, run -> run.test() == null ? Double.NaN : run.test().loss()),
                numbers("test accuracy", runs, run -> run.test() == null ? Double.NaN : run.test().accuracy()),
                numbers("seconds per epoch", runs, Run::secondsPerEpoch),
                numbers("one image, ms", runs, Run::latencyMillis),
                integers("threads", runs, Run::threads));
    }

    /**
     * One row per setting and rate: number of runs and of failed ones; mean, standard deviation (of a sample; missing
     * for a single run), lowest and highest of the others' best validation accuracies; mean of their validation
     * accuracies after the last epoch; mean of the seconds of all.
     */
    public Table summary() {
        List<List<Run>> groups = List.copyOf(bySetting().values());
        List<DoubleColumn> best = groups.stream().map(Runs::best).toList();
        List<DoubleColumn> last = groups.stream()   // NaN, of a failed run, is a missing value
                .map(group -> numbers("", group, run -> run.last().validationAccuracy())).toList();
        Table table = table("summary", groups.stream().map(group -> group.get(0)).toList());
        table.removeColumns("seed");
        return table.addColumns(integers("runs", groups, List::size),
                integers("failed", groups, group -> (int) group.stream().filter(Run::failed).count()),
                numbers("mean of best val. accuracy", best, DoubleColumn::mean),
                numbers("std. dev.", best, DoubleColumn::standardDeviation),
                numbers("lowest", best, DoubleColumn::min),
                numbers("highest", best, DoubleColumn::max),
                numbers("mean of last", last, DoubleColumn::mean),
                numbers("seconds", groups, group -> group.stream().mapToDouble(Run::seconds).average().orElseThrow()));
    }

    /**
     * The rate with the highest mean of a setting's best validation accuracies, among the rates at which no run failed.
     *
     * @throws IllegalArgumentException if there is no such rate
     */
    public double bestRate(String setting) {
        return bySetting().values().stream().filter(group -> group.stream().allMatch(run ->
                        run.setting().equals(setting) && !Double.isNaN(run.rate()) && !run.failed()))
                .max(Comparator.comparingDouble(group -> best(group).mean())).map(group -> group.get(0).rate())
                .orElseThrow(() -> new IllegalArgumentException("there is no rate at which all runs of “" + setting
                        + "” have a result; the settings are " + bySetting().keySet()));
    }

    private static DoubleColumn best(List<Run> group) {
        return numbers("", group.stream().filter(run -> !run.failed()).toList(), run -> run.best().orElseThrow());
    }

    /**
     * Saves the runs as JSON: a list {@code networks}, each with its name, the {@link TrainingRecord#results}, {@code
     * validation_accuracy}, {@code seconds_per_epoch}, {@code latency_ms}, {@code failure} and {@code history}.
     *
     * @param data what the experiment trained and tested on
     * @throws java.io.UncheckedIOException naming the file, if it cannot be written
     */
    public void save(Path file, Dataset data, Split split, Settings settings) {
        List<JsonObject> networks = runs.stream().map(run -> run.json(data, split, settings)).toList();
        TrainingRecord.write(file, Map.of("networks", networks));
    }

    private static Table table(String name, List<Run> rows) {
        Table table = Table.create(name, StringColumn.create("setting", rows.stream().map(Run::setting)));
        boolean rates = rows.stream().anyMatch(run -> !Double.isNaN(run.rate()));
        if (rates) table.addColumns(numbers("rate", rows, Run::rate));
        return table.addColumns(LongColumn.create("seed", rows.stream().mapToLong(Run::seed).toArray()));
    }

    static <T> IntColumn integers(String name, List<T> rows, ToIntFunction<T> value) {
        return IntColumn.create(name, rows.stream().mapToInt(value).toArray());
    }

    static <T> DoubleColumn numbers(String name, List<T> rows, ToDoubleFunction<T> value) {
        return DoubleColumn.create(name, rows.stream().mapToDouble(value).toArray());
    }
}
