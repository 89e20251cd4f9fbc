package digits.benchmark;

import com.google.gson.Gson;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import digits.Settings;
import digits.acceleration.Acceleration;
import digits.data.Catalogue;
import digits.data.Dataset;
import digits.data.DigitBatches;
import digits.data.LabeledImages;
import digits.evaluation.Predictions;
import digits.files.Versions;
import digits.networks.WalkthroughNetwork;
import digits.training.Epoch;
import digits.training.Trainer;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.api.preprocessor.ImagePreProcessingScaler;

/**
 * The Java side of {@code make bench}: trains and evaluates the walkthrough's network with this library, as the
 * notebooks do. The property {@code digits.acceleration} selects “ours” or stock Deeplearning4j; everything else is the
 * same.
 *
 * <p>It trains one batch, describes itself, and then executes commands: one line of JSON per command on standard input,
 * one line of JSON per reply on standard output. {@code tests/benchmark/peer.py} documents them for all systems.
 */
public final class BenchmarkProcess {
    private static final int BATCH = 128;

    private final Settings settings = Settings.fromEnvironment();
    private final Dataset mnist = Catalogue.MNIST.load(settings);
    private final MultiLayerNetwork network =
            new MultiLayerNetwork(WalkthroughNetwork.configuration(settings.seed(), 0.99));
    private final Acceleration acceleration = Acceleration.of(network);
    private final Trainer trainer = Trainer.of(network, settings.seed());
    private final Random random = new Random(settings.seed());
    private int[] order = new int[0];
    private int next;

    private BenchmarkProcess() { }

    public static void main(String[] arguments) throws IOException {
        PrintStream replies = System.out;
        System.setOut(System.err);   // any other output must not disturb the replies
        BenchmarkProcess process = new BenchmarkProcess();
        process.train(1);
        Gson json = new Gson();
        replies.println(json.toJson(process.facts()));
        BufferedReader commands = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = commands.readLine(); line != null; line = commands.readLine()) {
            replies.println(json.toJson(process.execute(JsonParser.parseString(line).getAsJsonObject())));
        }
    }

    private Map<String, Object> execute(JsonObject command) {
        return switch (command.get("do").getAsString()) {
            case "train" -> train(command.get("batches").getAsInt());
            case "evaluate" -> evaluate(command.get("images").getAsInt(), command.get("batch").getAsInt());
            case "latency" -> latency(command.get("predictions").getAsInt());
            default -> throw new IllegalArgumentException("no such command: " + command);
        };
    }

    private Map<String, Object> facts() {
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("parameters", network.numParams());
        facts.put("train_images", mnist.train().size());
        facts.put("settings", acceleration + "; " + settings.threads() + " threads; Trainer.fit");
        facts.put("versions", Versions.ofThisRun());
        return facts;
    }

    private Map<String, Object> train(int batches) {
        DigitBatches validation = scaled(mnist.test().take(1), 1);   // validation after the epoch is not timed
        List<Epoch> epochs = trainer.fit(scaled(nextImages(batches * BATCH), BATCH), validation, 1).epochs();
        Epoch last = epochs.get(epochs.size() - 1);
        return Map.of("seconds", last.trainSeconds(), "loss", last.trainLoss(), "accuracy", last.trainAccuracy());
    }

    private Map<String, Object> evaluate(int count, int batch) {
        LabeledImages test = mnist.test();
        DigitBatches images = scaled(test.subset(IntStream.range(0, count).map(i -> i % test.size()).toArray()), batch);
        long start = System.nanoTime();
        Predictions predictions = Predictions.of(network, images);
        double accuracy = predictions.accuracy();
        double loss = predictions.loss();
        return Map.of("seconds", (System.nanoTime() - start) / 1e9, "accuracy", accuracy, "loss", loss);
    }

    private Map<String, Object> latency(int count) {
        List<INDArray> images = new ArrayList<>();
        for (DigitBatches single = scaled(mnist.test().take(count), 1); single.hasNext();) {
            images.add(single.next().getFeatures());
        }
        double[] milliseconds = new double[count];
        for (int i = 0; i < count; i++) {
            long start = System.nanoTime();
            network.output(images.get(i), false).toFloatVector();
            milliseconds[i] = (System.nanoTime() - start) / 1e6;
        }
        return Map.of("milliseconds", milliseconds);
    }

    /** Training images in random order; no image repeats before all have been used. */
    private LabeledImages nextImages(int count) {
        int[] positions = new int[count];
        for (int i = 0; i < count; i++) {
            if (next == order.length) shuffle();
            positions[i] = order[next++];
        }
        return mnist.train().subset(positions);
    }

    private void shuffle() {
        order = IntStream.range(0, mnist.train().size()).toArray();
        for (int i = order.length - 1; i > 0; i--) {
            int other = random.nextInt(i + 1);
            int kept = order[i];
            order[i] = order[other];
            order[other] = kept;
        }
        next = 0;
    }

    private static DigitBatches scaled(LabeledImages images, int batch) {
        DigitBatches batches = DigitBatches.inOrder(images, batch);
        batches.setPreProcessor(new ImagePreProcessingScaler(0, 1));
        return batches;
    }
}
