package com.example;

import digits.acceleration.Acceleration;
import digits.keras.KerasFiles;
import digits.onnx.OnnxFiles;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Adam;

/** Traffic lights: which of three lamps is on, in color images of 20×12 pixels. The network is not the library's. */
public final class Traffic {
    private static final InputType IMAGES = InputType.convolutional(20, 12, 3);

    private Traffic() { }

    /**
     * Accelerates, trains, writes and reads; ends with an error if something is not as it should be.
     *
     * @param arguments a folder for files; and the version of Deeplearning4j that the library has to refuse, if any
     */
    public static void main(String[] arguments) throws Exception {
        Path folder = Path.of(arguments[0]);
        if (arguments.length > 1) refused(folder, arguments[1]);
        else works(folder);
    }

    private static void works(Path folder) {
        MultiLayerNetwork network = network();
        DataSet images = images(240, 1), others = images(60, 2);
        INDArray before = network.output(others.getFeatures());

        example(configuration(), images, folder);

        Acceleration.of(network);
        check("the same predictions", difference(before, network.output(others.getFeatures())) < 1e-5);
        for (int epoch = 0; epoch < 20; epoch++) network.fit(images);
        INDArray predictions = network.output(others.getFeatures());
        check("it learns", accuracy(predictions, others.getLabels()) > 0.9);

        KerasFiles.write(network, IMAGES, folder.resolve("traffic.keras"));
        INDArray again = KerasFiles.read(folder.resolve("traffic.keras")).output(others.getFeatures());
        check("the same from Keras's file", difference(predictions, again) < 1e-5);

        OnnxFiles.write(network, IMAGES, Map.of(), List.of(), folder.resolve("traffic.onnx"));
        INDArray back = OnnxFiles.read(folder.resolve("traffic.onnx")).output(others.getFeatures());
        check("the same from the ONNX file", difference(predictions, back) < 1e-5);
    }

    /** The lines in the library's README. */
    private static void example(MultiLayerConfiguration configuration, DataSet images, Path folder) {
        MultiLayerNetwork network = new MultiLayerNetwork(configuration);
        network.init();
        System.out.println(Acceleration.of(network));   // oneDNN computes 4 of 4 layers
        network.fit(images);

        InputType shape = InputType.convolutional(20, 12, 3);   // height, width, channels
        KerasFiles.write(network, shape, folder.resolve("mine.keras"));
        OnnxFiles.write(network, shape, Map.of("author", "me"), List.of(), folder.resolve("mine.onnx"));

        MultiLayerNetwork theirs = OnnxFiles.read(folder.resolve("theirs.onnx"));   // PyTorch's, for example
        Acceleration.of(theirs);
    }

    /** Each entry of the library names the other version in a sentence. */
    private static void refused(Path folder, String version) {
        MultiLayerNetwork network = network();
        ComputationGraph graph = network.toComputationGraph();
        Path file = folder.resolve("refused");
        Map<String, Runnable> entries = Map.of(
                "Acceleration.of a network", () -> Acceleration.of(network),
                "Acceleration.of a graph", () -> Acceleration.of(graph),
                "KerasFiles.read", () -> KerasFiles.read(file),
                "KerasFiles.readGraph", () -> KerasFiles.readGraph(file),
                "KerasFiles.write", () -> KerasFiles.write(network, file),
                "KerasFiles.write of a graph", () -> KerasFiles.write(graph, IMAGES, file),
                "OnnxFiles.read", () -> OnnxFiles.read(file),
                "OnnxFiles.readGraph", () -> OnnxFiles.readGraph(file),
                "OnnxFiles.write", () -> OnnxFiles.write(network, Map.of(), file),
                "OnnxFiles.write of a graph", () -> OnnxFiles.write(graph, IMAGES, Map.of(), List.of(), file));
        entries.forEach((name, entry) -> {
            try {
                entry.run();
                check(name + " refuses Deeplearning4j " + version, false);
            } catch (IllegalStateException said) {
                System.out.println(name + ": " + said.getMessage());
                check(name, said.getMessage().matches("This library works with Deeplearning4j .* only, but "
                        + "deeplearning4j-nn " + version + " is on the class path .*"));
            }
        });
    }

    private static MultiLayerNetwork network() {
        MultiLayerNetwork network = new MultiLayerNetwork(configuration());
        network.init();
        return network;
    }

    private static MultiLayerConfiguration configuration() {
        return new NeuralNetConfiguration.Builder().seed(7).updater(new Adam(0.01))
                .activation(Activation.LEAKYRELU).list()
                .layer(new ConvolutionLayer.Builder(3, 3).nOut(8).build())
                .layer(new SubsamplingLayer.Builder().kernelSize(2, 2).stride(2, 2).build())
                .layer(new DenseLayer.Builder().nOut(16).activation(Activation.RELU).build())
                .layer(new OutputLayer.Builder().nOut(3).activation(Activation.SOFTMAX).build())
                .setInputType(IMAGES).build();
    }

    /** Noise, and a bright lamp: red at the top, yellow in the middle or green at the bottom. */
    private static DataSet images(int count, long seed) {
        Random random = new Random(seed);
        float[] pixels = new float[count * 3 * 20 * 12];
        float[][] labels = new float[count][3];
        for (int i = 0; i < pixels.length; i++) pixels[i] = random.nextFloat() / 2;
        for (int n = 0; n < count; n++) {
            int lamp = random.nextInt(3);
            labels[n][lamp] = 1;
            for (int channel = 0; channel < 2; channel++) {
                if (lamp == 2 - 2 * channel) continue;   // red has no green in it, green no red
                for (int y = 0; y < 4; y++) {
                    for (int x = 4; x < 8; x++) pixels[((n * 3 + channel) * 20 + 2 + 6 * lamp + y) * 12 + x] += 0.5f;
                }
            }
        }
        return new DataSet(Nd4j.create(pixels, new int[] {count, 3, 20, 12}), Nd4j.create(labels));
    }

    private static double accuracy(INDArray predictions, INDArray labels) {
        return predictions.argMax(1).eq(labels.argMax(1)).castTo(labels.dataType()).meanNumber().doubleValue();
    }

    private static double difference(INDArray one, INDArray other) {
        return one.sub(other).amaxNumber().doubleValue();
    }

    private static void check(String what, boolean holds) {
        if (!holds) throw new AssertionError(what);
        System.out.println("ok: " + what);
    }
}
