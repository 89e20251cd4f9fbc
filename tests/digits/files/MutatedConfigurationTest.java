package digits.files;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.google.gson.JsonPrimitive;
import digits.Examples;
import digits.Hostile;
import digits.networks.DenseNetwork;
import digits.networks.LeNet;
import digits.networks.WalkthroughNetwork;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.dropout.GaussianNoise;
import org.deeplearning4j.nn.conf.dropout.SpatialDropout;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.DepthwiseConvolution2D;
import org.deeplearning4j.nn.conf.layers.DropoutLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.conf.layers.SeparableConvolution2D;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.conf.layers.Upsampling2D;
import org.deeplearning4j.nn.conf.layers.ZeroPaddingLayer;
import org.deeplearning4j.nn.conf.layers.convolutional.Cropping2D;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.activations.impl.ActivationLReLU;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.learning.config.Nesterovs;
import org.nd4j.linalg.schedule.ScheduleType;
import org.nd4j.linalg.schedule.StepSchedule;

/** Every number and every class of a configuration replaced by what hurts: each loads and works, or is refused. */
class MutatedConfigurationTest {
    @Test
    void noMutationEndsOrBlocksTheProcess() throws Exception {
        String output = run("11", "zoo", "small", "channels last");
        assertTrue(output.lines().anyMatch(line ->
                line.matches("done: \\d{3,} mutations, \\d{2,} loaded, \\d{3,} refused")), output);
    }

    /** Runs mutations in a separate process with little memory. */
    static String run(String... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin", "java")
                .toString(), "-Xmx192m", "-Dorg.bytedeco.javacpp.maxbytes=512m", "-XX:-CreateCoredumpOnCrash",
                "-XX:ErrorFile=/dev/null", "-Dorg.slf4j.simpleLogger.defaultLogLevel=off", "-cp",
                System.getProperty("java.class.path"), Mutations.class.getName()));
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), UTF_8);
        String end = output.substring(Math.max(0, output.length() - 1_500));
        assertEquals(0, process.waitFor(), end);
        return output;
    }

    /**
     * Tries mutations. Arguments: 1 for all, 11 for every eleventh; then the names of networks, see {@code network}.
     * With {@code -Dverbose=true} it tells each.
     */
    static final class Mutations {
        private static final List<JsonElement> BAD = Stream.of("-1", "0", "2147483647", "1000000000", "4294967296",
                "-2147483648", "0.5", "\"NaN\"", "1e999999999", "null", "\"text\"", "[]", "{}", "[1]", "[0,0]",
                "[-1,-1]", "[2147483647,2147483647]", "[1000000000,1]", "[3,3,3,3,3]", "[300,300]", "[64,64]", "true")
                .map(JsonParser::parseString).toList();
        private static final List<String> CLASSES = List.of("java.lang.Object", "javax.script.ScriptEngineManager",
                "org.deeplearning4j.nn.conf.layers.objdetect.Yolo2OutputLayer",
                "org.deeplearning4j.nn.conf.layers.DropoutLayer", "org.deeplearning4j.nn.conf.layers.DenseLayer",
                "org.deeplearning4j.nn.conf.layers.ConvolutionLayer", "org.deeplearning4j.nn.conf.layers.LSTM",
                "org.deeplearning4j.nn.conf.layers.SubsamplingLayer", "org.deeplearning4j.nn.conf.layers.OutputLayer",
                "org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer", "org.deeplearning4j.nn.conf.layers.LossLayer",
                "org.deeplearning4j.nn.conf.layers.BatchNormalization",
                "org.deeplearning4j.nn.conf.layers.samediff.SameDiffLambdaLayer",
                "org.nd4j.linalg.activations.impl.ActivationSoftmax", "org.nd4j.linalg.learning.config.NoOp");
        private static String refusal = "";
        private static volatile String now = "";
        private static volatile long since = System.nanoTime();

        private Mutations() {
        }

        public static void main(String[] arguments) throws IOException {
            startWatching();
            int[] counts = new int[2];
            Path file = Files.createTempFile("mutation", ".zip");
            int step = Integer.parseInt(arguments[0]);
            int at = 0;
            for (String name : List.of(arguments).subList(1, arguments.length)) {
                MultiLayerNetwork network = network(name);
                ModelFiles.save(network, file);
                Map<String, byte[]> entries = entries(file);
                INDArray input = input(name);
                if (!works(file, input)) throw new AssertionError(name + " itself was refused: " + refusal);
                JsonElement whole = JsonParser.parseString(new String(entries.get("configuration.json"), UTF_8));
                Set<String> seen = new HashSet<>();
                for (List<Object> path : paths(whole)) {
                    if (!seen.add(kind(whole, path))) continue;
                    for (JsonElement bad : replacements(path)) {
                        if (at++ % step != 0) continue;
                        entries.put("configuration.json", replaced(whole, path, bad).toString().getBytes(UTF_8));
                        begin(name + " " + path + " = " + bad);
                        Files.write(file, Hostile.zip(entries));
                        counts[works(file, input) ? 0 : 1]++;
                    }
                }
            }
            Files.delete(file);
            System.out.println("done: " + (counts[0] + counts[1]) + " mutations, " + counts[0] + " loaded, "
                    + counts[1] + " refused");
            System.exit(0);
        }

        private static void begin(String what) {
            now = what;
            since = System.nanoTime();
            if (Boolean.getBoolean("verbose")) System.out.println(what);
        }

        private static void startWatching() {
            Thread watch = new Thread(() -> {
                while (System.nanoTime() - since < 20_000_000_000L) {
                    try {
                        Thread.sleep(500);
                    } catch (InterruptedException e) {
                        return;
                    }
                }
                System.out.println("no end after 20 s: " + now);
                System.out.flush();
                Runtime.getRuntime().halt(3);
            });
            watch.setDaemon(true);
            watch.start();
            Runtime.getRuntime().addShutdownHook(new Thread(() -> System.out.println("last: " + now)));
        }

        /** Whether it loads, predicts and trains; false if it is refused with a message. */
        private static boolean works(Path file, INDArray input) {
            MultiLayerNetwork network;
            try {
                network = ModelFiles.load(file);
            } catch (UncheckedIOException refused) {
                refusal = refused.getMessage();
                if (refusal.length() < 500) return false;
                throw new AssertionError(now + ": " + refused.getMessage());
            } catch (Throwable other) {
                throw new AssertionError(now, other);
            }
            try {
                INDArray output = network.output(input);
                network.fit(input, Nd4j.zeros(output.shape()));
            } catch (RuntimeException clear) {
                // it takes images of another shape, or cannot train: Deeplearning4j says why
            } catch (Throwable other) {
                throw new AssertionError(now, other);
            }
            return true;
        }

        private static Map<String, byte[]> entries(Path file) throws IOException {
            Map<String, Long> any = Map.of("configuration.json", 1L << 20, "coefficients.bin", 1L << 24,
                    "updaterState.bin", 1L << 24);
            return new LinkedHashMap<>(BoundedZip.read(file, "network", any));
        }

        /** Where numbers, lists of numbers and classes are. */
        private static List<List<Object>> paths(JsonElement element) {
            List<List<Object>> found = new ArrayList<>();
            collect(element, List.of(), found);
            return found;
        }

        private static void collect(JsonElement element, List<Object> path, List<List<Object>> found) {
            if (!path.isEmpty()) found.add(path);
            if (element instanceof JsonObject object) {
                object.entrySet().forEach(entry -> collect(entry.getValue(), and(path, entry.getKey()), found));
            } else if (element instanceof JsonArray array) {
                for (int i = 0; i < array.size(); i++) collect(array.get(i), and(path, i), found);
            }
        }

        private static List<Object> and(List<Object> path, Object step) {
            return Stream.concat(path.stream(), Stream.of(step)).toList();
        }

        /** The same for the same property of layers of one kind: one of them is enough. */
        private static String kind(JsonElement whole, List<Object> path) {
            String holder = "";
            JsonElement at = whole;
            for (Object step : path) {
                if (at instanceof JsonObject object && object.has("@class")) holder += object.get("@class");
                at = step instanceof Integer i ? at.getAsJsonArray().get(i) : at.getAsJsonObject().get((String) step);
            }
            return holder + path.stream().filter(String.class::isInstance).map(String.class::cast)
                    .collect(Collectors.joining("."));
        }

        private static List<JsonElement> replacements(List<Object> path) {
            Object last = path.get(path.size() - 1);
            if (last.equals("@class")) return CLASSES.stream().<JsonElement>map(JsonPrimitive::new).toList();
            return BAD;
        }

        private static JsonElement replaced(JsonElement element, List<Object> path, JsonElement by) {
            JsonElement copy = element.deepCopy();
            JsonElement at = copy;
            for (int i = 0; i < path.size() - 1; i++) {
                at = path.get(i) instanceof Integer n ? at.getAsJsonArray().get(n)
                        : at.getAsJsonObject().get((String) path.get(i));
            }
            Object last = path.get(path.size() - 1);
            if (last instanceof Integer n) at.getAsJsonArray().set(n, by);
            else at.getAsJsonObject().add((String) last, by == null ? JsonNull.INSTANCE : by);
            return copy;
        }

        private static INDArray input(String name) {
            return switch (name) {
                case "zoo" -> Nd4j.rand(DataType.FLOAT, 2, 2, 12, 12);
                case "channels last" -> Nd4j.rand(DataType.FLOAT, 2, 28, 28, 1);
                case "dense" -> Nd4j.rand(DataType.FLOAT, 2, 784);
                default -> Nd4j.rand(DataType.FLOAT, 2, 1, 28, 28);
            };
        }

        private static MultiLayerNetwork network(String name) {
            MultiLayerConfiguration configuration = switch (name) {
                case "small" -> Examples.smallNetwork(1).getLayerWiseConfigurations();
                case "zoo" -> zoo();
                case "channels last" -> channelsLast();
                case "lenet" -> LeNet.asPublished(1, 10);
                case "dense" -> DenseNetwork.configuration(1, 10);
                case "walkthrough" -> WalkthroughNetwork.configuration(1, 0.9);
                default -> throw new IllegalArgumentException(name);
            };
            MultiLayerNetwork network = new MultiLayerNetwork(configuration.clone());
            network.init();
            return network;
        }
    }

    private static MultiLayerConfiguration channelsLast() {
        return new NeuralNetConfiguration.Builder().seed(1).updater(new Adam(0.01)).list()
                .layer(new ConvolutionLayer.Builder(3, 3).nOut(3).activation(Activation.RELU).build())
                .layer(new BatchNormalization.Builder().build())
                .layer(new SubsamplingLayer.Builder(SubsamplingLayer.PoolingType.MAX).kernelSize(3, 3).stride(2, 2)
                        .build())
                .layer(new OutputLayer.Builder().nOut(4).activation(Activation.SOFTMAX).build())
                .setInputType(InputType.convolutional(28, 28, 1, CNN2DFormat.NHWC)).build();
    }

    /** Every kind of layer that is read from a file, as far as there is room. */
    static MultiLayerConfiguration zoo() {
        return new NeuralNetConfiguration.Builder().seed(1)
                .updater(new Adam(new StepSchedule(ScheduleType.ITERATION, 0.01, 0.5, 10))).l2(1e-4).list()
                .layer(new ZeroPaddingLayer.Builder(1, 2, 1, 2).build())
                .layer(new ConvolutionLayer.Builder(3, 3).nOut(4).dilation(2, 1).activation(new ActivationLReLU(0.1))
                        .updater(new Nesterovs(0.1)).build())
                .layer(new Cropping2D(1, 0, 1, 0))
                .layer(new SubsamplingLayer.Builder(SubsamplingLayer.PoolingType.AVG).kernelSize(2, 2).stride(1, 1)
                        .build())
                .layer(new Upsampling2D.Builder(2).build())
                .layer(new DepthwiseConvolution2D.Builder().kernelSize(3, 3).nIn(4).nOut(8).depthMultiplier(2).build())
                .layer(new SeparableConvolution2D.Builder().kernelSize(3, 3).nOut(4).build())
                .layer(new BatchNormalization.Builder().build())
                .layer(new DropoutLayer.Builder(new SpatialDropout(0.8)).build())
                .layer(new SubsamplingLayer.Builder(SubsamplingLayer.PoolingType.PNORM).pnorm(2).kernelSize(2, 2)
                        .stride(2, 2).build())
                .layer(new FrozenLayer(new ConvolutionLayer.Builder(1, 1).nOut(3).activation(Activation.SWISH).build()))
                .layer(new GlobalPoolingLayer.Builder(PoolingType.MAX).build())
                .layer(new DenseLayer.Builder().nOut(6).activation(Activation.ELU).dropOut(new GaussianNoise(0.1))
                        .build())
                .layer(new ActivationLayer(Activation.GELU))
                .layer(new OutputLayer.Builder().nOut(3).activation(Activation.SOFTMAX).build())
                .setInputType(InputType.convolutional(12, 12, 2)).build();
    }
}
