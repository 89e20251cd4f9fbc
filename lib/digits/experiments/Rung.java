package digits.experiments;

import static digits.experiments.Runs.numbers;

import digits.Text;
import digits.evaluation.Interval;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import tech.tablesaw.api.StringColumn;
import tech.tablesaw.api.Table;

/**
 * A rung of notebook 20's ladder: the networks that one recipe trained with several seeds, or their ensemble.
 *
 * @param name of the recipe, with the number of networks if they are an ensemble
 * @param runs one or more; an ensemble is one
 */
public record Rung(String name, List<RecipeRun> runs) {
    private static final int TEST_IMAGES = 10_000;   // of MNIST and of Fashion-MNIST

    /** @throws IllegalArgumentException without a run */
    public Rung {
        runs = List.copyOf(runs);
        if (runs.isEmpty()) throw new IllegalArgumentException("the rung “" + name + "” has no run");
    }

    /** The rungs of these recipes, in their order: single networks, then their ensemble; those without runs not. */
    public static List<Rung> of(List<RecipeRun> runs, String... recipes) {
        List<Rung> rungs = new ArrayList<>();
        for (String recipe : recipes) {
            List<RecipeRun> own = runs.stream().filter(run -> run.recipe().equals(recipe)).toList();
            List<RecipeRun> single = own.stream().filter(run -> !run.isEnsemble()).toList();
            if (!single.isEmpty()) rungs.add(new Rung(recipe, single));
            own.stream().filter(RecipeRun::isEnsemble).forEach(run ->
                    rungs.add(new Rung(recipe + ", " + run.seeds().size() + " together", List.of(run))));
        }
        return rungs;
    }

    /** The mean of a figure over the runs. */
    public double mean(ToDoubleFunction<RecipeRun> figure) {
        return runs.stream().mapToDouble(figure).average().orElseThrow();
    }

    /** The test accuracy of each run: of single networks as they are, of an ensemble with test-time shifts. */
    public List<Double> accuracies() {
        return runs.stream().map(run -> run.isEnsemble() ? run.testShifted() : run.test()).toList();
    }

    /** Whether all of its runs have been tested. */
    public boolean isTested() {
        return accuracies().stream().noneMatch(accuracy -> accuracy.isNaN());
    }

    /**
     * The mean of the {@link #accuracies}, with the 95 % confidence interval that 10,000 test images leave.
     *
     * @throws IllegalStateException before the test
     */
    public Interval interval() {
        if (!isTested()) throw new IllegalStateException("the rung “" + name + "” has not been tested");
        double mean = accuracies().stream().mapToDouble(a -> a).average().orElseThrow();
        Interval wilson = Interval.wilson(Math.round(mean * TEST_IMAGES), TEST_IMAGES);
        return new Interval(mean, Math.min(mean, wilson.low()), Math.max(mean, wilson.high()));
    }

    /**
     * One row per rung: name, seeds, parameters of a network, processor time of the training (of an ensemble, of all
     * its networks), means of the validation and the test accuracies, each without and with test-time shifts, and the
     * interval.
     */
    public static Table table(List<Rung> rungs) {
        return Table.create("rungs", texts("rung", rungs.stream().map(Rung::name).toList()),
                texts("seeds", rungs.stream().map(rung -> rung.runs.stream().flatMap(run -> run.seeds().stream())
                        .map(String::valueOf).collect(Collectors.joining(" "))).toList()),
                Runs.integers("parameters", rungs, rung -> (int) rung.runs.get(0).parameters()),
                texts("processor time", rungs.stream().map(rung -> Text.duration(rung.mean(RecipeRun::cpuSeconds)))
                        .toList()),
                numbers("val. accuracy", rungs, rung -> rung.mean(RecipeRun::validation)),
                numbers("with shifts", rungs, rung -> rung.mean(RecipeRun::validationShifted)),
                numbers("test accuracy", rungs, rung -> rung.mean(RecipeRun::test)),
                numbers("test, with shifts", rungs, rung -> rung.mean(RecipeRun::testShifted)),
                texts("95 % interval", rungs.stream().map(rung -> rung.isTested() ? between(rung.interval()) : "")
                        .toList()));
    }

    private static String between(Interval interval) {
        return Text.decimal(interval.low(), 4) + " to " + Text.decimal(interval.high(), 4);
    }

    private static StringColumn texts(String name, List<String> values) {
        return StringColumn.create(name, values);
    }
}
