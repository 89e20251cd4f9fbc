package digits.acceleration;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.DropoutLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.weights.WeightInit;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.lossfunctions.LossFunctions;

/** Small networks and pictures that a network can learn, for the tests of the acceleration. */
final class Networks {
    static final int SIZE = 16;
    static final int CLASSES = 4;

    private Networks() {
    }

    /** The walkthrough's kinds of layers in its order, a quarter as wide; on 16×16 images with one channel. */
    static MultiLayerNetwork small(boolean dropout) {
        return small(dropout, false);
    }

    static MultiLayerNetwork small(boolean dropout, boolean logStd) {
        List<Layer> layers = new ArrayList<>();
        layers.add(convolution(8));
        layers.add(normalization(logStd));
        layers.add(convolution(8));
        layers.add(normalization(logStd));
        layers.add(pooling());
        if (dropout) layers.add(new DropoutLayer.Builder(0.75).build());
        layers.add(convolution(16));
        layers.add(normalization(logStd));
        layers.add(pooling());
        layers.add(new DenseLayer.Builder().nOut(32).activation(Activation.RELU).build());
        layers.add(normalization(logStd));
        if (dropout) layers.add(new DropoutLayer.Builder(0.5).build());
        layers.add(new OutputLayer.Builder(LossFunctions.LossFunction.MCXENT).nOut(CLASSES)
                .activation(Activation.SOFTMAX).build());
        return of(InputType.convolutional(SIZE, SIZE, 1), layers);
    }

    /** Layers with 16 channels and more, which may compute in bfloat16. */
    static MultiLayerNetwork wide() {
        return of(InputType.convolutional(SIZE, SIZE, 1), List.of(convolution(16), convolution(32),
                normalization(false), pooling(), new DenseLayer.Builder().nOut(64).activation(Activation.RELU).build(),
                new OutputLayer.Builder(LossFunctions.LossFunction.MCXENT).nOut(CLASSES).activation(Activation.SOFTMAX)
                        .build()));
    }

    /** One layer of each accelerated kind, as small as can be. */
    static MultiLayerNetwork tiny() {
        return of(InputType.convolutional(SIZE, SIZE, 1), List.of(
                new ConvolutionLayer.Builder(3, 3).stride(2, 2).nOut(4).activation(Activation.RELU).build(),
                        normalization(false),
                pooling(), new DropoutLayer.Builder(0.75).build(),
                new DenseLayer.Builder().nOut(8).activation(Activation.RELU).build(),
                new OutputLayer.Builder(LossFunctions.LossFunction.MCXENT).nOut(CLASSES).activation(Activation.SOFTMAX)
                        .build()));
    }

    static MultiLayerNetwork of(InputType input, List<? extends Layer> layers) {
        var builder = new NeuralNetConfiguration.Builder().seed(1).updater(new Adam(1e-3))
                .weightInit(WeightInit.XAVIER_UNIFORM).list();
        layers.forEach(builder::layer);
        MultiLayerConfiguration configuration = builder.setInputType(input).build();
        var network = new MultiLayerNetwork(configuration);
        network.init();
        return network;
    }

    /** Batches of noisy pictures: a bright square in the corner that is the class. */
    static List<DataSet> batches(int count, int size) {
        Random random = new Random(7);
        List<DataSet> batches = new ArrayList<>();
        for (int b = 0; b < count; b++) {
            float[] pixels = new float[size * SIZE * SIZE];
            INDArray labels = Nd4j.zeros(size, CLASSES);
            for (int i = 0; i < size; i++) {
                int label = random.nextInt(CLASSES);
                labels.putScalar(i, label, 1);
                for (int p = 0; p < SIZE * SIZE; p++) {
                    boolean lower = p / SIZE >= SIZE / 2;
                    boolean right = p % SIZE >= SIZE / 2;
                    boolean bright = (lower ? 2 : 0) + (right ? 1 : 0) == label;
                    pixels[i * SIZE * SIZE + p] = random.nextFloat() * (bright ? 1f : 0.6f);
                }
            }
            batches.add(new DataSet(Nd4j.createFromArray(pixels).reshape(size, 1, SIZE, SIZE), labels));
        }
        return batches;
    }

    /** Accelerates the network in this mode; the test clears the property afterwards. */
    static Acceleration accelerate(MultiLayerNetwork network, String mode) {
        System.setProperty(Acceleration.PROPERTY, mode);
        return Acceleration.of(network);
    }

    /** Trains one step on each batch and returns the losses before the steps. */
    static double[] losses(MultiLayerNetwork network, List<DataSet> batches) {
        Nd4j.getRandom().setSeed(99);
        return batches.stream().mapToDouble(batch -> {
            network.fit(batch);
            return network.score();
        }).toArray();
    }

    private static ConvolutionLayer convolution(int channels) {
        return new ConvolutionLayer.Builder(3, 3).nOut(channels).activation(Activation.RELU).build();
    }

    private static BatchNormalization normalization(boolean logStd) {
        return new BatchNormalization.Builder().eps(1e-3).decay(0.9).useLogStd(logStd).build();
    }

    private static SubsamplingLayer pooling() {
        return new SubsamplingLayer.Builder(SubsamplingLayer.PoolingType.MAX).kernelSize(2, 2).stride(2, 2).build();
    }
}
