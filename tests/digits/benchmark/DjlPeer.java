package digits.benchmark;

import ai.djl.Device;
import ai.djl.Model;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.Block;
import ai.djl.nn.Blocks;
import ai.djl.nn.Parameter;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.convolutional.Conv2d;
import ai.djl.nn.core.Linear;
import ai.djl.nn.norm.BatchNorm;
import ai.djl.nn.norm.Dropout;
import ai.djl.nn.pooling.Pool;
import ai.djl.training.DefaultTrainingConfig;
import ai.djl.training.GradientCollector;
import ai.djl.training.Trainer;
import ai.djl.training.initializer.XavierInitializer;
import ai.djl.training.loss.Loss;
import ai.djl.training.optimizer.Adam;
import ai.djl.training.tracker.Tracker;
import com.google.gson.Gson;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;

/**
 * The peer DJL (Deep Java Library) with PyTorch's native code, the other way to train networks in Java; the protocol is
 * that of {@code peer.py}. Channels first: DJL has no other layout. Denormal numbers are not flushed: DJL has no way.
 * Its libraries are those of {@code tests/benchmark/djl.xml}; Maven does not compile this class with the others.
 */
final class DjlPeer {
    private static final int CHANNELS = Integer.parseInt(System.getenv().getOrDefault("BENCH_CHANNELS", "32"));
    private static final int SIDE = Integer.parseInt(System.getenv().getOrDefault("BENCH_SIDE", "28"));
    private static final int PIXELS = SIDE * SIDE;
    private static final String THREADS = System.getenv("OMP_NUM_THREADS");

    private final byte[] trainPixels = sized(read("train-images-idx3-ubyte", 16));
    private final byte[] trainLabels = read("train-labels-idx1-ubyte", 8);
    private final byte[] testPixels = sized(read("t10k-images-idx3-ubyte", 16));
    private final byte[] testLabels = read("t10k-labels-idx1-ubyte", 8);
    private final Random random = new Random(42);
    private final List<Integer> order = new ArrayList<>();
    private final Model model = Model.newInstance("walkthrough", Device.cpu(), "PyTorch");
    private final Trainer trainer;

    private DjlPeer() throws IOException {
        Engine.getInstance().setRandomSeed(42);
        model.setBlock(network());
        Loss loss = Loss.softmaxCrossEntropyLoss();   // of the raw scores: the softmax is in it
        var glorot = new XavierInitializer(XavierInitializer.RandomType.UNIFORM, XavierInitializer.FactorType.AVG, 3);
        trainer = model.newTrainer(new DefaultTrainingConfig(loss).optDevices(new Device[] {Device.cpu()})
                .optInitializer(glorot, Parameter.Type.WEIGHT)
                .optOptimizer(Adam.builder().optLearningRateTracker(Tracker.fixed(1e-3f)).optEpsilon(1e-7f).build()));
        trainer.initialize(new Shape(1, 1, SIDE, SIDE));
    }

    public static void main(String[] arguments) throws IOException {
        PrintStream replies = System.out;
        System.setOut(System.err);   // any other output must not disturb the replies
        System.setProperty("ai.djl.offline", "true");
        System.setProperty("ai.djl.pytorch.num_threads", THREADS);
        DjlPeer peer = new DjlPeer();
        peer.train(1, 128);
        Gson json = new Gson();
        replies.println(json.toJson(peer.facts()));
        BufferedReader commands = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = commands.readLine(); line != null; line = commands.readLine()) {
            JsonObject command = JsonParser.parseString(line).getAsJsonObject();
            replies.println(json.toJson(switch (command.get("do").getAsString()) {
                case "train" -> peer.train(command.get("batches").getAsInt(), command.get("batch").getAsInt());
                case "evaluate" -> peer.evaluate(command.get("images").getAsInt(), command.get("batch").getAsInt());
                default -> peer.latency(command.get("predictions").getAsInt());
            }));
        }
    }

    private static Block network() {
        SequentialBlock network = new SequentialBlock();
        for (int filters : new int[] {CHANNELS, 2 * CHANNELS}) {
            for (int i = 0; i < 2; i++) {
                network.add(Conv2d.builder().setKernelShape(new Shape(3, 3)).setFilters(filters).build())
                        .add(Activation.reluBlock()).add(norm());
            }
            network.add(Pool.maxPool2dBlock(new Shape(2, 2), new Shape(2, 2))).add(dropout(0.25f));
        }
        return network.add(Blocks.batchFlattenBlock()).add(Linear.builder().setUnits(512).build())
                .add(Activation.reluBlock()).add(norm()).add(dropout(0.5f))
                .add(Linear.builder().setUnits(10).build());
    }

    private static Block norm() {
        return BatchNorm.builder().optEpsilon(1e-3f).optMomentum(0.99f).build();
    }

    private static Block dropout(float rate) {
        return Dropout.builder().optRate(rate).build();
    }

    private Map<String, Object> facts() {
        long parameters = model.getBlock().getParameters().values().stream()
                .mapToLong(parameter -> parameter.getArray().getShape().size()).sum();
        return Map.of("parameters", parameters, "trains", true, "train_images", trainLabels.length, "settings",
                THREADS + " threads; DJL with PyTorch, channels first, Adam", "versions",
                Map.of("djl", Engine.getDjlVersion(), "torch", Engine.getInstance().getVersion()));
    }

    private Map<String, Object> train(int batches, int batch) {
        while (order.size() < batches * batch) {
            List<Integer> more = new ArrayList<>(IntStream.range(0, trainLabels.length).boxed().toList());
            Collections.shuffle(more, random);
            order.addAll(more);
        }
        double loss = 0;
        long right = 0;
        long start = System.nanoTime();
        for (int i = 0; i < batches; i++) {
            int[] positions = order.subList(i * batch, (i + 1) * batch).stream().mapToInt(p -> p).toArray();
            try (NDManager arrays = trainer.getManager().newSubManager()) {
                NDArray x = scaled(arrays, trainPixels, positions);
                NDArray y = labels(arrays, trainLabels, positions);
                NDArray scores;
                NDArray mean;
                try (GradientCollector gradients = trainer.newGradientCollector()) {
                    scores = trainer.forward(new NDList(x)).singletonOrThrow();
                    mean = trainer.getLoss().evaluate(new NDList(y), new NDList(scores));
                    gradients.backward(mean);
                }
                trainer.step();
                loss += mean.getFloat() / batches;
                right += right(scores, y);
            }
        }
        double seconds = (System.nanoTime() - start) / 1e9;
        order.subList(0, batches * batch).clear();
        return Map.of("seconds", seconds, "loss", loss, "accuracy", (double) right / (batches * batch));
    }

    private Map<String, Object> evaluate(int images, int batch) {
        double loss = 0;
        long right = 0;
        long start = System.nanoTime();
        for (int from = 0; from < images; from += batch) {
            int[] positions = IntStream.range(from, Math.min(images, from + batch)).map(i -> i % testLabels.length)
                    .toArray();
            try (NDManager arrays = trainer.getManager().newSubManager()) {
                NDArray scores = trainer.evaluate(new NDList(scaled(arrays, testPixels, positions)))
                        .singletonOrThrow();
                NDArray y = labels(arrays, testLabels, positions);
                loss += trainer.getLoss().evaluate(new NDList(y), new NDList(scores)).getFloat() * positions.length;
                right += right(scores, y);
            }
        }
        double seconds = (System.nanoTime() - start) / 1e9;
        return Map.of("seconds", seconds, "loss", loss / images, "accuracy", (double) right / images);
    }

    private Map<String, Object> latency(int predictions) {
        double[] milliseconds = new double[predictions];
        for (int i = 0; i < predictions; i++) {
            try (NDManager arrays = trainer.getManager().newSubManager()) {
                NDArray image = scaled(arrays, testPixels, new int[] {i % testLabels.length});
                long start = System.nanoTime();
                trainer.evaluate(new NDList(image)).singletonOrThrow().softmax(1).toFloatArray();
                milliseconds[i] = (System.nanoTime() - start) / 1e6;
            }
        }
        return Map.of("milliseconds", milliseconds);
    }

    private static long right(NDArray scores, NDArray labels) {
        return scores.argMax(1).eq(labels).countNonzero().getLong();
    }

    private static NDArray scaled(NDManager arrays, byte[] pixels, int[] positions) {
        ByteBuffer bytes = ByteBuffer.allocateDirect(positions.length * PIXELS);
        for (int position : positions) bytes.put(pixels, position * PIXELS, PIXELS);
        return arrays.create(bytes.flip(), new Shape(positions.length, 1, SIDE, SIDE), DataType.UINT8)
                .toType(DataType.FLOAT32, false).muli(1 / 255f);
    }

    private static NDArray labels(NDManager arrays, byte[] labels, int[] positions) {
        return arrays.create(IntStream.of(positions).mapToLong(position -> labels[position]).toArray());
    }

    /** Images of 28×28 with as much paper around them as the side wants, or less. */
    private static byte[] sized(byte[] pixels) {
        int before = (SIDE - 28) / 2;
        byte[] sized = new byte[pixels.length / 784 * PIXELS];
        for (int i = 0; i < pixels.length; i++) {
            int row = i % 784 / 28 + before;
            int column = i % 28 + before;
            if (Math.min(row, column) < 0 || Math.max(row, column) >= SIDE) continue;
            sized[i / 784 * PIXELS + row * SIDE + column] = pixels[i];
        }
        return sized;
    }

    private static byte[] read(String name, int header) {
        try {
            byte[] file = Files.readAllBytes(Path.of(System.getenv("DIGITS_DATA"), name));
            return Arrays.copyOfRange(file, header, file.length);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
