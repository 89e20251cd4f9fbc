package digits.keras;

import digits.acceleration.Acceleration;
import digits.networks.DenseNetwork;
import digits.networks.LeNet;
import digits.networks.LeanNetwork;
import digits.networks.ResNet;
import digits.networks.WalkthroughNetwork;
import digits.networks.WiderNetwork;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.dropout.GaussianDropout;
import org.deeplearning4j.nn.conf.dropout.GaussianNoise;
import org.deeplearning4j.nn.conf.dropout.SpatialDropout;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.graph.MergeVertex;
import org.deeplearning4j.nn.conf.graph.ScaleVertex;
import org.deeplearning4j.nn.conf.graph.ShiftVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.DepthwiseConvolution2D;
import org.deeplearning4j.nn.conf.layers.DropoutLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.LossLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.PReLULayer;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.conf.layers.SeparableConvolution2D;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.conf.layers.Upsampling2D;
import org.deeplearning4j.nn.conf.layers.ZeroPaddingLayer;
import org.deeplearning4j.nn.conf.layers.convolutional.Cropping2D;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.activations.impl.ActivationELU;
import org.nd4j.linalg.activations.impl.ActivationLReLU;
import org.nd4j.linalg.activations.impl.ActivationThresholdedReLU;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.config.Nesterovs;
import org.nd4j.linalg.learning.config.RmsProp;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/** Our networks that Keras must read, trained for a few steps so that every weight and average has changed. */
public final class Networks {
    private static final int STEPS = 4;
    private static final InputType IMAGE = InputType.convolutional(28, 28, 1);

    private Networks() {
    }

    /** Every network of this library, and networks with the other kinds of layers. */
    public static Map<String, Model> all() {
        Map<String, Model> networks = library();
        networks.put("borders", trained(borders()));
        networks.put("global", trained(of(
                new ConvolutionLayer.Builder(5, 5).stride(2, 2).nOut(10).activation(Activation.ELU).build(),
                new SubsamplingLayer.Builder(SubsamplingLayer.PoolingType.MAX).kernelSize(3, 3).stride(2, 2).build(),
                new GlobalPoolingLayer.Builder(PoolingType.AVG).build(),
                new LossLayer.Builder(LossFunction.MCXENT).activation(Activation.SOFTMAX).build())));
        networks.put("flat", trained(flat()));
        networks.put("lists", trained(of(new RmsProp(1e-3), InputType.feedForward(784),
                new DenseLayer.Builder().nOut(20).activation(Activation.RELU).dropOut(0.9).build(), output())));
        networks.put("functions", trained(functions()));
        networks.put("slopes", slopes());
        networks.put("kernels", trained(kernels()));
        networks.put("frozen", frozen());
        networks.put("joins", trained(joins()));
        return networks;
    }

    private static Map<String, Model> library() {
        Map<String, Model> networks = new LinkedHashMap<>();
        networks.put("walkthrough", trained(new MultiLayerNetwork(WalkthroughNetwork.configuration(1, 0.9))));
        networks.put("lenet", trained(new MultiLayerNetwork(LeNet.modern(1, 10))));
        networks.put("dense", trained(new MultiLayerNetwork(DenseNetwork.configuration(1, 10))));
        networks.put("lean", trained(new MultiLayerNetwork(LeanNetwork.configuration(1, new Adam(1e-3)))));
        networks.put("wider", trained(new MultiLayerNetwork(WiderNetwork.configuration(1, 10, new Adam(1e-3)))));
        networks.put("resnet", trained(new ComputationGraph(ResNet.configuration(1, 10, 2))));
        return networks;
    }

    private static MultiLayerNetwork borders() {
        return of(
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
                output());
    }

    /** Deeplearning4j's own example LeNet, with fewer filters: it reads lists of 784 numbers. */
    static MultiLayerNetwork flat() {
        return of(new Nesterovs(0.01, 0.9), InputType.convolutionalFlat(28, 28, 1),
                new ConvolutionLayer.Builder(5, 5).nIn(1).stride(1, 1).nOut(4).activation(Activation.IDENTITY).build(),
                new SubsamplingLayer.Builder(SubsamplingLayer.PoolingType.MAX).kernelSize(2, 2).stride(2, 2).build(),
                new ConvolutionLayer.Builder(5, 5).stride(1, 1).nOut(6).activation(Activation.IDENTITY).build(),
                new SubsamplingLayer.Builder(SubsamplingLayer.PoolingType.MAX).kernelSize(2, 2).stride(2, 2).build(),
                new DenseLayer.Builder().activation(Activation.RELU).nOut(20).build(),
                new OutputLayer.Builder(LossFunction.NEGATIVELOGLIKELIHOOD).nOut(10).activation(Activation.SOFTMAX)
                        .build());
    }

    /** Activation functions as options and as layers, and the forms of dropout. */
    private static MultiLayerNetwork functions() {
        return of(new Adam(1e-3), IMAGE,
                new ConvolutionLayer.Builder(3, 3).nOut(4).activation(Activation.LEAKYRELU).build(),
                new ConvolutionLayer.Builder(1, 1).nOut(5).activation(Activation.SWISH).build(),
                new ActivationLayer(new ActivationELU(0.5)),
                new DropoutLayer(new GaussianDropout(0.2)),
                new ConvolutionLayer.Builder(2, 2).stride(2, 2).nOut(6).activation(Activation.SELU).dropOut(0.9)
                        .build(),
                new DropoutLayer(new SpatialDropout(0.9)),
                new ActivationLayer(Activation.HARDTANH),
                new Upsampling2D.Builder(2).build(),
                new Cropping2D.Builder(1, 2, 3, 4).build(),
                new ConvolutionLayer.Builder(3, 3).stride(2, 2).nOut(7).activation(new ActivationThresholdedReLU(0.1))
                        .build(),
                new ActivationLayer(Activation.MISH),
                new ActivationLayer(Activation.RELU6),
                new GlobalPoolingLayer.Builder(PoolingType.MAX).build(),
                new DenseLayer.Builder().nOut(9).activation(Activation.HARDSIGMOID).dropOut(new GaussianNoise(0.1))
                        .build(),
                new DenseLayer.Builder().nOut(8).activation(Activation.RECTIFIEDTANH).hasBias(false).build(),
                new DenseLayer.Builder().nOut(8).activation(Activation.SOFTSIGN).build(),
                new DenseLayer.Builder().nOut(10).activation(Activation.SOFTPLUS).build(),
                new BatchNormalization.Builder().lockGammaBeta(true).gamma(0.5).beta(0.25).build(),
                new ActivationLayer(Activation.TANH),
                output());
    }

    /** Slopes that are trained. Not trained here: Deeplearning4j cannot do it where pixels share a slope. */
    private static MultiLayerNetwork slopes() {
        MultiLayerNetwork network = of(
                new ConvolutionLayer.Builder(3, 3).nOut(4).activation(Activation.IDENTITY).build(),
                new PReLULayer.Builder().inputShape(4, 26, 26).sharedAxes(2, 3).build(),
                new ConvolutionLayer.Builder(3, 3).stride(3, 3).nOut(5).activation(Activation.IDENTITY).build(),
                new PReLULayer.Builder().inputShape(5, 8, 8).build(),
                output());
        for (int layer : new int[] {1, 3}) {
            INDArray slopes = network.getLayer(layer).getParam("W");
            slopes.assign(Nd4j.rand(slopes.shape()));
        }
        return network;
    }

    /** Convolutions with every option, depthwise and separable ones. */
    private static MultiLayerNetwork kernels() {
        return of(new Sgd(0.01), IMAGE,
                new ConvolutionLayer.Builder(3, 2).dilation(2, 3).nOut(3).activation(Activation.RELU).build(),
                new SeparableConvolution2D.Builder(3, 2).depthMultiplier(2).nOut(4).stride(2, 2)
                        .convolutionMode(ConvolutionMode.Same).activation(Activation.TANH).build(),
                new SeparableConvolution2D.Builder(2, 3).nOut(5).padding(1, 2).hasBias(false)
                        .activation(Activation.RELU).build(),
                new DepthwiseConvolution2D.Builder(3, 3).depthMultiplier(2).nOut(10).padding(1, 0)
                        .activation(Activation.SOFTSIGN).build(),
                new ConvolutionLayer.Builder(3, 3).dilation(2, 2).nOut(3).convolutionMode(ConvolutionMode.Same)
                        .activation(Activation.RELU).build(),
                new SubsamplingLayer.Builder(SubsamplingLayer.PoolingType.MAX).kernelSize(3, 3).stride(5, 5).build(),
                new GlobalPoolingLayer.Builder(PoolingType.AVG).collapseDimensions(false).build(),
                output());
    }

    /** As transfer learning leaves it: the first layers do not learn. */
    private static MultiLayerNetwork frozen() {
        return trained(of(
                new FrozenLayer(new ConvolutionLayer.Builder(5, 5).stride(3, 3).nOut(4).activation(Activation.RELU)
                        .build()),
                new FrozenLayer(new BatchNormalization.Builder().useLogStd(false).build()),
                new DenseLayer.Builder().nOut(12).activation(Activation.RELU).build(),
                output()));
    }

    /** A graph in which branches of different lengths are joined by each vertex that can be written. */
    static ComputationGraph joins() {
        GraphBuilder graph = new NeuralNetConfiguration.Builder().seed(7).updater(new Adam(1e-3))
                .convolutionMode(ConvolutionMode.Same).graphBuilder().addInputs("image").setInputTypes(IMAGE);
        graph.addLayer("a", new ConvolutionLayer.Builder(3, 3).nOut(4).stride(2, 2).activation(Activation.RELU).build(),
                "image");
        graph.addLayer("_b 1", new ConvolutionLayer.Builder(5, 5).nOut(4).stride(2, 2).activation(Activation.TANH)
                .build(), "image");
        graph.addLayer("b", new ConvolutionLayer.Builder(1, 1).nOut(4).activation(Activation.LEAKYRELU).build(),
                "_b 1");
        graph.addVertex("sum", new ElementWiseVertex(ElementWiseVertex.Op.Add), "b", "a", "_b 1");
        graph.addVertex("difference", new ElementWiseVertex(ElementWiseVertex.Op.Subtract), "a", "b");
        graph.addVertex("product", new ElementWiseVertex(ElementWiseVertex.Op.Product), "sum", "difference");
        graph.addVertex("mean", new ElementWiseVertex(ElementWiseVertex.Op.Average), "product", "b");
        graph.addVertex("largest", new ElementWiseVertex(ElementWiseVertex.Op.Max), "a", "mean");
        graph.addVertex("all", new MergeVertex(), "largest", "difference", "sum");
        graph.addVertex("half", new ScaleVertex(0.5), "all");
        graph.addVertex("more", new ShiftVertex(0.25), "half");
        graph.addLayer("left", new DenseLayer.Builder().nOut(6).activation(Activation.RELU).build(), "more");
        graph.addLayer("right", new DenseLayer.Builder().nOut(5).activation(Activation.TANH).build(), "b");
        graph.addLayer("answer", output(), "left", "right");
        return new ComputationGraph(graph.setOutputs("answer").build());
    }

    private static OutputLayer output() {
        return new OutputLayer.Builder(LossFunction.MCXENT).nOut(10).activation(Activation.SOFTMAX).build();
    }

    /** A network of these layers on 28×28 grayscale images. */
    public static MultiLayerNetwork of(Layer... layers) {
        return of(new Adam(1e-3), IMAGE, layers);
    }

    public static MultiLayerNetwork of(IUpdater updater, InputType input, Layer... layers) {
        NeuralNetConfiguration.ListBuilder list = new NeuralNetConfiguration.Builder().seed(7).updater(updater).list();
        for (Layer layer : layers) {
            list.layer(layer);
        }
        MultiLayerNetwork network = new MultiLayerNetwork(list.setInputType(input).build());
        network.init();
        return network;
    }

    public static <T extends Model> T trained(T network) {
        if (network instanceof MultiLayerNetwork sequence) Acceleration.of(sequence);
        else Acceleration.of((ComputationGraph) network);
        INDArray labels = Nd4j.zeros(Fixtures.DIGITS, 10);
        for (int i = 0; i < Fixtures.DIGITS; i++) labels.putScalar(i, Fixtures.labels()[i], 1);
        for (DataSet some : new DataSet(images(network), labels).batchBy(Fixtures.DIGITS / STEPS)) {
            if (network instanceof MultiLayerNetwork sequence) sequence.fit(some);
            else ((ComputationGraph) network).fit(some);
        }
        return network;
    }

    /** The 100 digits as the network reads them: images, or lists of 784 numbers. */
    public static INDArray images(Model network) {
        INDArray images = Fixtures.images();
        boolean lists = network instanceof MultiLayerNetwork sequence
                && sequence.getLayerWiseConfigurations().getInputPreProcess(0) == null
                && sequence.getLayerWiseConfigurations().getConf(0).getLayer() instanceof DenseLayer;
        return lists ? images.reshape(Fixtures.DIGITS, 784) : images;
    }

    /** The predictions for the 100 digits. */
    public static INDArray output(Model network) {
        INDArray images = images(network);
        return network instanceof MultiLayerNetwork sequence ? sequence.output(images)
                : ((ComputationGraph) network).outputSingle(images);
    }

    static void write(Model network, Path file) {
        if (network instanceof MultiLayerNetwork sequence) KerasFiles.write(sequence, file);
        else KerasFiles.write((ComputationGraph) network, file);
    }
}
