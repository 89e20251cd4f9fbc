package digits.keras;

import static digits.keras.KerasFileException.refused;

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

    NetworkWriter(MultiLayerNetwork network) {
        this.network = network;
    }

    void write(InputType input, Path file) {
        List<Integer> shape = shape(input);
        for (int i = 0; i < network.getnLayers(); i++) add(i);
        if (order != null) throw cannot("passes on a flattened image; a Dense layer must follow");
        H5ModelFile.write(file, shape, written, training());
    }

    private static List<Integer> shape(InputType input) {
        if (input instanceof InputType.InputTypeFeedForward f) return List.of((int) f.getSize());
        if (input instanceof InputType.InputTypeConvolutional c) {
            return List.of((int) c.getHeight(), (int) c.getWidth(), (int) c.getChannels());
        }
        throw refused("the network reads " + input + "; only images and lists of numbers can be written");
    }

    private KerasFileException cannot(String what) {
        return refused("layer " + place + ", \"" + current.getLayerName() + "\" ("
                + current.getClass().getSimpleName() + "), " + what);
    }

    private void add(int i) {
        place = i + 1;
        current = network.getLayerWiseConfigurations().getConf(i).getLayer();
        DataType precision = network.params().dataType();
        if (precision != DataType.FLOAT) throw cannot("computes with " + precision + "; only FLOAT can be written");
        preProcessor(network.getLayerWiseConfigurations().getInputPreProcess(i));
        if (!(current instanceof DropoutLayer) && current.getIDropout() != null) {
            throw cannot("drops some of its input; use a DropoutLayer before it");
        }
        Map<String, INDArray> parameters = network.getLayer(i).paramTable();
        if (current.getClass() == ConvolutionLayer.class) convolution((ConvolutionLayer) current, parameters);
        else if (current instanceof BatchNormalization layer) normalization(layer, parameters);
        else if (current instanceof SubsamplingLayer layer) pooling(layer);
        else if (current instanceof GlobalPoolingLayer layer) globalPooling(layer);
        else if (current instanceof ZeroPaddingLayer layer) padding(layer.getPadding());
        else if (current instanceof DropoutLayer) dropout();
        else if (current instanceof ActivationLayer layer) activation(layer.getActivationFn());
        else if (current instanceof LossLayer layer) activation(layer.getActivationFn());
        else if (current.getClass() == DenseLayer.class) dense((DenseLayer) current, parameters);
        else if (current.getClass() == OutputLayer.class) dense((OutputLayer) current, parameters);
        else throw cannot("has no counterpart in Keras that this library knows");
    }

    private void preProcessor(InputPreProcessor before) {
        if (before == null) return;
        if (!(before instanceof CnnToFeedForwardPreProcessor flatten)) {
            throw cannot("comes after a " + before.getClass().getSimpleName() + ", which Keras does not have");
        }
        channelsFirst(flatten.getFormat());
        put("Flatten", "flatten", Map.of(), Map.of());
        order = new FlattenOrder((int) flatten.getInputHeight(), (int) flatten.getInputWidth(),
                (int) flatten.getNumChannels());
    }

    private void convolution(ConvolutionLayer layer, Map<String, INDArray> parameters) {
        boolean same = same(layer.getConvolutionMode(), layer.getCnn2dDataFormat(), layer.getDilation());
        if (!same && (layer.getPadding()[0] > 0 || layer.getPadding()[1] > 0)) {
            padding(layer.getPadding()[0], layer.getPadding()[0], layer.getPadding()[1], layer.getPadding()[1]);
        }
        put("Conv2D", Map.of("filters", layer.getNOut(), "kernel_size", layer.getKernelSize(),
                "strides", layer.getStride(), "padding", same ? "same" : "valid",
                "activation", kerasName(layer.getActivationFn()), "use_bias", layer.hasBias()),
                withBias(parameters.get("W").permute(2, 3, 1, 0), parameters.get("b")));
    }

    private void pooling(SubsamplingLayer layer) {
        boolean same = same(layer.getConvolutionMode(), layer.getCnn2dDataFormat(), layer.getDilation());
        String type = switch (layer.getPoolingType()) {
            case MAX -> "MaxPooling2D";
            case AVG -> "AveragePooling2D";
            default -> throw cannot("pools with " + layer.getPoolingType() + ", which Keras does not have");
        };
        boolean pads = !same && (layer.getPadding()[0] > 0 || layer.getPadding()[1] > 0);
        if (pads) throw cannot("pads, which pooling in Keras cannot do");
        if (same && layer.isAvgPoolIncludePadInDivisor()) throw cannot("averages the padding too; Keras does not");
        put(type, Map.of("pool_size", layer.getKernelSize(), "strides", layer.getStride(),
                "padding", same ? "same" : "valid"), Map.of());
    }

    private boolean same(ConvolutionMode mode, CNN2DFormat format, int[] dilation) {
        channelsFirst(format);
        if (dilation[0] != 1 || dilation[1] != 1) throw cannot("has a dilation, which this library does not write");
        if (mode == ConvolutionMode.Causal) throw cannot("has causal padding, which this library does not write");
        return mode == ConvolutionMode.Same;
    }

    private void channelsFirst(CNN2DFormat format) {
        if (format != CNN2DFormat.NCHW) throw cannot("reads channels last; only channels first can be written");
    }

    private void globalPooling(GlobalPoolingLayer layer) {
        if (layer.getPoolingType() != PoolingType.AVG || !layer.isCollapseDimensions()) {
            throw cannot("pools with " + layer.getPoolingType() + "; only averages of whole images can be written");
        }
        put("GlobalAveragePooling2D", Map.of(), Map.of());
    }

    private void padding(int... borders) {
        put("ZeroPadding2D", current instanceof ZeroPaddingLayer ? current.getLayerName() : "zero_padding_" + place,
                Map.of("padding", new int[][] {{borders[0], borders[1]}, {borders[2], borders[3]}}), Map.of());
    }

    private void normalization(BatchNormalization layer, Map<String, INDArray> parameters) {
        channelsFirst(layer.getCnn2DFormat());
        boolean scale = !layer.isLockGammaBeta();
        boolean plain = layer.getGamma() == 1 && layer.getBeta() == 0;
        if (!scale && !plain) throw cannot("has a fixed gamma and beta other than 1 and 0");
        Map<String, INDArray> weights = new LinkedHashMap<>();
        if (scale) {
            weights.put("gamma", vector(parameters.get("gamma")));
            weights.put("beta", vector(parameters.get("beta")));
        }
        weights.put("moving_mean", vector(parameters.get("mean")));
        // instead of the variance, the layer may keep the decimal logarithm of the standard deviation
        weights.put("moving_variance", vector(parameters.containsKey("var") ? parameters.get("var")
                : Transforms.exp(parameters.get("log10stdev").mul(2 * Math.log(10)))));
        put("BatchNormalization", Map.of("axis", -1, "momentum", layer.getDecay(), "epsilon", layer.getEps(),
                "center", scale, "scale", scale), weights);
    }

    private void dropout() {
        if (!(current.getIDropout() instanceof Dropout dropout) || dropout.getPSchedule() != null) {
            throw cannot("drops by " + current.getIDropout() + "; only a Dropout with a fixed rate can be written");
        }
        double rate = Math.rint((1 - dropout.getP()) * 1e12) / 1e12;   // 1 − 0.8 is not 0.2 in binary
        put("Dropout", Map.of("rate", rate), Map.of());
    }

    private void activation(IActivation function) {
        if (function instanceof ActivationLReLU leaky) {
            put("ReLU", Map.of("negative_slope", leaky.getAlpha()), Map.of());
        } else if (Activations.is(function, Activation.RELU6)) {
            put("ReLU", Map.of("max_value", 6.0), Map.of());
        } else {
            put("Activation", Map.of("activation", kerasName(function)), Map.of());
        }
    }

    private void dense(FeedForwardLayer layer, Map<String, INDArray> parameters) {
        INDArray rows = inKerasOrder(parameters.get("W"));
        order = null;
        put("Dense", Map.of("units", layer.getNOut(), "activation", kerasName(layer.getActivationFn()),
                "use_bias", parameters.containsKey("b")), withBias(rows, parameters.get("b")));
    }

    private String kerasName(IActivation function) {
        return Activations.BY_KERAS_NAME.entrySet().stream().filter(entry -> Activations.is(function, entry.getValue()))
                .map(Map.Entry::getKey).findAny()
                .orElseThrow(() -> cannot("has the activation " + function + ", which this library does not write"));
    }

    private INDArray vector(INDArray row) {
        return inKerasOrder(row.reshape(row.length()));
    }

    private INDArray inKerasOrder(INDArray values) {
        return order == null ? values : order.toKeras(values);
    }

    private static Map<String, INDArray> withBias(INDArray kernel, INDArray bias) {
        Map<String, INDArray> weights = new LinkedHashMap<>();
        weights.put("kernel", kernel);
        if (bias != null) weights.put("bias", bias.reshape(bias.length()));
        return weights;
    }

    private void put(String type, Map<String, Object> config, Map<String, INDArray> weights) {
        put(type, current.getLayerName(), config, weights);
    }

    private void put(String type, String name, Map<String, Object> config, Map<String, INDArray> weights) {
        boolean named = name != null && !name.isBlank();
        String unique = named ? name.replaceAll("[^A-Za-z0-9_.\\-]", "_") : "layer" + (place - 1);
        Set<String> used = written.stream().map(H5ModelFile.Layer::name).collect(Collectors.toSet());
        while (used.contains(unique)) unique += "_";
        written.add(new H5ModelFile.Layer(type, unique, config, weights));
    }

    /** How Keras compiles the network: with cross-entropy and Adam after a softmax; otherwise empty. */
    private Map<String, Object> training() {
        ILossFunction loss = current instanceof BaseOutputLayer output ? output.getLossFn()
                : current instanceof LossLayer layer ? layer.getLossFn() : null;
        boolean known = loss instanceof LossMCXENT
                && Activations.is(((FeedForwardLayer) current).getActivationFn(), Activation.SOFTMAX);
        if (!known) return Map.of();
        Adam adam = network.getLayerWiseConfigurations().getConf(0).getLayer() instanceof BaseLayer first
                && first.getIUpdater() instanceof Adam a ? a : new Adam(1e-3);
        Map<String, Object> training = new LinkedHashMap<>();
        training.put("loss", "categorical_crossentropy");
        training.put("metrics", List.of("accuracy"));
        training.put("weighted_metrics", null);
        training.put("loss_weights", null);
        training.put("optimizer_config", Map.of("class_name", "Adam", "config", Map.of("name", "Adam",
                "learning_rate", adam.getLearningRate(), "beta_1", adam.getBeta1(), "beta_2", adam.getBeta2(),
                "epsilon", adam.getEpsilon())));
        return training;
    }
}
