package digits.benchmark;

import com.google.gson.Gson;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import digits.Settings;
import digits.acceleration.Acceleration;
import digits.acceleration.FrozenNetwork;
import digits.data.Catalogue;
import digits.data.Dataset;
import digits.data.DigitBatches;
import digits.data.LabeledImages;
import digits.evaluation.Predictions;
import digits.files.Pretrained;
import digits.files.Versions;
import digits.networks.Network;
import digits.networks.WalkthroughNetwork;
import digits.training.Epoch;
import digits.training.Trainer;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;

/**
 * The Java side of {@code make bench}: trains and evaluates the walkthrough's network with this library, as the
 * notebooks do. The property {@code digits.acceleration} selects “ours” or stock Deeplearning4j; everything else is the
 * same. With the argument {@code frozen} it does not train, and predicts with a frozen copy of the pretrained network.
 *
 * <p>It trains one batch, describes itself, and then executes commands: one line of JSON per command on standard input,
 * one line of JSON per reply on standard output. {@code tests/benchmark/peer.py} documents them for all systems.
 */
public final class BenchmarkProcess {
    private static final int BATCH = 128;
    private static final int CHANNELS = Integer.parseInt(System.getenv().getOrDefault("BENCH_CHANNELS", "32"));
    private static final int SIDE = Integer.parseInt(System.getenv().getOrDefault("BENCH_SIDE", "28"));

    private final Settings settings = Settings.fromEnvironment();
    private final LabeledImages train;
    private final LabeledImages test;
    private final MultiLayerNetwork network;
    private final FrozenNetwork frozen;   // null in a system that trains
    private final String description;
    private final Trainer trainer;
    private final Random random = new Random(settings.seed());
    private int[] order = new int[0];
    private int next;

    private BenchmarkProcess(boolean predictsOnly) {
        Dataset mnist = Catalogue.MNIST.load(settings);
        train = sized(mnist.train());
        test = sized(mnist.test());
        network = predictsOnly ? Pretrained.network() : new MultiLayerNetwork(configuration());
        String acceleration = Acceleration.of(network).toString();
        trainer = Trainer.of(network, settings.seed());
        frozen = predictsOnly ? Acceleration.freeze(network) : null;
        description = predictsOnly ? frozen.toString() : acceleration + "; Trainer.fit";
    }

    public static void main(String[] arguments) throws IOException {
        PrintStream replies = System.out;
        System.setOut(System.err);   // any other output must not disturb the replies
        BenchmarkProcess process = new BenchmarkProcess(List.of(arguments).contains("frozen"));
        if (process.frozen == null) process.train(1, BATCH);
        Gson json = new Gson();
        replies.println(json.toJson(process.facts()));
        BufferedReader commands = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = commands.readLine(); line != null; line = commands.readLine()) {
            replies.println(json.toJson(process.execute(JsonParser.parseString(line).getAsJsonObject())));
        }
    }

    /** The walkthrough's network, for images of this side and with this many channels. */
    private MultiLayerConfiguration configuration() {
        MultiLayerConfiguration walkthrough = WalkthroughNetwork.configuration(settings.seed(), 0.99);
        if (CHANNELS == 32 && SIDE == 28) return walkthrough;
        List<Layer> layers = walkthrough.getConfs().stream().map(NeuralNetConfiguration::getLayer).toList();
        for (Layer layer : layers) {
            if (layer instanceof ConvolutionLayer each) each.setNOut(each.getNOut() / 32 * CHANNELS);
        }
        return new NeuralNetConfiguration.Builder().seed(settings.seed()).list(layers.toArray(Layer[]::new))
                .setInputType(InputType.convolutional(SIDE, SIDE, 1)).build();
    }

    /** The images with as much paper around them as the side wants, or less. */
    private static LabeledImages sized(LabeledImages images) {
        if (SIDE == images.rows()) return images;
        int before = Math.abs(SIDE - images.rows()) / 2;
        return images.map(image -> SIDE < image.rows() ? image.crop(before, before, SIDE, SIDE)
                : image.pad(before, before, SIDE, SIDE));
    }

    private Map<String, Object> execute(JsonObject command) {
        return switch (command.get("do").getAsString()) {
            case "train" -> train(command.get("batches").getAsInt(), command.get("batch").getAsInt());
            case "evaluate" -> evaluate(command.get("images").getAsInt(), command.get("batch").getAsInt());
            case "latency" -> latency(command.get("predictions").getAsInt());
            default -> throw new IllegalArgumentException("no such command: " + command);
        };
    }

    private Map<String, Object> facts() {
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("parameters", network.numParams());
        facts.put("trains", frozen == null);
        facts.put("train_images", train.size());
        facts.put("settings", description + "; " + settings.threads() + " threads");
        facts.put("versions", Versions.ofThisRun());
        facts.put("multiply_adds", multiplyAdds());
        return facts;
    }

    /** The multiply-adds of one image by layer: a weight is used once, a convolution's once per place in its output. */
    private List<Long> multiplyAdds() {
        INDArray image = scaled(test.take(1), 1).next().getFeatures();
        List<INDArray> outputs = network.feedForward(image);   // the image is the first of them
        List<Long> counts = new ArrayList<>();
        for (int i = 0; i < network.getnLayers(); i++) {
            INDArray weights = network.getLayer(i).paramTable().get("W");
            INDArray output = outputs.get(i + 1);
            long places = output.rank() == 4 ? output.size(2) * output.size(3) : 1;
            if (weights != null) counts.add(weights.length() * places);
        }
        return counts;
    }

    private Map<String, Object> train(int batches, int batch) {
        DigitBatches validation = scaled(test.take(1), 1);   // validation after the epoch is not timed
        List<Epoch> epochs = trainer.fit(scaled(nextImages(batches * batch), batch), validation, 1).epochs();
        Epoch last = epochs.get(epochs.size() - 1);
        return Map.of("seconds", last.trainSeconds(), "loss", last.trainLoss(), "accuracy", last.trainAccuracy());
    }

    private Map<String, Object> evaluate(int count, int batch) {
        DigitBatches images = scaled(test.subset(IntStream.range(0, count).map(i -> i % test.size()).toArray()), batch);
        long start = System.nanoTime();
        Predictions predictions = frozen == null ? Predictions.of(network, images) : ofFrozen(images);
        double accuracy = predictions.accuracy();
        double loss = predictions.loss();
        return Map.of("seconds", (System.nanoTime() - start) / 1e9, "accuracy", accuracy, "loss", loss);
    }

    private Predictions ofFrozen(DigitBatches images) {
        List<float[]> probabilities = new ArrayList<>();
        IntStream.Builder labels = IntStream.builder();
        while (images.hasNext()) {
            DataSet batch = images.next();
            Collections.addAll(probabilities, Network.rows(frozen.output(batch.getFeatures())));
            for (int label : batch.getLabels().argMax(1).toIntVector()) labels.add(label);
        }
        return Predictions.of(probabilities.toArray(float[][]::new), labels.build().toArray());
    }

    /** Times single images, each in the array that the system reads: ND4J's, or Java's for a frozen network. */
    private Map<String, Object> latency(int count) {
        int images = Math.min(count, test.size());
        List<Runnable> predictions = new ArrayList<>();
        for (DigitBatches single = scaled(test.take(images), 1); single.hasNext();) {
            INDArray image = single.next().getFeatures();
            float[] pixels = image.data().asFloat();
            predictions.add(frozen == null ? () -> network.output(image, false).toFloatVector()
                    : () -> frozen.predict(pixels, 1, 1, 28, 28));
        }
        double[] milliseconds = new double[count];
        for (int i = 0; i < count; i++) {
            long start = System.nanoTime();
            predictions.get(i % images).run();
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
        return train.subset(positions);
    }

    private void shuffle() {
        order = IntStream.range(0, train.size()).toArray();
        for (int i = order.length - 1; i > 0; i--) {
            int other = random.nextInt(i + 1);
            int kept = order[i];
            order[i] = order[other];
            order[other] = kept;
        }
        next = 0;
    }

    private static DigitBatches scaled(LabeledImages images, int batch) {
        return DigitBatches.inOrder(images, batch).scaled();
    }
}
