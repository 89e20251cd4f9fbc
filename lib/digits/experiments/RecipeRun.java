package digits.experiments;

import digits.Text;
import digits.training.TrainingRecord;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * A network that was trained by a {@link Recipe}, or an ensemble of several, and how good it is.
 *
 * @param recipe            the recipe's name
 * @param seeds             one of a single network, several of an ensemble
 * @param network           the layers
 * @param parameters        of one network
 * @param images            number of training images
 * @param cpuSeconds        processor time of the training, of all threads and networks together
 * @param threads           of the native library
 * @param machine           the processor's instruction set
 * @param date              when it was trained, as 2026-11-26
 * @param validation        share of the validation images recognized, 0 to 1
 * @param validationShifted the same with test-time shifts
 * @param test              share of the test images recognized; NaN before the test
 * @param testShifted       the same with test-time shifts
 */
public record RecipeRun(String recipe, List<Long> seeds, String network, long parameters, int images, int epochs,
                        double cpuSeconds, int threads, String machine, String date, double validation,
                        double validationShifted, double test, double testShifted) {
    public RecipeRun {
        seeds = List.copyOf(seeds);
    }

    /** The same run with its figures on the test images. */
    RecipeRun tested(double accuracy, double shifted) {
        return new RecipeRun(recipe, seeds, network, parameters, images, epochs, cpuSeconds, threads, machine, date,
                validation, validationShifted, accuracy, shifted);
    }

    /** The run of an ensemble, with the accuracies of the mean of its members' predictions. */
    static RecipeRun ensemble(List<RecipeRun> members, double... accuracies) {
        RecipeRun first = members.get(0);
        return new RecipeRun(first.recipe, members.stream().flatMap(run -> run.seeds.stream()).toList(), first.network,
                first.parameters, first.images, first.epochs, members.stream().mapToDouble(r -> r.cpuSeconds).sum(),
                first.threads, first.machine, members.get(members.size() - 1).date, accuracies[0], accuracies[1],
                accuracies[2], accuracies[3]);
    }

    /** Whether it is an ensemble. */
    public boolean isEnsemble() {
        return seeds.size() > 1;
    }

    /**
     * Reads the runs in a file.
     *
     * @throws UncheckedIOException naming the file, if it cannot be read
     */
    public static List<RecipeRun> read(Path file) {
        try {
            return List.of(TrainingRecord.JSON.fromJson(Files.readString(file), RecipeRun[].class));
        } catch (IOException e) {
            throw new UncheckedIOException(file + " cannot be read: " + e.getMessage(), e);
        } catch (RuntimeException notRuns) {   // Gson lets several kinds of exceptions through
            throw new UncheckedIOException(new IOException(file + " does not hold runs of recipes: "
                    + notRuns.getMessage(), notRuns));
        }
    }

    /** Writes these runs into a file, in the place of those with the same recipe and seeds; the others stay. */
    static void add(Path file, List<RecipeRun> runs) {
        List<String> names = Recipe.ALL.stream().map(Recipe::name).toList();
        List<RecipeRun> all = new ArrayList<>(Files.exists(file) ? read(file) : List.of());
        all.removeIf(old -> runs.stream().anyMatch(run -> run.recipe.equals(old.recipe)
                && (run.seeds.equals(old.seeds) || run.isEnsemble() && old.isEnsemble())));
        TrainingRecord.write(file, Stream.concat(all.stream(), runs.stream())
                .sorted(Comparator.comparingInt(run -> names.indexOf(run.recipe))).toList());
    }

    /** One line, such as “single, seed 1: validation 99.61 % (shifted 99.63 %)”. */
    @Override
    public String toString() {
        return recipe + ", seed" + (isEnsemble() ? "s " : " ") + seeds.toString().replaceAll("[\\[\\]]", "")
                + ": validation " + Text.percent(validation, 2) + " (shifted " + Text.percent(validationShifted, 2)
                + "), test " + Text.percent(test, 2) + " (shifted " + Text.percent(testShifted, 2) + "), "
                + Text.duration(cpuSeconds) + " of processor time";
    }
}
