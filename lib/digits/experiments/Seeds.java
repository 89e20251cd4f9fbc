package digits.experiments;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import digits.Progress;
import digits.Settings;
import digits.Text;
import digits.data.Augmentation;
import digits.data.Catalogue;
import digits.data.DataSource;
import digits.data.Split;
import digits.data.TrainAndTest;
import digits.files.AtomicFile;
import digits.networks.DenseNetwork;
import digits.networks.LeNet;
import digits.networks.ResNet;
import digits.networks.WalkthroughNetwork;
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
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration.ListBuilder;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.DropoutLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer.PoolingType;
import org.deeplearning4j.nn.weights.WeightInit;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/**
 * Repeats the trainings of the notebooks with several seeds, full settings, and gives the mean of their figures:
 * {@code Seeds [walkthrough] [architectures] [data-sets] --seeds 42 43 44}. Each seed has its own split. The table is printed;
 * {@code seeds.json} in the output folder has all figures.
 */
public final class Seeds {
    private static final List<String> PARTS = List.of("walkthrough", "architectures", "data-sets");
    private static final List<String> AVERAGED = List.of("validation_accuracy", "test_loss", "test_accuracy");
    private static final double VALIDATION = 0.2;

    private final List<String> parts;
    private final Map<String, String> environment;
    private final PrintStream out;
    private final JsonArray rows = new JsonArray();
    private String phase = "";
    private long shown;

    private Seeds(List<String> parts, Map<String, String> environment, PrintStream out) {
        this.parts = parts;
        this.environment = environment;
        this.out = out;
    }

    /** Parts to repeat (the walkthrough if none is named), then {@code --seeds} and the seeds. */
    public static void main(String[] arguments) {
        List<String> words = List.of(arguments);
        int at = words.indexOf("--seeds");
        List<String> parts = at < 1 ? PARTS.subList(0, 1) : words.subList(0, at);
        if (at < 0 || at == words.size() - 1 || !PARTS.containsAll(parts)
                || !words.subList(at + 1, words.size()).stream().allMatch(word -> word.matches("-?\\d{1,18}"))) {
            System.err.println("usage: Seeds [" + String.join("] [", PARTS) + "] --seeds 42 43 44");
            System.exit(2);
        }
        run(parts, words.subList(at + 1, words.size()).stream().map(Long::valueOf).toList(), System.getenv(), System.out);
    }

    /** Trains, prints the table and writes {@code seeds.json}. */
    static void run(List<String> parts, List<Long> seeds, Map<String, String> environment, PrintStream out) {
        Seeds all = new Seeds(parts, environment, out);
        Path file = null;
        for (long seed : seeds) file = all.train(seed);
        out.println(all.table() + "\n\nAll figures: " + file);
    }

    /** Trains with one seed and saves what there is, in case that a later seed fails. */
    private Path train(long seed) {
        Map<String, String> variables = new HashMap<>(environment);
        variables.putAll(Map.of("DIGITS_PROFILE", "full", "DIGITS_SEED", String.valueOf(seed)));
        Settings settings = Settings.from(variables);
        for (String part : parts) {
            if (part.equals("walkthrough")) walkthrough(part, settings);
            if (part.equals("architectures")) architectures(part, settings);
            if (part.equals("data-sets")) dataSets(part, settings);
        }
        Path file = settings.outputFolder().resolve("seeds.json");
        JsonObject json = new JsonObject();
        json.add("runs", rows);
        json.add("means", means());
        AtomicFile.writeText(file, TrainingRecord.JSON.toJson(json) + "\n");
        return file;
    }

    private void walkthrough(String part, Settings settings) {
        TrainAndTest mnist = load(Catalogue.MNIST, settings);
        run(part, mnist, settings, experiment -> experiment.with(mnist.dataset(),
                seed -> WalkthroughNetwork.configuration(seed, settings.batchNormDecay())));
    }

    private void architectures(String part, Settings settings) {
        run(part, load(Catalogue.MNIST, settings), settings, experiment -> experiment
                .epochs(Math.max(1, settings.epochs() * 3 / 10))
                .with("dense", seed -> DenseNetwork.configuration(seed, 10))
                .with("LeNet-5, 1998", seed -> LeNet.asPublished(seed, 10))
                .with("LeNet-5, modern", seed -> LeNet.modern(seed, 10))
                .with("walkthrough", seed -> WalkthroughNetwork.configuration(seed, 0.9))
                .withGraph("ResNet-8", seed -> ResNet.configuration(seed, 10, 1)));
    }

    private void dataSets(String part, Settings settings) {
        TrainAndTest fashion = load(Catalogue.FASHION_MNIST, settings);
        int classes = fashion.train().classes();
        run(part, fashion, settings, experiment -> experiment.with(fashion.dataset(),
                seed -> WalkthroughNetwork.configuration(seed, settings.batchNormDecay(), classes)));
        Augmentation shifted = Augmentation.NONE.shifted(2);   // digits must not be mirrored, clothes may
        int images = Split.stratified(fashion.train(), VALIDATION, settings.seed()).training().size();
        int steps = Schedules.stepsOf(images, settings.batch(), settings.epochs());
        run(part, fashion, settings, experiment -> experiment
                .augmented(fashion.source() == DataSource.SAMPLE ? shifted : shifted.flipped())
                .with(fashion.dataset() + ", augmented", seed -> wider(seed, classes, steps)));
    }

    // MERGE: with digits.data.Dataset this is set.load(settings, this::show)
    private static TrainAndTest load(Catalogue set, Settings settings) {
        return set.load(settings, html -> { });
    }

    private void run(String part, TrainAndTest data, Settings settings, UnaryOperator<Experiment> networks) {
        Split split = Split.stratified(data.train(), VALIDATION, settings.seed());
        Runs runs = networks.apply(Experiment.on(split.training(), split.validation()).testedOn(data.test())
                .batch(settings.batch()).epochs(settings.epochs()).seeds(settings.seed())
                .keptIn(settings.outputFolder().resolve("seeds")).onProgress(this::show)).run();
        for (Run run : runs.runs()) {
            JsonObject row = new JsonObject();
            row.addProperty("of", part);
            run.json(data, split, settings).entrySet().forEach(entry -> row.add(entry.getKey(), entry.getValue()));
            row.remove("history");
            rows.add(row);
        }
    }

    /** Prints each new phase, and otherwise a line every ten seconds. */
    private void show(Progress progress) {
        String now = progress.line().split(" · ", 2)[0];
        if (now.equals(phase) && System.nanoTime() - shown < 10_000_000_000L) return;
        phase = now;
        shown = System.nanoTime();
        out.println(progress.line());
    }

    /** The network of the notebook on data sets. */
    private static MultiLayerConfiguration wider(long seed, int classes, int steps) {
        ListBuilder layers = new NeuralNetConfiguration.Builder().seed(seed).weightInit(WeightInit.XAVIER_UNIFORM)
                .updater(new Adam(Schedules.oneCycle(0.005, steps))).list();
        convolutions(layers, 32, 1);
        convolutions(layers, 48, 2).layer(new DropoutLayer(0.75));
        convolutions(layers, 96, 2).layer(new DropoutLayer(0.75));
        return layers.layer(new DenseLayer.Builder().nOut(256).activation(Activation.RELU).build()).layer(normalization())
                .layer(new DropoutLayer(0.5))
                .layer(new OutputLayer.Builder(LossFunction.MCXENT).nOut(classes).activation(Activation.SOFTMAX).build())
                .setInputType(InputType.convolutional(28, 28, 1)).build();
    }

    private static ListBuilder convolutions(ListBuilder layers, int filters, int count) {
        for (int i = 0; i < count; i++) {
            layers.layer(new ConvolutionLayer.Builder(3, 3).nOut(filters).activation(Activation.RELU)
                    .convolutionMode(ConvolutionMode.Same).build()).layer(normalization());
        }
        return layers.layer(new SubsamplingLayer.Builder(PoolingType.MAX).kernelSize(2, 2).stride(2, 2).build());
    }

    private static BatchNormalization normalization() {
        return new BatchNormalization.Builder().decay(0.9).eps(1e-3).useLogStd(false).build();
    }

    private Map<String, List<JsonObject>> byTraining() {
        Map<String, List<JsonObject>> groups = new LinkedHashMap<>();
        for (JsonElement row : rows) {
            String name = row.getAsJsonObject().get("of").getAsString() + ": " + row.getAsJsonObject().get("name").getAsString();
            groups.computeIfAbsent(name, same -> new ArrayList<>()).add(row.getAsJsonObject());
        }
        return groups;
    }

    /** For each training its seeds, and the mean of each figure that all of its runs have: a diverged one has no loss. */
    private JsonArray means() {
        JsonArray means = new JsonArray();
        for (List<JsonObject> runs : byTraining().values()) means.add(mean(runs));
        return means;
    }

    private static JsonObject mean(List<JsonObject> runs) {
        JsonObject mean = new JsonObject();
        mean.add("of", runs.get(0).get("of"));
        mean.add("name", runs.get(0).get("name"));
        JsonArray seeds = new JsonArray();
        runs.forEach(run -> seeds.add(run.get("seed")));
        mean.add("seeds", seeds);
        for (String key : AVERAGED) {
            if (runs.stream().anyMatch(run -> run.get(key).isJsonNull())) continue;
            mean.addProperty(key, runs.stream().mapToDouble(run -> run.get(key).getAsDouble()).average().orElseThrow());
        }
        return mean;
    }

    private String table() {
        StringBuilder text = new StringBuilder();
        byTraining().forEach((name, runs) -> {
            text.append("\n\n").append(name).append("\n  seed    val. accuracy       test loss   test accuracy   training");
            for (JsonObject run : runs) {
                text.append(line(run.get("seed").getAsString(), run)).append("   ")
                        .append(Text.duration(run.get("train_seconds").getAsDouble()))
                        .append(run.get("source").getAsString().equals("sample") ? "   on the sample!" : "");
            }
            text.append(line("mean", mean(runs)));
        });
        return text.toString();
    }

    private static String line(String first, JsonObject row) {
        StringBuilder line = new StringBuilder(String.format(Text.LOCALE, "%n  %-6s", first));
        for (String key : AVERAGED) {
            boolean known = row.has(key) && !row.get(key).isJsonNull();
            line.append(String.format(Text.LOCALE, "%16s", known ? Text.decimal(row.get(key).getAsDouble(), 4) : ""));
        }
        return line.toString();
    }
}
