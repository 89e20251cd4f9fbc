package digits.experiments;

import com.google.gson.JsonObject;
import digits.Settings;
import digits.Text;
import digits.data.Augmentation;
import digits.data.Catalogue;
import digits.data.Dataset;
import digits.data.Split;
import digits.networks.DenseNetwork;
import digits.networks.LeNet;
import digits.networks.ResNet;
import digits.networks.WalkthroughNetwork;
import digits.networks.WiderNetwork;
import digits.training.Schedules;
import digits.training.TrainingRecord;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.nd4j.linalg.learning.config.Adam;

/**
 * Repeats the trainings of the notebooks with several seeds and full settings: {@code Seeds [walkthrough]
 * [architectures] [data-sets] --seeds 42 43 44}. Each seed has its own split. Prints a table with the mean of each
 * figure; {@code seeds.json} in the output folder has all figures.
 */
public final class Seeds {
    private static final List<String> PARTS = List.of("walkthrough", "architectures", "data-sets");
    private static final List<String> AVERAGED = List.of("validation_accuracy", "test_loss", "test_accuracy");
    private static final double VALIDATION = 0.2;

    private final Settings settings;
    private final List<JsonObject> rows = new ArrayList<>();
    private final PrintedProgress shown;

    private Seeds(Settings settings, PrintStream out) {
        this.settings = settings;
        this.shown = new PrintedProgress(out, 10);
    }

    /** The parts to repeat (without any, the walkthrough), then {@code --seeds} and the seeds. */
    public static void main(String[] arguments) {
        List<String> words = List.of(arguments);
        int at = words.indexOf("--seeds");
        List<String> parts = at < 1 ? PARTS.subList(0, 1) : words.subList(0, at);
        List<String> seeds = words.subList(at + 1, words.size());
        boolean numbers = seeds.stream().allMatch(seed -> seed.matches("-?\\d{1,18}"));
        if (at < 0 || seeds.isEmpty() || !numbers || !PARTS.containsAll(parts)) {
            System.err.println("usage: Seeds [" + String.join("] [", PARTS) + "] --seeds 42 43 44");
            System.exit(2);
        }
        run(parts, seeds.stream().map(Long::valueOf).toList(), System.getenv(), System.out);
    }

    /** Trains; after each seed, in case a later one fails, it prints the table and writes {@code seeds.json}. */
    static void run(List<String> parts, List<Long> seeds, Map<String, String> environment, PrintStream out) {
        List<JsonObject> rows = new ArrayList<>();
        for (long seed : seeds) {
            Map<String, String> variables = new HashMap<>(environment);
            variables.putAll(Map.of("DIGITS_PROFILE", "full", "DIGITS_SEED", String.valueOf(seed)));
            Seeds one = new Seeds(Settings.from(variables), out);
            if (parts.contains("walkthrough")) one.walkthrough();
            if (parts.contains("architectures")) one.architectures();
            if (parts.contains("data-sets")) one.dataSets();
            rows.addAll(one.rows);
            Path file = one.settings.outputFolder().resolve("seeds.json");
            JsonObject figures = new JsonObject();
            figures.add("runs", TrainingRecord.JSON.toJsonTree(rows));
            figures.add("means", TrainingRecord.JSON.toJsonTree(means(rows)));
            TrainingRecord.write(file, figures);
            out.println(table(rows) + "\nAll figures: " + file);
        }
    }

    private void walkthrough() {
        Dataset mnist = Catalogue.MNIST.load(settings, shown);
        run("walkthrough", mnist, experiment -> experiment.with(mnist.name(),
                seed -> WalkthroughNetwork.configuration(seed, settings.batchNormDecay())));
    }

    private void architectures() {
        int epochs = Math.max(1, settings.epochs() * 3 / 10);
        run("architectures", Catalogue.MNIST.load(settings, shown), experiment -> experiment.epochs(epochs)
                .with("dense", seed -> DenseNetwork.configuration(seed, 10))
                .with("LeNet-5, 1998", seed -> LeNet.asPublished(seed, 10))
                .with("LeNet-5, modern", seed -> LeNet.modern(seed, 10))
                .with("walkthrough", seed -> WalkthroughNetwork.configuration(seed, 0.9))
                .withGraph("ResNet-8", seed -> ResNet.configuration(seed, 10, 1)));
    }

    private void dataSets() {
        Dataset fashion = Catalogue.FASHION_MNIST.load(settings, shown);
        int classes = fashion.train().classes();
        run("data-sets", fashion, experiment -> experiment.with(fashion.name(),
                seed -> WalkthroughNetwork.configuration(seed, classes, settings.batchNormDecay())));
        Augmentation shifted = Augmentation.NONE.shifted(2);   // clothes may be mirrored too, digits may not
        int images = Split.stratified(fashion.train(), VALIDATION, settings.seed()).training().size();
        int steps = Schedules.stepsOf(images, settings.batch(), settings.epochs());
        run("data-sets", fashion, experiment -> experiment
                .augmented(fashion.provenance().isSample() ? shifted : shifted.flipped())
                .with(fashion.name() + ", augmented", seed -> WiderNetwork.configuration(seed, classes,
                        new Adam(Schedules.oneCycle(0.005, steps)))));
    }

    private void run(String part, Dataset data, UnaryOperator<Experiment> networks) {
        Split split = Split.stratified(data.train(), VALIDATION, settings.seed());
        Runs runs = networks.apply(Experiment.on(split.training(), split.validation()).testedOn(data.test())
                .batch(settings.batch()).epochs(settings.epochs()).seeds(settings.seed())
                .keptIn(settings.outputFolder().resolve("seeds")).onProgress(shown)).run();
        for (Run run : runs.runs()) {
            JsonObject row = run.json(data, split, settings);
            row.addProperty("of", part);
            row.remove("history");
            rows.add(row);
        }
    }

    /** For each training its seeds, and the mean of each figure that all of its runs have. */
    private static List<JsonObject> means(List<JsonObject> rows) {
        Map<String, List<JsonObject>> trainings = rows.stream()
                .collect(Collectors.groupingBy(Seeds::title, LinkedHashMap::new, Collectors.toList()));
        return trainings.values().stream().map(runs -> {
            JsonObject mean = new JsonObject();
            List.of("of", "name").forEach(key -> mean.add(key, runs.get(0).get(key)));
            mean.add("seeds", TrainingRecord.JSON.toJsonTree(runs.stream().map(run -> run.get("seed")).toList()));
            for (String key : AVERAGED) {
                if (runs.stream().anyMatch(run -> run.get(key).isJsonNull())) continue;
                double average = runs.stream().mapToDouble(run -> run.get(key).getAsDouble()).average().orElseThrow();
                mean.addProperty(key, average);
            }
            return mean;
        }).toList();
    }

    private static String title(JsonObject row) {
        return row.get("of").getAsString() + ": " + row.get("name").getAsString();
    }

    private static String table(List<JsonObject> rows) {
        StringBuilder text = new StringBuilder();
        for (JsonObject mean : means(rows)) {
            text.append("\n").append(title(mean))
                    .append("\n  seed    val. accuracy       test loss   test accuracy   training\n");
            rows.stream().filter(row -> title(row).equals(title(mean))).forEach(row -> text.append(line(
                    row.get("seed").getAsString(), row, Text.duration(row.get("train_seconds").getAsDouble())
                            + (row.get("source").getAsString().equals("sample") ? "   on the sample!" : ""))));
            text.append(line("mean", mean, ""));
        }
        return text.toString();
    }

    private static String line(String first, JsonObject row, String last) {
        StringBuilder line = new StringBuilder(String.format(Text.LOCALE, "  %-6s", first));
        for (String key : AVERAGED) {
            boolean known = row.has(key) && !row.get(key).isJsonNull();
            line.append(String.format(Text.LOCALE, "%16s", known ? Text.decimal(row.get(key).getAsDouble(), 4) : ""));
        }
        return line + "   " + last + "\n";
    }
}
