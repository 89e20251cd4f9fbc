package digits.acceleration;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import digits.ChildJvm;
import digits.Examples;
import digits.keras.Fixtures;
import digits.keras.KerasFiles;
import digits.networks.DenseNetwork;
import digits.networks.LeNet;
import digits.networks.LeanNetwork;
import digits.networks.Network;
import digits.networks.ResNet;
import digits.networks.WalkthroughNetwork;
import digits.networks.WiderNetwork;
import digits.onednn.OneDnn;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.bytedeco.javacpp.Pointer;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.DropoutLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer.PoolingType;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.activations.impl.ActivationLReLU;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.nd4j.linalg.learning.config.Adam;

/** Frozen networks: the predictions of the network itself, within 1e-5, whatever happens to it later. */
class FrozenTest {
    private static final double TOLERANCE = 1e-5;

    // the networks ----------------------------------------------------------------------------------------------------

    /** The architectures of the library, accelerated, with numbers in all parameters as after training. */
    static Map<String, Supplier<Network>> architectures() {
        Map<String, Supplier<Network>> all = new TreeMap<>();
        all.put("walkthrough", () -> of(new MultiLayerNetwork(WalkthroughNetwork.configuration(1, 0.99))));
        all.put("LeNet of 1998", () -> of(new MultiLayerNetwork(LeNet.asPublished(1, 10))));
        all.put("LeNet", () -> of(new MultiLayerNetwork(LeNet.modern(1, 10))));
        all.put("dense", () -> of(new MultiLayerNetwork(DenseNetwork.configuration(1, 10))));
        all.put("lean", () -> of(new MultiLayerNetwork(LeanNetwork.configuration(1, new Adam(1e-3)))));
        all.put("wider", () -> of(new MultiLayerNetwork(WiderNetwork.configuration(1, 26, new Adam(1e-3)))));
        for (int n = 1; n <= 3; n++) {
            int blocks = n;
            all.put("ResNet-" + (6 * n + 2), () -> of(new ComputationGraph(ResNet.configuration(1, 10, blocks))));
        }
        all.put("a graph whose normalization is read twice", () -> of(Examples.smallGraph(1)));
        return all;
    }

    static Stream<String> names() {
        return architectures().keySet().stream();
    }

    private static Network of(MultiLayerNetwork network) {
        network.init();
        return seasoned(Network.of(network), () -> Acceleration.of(network));
    }

    private static Network of(ComputationGraph graph) {
        graph.init();
        return seasoned(Network.of(graph), () -> Acceleration.of(graph));
    }

    /** Statistics, factors (some of them negative) and biases as after training: none is 0 or 1. */
    private static Network seasoned(Network network, Runnable accelerate) {
        Random random = new Random(5);
        for (var layer : network.layers()) {
            layer.paramTable().forEach((name, parameter) -> {
                if (name.equals("W")) return;
                boolean positive = name.equals("var") || name.equals("gamma") && random.nextBoolean();
                for (int i = 0; i < parameter.length(); i++) {
                    parameter.putScalar(i, positive ? 0.5 + random.nextDouble() : 0.3 * random.nextGaussian());
                }
            });
        }
        accelerate.run();
        return network;
    }

    private static Network network(InputType input, Layer... layers) {
        List<Layer> all = new ArrayList<>(List.of(layers));
        all.add(new OutputLayer.Builder().nOut(4).activation(Activation.SOFTMAX).build());
        return of(Networks.of(input, all));
    }

    private static ConvolutionLayer.Builder convolution(int channels, int kernel) {
        return new ConvolutionLayer.Builder(kernel, kernel).nOut(channels).activation(Activation.RELU);
    }

    private static SubsamplingLayer.Builder pooling(PoolingType type, int kernel) {
        return new SubsamplingLayer.Builder(type).kernelSize(kernel, kernel).stride(2, 2);
    }

    private static BatchNormalization.Builder normalization() {
        return new BatchNormalization.Builder().eps(1e-3);
    }

    private static INDArray images(int n, int channels, int height, int width) {
        Random random = new Random(3);
        float[] pixels = new float[n * channels * height * width];
        for (int i = 0; i < pixels.length; i++) pixels[i] = random.nextInt(4) == 0 ? random.nextFloat() : 0;
        return Nd4j.create(pixels, new long[] {n, channels, height, width}, 'c');
    }

    private static INDArray first(int n, INDArray images) {
        return images.get(NDArrayIndex.interval(0, n));
    }

    private static double difference(INDArray expected, INDArray actual) {
        assertArrayEquals(expected.shape(), actual.shape());
        return Fixtures.difference(expected, actual);
    }

    // equality --------------------------------------------------------------------------------------------------------

    @ParameterizedTest
    @MethodSource("names")
    void predictsAsTheNetworkInBatchesOfAnySizeAndOrder(String name) {
        Network network = architectures().get(name).get();
        INDArray images = images(500, 1, 28, 28);
        try (FrozenNetwork frozen = Acceleration.freeze(network)) {
            boolean deep = network.layers().length > 30;   // slow: a few images are enough
            for (int n : deep ? new int[] {20, 1, 3, 2} : new int[] {128, 1, 7, 500, 2, 1}) {
                INDArray some = first(n, images);
                double difference = difference(network.output(some), frozen.output(some));
                assertTrue(difference < TOLERANCE, n + " images differ by " + difference);
            }
            assertEquals(Optional.empty(), frozen.reason());
        }
    }

    /** Other instruction sets have other code in oneDNN, and one thread does not split the layers of a single image. */
    @ParameterizedTest
    @CsvSource({"AVX2, 1", "SSE41, 2"})
    void predictsAsTheNetworkWithEachInstructionSet(String instructions, String threads) throws Exception {
        List<String> output = run(Map.of("DNNL_MAX_CPU_ISA", instructions, "OMP_NUM_THREADS", threads), "-Xmx512m",
                Compared.class);
        assertEquals("compared: " + (architectures().size() + Compared.RANDOM) + " networks",
                output.get(output.size() - 1));
    }

    @Test
    void predictsAsRandomNetworks() {
        Compared.random(Compared.RANDOM, 2);
    }

    /** Compares all architectures, and random networks, with their frozen copies; prints how many. */
    static final class Compared {
        private static final int RANDOM = 12;

        private Compared() { }

        public static void main(String[] none) {
            INDArray images = images(17, 1, 28, 28);
            architectures().forEach((name, architecture) -> compare(name, architecture.get(), images));
            random(RANDOM, 1);
            System.out.println("compared: " + (architectures().size() + RANDOM) + " networks");
            System.exit(0);
        }

        private static void random(int count, long seed) {
            Random random = new Random(seed);
            for (int compared = 0; compared < count;) {
                int channels = 1 + random.nextInt(4);
                int height = 6 + random.nextInt(12);
                int width = 6 + random.nextInt(12);
                List<Layer> layers = new ArrayList<>();
                for (int i = 2 + random.nextInt(5); i > 0; i--) layers.add(layer(random));
                Network network;
                try {
                    network = network(InputType.convolutional(height, width, channels), layers.toArray(Layer[]::new));
                    network.output(images(1, channels, height, width));
                } catch (RuntimeException doesNotFit) {
                    continue;
                }
                compare(layers.toString(), network, images(17, channels, height, width));
                compared++;
            }
        }

        private static Layer layer(Random random) {
            return switch (random.nextInt(6)) {
                case 0, 1 -> convolution(random.nextBoolean() ? 32 : 1 + random.nextInt(20), 1 + random.nextInt(4))
                        .stride(1 + random.nextInt(2), 1).dilation(1 + random.nextInt(2), 1)
                        .hasBias(random.nextBoolean()).convolutionMode(random.nextBoolean() ? ConvolutionMode.Same
                                : ConvolutionMode.Truncate)
                        .activation(random.nextBoolean() ? Activation.RELU : Activation.TANH).build();
                case 2 -> normalization().useLogStd(random.nextBoolean()).build();
                case 3 -> pooling(random.nextBoolean() ? PoolingType.MAX : PoolingType.AVG, 2 + random.nextInt(2))
                        .padding(random.nextInt(2), 0).avgPoolIncludePadInDivisor(random.nextBoolean()).build();
                case 4 -> new ActivationLayer(random.nextBoolean() ? Activation.SIGMOID : Activation.RATIONALTANH);
                default -> new DropoutLayer(0.5);
            };
        }

        private static void compare(String what, Network network, INDArray images) {
            try (FrozenNetwork frozen = Acceleration.freeze(network)) {
                for (int n : new int[] {1, 17, 5}) {
                    INDArray some = first(n, images);
                    // a copy: Deeplearning4j's activation layers write into what they read
                    double difference = difference(network.output(some.dup()), frozen.output(some));
                    if (difference >= TOLERANCE) throw new AssertionError(what + " differs by " + difference);
                }
                float[][] rows = Network.rows(frozen.output(Nd4j.concat(0, first(1, images), first(1, images),
                        first(5, images), first(1, images), first(1, images))));
                for (int i : new int[] {1, 2, 7, 8}) {
                    if (!Arrays.equals(rows[0], rows[i])) throw new AssertionError(what + ", image " + i + " differs");
                }
                if (frozen.reason().isPresent() && !frozen.reason().get().contains("window")) {
                    throw new AssertionError(what + ": " + frozen);
                }
            }
        }
    }

    @Test
    void predictsAsNetworksOfEachKindOfLayer() {
        InputType input = InputType.convolutional(13, 11, 3);
        List<Network> networks = List.of(
                network(input, normalization().build(), convolution(9, 3).build(), normalization().build()),
                network(input, convolution(8, 3).build(), normalization().lockGammaBeta(true).build(),
                        convolution(32, 3).padding(1, 2).build(), normalization().build(),
                        pooling(PoolingType.AVG, 3).padding(1, 1).build()),
                network(input, convolution(8, 3).build(), new DenseLayer.Builder().nOut(12).activation(Activation.ELU)
                        .build(), normalization().build(), new DenseLayer.Builder().nOut(7).hasBias(false)
                        .activation(new ActivationLReLU(0.2)).build()),
                network(input, convolution(8, 3).build(), normalization().build(), pooling(PoolingType.MAX, 2).build(),
                        new GlobalPoolingLayer.Builder(org.deeplearning4j.nn.conf.layers.PoolingType.MAX).build()),
                network(InputType.feedForward(20), new DenseLayer.Builder().nOut(64).activation(Activation.SIGMOID)
                        .build(), normalization().build()),
                network(InputType.convolutionalFlat(13, 11, 3), convolution(8, 3).build(), normalization().build()));
        INDArray images = images(9, 3, 13, 11);
        for (Network network : networks) {
            int rows = networks.indexOf(network);
            INDArray some = rows == 4 ? images.reshape('c', 9, 429).get(NDArrayIndex.all(), NDArrayIndex.interval(0,
                    20)) : rows == 5 ? images.reshape('c', 9, 429) : images;
            try (FrozenNetwork frozen = Acceleration.freeze(network)) {
                for (int n : new int[] {1, 9}) {
                    double difference = difference(network.output(first(n, some)), frozen.output(first(n, some)));
                    assertTrue(difference < TOLERANCE, "network " + rows + " differs by " + difference);
                }
                assertEquals(Optional.empty(), frozen.reason(), "network " + rows);
            }
        }
    }

    @Test
    void channelsLastNetworksPredictToo() {
        Network network = network(InputType.convolutional(12, 10, 3, CNN2DFormat.NHWC),
                convolution(5, 3).dataFormat(CNN2DFormat.NHWC).build(),
                pooling(PoolingType.MAX, 2).dataFormat(CNN2DFormat.NHWC).build());
        INDArray images = images(6, 12, 10, 3);
        try (FrozenNetwork frozen = Acceleration.freeze(network)) {
            assertTrue(difference(network.output(images), frozen.output(images)) < TOLERANCE);
            assertEquals(Optional.empty(), frozen.reason());
        }
    }

    @Test
    void networksThatKerasWrote() throws IOException {
        int frozenOnes = 0;
        try (Stream<Path> files = Files.list(Fixtures.FOLDER)) {
            for (Path file : files.filter(path -> path.toString().matches(".*\\.(h5|keras)")).toList()) {
                MultiLayerNetwork network = KerasFiles.read(file);
                Acceleration.of(network);
                try (FrozenNetwork frozen = Acceleration.freeze(network)) {
                    INDArray images = Fixtures.images();
                    assertTrue(difference(network.output(images), frozen.output(images)) < TOLERANCE,
                            file.toString());
                    if (frozen.reason().isEmpty()) frozenOnes++;
                }
            }
        }
        assertEquals(8, frozenOnes, "all but those with layers of padding have faster code");
    }

    // the promises ----------------------------------------------------------------------------------------------------

    private static MultiLayerNetwork small() {
        return (MultiLayerNetwork) of(Networks.small(true)).model();
    }

    @Test
    void whatHappensToTheNetworkAfterwardsChangesNothing() {
        MultiLayerNetwork network = small();
        INDArray images = Networks.batches(1, 6).get(0).getFeatures();
        List<Runnable> changes = List.of(() -> network.fit(Networks.batches(1, 8).get(0)),
                () -> network.setParams(network.params().mul(0.9)), () -> network.params().putScalar(3, 7),
                () -> network.setParam("0_W", network.getParam("0_W").mul(2)),
                () -> network.getLayer(1).getParam("mean").addi(1));
        for (Runnable change : changes) {
            try (FrozenNetwork frozen = Acceleration.freeze(network)) {
                INDArray before = frozen.output(images);
                INDArray own = network.output(images);
                change.run();
                assertEquals(before, frozen.output(images));
                assertNotEquals(own, network.output(images), "the change does something");
                try (FrozenNetwork anew = Acceleration.freeze(network)) {
                    assertTrue(difference(network.output(images), anew.output(images)) < TOLERANCE);
                }
            }
        }
    }

    @Test
    void equalImagesGetEqualResultsInOneBatchAndRepeatedCalls() {
        for (String name : List.of("walkthrough", "ResNet-8", "LeNet", "LeNet of 1998", "dense")) {
            try (FrozenNetwork frozen = Acceleration.freeze(architectures().get(name).get())) {
                float[] image = images(1, 1, 28, 28).data().asFloat();
                for (int n : new int[] {1, 3, 7, 37}) {
                    float[] same = new float[n * 784];
                    for (int i = 0; i < n; i++) System.arraycopy(image, 0, same, i * 784, 784);
                    float[][] rows = frozen.predict(same, n, 1, 28, 28);
                    float[][] again = frozen.predict(same, n, 1, 28, 28);
                    for (int i = 0; i < n; i++) {
                        assertArrayEquals(rows[0], rows[i], name + ", image " + i + " of " + n);
                        assertArrayEquals(rows[i], again[i], name + ", image " + i + " of " + n + " again");
                    }
                    INDArray array = Nd4j.create(same, new long[] {n, 1, 28, 28}, 'c');
                    assertArrayEquals(rows, Network.rows(frozen.output(array)));
                    assertArrayEquals(rows, Network.rows(frozen.output(array.dup('f'))), "another order in memory");
                }
            }
        }
    }

    @Test
    void manyThreadsPredictAtOnce() throws Exception {
        FrozenNetwork frozen = Acceleration.freeze(architectures().get("lean").get());
        INDArray images = images(40, 1, 28, 28);
        List<float[][]> expected = Stream.of(1, 2, 7, 40).map(n -> Network.rows(frozen.output(first(n, images))))
                .toList();
        var threads = Executors.newFixedThreadPool(6);
        List<Callable<Object>> tasks = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            int which = i % 4;
            INDArray some = first(List.of(1, 2, 7, 40).get(which), images);
            tasks.add(() -> {
                assertArrayEquals(expected.get(which), Network.rows(frozen.output(some)));
                return null;
            });
        }
        for (Future<Object> result : threads.invokeAll(tasks)) result.get();
        // closing waits for predictions that run; later ones say what happened
        Future<Object> predicting = threads.submit(() -> {
            for (int i = 0; i < 10_000; i++) frozen.output(images);
            return null;
        });
        Thread.sleep(50);
        frozen.close();
        frozen.close();
        var late = assertThrows(Exception.class, predicting::get);
        assertEquals("this network has been closed", late.getCause().getMessage());
        threads.shutdown();
    }

    @Test
    void notANumberPassesAsInTheNetwork() {
        for (String parameter : ((MultiLayerNetwork) of(Networks.small(false)).model()).paramTable().keySet()) {
            MultiLayerNetwork network = (MultiLayerNetwork) of(Networks.small(false)).model();
            network.getParam(parameter).assign(Float.NaN);
            INDArray images = Networks.batches(1, 3).get(0).getFeatures();
            try (FrozenNetwork frozen = Acceleration.freeze(network)) {
                for (int n : new int[] {1, 3}) {
                    boolean expected = network.output(first(n, images)).isNaN().any();
                    assertEquals(expected, frozen.output(first(n, images)).isNaN().any(), parameter);
                }
            }
        }
    }

    @Test
    void imagesThatDoNotFitAreRefused() {
        try (FrozenNetwork frozen = Acceleration.freeze(small())) {
            String channels = assertThrows(IllegalArgumentException.class,
                    () -> frozen.output(images(2, 3, 16, 16))).getMessage();
            assertTrue(channels.startsWith("a layer of this network reads 1 channels"), channels);
            String pixels = assertThrows(IllegalArgumentException.class,
                    () -> frozen.output(images(2, 1, 20, 16))).getMessage();
            assertTrue(pixels.contains("predict images as those that the network was made for"), pixels);
            String count = assertThrows(IllegalArgumentException.class,
                    () -> frozen.predict(new float[100], 1, 1, 16, 16)).getMessage();
            assertEquals("images of the shape [1, 1, 16, 16] have 256 numbers, not 100", count);
            assertThrows(IllegalArgumentException.class, () -> frozen.predict(new float[0], 0, 1, 16, 16));
            assertThrows(RuntimeException.class, () -> frozen.output(images(1, 1, 4, 4)));
            assertEquals(4, frozen.output(images(2, 1, 16, 16)).columns(), "the next prediction works");
            assertEquals(Optional.empty(), frozen.reason());
        }
    }

    @Test
    void largeImagesAreRefusedBeforeMemoryIsTaken() {
        Network network = network(InputType.convolutional(8, 8, 1), convolution(64, 3).build(),
                new GlobalPoolingLayer.Builder().build());
        try (FrozenNetwork frozen = Acceleration.freeze(network)) {
            INDArray large = Nd4j.zeros(1, 1, 1_200, 1_200);
            String message = assertThrows(IllegalArgumentException.class, () -> frozen.output(large)).getMessage();
            assertEquals("images of the shape [1, 1, 1200, 1200] take more than 268435456 bytes between the layers: "
                    + "predict smaller images", message);
            assertEquals(4, frozen.output(images(1, 1, 30, 40)).columns(), "another size than at first");
        }
    }

    @SuppressWarnings("try")   // closed twice
    @Test
    void networksWithoutFasterCodePredictAsTheyAre() {
        Network network = network(InputType.convolutional(9, 9, 1), convolution(4, 3).build(),
                new ActivationLayer(Activation.CUBE));
        INDArray images = images(5, 1, 9, 9);
        try (FrozenNetwork frozen = Acceleration.freeze(network)) {
            assertEquals(Optional.of("layer1 ActivationLayer: there is no faster code for the activation cube"),
                    frozen.reason());
            assertTrue(frozen.toString().contains("layer1 ActivationLayer"), frozen.toString());
            INDArray before = network.output(images);
            ((MultiLayerNetwork) network.model()).params().assign(0);
            assertEquals(before, frozen.output(images));
            assertArrayEquals(Network.rows(before), frozen.predict(images.data().asFloat(), 5, 1, 9, 9));
            frozen.close();
            assertThrows(IllegalStateException.class, () -> frozen.output(images));
        }
    }

    /** On a processor without instructions for bfloat16 it is the check that nothing changes. */
    @ParameterizedTest
    @MethodSource("names")
    void bfloat16RoundsOrIsNotUsed(String name) {
        Network network = architectures().get(name).get();
        INDArray images = images(6, 1, 28, 28);
        try (FrozenNetwork floats = Acceleration.freeze(network)) {
            System.setProperty(Acceleration.PROPERTY, "bfloat16");
            try (FrozenNetwork rounded = Acceleration.freeze(network)) {
                INDArray expected = floats.output(images);
                INDArray found = rounded.output(images);
                assertEquals(Optional.empty(), rounded.reason());
                boolean here = OneDnn.slowBfloat16().isEmpty();
                assertEquals(here, rounded.toString().endsWith("steps, with products in bfloat16"), rounded.toString());
                Closeness.assertClose("output", expected, found, here ? 0.1 : 0);
                assertEquals(here, !expected.equals(found), "rounded");
                assertArrayEquals(Network.rows(found), rounded.predict(images.data().asFloat(), 6, 1, 28, 28));
                float[] alone = Network.rows(rounded.output(images.get(NDArrayIndex.interval(2, 3))))[0];
                assertArrayEquals(Network.rows(found)[2], alone, here ? 0.05f : 1e-5f);
            } finally {
                System.clearProperty(Acceleration.PROPERTY);
            }
        }
    }

    @Test
    void switchedOffItPredictsAsTheNetworkIs() {
        System.setProperty(Acceleration.PROPERTY, "off");
        try (FrozenNetwork frozen = Acceleration.freeze(Examples.smallGraph(3))) {
            assertEquals(Optional.of("only oneDNN merges layers, and the mode is OFF"), frozen.reason());
            assertEquals(10, frozen.output(images(2, 1, 28, 28)).columns());
        } finally {
            System.clearProperty(Acceleration.PROPERTY);
        }
    }

    @Test
    void memoryStaysFlat() throws Exception {
        List<String> output = run(Map.of("OMP_NUM_THREADS", "2"), "-Xms96m -Xmx96m -XX:+AlwaysPreTouch "
                + "-XX:TieredStopAtLevel=1", Memory.class);
        long grown = Long.parseLong(output.get(output.size() - 2));
        assertTrue(grown < 400_000, "stretches of 2,500 calls and 10 networks grew by " + grown + " or more: "
                + output);
    }

    /** 20,000 predictions in batches of many sizes, and 80 networks, half of them never closed. */
    static final class Memory {
        private Memory() { }

        public static void main(String[] none) throws InterruptedException {
            INDArray images = Networks.batches(1, 40).get(0).getFeatures();
            float[] pixels = images.data().asFloat();
            MultiLayerNetwork network = Networks.small(true);
            FrozenNetwork frozen = Acceleration.freeze(network);
            long[] grown = new long[8];   // a busy machine disturbs some of them
            long before = 0;
            for (int stretch = 0; stretch < grown.length; stretch++) {
                for (int i = 0; i < 2_500; i++) {
                    int n = 1 + i % 9;
                    frozen.predict(Arrays.copyOf(pixels, n * 256), n, 1, 16, 16);
                }
                for (int i = 0; i < 10; i++) {
                    FrozenNetwork other = Acceleration.freeze(network);
                    other.predict(pixels, 40, 1, 16, 16);
                    if (i % 2 == 0) other.close();
                }
                for (int i = 0; i < 2; i++) {
                    System.gc();
                    Thread.sleep(150);
                }
                long after = Pointer.physicalBytes();
                grown[stretch] = after - before;
                before = after;
            }
            String all = Arrays.toString(grown);
            Arrays.sort(grown);
            System.out.println(grown[1]);
            System.out.println(all);
            System.exit(0);
        }
    }

    private static List<String> run(Map<String, String> variables, String options, Class<?> main) throws Exception {
        List<String> command = ChildJvm.java(options.split(" "));
        command.addAll(List.of("-XX:ErrorFile=/dev/null", "-cp", System.getProperty("java.class.path"),
                main.getName()));
        var builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().putAll(variables);
        Process process = builder.start();
        String output = new String(process.getInputStream().readAllBytes(), UTF_8);
        assertEquals(0, process.waitFor(), output);
        assertFalse(output.isEmpty());
        return output.lines().toList();
    }
}
