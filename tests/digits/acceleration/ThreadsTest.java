package digits.acceleration;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import digits.Examples;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.DropoutLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer.PoolingType;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Networks whose computations were compiled in one thread, used from others, as a notebook's cells are. oneDNN chooses
 * other code for older processors, some of which crashed, so each instruction set has a separate process.
 */
class ThreadsTest {
    private static final int THREADS = 10;

    @AfterEach
    void forgetTheProperty() {
        System.clearProperty(Acceleration.PROPERTY);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "AVX2", "SSE41"})
    void anyThreadMayUseANetwork(String instructions) throws Exception {
        var builder = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xmx512m",
                "-cp", System.getProperty("java.class.path"), Threads.class.getName()).redirectErrorStream(true);
        builder.environment().remove("DNNL_MAX_CPU_ISA");
        if (!instructions.isEmpty()) builder.environment().put("DNNL_MAX_CPU_ISA", instructions);
        Process process = builder.start();
        String output = new String(process.getInputStream().readAllBytes(), UTF_8);
        assertEquals(0, process.waitFor(), output);
        assertTrue(output.contains("all equal: 18 networks"), output);
    }

    /** Every kind of layer with faster code, and shapes for which oneDNN uses other code than for the walkthrough's. */
    static List<MultiLayerNetwork> networks() {
        return Stream.<org.deeplearning4j.nn.conf.layers.Layer.Builder<?>>of(
                convolution(3, 3), convolution(3, 3).dilation(2, 2), convolution(5, 4).stride(2, 3),
                convolution(3, 3).convolutionMode(ConvolutionMode.Same), convolution(3, 3).padding(1, 2),
                convolution(1, 1), convolution(3, 3).hasBias(false), convolution(7, 7).activation(Activation.TANH),
                convolution(3, 3).dilation(3, 1).convolutionMode(ConvolutionMode.Same).stride(2, 2),
                new BatchNormalization.Builder(), pooling(PoolingType.MAX, 2, 2), pooling(PoolingType.MAX, 3, 2),
                pooling(PoolingType.AVG, 2, 2), pooling(PoolingType.AVG, 3, 1), new DenseLayer.Builder().nOut(37)
                .activation(Activation.RELU), new DropoutLayer.Builder(0.5), new ActivationLayer.Builder()
                .activation(Activation.RELU))
                .map(layer -> Networks.of(InputType.convolutional(12, 11, 5),
                        List.<org.deeplearning4j.nn.conf.layers.Layer>of(
                        convolution(1, 1).nOut(5).build(), layer.build(),
                        new OutputLayer.Builder().nOut(4).activation(Activation.SOFTMAX).build()))).toList();
    }

    private static ConvolutionLayer.Builder convolution(int height, int width) {
        return new ConvolutionLayer.Builder(height, width).nOut(6).activation(Activation.RELU);
    }

    private static SubsamplingLayer.Builder pooling(PoolingType kind, int kernel, int stride) {
        return new SubsamplingLayer.Builder(kind).kernelSize(kernel, kernel).stride(stride, stride);
    }

    /** Compares, bit by bit, what ten threads compute with what the first thread did. */
    static final class Threads {
        private Threads() {
        }

        public static void main(String[] none) throws Exception {
            int compared = 0;
            for (MultiLayerNetwork network : networks()) {
                Acceleration report = Acceleration.of(network);
                if (report.accelerated() != 3) throw new AssertionError(report.toString());
                for (int n : new int[] {2, 33}) {
                    INDArray images = Nd4j.rand(DataType.FLOAT, n, 5, 12, 11);
                    INDArray classes = Nd4j.zeros(DataType.FLOAT, n, 4);
                    for (int i = 0; i < n; i++) classes.putScalar(i, i % 4, 1);
                    compare(report.layers().get(1).kind(), () -> {
                        Nd4j.getRandom().setSeed(3);
                        var gradients = network.calculateGradients(images, classes, null, null);
                        return List.of(network.output(images), gradients.getFirst().gradient().dup(),
                                gradients.getSecond().dup());
                    });
                }
                compared++;
            }
            ComputationGraph graph = Examples.smallGraph(1);
            Acceleration.of(graph);
            INDArray images = Nd4j.rand(DataType.FLOAT, 5, 1, 28, 28);
            INDArray classes = Nd4j.eye(10).castTo(DataType.FLOAT).getRows(1, 3, 5, 7, 9);
            compare("graph", () -> {
                graph.setInputs(images);
                graph.setLabels(classes);
                graph.computeGradientAndScore();
                return List.of(graph.outputSingle(images), graph.gradient().gradient().dup());
            });
            System.out.println("all equal: " + (compared + 1) + " networks");
            System.exit(0);
        }

        private static void compare(String what, Callable<List<INDArray>> task) throws Exception {
            List<INDArray> expected = task.call();
            for (int i = 0; i < THREADS; i++) {
                var thread = Executors.newSingleThreadExecutor();
                List<INDArray> actual = thread.submit(task).get();
                thread.shutdown();
                for (int k = 0; k < expected.size(); k++) {
                    if (!Arrays.equals(bits(expected.get(k)), bits(actual.get(k)))) {
                        throw new AssertionError(what + ", array " + k + " differs in thread " + i);
                    }
                }
            }
        }

        private static float[] bits(INDArray array) {
            return array.dup('c').data().asFloat();
        }
    }

    @Test
    void manyThreadsMayAskOneNetworkAtTheSameTime() throws Exception {
        MultiLayerNetwork network = Networks.small(true);
        Acceleration.of(network);
        List<INDArray> images = new ArrayList<>();
        List<INDArray> expected = new ArrayList<>();
        for (int n = 1; n <= 12; n++) {   // more shapes than a layer keeps: some are closed while others are asked for
            images.add(Networks.batches(1, n).get(0).getFeatures());
            expected.add(network.output(images.get(n - 1)));
        }
        var threads = Executors.newFixedThreadPool(THREADS);
        var results = threads.invokeAll(java.util.Collections.nCopies(4, images).stream().flatMap(List::stream)
                .map(input -> (Callable<INDArray>) () -> network.output(input)).toList());
        for (int i = 0; i < results.size(); i++) assertEquals(expected.get(i % 12), results.get(i).get());
        threads.shutdown();
    }

    /** Networks do not share what they compute with, except for code. */
    @Test
    void networksTrainSideBySideAsAlone() throws Exception {
        List<MultiLayerNetwork> networks = Stream.generate(() -> Networks.small(true)).limit(4).toList();
        networks.forEach(Acceleration::of);
        var batches = Networks.batches(4, 16);
        Networks.losses(networks.get(0), batches);
        var threads = Executors.newFixedThreadPool(3);
        for (MultiLayerNetwork network : networks.subList(1, 4)) {
            threads.execute(() -> Networks.losses(network, batches));
        }
        threads.shutdown();
        assertTrue(threads.awaitTermination(60, TimeUnit.SECONDS));
        for (MultiLayerNetwork network : networks) assertEquals(networks.get(0).params(), network.params());
    }

    /** Native code would read or write beyond its end. */
    @ParameterizedTest
    @ValueSource(strings = {"onednn", "portable"})
    void anArrayOfAnotherShapeIsRefused(String mode) {
        System.setProperty(Acceleration.PROPERTY, mode);
        for (MultiLayerNetwork network : networks()) {
            network.initGradientsView();
            Acceleration.of(network);
            Layer layer = network.getLayer(1);
            LayerWorkspaceMgr none = LayerWorkspaceMgr.noWorkspaces();
            INDArray images = Nd4j.rand(DataType.FLOAT, 3, 5, 12, 11);
            INDArray input = layer.conf().getLayer() instanceof org.deeplearning4j.nn.conf.layers.DenseLayer
                    ? images.reshape(3, 660) : images;
            INDArray output = layer.activate(input, true, none);
            long[] shape = output.shape().clone();
            shape[0] = 1;
            INDArray small = Nd4j.rand(DataType.FLOAT, shape);
            assertThrows(RuntimeException.class, () -> layer.backpropGradient(small, none), layer.toString());
        }
    }
}
