package digits.networks;

import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration.ListBuilder;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DropoutLayer;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer.PoolingType;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.learning.config.IUpdater;

/** The better network of the notebook on data sets: input [n, 1, 28, 28] in [0, 1], [n, classes] probabilities. */
public final class WiderNetwork {
    private WiderNetwork() { }

    /** The network's configuration for 2 or more classes; the seed is that of the initial weights. */
    public static MultiLayerConfiguration configuration(long seed, int classes, IUpdater updater) {
        ListBuilder layers = Layers.begin(seed, classes).updater(updater).list();
        convolutions(layers, 32, 1);
        convolutions(layers, 48, 2).layer(new DropoutLayer(0.75));
        convolutions(layers, 96, 2).layer(new DropoutLayer(0.75));
        return layers.layer(Layers.dense(256, Activation.RELU)).layer(Layers.batchNorm(0.9))
                .layer(new DropoutLayer(0.5)).layer(Layers.output(classes)).setInputType(Layers.INPUT).build();
    }

    private static ListBuilder convolutions(ListBuilder layers, int filters, int count) {
        for (int i = 0; i < count; i++) {
            layers.layer(new ConvolutionLayer.Builder(3, 3).nOut(filters).activation(Activation.RELU)
                    .convolutionMode(ConvolutionMode.Same).build()).layer(Layers.batchNorm(0.9));
        }
        return layers.layer(Layers.pooling(PoolingType.MAX));
    }
}
