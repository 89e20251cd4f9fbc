package digits.experiments;

import com.sun.management.OperatingSystemMXBean;
import digits.Settings;
import digits.acceleration.Acceleration;
import digits.data.Dataset;
import digits.data.DigitBatches;
import digits.data.LabeledImages;
import digits.data.Split;
import digits.evaluation.Predictions;
import digits.files.ModelFiles;
import digits.networks.Network;
import digits.training.Fingerprint;
import digits.training.RunEnvironment;
import digits.training.TrainingProgress;
import digits.training.TrainingRecord;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;

/**
 * Trains and tests the recipes of notebook 20: {@code Climb train two-minutes single --seeds 1 2 3}, and when all
 * choices are made {@code Climb test two-minutes single}, which writes {@code notebooks/runs/ladder.json}; {@code
 * record} writes it without the test. The networks and their runs are kept in the output folder's
 * {@code ladder}; nothing is trained twice, and an interrupted training continues after its last whole epoch.
 */
public final class Climb {
    /** Of the images; the same for all seeds, so that networks with several seeds can be validated together. */
    private static final long SPLIT = 42;
    private static final double VALIDATION = 0.2;

    private final Settings settings;
    private final Path folder;
    private final PrintStream out;
    private final PrintedProgress shown;

    Climb(Settings settings, PrintStream out) {
        this.settings = settings;
        this.folder = settings.outputFolder().resolve("ladder");
        this.out = out;
        this.shown = new PrintedProgress(out, 30);
    }

    /** {@code train}, {@code record} or {@code test}, names of recipes, to train also {@code --seeds} and numbers. */
    public static void main(String[] arguments) {
        List<String> words = List.of(arguments);
        int at = words.contains("--seeds") ? words.indexOf("--seeds") : words.size();
        List<String> names = words.subList(Math.min(1, at), at);
        List<String> seeds = words.subList(Math.min(at + 1, words.size()), words.size());
        List<Recipe> recipes = Recipe.ALL.stream().filter(recipe -> names.contains(recipe.name())).toList();
        String verb = at == 0 ? "" : words.get(0);
        boolean fits = verb.equals("train") ? !seeds.isEmpty() : seeds.isEmpty() && verb.matches("record|test");
        boolean numbers = seeds.stream().allMatch(seed -> seed.matches("\\d{1,18}"));
        if (!fits || !numbers || recipes.isEmpty() || recipes.size() != names.size()) {
            System.err.println("usage: Climb train NAME … --seeds 1 2 3 | record NAME … | test NAME …\nnames: "
                    + String.join(" ", Recipe.ALL.stream().map(Recipe::name).toList()));
            System.exit(2);
        }
        Climb climb = new Climb(Settings.fromEnvironment(), System.out);
        Path file = Path.of("notebooks", "runs", "ladder.json");
        for (Recipe recipe : recipes) {
            if (verb.equals("test")) climb.test(recipe, file);
            else if (verb.equals("record")) climb.record(recipe, file);
            else seeds.forEach(seed -> climb.train(recipe, Long.parseLong(seed)));
        }
    }

    /** Trains a recipe with a seed and validates it, unless that is on disk. */
    void train(Recipe recipe, long seed) {
        Path place = folder.resolve(recipe.name() + "-" + seed);
        if (Files.exists(place.resolve("run.json"))) return;
        Dataset data = recipe.data().load(settings, shown);
        Split split = Split.stratified(data.train(), VALIDATION, SPLIT);
        Watch watch = new Watch();
        Optional<MultiLayerNetwork> trained = recipe.train(split.training(), seed, Optional.of(place), progress -> {
            watch.see(progress);
            shown.accept(progress);
        });
        if (trained.isEmpty()) return;
        double cpu = watch.seconds(recipe.epochs());
        MultiLayerNetwork network = trained.get();
        ModelFiles.save(network, place.resolve("network.zip"));
        double plain = plain(network, split.validation()).accuracy();
        double shifted = Predictions.shifted(Network.of(network), split.validation(), shown).accuracy();
        RecipeRun run = new RecipeRun(recipe.name(), List.of(seed), recipe.network(), network.numParams(),
                split.training().size(), recipe.epochs(), cpu, RunEnvironment.threads(),
                Fingerprint.environment().get("instruction set"), LocalDate.now(ZoneOffset.UTC).toString(), plain,
                shifted, Double.NaN, Double.NaN);
        TrainingRecord.write(place.resolve("run.json"), List.of(run));
        out.println(run);
        delete(place, List.of("checkpoint", "average-"));
    }

    /** The processor time of a training, also of one that continues. */
    private static final class Watch {
        private int first = -1;
        private final OperatingSystemMXBean system =
                (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
        private final long start = system.getProcessCpuTime();

        void see(TrainingProgress progress) {
            if (first < 0) first = progress.finished().size();
        }

        /** Of all epochs, as long as those that were trained here. */
        double seconds(int epochs) {
            return (system.getProcessCpuTime() - start) / 1e9 * epochs / Math.max(1, epochs - Math.max(0, first));
        }
    }

    /**
     * Tests every trained network of a recipe, each alone and all together as an ensemble, and writes the runs into a
     * file, where those of other recipes stay. Only after the last choice!
     */
    void test(Recipe recipe, Path file) {
        Dataset data = recipe.data().load(settings, shown);
        LabeledImages validation = Split.stratified(data.train(), VALIDATION, SPLIT).validation();
        List<LabeledImages> sets = List.of(data.test(), validation);
        List<RecipeRun> runs = new ArrayList<>();
        Map<String, List<Predictions>> all = new LinkedHashMap<>();
        for (Path place : places(recipe)) {
            MultiLayerNetwork network = ModelFiles.load(place.resolve("network.zip"));
            Acceleration.of(network);
            for (int set = 0; set < sets.size(); set++) {
                all.computeIfAbsent("plain" + set, key -> new ArrayList<>()).add(plain(network, sets.get(set)));
                all.computeIfAbsent("shifted" + set, key -> new ArrayList<>())
                        .add(Predictions.shifted(Network.of(network), sets.get(set), shown));
            }
            runs.add(RecipeRun.read(place.resolve("run.json")).get(0).tested(last(all.get("plain0")),
                    last(all.get("shifted0"))));
            out.println(runs.get(runs.size() - 1));
        }
        if (runs.size() > 1) {
            runs.add(RecipeRun.ensemble(runs, Stream.of("plain1", "shifted1", "plain0", "shifted0")
                    .mapToDouble(key -> Predictions.mean(all.get(key)).accuracy()).toArray()));
            out.println(runs.get(runs.size() - 1));
        }
        RecipeRun.add(file, runs);
    }

    /** Writes the runs of a recipe into the file without a look at the test images. */
    void record(Recipe recipe, Path file) {
        RecipeRun.add(file, places(recipe).stream().map(place -> RecipeRun.read(place.resolve("run.json")).get(0))
                .toList());
    }

    private static double last(List<Predictions> predictions) {
        return predictions.get(predictions.size() - 1).accuracy();
    }

    /** The folders of the finished trainings of a recipe, by seed. */
    private List<Path> places(Recipe recipe) {
        try (Stream<Path> all = Files.list(folder)) {
            return all.filter(place -> place.getFileName().toString().matches(Pattern.quote(recipe.name())
                            + "-\\d{1,18}"))
                    .filter(place -> Files.exists(place.resolve("run.json")))
                    .sorted(Comparator.comparingLong(Climb::seed)).toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The number at the end of the name of a training's folder. */
    private static long seed(Path place) {
        String name = place.getFileName().toString();
        return Long.parseLong(name.substring(name.lastIndexOf('-') + 1));
    }

    private static Predictions plain(MultiLayerNetwork network, LabeledImages images) {
        return Predictions.of(network, DigitBatches.inOrder(images, 500).scaled());
    }

    private static void delete(Path place, List<String> beginnings) {
        try (Stream<Path> files = Files.list(place)) {
            for (Path file : files.toList()) {
                if (beginnings.stream().anyMatch(file.getFileName().toString()::startsWith)) Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
