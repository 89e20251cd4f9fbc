package digits;

import digits.data.DigitBatches;
import digits.data.LabeledImages;
import java.util.Random;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DropoutLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.dataset.api.preprocessor.ImagePreProcessingScaler;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/** Small data and networks that several tests need. */
public final class Examples {
    private Examples() {
    }

    /** Images whose class can be seen: noise, and a bright bar in row 2·class + 4. */
    public static LabeledImages bars(int n, long seed) {
        Random random = new Random(seed);
        byte[] pixels = new byte[n * 784];
        byte[] labels = new byte[n];
        for (int i = 0; i < n; i++) {
            labels[i] = (byte) (i % 10);
            for (int p = 0; p < 784; p++) pixels[i * 784 + p] = (byte) random.nextInt(60);
            for (int column = 4; column < 24; column++) pixels[i * 784 + (2 * labels[i] + 4) * 28 + column] =
                    (byte) 250;
        }
        return LabeledImages.of(pixels, labels, 28, 28);
    }

    /** Batches scaled to [0, 1], in order. */
    public static DigitBatches inOrder(LabeledImages images, int batch) {
        DigitBatches batches = DigitBatches.inOrder(images, batch);
        batches.setPreProcessor(new ImagePreProcessingScaler(0, 1));
        return batches;
    }

    /** Batches scaled to [0, 1], shuffled anew each epoch. */
    public static DigitBatches shuffled(LabeledImages images, int batch, long seed) {
        DigitBatches batches = DigitBatches.shuffled(images, batch, seed);
        batches.setPreProcessor(new ImagePreProcessingScaler(0, 1));
        return batches;
    }

    /** A small network with every kind of layer that the walkthrough's network has. */
    public static MultiLayerNetwork smallNetwork(long seed) {
        return smallNetwork(seed, new Adam(1e-2));
    }

    /** The same network with another optimizer or schedule. */
    public static MultiLayerNetwork smallNetwork(long seed, IUpdater updater) {
        MultiLayerConfiguration configuration = new NeuralNetConfiguration.Builder().seed(seed).updater(updater)
                .list()
                .layer(new ConvolutionLayer.Builder(3, 3).nOut(4).activation(Activation.RELU).build())
                .layer(new BatchNormalization.Builder().decay(0.8).useLogStd(false).build())
                .layer(new SubsamplingLayer.Builder(SubsamplingLayer.PoolingType.MAX).kernelSize(2, 2).stride(2, 2)
                .build())
                .layer(new DropoutLayer(0.8))
                .layer(new OutputLayer.Builder(LossFunction.MCXENT).nOut(10).activation(Activation.SOFTMAX).build())
                .setInputType(InputType.convolutional(28, 28, 1)).build();
        MultiLayerNetwork network = new MultiLayerNetwork(configuration);
        network.init();
        return network;
    }

    /** A small graph with a shortcut around a convolution. */
    public static ComputationGraph smallGraph(long seed) {
        ComputationGraph graph =
                new ComputationGraph(new NeuralNetConfiguration.Builder().seed(seed).updater(new Adam(1e-2))
                .convolutionMode(ConvolutionMode.Same).graphBuilder().addInputs("image")
                .addLayer("first", new ConvolutionLayer.Builder(3, 3).nOut(4).activation(Activation.RELU).build(),
                "image")
                .addLayer("normal", new BatchNormalization.Builder().decay(0.8).useLogStd(false).build(), "first")
                .addLayer("second", new ConvolutionLayer.Builder(3, 3).nOut(4).activation(Activation.RELU).build(),
                "normal")
                .addVertex("sum", new ElementWiseVertex(ElementWiseVertex.Op.Add), "normal", "second")
                .addLayer("small", new SubsamplingLayer.Builder(SubsamplingLayer.PoolingType.MAX).kernelSize(2, 2)
                .stride(2, 2).build(), "sum")
                .addLayer("output",
                new OutputLayer.Builder(LossFunction.MCXENT).nOut(10).activation(Activation.SOFTMAX).build(), "small")
                .setOutputs("output").setInputTypes(InputType.convolutional(28, 28, 1)).build());
        graph.init();
        return graph;
    }
}
