package digits.keras;

import digits.networks.WalkthroughNetwork;
import java.util.LinkedHashMap;
import java.util.Map;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.DropoutLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.LossLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.conf.layers.ZeroPaddingLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.activations.impl.ActivationLReLU;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/** Our networks that Keras must read, trained for a few steps so that every weight and average has changed. */
final class Networks {
    private Networks() {
    }

    static Map<String, MultiLayerNetwork> all() {
        Map<String, MultiLayerNetwork> networks = new LinkedHashMap<>();
        MultiLayerNetwork walkthrough = new MultiLayerNetwork(WalkthroughNetwork.configuration(1, 0.9));
        walkthrough.init();
        networks.put("walkthrough", trained(walkthrough));
        networks.put("borders", trained(of(
                new ConvolutionLayer.Builder(3, 3).padding(1, 2).nOut(3).activation(Activation.TANH).build(),
                new BatchNormalization.Builder().useLogStd(true).decay(0.8).build(),
                new ZeroPaddingLayer.Builder(0, 1, 2, 3).build(),
                new ConvolutionLayer.Builder(2, 3).stride(3, 2).nOut(4).hasBias(false)
                        .convolutionMode(ConvolutionMode.Same).activation(Activation.IDENTITY).build(),
                new BatchNormalization.Builder().lockGammaBeta(true).useLogStd(false).decay(0.8).build(),
                new ActivationLayer.Builder().activation(new ActivationLReLU(0.2)).build(),
                new SubsamplingLayer.Builder(SubsamplingLayer.PoolingType.AVG).kernelSize(3, 2).stride(2, 2)
                        .convolutionMode(ConvolutionMode.Same).build(),
                new DropoutLayer(0.8),
                new BatchNormalization.Builder().useLogStd(false).decay(0.8).build(),
                new DenseLayer.Builder().nOut(12).activation(Activation.SIGMOID).build(),
                new OutputLayer.Builder(LossFunction.MCXENT).nOut(10).activation(Activation.SOFTMAX).build())));
        networks.put("global", trained(of(
                new ConvolutionLayer.Builder(5, 5).stride(2, 2).nOut(10).activation(Activation.ELU).build(),
                new SubsamplingLayer.Builder(SubsamplingLayer.PoolingType.MAX).kernelSize(3, 3).stride(2, 2).build(),
                new GlobalPoolingLayer.Builder(PoolingType.AVG).build(),
                new LossLayer.Builder(LossFunction.MCXENT).activation(Activation.SOFTMAX).build())));
        return networks;
    }

    /** A network of these layers on 28×28 grayscale images. */
    static MultiLayerNetwork of(Layer... layers) {
        NeuralNetConfiguration.ListBuilder list = new NeuralNetConfiguration.Builder().seed(7)
                .updater(new Adam(1e-3)).list();
        for (Layer layer : layers) {
            list.layer(layer);
        }
        list.setInputType(InputType.convolutional(28, 28, 1));
        MultiLayerNetwork network = new MultiLayerNetwork(list.build());
        network.init();
        return network;
    }

    private static MultiLayerNetwork trained(MultiLayerNetwork network) {
        INDArray labels = Nd4j.zeros(Fixtures.DIGITS, 10);
        for (int i = 0; i < Fixtures.DIGITS; i++) labels.putScalar(i, Fixtures.labels()[i], 1);
        for (int i = 0; i < 5; i++) network.fit(new DataSet(Fixtures.images(), labels));
        return network;
    }
}
