package digits.acceleration;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer.PoolingType;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Kernels, strides, paddings and dilations that no one would choose: Deeplearning4j's results, and no crash. */
class GeometryTest {
    @ParameterizedTest
    @ValueSource(strings = {"", "SSE41", "portable"})
    void anyGeometryGivesTheBuiltInResults(String instructions) throws Exception {
        boolean portable = instructions.equals("portable");
        var builder = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xmx512m",
                "-XX:ErrorFile=/dev/null", "-Ddigits.acceleration=" + (portable ? "portable" : "onednn"),
                "-cp", System.getProperty("java.class.path"), Geometries.class.getName(),
                "40", "1").redirectErrorStream(true);
        builder.environment().remove("DNNL_MAX_CPU_ISA");
        if (!instructions.isEmpty() && !portable) builder.environment().put("DNNL_MAX_CPU_ISA", instructions);
        Process process = builder.start();
        String output = new String(process.getInputStream().readAllBytes(), UTF_8);
        String end = output.substring(Math.max(0, output.length() - 1_500));
        assertEquals(0, process.waitFor(), end);
        assertTrue(output.contains("done: 40 geometries"), end);
    }

    /** Compares random geometries; arguments: how many, seed. */
    static final class Geometries {
        private Geometries() {
        }

        public static void main(String[] arguments) {
            int count = Integer.parseInt(arguments[0]);
            Random random = new Random(Long.parseLong(arguments[1]));
            int compared = 0;
            while (compared < count) {
                int channels = 1 + random.nextInt(random.nextBoolean() ? 3 : 20);
                int height = 1 + random.nextInt(14);
                int width = 1 + random.nextInt(14);
                var layer = layer(random);
                MultiLayerNetwork builtIn;
                try {
                    builtIn = Networks.of(InputType.convolutional(height, width, channels), List.of(layer,
                            new OutputLayer.Builder().nOut(2).activation(Activation.SOFTMAX).build()));
                } catch (RuntimeException doesNotFit) {
                    continue;
                }
                int n = random.nextBoolean() ? 1 + random.nextInt(3) : 33;
                System.out.println(n + "×" + channels + "×" + height + "×" + width + " " + layer);
                System.out.flush();
                compare(builtIn, Nd4j.randn(DataType.FLOAT, n, channels, height, width));
                compared++;
            }
            System.out.println("done: " + compared + " geometries");
            System.exit(0);
        }

        private static org.deeplearning4j.nn.conf.layers.Layer layer(Random random) {
            int[] kernel = {1 + random.nextInt(6), 1 + random.nextInt(6)};
            int[] stride = {1 + random.nextInt(5), 1 + random.nextInt(5)};
            boolean wide = random.nextBoolean();
            int[] dilation = {wide ? 1 + random.nextInt(3) : 1, wide ? 1 + random.nextInt(3) : 1};
            ConvolutionMode mode = random.nextBoolean() ? ConvolutionMode.Same : ConvolutionMode.Truncate;
            int most = mode == ConvolutionMode.Same ? 1 : 7;   // there, padding follows from the sizes
            int[] padding = {random.nextInt(most), random.nextInt(most)};
            if (random.nextInt(3) > 0) {
                return new ConvolutionLayer.Builder(kernel, stride, padding).dilation(dilation).convolutionMode(mode)
                        .nOut(1 + random.nextInt(12)).hasBias(random.nextBoolean()).activation(Activation.RELU).build();
            }
            PoolingType type = random.nextBoolean() ? PoolingType.MAX : PoolingType.AVG;
            return new SubsamplingLayer.Builder(type, kernel, stride, padding).convolutionMode(mode)
                    .avgPoolIncludePadInDivisor(random.nextBoolean()).build();
        }

        private static void compare(MultiLayerNetwork builtInNetwork, INDArray input) {
            LayerWorkspaceMgr none = LayerWorkspaceMgr.noWorkspaces();
            MultiLayerNetwork network = builtInNetwork.clone();
            builtInNetwork.initGradientsView();
            network.initGradientsView();
            Acceleration report = Acceleration.of(network);
            Layer builtIn = builtInNetwork.getLayer(0);
            Layer accelerated = network.getLayer(0);
            INDArray actual;
            try {
                actual = accelerated.activate(input.dup(), true, none).dup('c');
            } catch (RuntimeException refused) {   // also by ND4J, for windows in the padding
                return;
            }
            INDArray epsilon = Nd4j.randn(DataType.FLOAT, actual.shape());
            INDArray gradient = accelerated.backpropGradient(epsilon.dup(), none).getSecond().dup('c');
            if (report.layers().get(0).reason().isPresent()) return;
            Closeness.assertClose("output", builtIn.activate(input.dup(), true, none), actual, 1e-3);
            INDArray atInput = builtIn.backpropGradient(epsilon.dup(), none).getSecond();
            Closeness.assertClose("gradient", atInput, gradient, 1e-3);
        }
    }
}
