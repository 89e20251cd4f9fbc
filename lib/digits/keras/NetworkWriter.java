package digits.keras;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.InputPreProcessor;
import org.deeplearning4j.nn.conf.dropout.Dropout;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BaseLayer;
import org.deeplearning4j.nn.conf.layers.BaseOutputLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.DropoutLayer;
import org.deeplearning4j.nn.conf.layers.FeedForwardLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.LossLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.conf.layers.ZeroPaddingLayer;
import org.deeplearning4j.nn.conf.preprocessor.CnnToFeedForwardPreProcessor;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.activations.impl.ActivationLReLU;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.lossfunctions.ILossFunction;
import org.nd4j.linalg.lossfunctions.impl.LossMCXENT;
import org.nd4j.linalg.ops.transforms.Transforms;

/** Describes a network's layers as Keras does, and copies their weights into Keras's order. */
final class NetworkWriter {
    private final MultiLayerNetwork network;
    private final List<H5ModelFile.Layer> written = new ArrayList<>();
    private FlattenOrder order;   // after a Flatten, until the next Dense
    private int place;            // of the current layer, from 1
    private Layer current;

    private NetworkWriter(MultiLayerNetwork network) {
        this.network = network;
    }

    static void write(MultiLayerNetwork network, InputType input, Path file) {
        NetworkWriter writer = new NetworkWriter(network);
        List<Integer> shape = shape(input);
        for (int i = 0; i < network.getnLayers(); i++) writer.add(i);
        if (writer.order != null) throw writer.cannot("passes on a flattened image in Keras's order; a Dense layer must follow");
        H5ModelFile.write(file, shape, writer.written, writer.training());
    }

    private static List<Integer> shape(InputType input) {
        if (input instanceof InputType.InputTypeFeedForward f) return List.of((int) f.getSize());
        if (input instanceof InputType.InputTypeConvolutional c) {
            return List.of((int) c.getHeight(), (int) c.getWidth(), (int) c.getChannels());
        }
        throw new KerasFileException("the network reads " + input + "; only images and lists of numbers can be written for Keras");
    }

    private KerasFileException cannot(String what) {
        return new KerasFileException("layer " + place + ", \"" + current.getLayerName() + "\" ("
                + current.getClass().getSimpleName() + "), " + what);
    }

    private void add(int i) {
        place = i + 1;
        current = network.getLayerWiseConfigurations().getConf(i).getLayer();
        DataType precision = network.params().dataType();
        if (precision != DataType.FLOAT) throw cannot("computes with " + precision + "; only FLOAT can be written");
        preProcessor(network.getLayerWiseConfigurations().getInputPreProcess(i));
        if (!(current instanceof DropoutLayer) && current.getIDropout() != null) throw cannot("drops some of its input; use a DropoutLayer before it");
        Map<String, INDArray> parameters = network.getLayer(i).paramTable();
        if (current instanceof ConvolutionLayer layer && layer.getClass() == ConvolutionLayer.class) convolution(layer, parameters);
        else if (current instanceof BatchNormalization layer) normalization(layer, parameters);
        else if (current instanceof SubsamplingLayer layer) pooling(layer);
        else if (current instanceof GlobalPoolingLayer layer) globalPooling(layer);
        else if (current instanceof ZeroPaddingLayer layer) padding(layer.getPadding());
        else if (current instanceof DropoutLayer) dropout();
        else if (current instanceof ActivationLayer layer) activation(layer.getActivationFn());
        else if (current instanceof LossLayer layer) activation(layer.getActivationFn());
        else if (current.getClass() == DenseLayer.class || current.getClass() == OutputLayer.class) {
            dense((FeedForwardLayer) current, parameters);
        } else {
            throw cannot("has no counterpart in Keras that this library knows");
        }
    }

    private void preProcessor(InputPreProcessor before) {
        if (before == null) return;
        if (!(before instanceof CnnToFeedForwardPreProcessor flatten)) {
            throw cannot("comes after a " + before.getClass().getSimpleName() + ", which Keras does not have");
        }
        channelsFirst(flatten.getFormat());
        put("Flatten", "flatten", Map.of(), Map.of());
        order = new FlattenOrder((int) flatten.getInputHeight(), (int) flatten.getInputWidth(), (int) flatten.getNumChannels());
    }

    private void convolution(ConvolutionLayer layer, Map<String, INDArray> parameters) {
        channelsFirst(layer.getCnn2dDataFormat());
        if (layer.getDilation()[0] != 1 || layer.getDilation()[1] != 1) throw cannot("has a dilation");
        boolean same = same(layer.getConvolutionMode());
        if (!same && (layer.getPadding()[0] > 0 || layer.getPadding()[1] > 0)) {
            padding(layer.getPadding()[0], layer.getPadding()[0], layer.getPadding()[1], layer.getPadding()[1]);
        }
        Map<String, Object> config = new LinkedHashMap<>();
        config.put("filters", layer.getNOut());
        config.put("kernel_size", layer.getKernelSize());
        config.put("strides", layer.getStride());
        config.put("padding", same ? "same" : "valid");
        config.put("activation", kerasName(layer.getActivationFn()));
        config.put("use_bias", layer.hasBias());
        put("Conv2D", current.getLayerName(), config, withBias(parameters.get("W").permute(2, 3, 1, 0), parameters.get("b")));
    }

    private void pooling(SubsamplingLayer layer) {
        channelsFirst(layer.getCnn2dDataFormat());
        boolean same = same(layer.getConvolutionMode());
        String type = switch (layer.getPoolingType()) {
            case MAX -> "MaxPooling2D";
            case AVG -> "AveragePooling2D";
            default -> throw cannot("pools with " + layer.getPoolingType() + ", which Keras does not have");
        };
        if (!same && (layer.getPadding()[0] > 0 || layer.getPadding()[1] > 0)) throw cannot("has padding; use a ZeroPaddingLayer before it");
        if (layer.getDilation()[0] != 1 || layer.getDilation()[1] != 1) throw cannot("has a dilation");
        if (same && layer.isAvgPoolIncludePadInDivisor()) throw cannot("includes the padding in its average, which Keras does not");
        put(type, current.getLayerName(), new LinkedHashMap<>(Map.of("pool_size", layer.getKernelSize(), "strides", layer.getStride(),
                "padding", same ? "same" : "valid")), Map.of());
    }

    private boolean same(ConvolutionMode mode) {
        if (mode == ConvolutionMode.Causal) throw cannot("has causal padding, which this library does not write");
        return mode == ConvolutionMode.Same;
    }

    private void channelsFirst(CNN2DFormat format) {
        if (format != CNN2DFormat.NCHW) throw cannot("reads images with channels last; only channels first can be written");
    }

    private void globalPooling(GlobalPoolingLayer layer) {
        if (layer.getPoolingType() != PoolingType.AVG || !layer.isCollapseDimensions()) {
            throw cannot("pools with " + layer.getPoolingType() + "; only an average over the whole image can be written");
        }
        put("GlobalAveragePooling2D", current.getLayerName(), Map.of(), Map.of());
    }

    private void padding(int... borders) {
        put("ZeroPadding2D", current instanceof ZeroPaddingLayer ? current.getLayerName() : "zero_padding_" + place,
                Map.of("padding", new int[][] {{borders[0], borders[1]}, {borders[2], borders[3]}}), Map.of());
    }

    private void normalization(BatchNormalization layer, Map<String, INDArray> parameters) {
        channelsFirst(layer.getCnn2DFormat());
        boolean scale = !layer.isLockGammaBeta();
        if (!scale && (layer.getGamma() != 1 || layer.getBeta() != 0)) throw cannot("has fixed gamma and beta other than 1 and 0");
        Map<String, INDArray> weights = new LinkedHashMap<>();
        if (scale) {
            weights.put("gamma", vector(parameters.get("gamma")));
            weights.put("beta", vector(parameters.get("beta")));
        }
        weights.put("moving_mean", vector(parameters.get("mean")));
        // instead of the variance, the layer may keep the decimal logarithm of the standard deviation
        weights.put("moving_variance", vector(parameters.containsKey("var") ? parameters.get("var")
                : Transforms.exp(parameters.get("log10stdev").mul(2 * Math.log(10)))));
        put("BatchNormalization", current.getLayerName(), new LinkedHashMap<>(Map.of("axis", -1, "momentum", layer.getDecay(),
                "epsilon", layer.getEps(), "center", scale, "scale", scale)), weights);
    }

    private void dropout() {
        if (!(current.getIDropout() instanceof Dropout dropout) || dropout.getPSchedule() != null) {
            throw cannot("drops by " + current.getIDropout() + "; only a Dropout with a fixed rate can be written");
        }
        double rate = Math.rint((1 - dropout.getP()) * 1e12) / 1e12;   // 1 − 0.8 is not 0.2 in binary
        put("Dropout", current.getLayerName(), Map.of("rate", rate), Map.of());
    }

    private void activation(IActivation function) {
        if (function instanceof ActivationLReLU leaky) {
            put("ReLU", current.getLayerName(), Map.of("negative_slope", leaky.getAlpha()), Map.of());
        } else if (Activations.is(function, Activation.RELU6)) {
            put("ReLU", current.getLayerName(), Map.of("max_value", 6.0), Map.of());
        } else {
            put("Activation", current.getLayerName(), Map.of("activation", kerasName(function)), Map.of());
        }
    }

    private void dense(FeedForwardLayer layer, Map<String, INDArray> parameters) {
        INDArray rows = inKerasOrder(parameters.get("W"));
        order = null;
        Map<String, Object> config = new LinkedHashMap<>();
        config.put("units", layer.getNOut());
        config.put("activation", kerasName(layer.getActivationFn()));
        config.put("use_bias", parameters.containsKey("b"));
        put("Dense", current.getLayerName(), config, withBias(rows, parameters.get("b")));
    }

    private String kerasName(IActivation function) {
        return Activations.kerasName(function)
                .orElseThrow(() -> cannot("has the activation " + function + ", which this library does not write"));
    }

    private INDArray vector(INDArray row) {
        return inKerasOrder(row.reshape(row.length()));
    }

    private INDArray inKerasOrder(INDArray values) {
        return order == null ? values : Nd4j.create(order.toKeras(H5ModelFile.numbers(values)), values.shape(), 'c');
    }

    private static Map<String, INDArray> withBias(INDArray kernel, INDArray bias) {
        Map<String, INDArray> weights = new LinkedHashMap<>();
        weights.put("kernel", kernel);
        if (bias != null) weights.put("bias", bias.reshape(bias.length()));
        return weights;
    }

    private void put(String type, String name, Map<String, Object> config, Map<String, INDArray> weights) {
        String unique = name == null || name.isBlank() ? "layer" + (place - 1) : name.replaceAll("[^A-Za-z0-9_.\\-]", "_");
        Set<String> used = written.stream().map(H5ModelFile.Layer::name).collect(Collectors.toSet());
        while (used.contains(unique)) unique += "_";
        written.add(new H5ModelFile.Layer(type, unique, config, weights));
    }

    /** How Keras compiles the network: with cross-entropy and Adam after a softmax; otherwise empty. */
    private Map<String, Object> training() {
        ILossFunction loss = current instanceof BaseOutputLayer output ? output.getLossFn()
                : current instanceof LossLayer layer ? layer.getLossFn() : null;
        if (!(loss instanceof LossMCXENT && Activations.is(((FeedForwardLayer) current).getActivationFn(), Activation.SOFTMAX))) {
            return Map.of();
        }
        Adam adam = network.getLayerWiseConfigurations().getConf(0).getLayer() instanceof BaseLayer first
                && first.getIUpdater() instanceof Adam a ? a : new Adam(1e-3);
        Map<String, Object> training = new LinkedHashMap<>();
        training.put("loss", "categorical_crossentropy");
        training.put("metrics", List.of("accuracy"));
        training.put("weighted_metrics", null);
        training.put("loss_weights", null);
        training.put("optimizer_config", Map.of("class_name", "Adam", "config", Map.of("name", "Adam", "learning_rate", adam.getLearningRate(),
                "beta_1", adam.getBeta1(), "beta_2", adam.getBeta2(), "epsilon", adam.getEpsilon())));
        return training;
    }
}
