package digits.keras;

import static digits.keras.KerasFileException.refused;
import static digits.keras.WrittenModel.options;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.InputPreProcessor;
import org.deeplearning4j.nn.conf.dropout.Dropout;
import org.deeplearning4j.nn.conf.dropout.GaussianDropout;
import org.deeplearning4j.nn.conf.dropout.GaussianNoise;
import org.deeplearning4j.nn.conf.dropout.IDropout;
import org.deeplearning4j.nn.conf.dropout.SpatialDropout;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BaseLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DepthwiseConvolution2D;
import org.deeplearning4j.nn.conf.layers.FeedForwardLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.LossLayer;
import org.deeplearning4j.nn.conf.layers.SeparableConvolution2D;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.conf.layers.Upsampling2D;
import org.deeplearning4j.nn.conf.layers.ZeroPaddingLayer;
import org.deeplearning4j.nn.conf.layers.convolutional.Cropping2D;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayer;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayerWithBackprop;
import org.deeplearning4j.nn.conf.preprocessor.CnnToFeedForwardPreProcessor;
import org.deeplearning4j.nn.conf.preprocessor.FeedForwardToCnnPreProcessor;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.activations.impl.ActivationELU;
import org.nd4j.linalg.activations.impl.ActivationLReLU;
import org.nd4j.linalg.activations.impl.ActivationThresholdedReLU;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.ops.transforms.Transforms;
import org.nd4j.linalg.schedule.ISchedule;

/**
 * Describes a layer as Keras does, and copies its weights into Keras's order. One layer of Deeplearning4j may become
 * several of Keras: dropout of the input, padding, the layer itself, its activation function.
 */
final class LayerWriter {
    private static final String PACKAGE = BaseLayer.class.getPackageName();

    private final LayerChain chain;
    private final String place;
    private final String name;
    private final Layer layer;
    private final boolean frozen;
    private final Map<String, INDArray> parameters;

    /** @param place where the layer is, for messages, such as: layer 3, "name" */
    LayerWriter(LayerChain chain, String place, String name, Layer layer, Map<String, INDArray> parameters) {
        this.chain = chain;
        this.place = place;
        this.name = name;
        this.layer = layer instanceof FrozenLayer outer ? outer.getLayer()
                : layer instanceof FrozenLayerWithBackprop outer ? outer.getUnderlying() : layer;
        this.frozen = this.layer != layer;
        this.parameters = parameters;
    }

    private KerasFileException cannot(String what) {
        return refused(place + " (" + layer.getClass().getSimpleName() + "), " + what);
    }

    /** @param before changes the shape of the layer's input; may be null */
    void write(InputPreProcessor before) {
        if (before != null) preProcessor(before);
        checkInput();
        if (layer.getIDropout() != null) dropout(layer.getIDropout());
        String kind = layer.getClass().getPackageName().startsWith(PACKAGE) ? layer.getClass().getSimpleName() : "";
        switch (kind) {
            case "ConvolutionLayer", "Convolution2D" -> convolution((ConvolutionLayer) layer);
            case "SeparableConvolution2D" -> separable((SeparableConvolution2D) layer);
            case "DepthwiseConvolution2D" -> depthwise((DepthwiseConvolution2D) layer);
            case "SubsamplingLayer", "Pooling2D" -> pooling((SubsamplingLayer) layer);
            case "GlobalPoolingLayer" -> globalPooling((GlobalPoolingLayer) layer);
            case "ZeroPaddingLayer" -> padding((ZeroPaddingLayer) layer);
            case "Cropping2D" -> cropping((Cropping2D) layer);
            case "Upsampling2D" -> upsampling((Upsampling2D) layer);
            case "BatchNormalization" -> normalization((BatchNormalization) layer);
            case "DropoutLayer" -> { }   // its dropout has been written
            case "ActivationLayer" -> activation(((ActivationLayer) layer).getActivationFn(), name);
            case "LossLayer" -> activation(((LossLayer) layer).getActivationFn(), name);
            case "PReLULayer" -> parametricRelu(parameters.get("W"));
            case "DenseLayer", "OutputLayer" -> dense((FeedForwardLayer) layer);
            default -> throw cannot("has no counterpart in Keras that this library writes");
        }
    }

    private LayerChain.Flow now() {
        return chain.now();
    }

    private void put(String type, Map<String, Object> config, Map<String, INDArray> weights, InputType result) {
        if (frozen) config.put("trainable", false);
        chain.put(type, name, config, weights, result);
    }

    private void checkInput() {
        for (INDArray values : parameters.values()) {
            if (values.dataType() == DataType.FLOAT) continue;
            throw cannot("computes with " + values.dataType() + "; only FLOAT can be written");
        }
        boolean counts = layer instanceof FeedForwardLayer && !parameters.isEmpty();
        if (!counts || ((FeedForwardLayer) layer).getNIn() == now().channels()) return;
        String unit = now().isImage() ? " channels" : " numbers";
        throw cannot("reads " + ((FeedForwardLayer) layer).getNIn() + unit + ", but would get " + now().channels()
                + "; pass the shape of the network's input, such as InputType.convolutional(height, width, channels)");
    }

    /** The shape of the layer's output, images only. */
    private InputType result() {
        if (!now().isImage()) throw cannot("needs an image, but gets a list of numbers");
        try {
            return layer.getOutputType(0, now().type());
        } catch (RuntimeException e) {
            throw cannot("does not fit images of " + now().type() + "; pass the shape of the network's input");
        }
    }

    private void preProcessor(InputPreProcessor before) {
        if (before instanceof CnnToFeedForwardPreProcessor flatten) flatten(flatten);
        else if (before instanceof FeedForwardToCnnPreProcessor reshape) reshape(reshape);
        else throw cannot("comes after a " + before.getClass().getSimpleName() + ", which Keras does not have");
    }

    private void flatten(CnnToFeedForwardPreProcessor flatten) {
        if (!now().isImage()) return;   // a list of numbers passes
        channelsFirst(flatten.getFormat());
        InputType.InputTypeConvolutional image = now().image();
        int height = (int) image.getHeight();
        int width = (int) image.getWidth();
        int channels = (int) image.getChannels();
        boolean ambiguous = channels > 1 && height * width > 1;
        chain.put("Flatten", name + "_flatten", options(), Map.of(), List.of(now().from()), new LayerChain.Flow("",
                InputType.feedForward((long) height * width * channels),
                ambiguous ? new FlattenOrder(height, width, channels) : null));
    }

    private void reshape(FeedForwardToCnnPreProcessor reshape) {
        if (now().isImage()) return;   // as Deeplearning4j does
        if (now().order() != null) throw cannot("makes an image of a flattened one; only lists of numbers can be read");
        long height = reshape.getInputHeight();
        long width = reshape.getInputWidth();
        long channels = reshape.getNumChannels();
        boolean one = channels == 1;
        if (height * width * channels != now().channels()) {
            throw cannot("reads images of " + height + " × " + width + " × " + channels + ", but would get "
                    + now().channels() + " numbers");
        }
        chain.put("Reshape", name + "_reshape", options("target_shape", one ? List.of(height, width, 1)
                : List.of(channels, height, width)), Map.of(),
                one ? InputType.convolutional(height, width, 1) : InputType.convolutional(channels, height, width));
        if (one) return;
        chain.put("Permute", name + "_permute", options("dims", List.of(2, 3, 1)), Map.of(),
                InputType.convolutional(height, width, channels));
    }

    private void convolution(ConvolutionLayer layer) {
        kernels("Conv2D", layer, options("filters", layer.getNOut()),
                weights("kernel", parameters.get("W").permute(2, 3, 1, 0)));
    }

    private void separable(SeparableConvolution2D layer) {
        equalStrides(layer);
        kernels("SeparableConv2D", layer, options("filters", layer.getNOut(),
                "depth_multiplier", layer.getDepthMultiplier()),
                weights("depthwise_kernel", parameters.get("W").permute(2, 3, 1, 0),
                        "pointwise_kernel", parameters.get("pW").permute(2, 3, 1, 0)));
    }

    private void depthwise(DepthwiseConvolution2D layer) {
        equalStrides(layer);
        kernels("DepthwiseConv2D", layer, options("depth_multiplier", layer.getDepthMultiplier()),
                weights("depthwise_kernel", parameters.get("W")));
    }

    private void equalStrides(ConvolutionLayer layer) {
        if (layer.getStride()[0] == layer.getStride()[1]) return;
        throw cannot("has different strides for rows and columns, which Keras cannot do here");
    }

    private void kernels(String type, ConvolutionLayer layer, Map<String, Object> config,
                         Map<String, INDArray> weights) {
        config.putAll(window(layer));
        InputType result = result();
        int[] border = layer.getPadding();
        if (layer.getConvolutionMode() != ConvolutionMode.Same && border[0] + border[1] > 0) {
            InputType.InputTypeConvolutional image = now().image();
            chain.put("ZeroPadding2D", name + "_padding", options("padding", List.of(border[0], border[1])), Map.of(),
                    InputType.convolutional(image.getHeight() + 2L * border[0], image.getWidth() + 2L * border[1],
                            image.getChannels()));
        }
        put(type, config, weights, result);
        activationAfter(layer.getActivationFn());
    }

    /** The options that all convolutions have. */
    private Map<String, Object> window(ConvolutionLayer layer) {
        channelsFirst(layer.getCnn2dDataFormat());
        int[] dilation = layer.getDilation();
        boolean dilated = dilation[0] > 1 || dilation[1] > 1;
        if (dilated && (layer.getStride()[0] > 1 || layer.getStride()[1] > 1)) {
            throw cannot("has a stride and a dilation; Keras can only do one of them");
        }
        return options("kernel_size", layer.getKernelSize(), "strides", layer.getStride(),
                "padding", padding(layer.getConvolutionMode()), "dilation_rate", dilation,
                "activation", nameOrLinear(layer.getActivationFn()), "use_bias", parameters.containsKey("b"));
    }

    private String padding(ConvolutionMode mode) {
        if (mode == ConvolutionMode.Causal) throw cannot("has causal padding, which Keras does not have for images");
        return mode == ConvolutionMode.Same ? "same" : "valid";
    }

    private void channelsFirst(CNN2DFormat format) {
        if (format != CNN2DFormat.NCHW) throw cannot("reads channels last; only channels first can be written");
    }

    private void pooling(SubsamplingLayer layer) {
        channelsFirst(layer.getCnn2dDataFormat());
        boolean same = padding(layer.getConvolutionMode()).equals("same");
        String type = switch (layer.getPoolingType()) {
            case MAX -> "MaxPooling2D";
            case AVG -> "AveragePooling2D";
            default -> throw cannot("pools with " + layer.getPoolingType() + ", which Keras does not have");
        };
        if (!Arrays.equals(layer.getDilation(), new int[] {1, 1})) {
            throw cannot("has a dilation, which pooling in Keras cannot do");
        }
        boolean pads = !same && (layer.getPadding()[0] > 0 || layer.getPadding()[1] > 0);
        if (pads) throw cannot("pads, which pooling in Keras cannot do; use a ZeroPaddingLayer before it");
        if (same && type.startsWith("A") && layer.isAvgPoolIncludePadInDivisor()) {
            throw cannot("averages the padding too; Keras does not");
        }
        put(type, options("pool_size", layer.getKernelSize(), "strides", layer.getStride(),
                "padding", same ? "same" : "valid"), Map.of(), result());
    }

    private void globalPooling(GlobalPoolingLayer layer) {
        int[] sides = layer.getPoolingDimensions();
        boolean whole = sides == null || Arrays.equals(sides, new int[] {2, 3});
        String type = switch (layer.getPoolingType()) {
            case MAX -> "GlobalMaxPooling2D";
            case AVG -> "GlobalAveragePooling2D";
            default -> throw cannot("pools with " + layer.getPoolingType() + ", which Keras does not have");
        };
        if (!whole) throw cannot("pools along the axes " + Arrays.toString(sides) + "; Keras pools whole images");
        put(type, options("keepdims", !layer.isCollapseDimensions()), Map.of(), result());
    }

    private void padding(ZeroPaddingLayer layer) {
        channelsFirst(layer.getDataFormat());
        put("ZeroPadding2D", options("padding", borders(layer.getPadding())), Map.of(), result());
    }

    private void cropping(Cropping2D layer) {
        channelsFirst(layer.getDataFormat());
        put("Cropping2D", options("cropping", borders(layer.getCropping())), Map.of(), result());
    }

    private static List<List<Integer>> borders(int... sides) {
        return List.of(List.of(sides[0], sides[1]), List.of(sides[2], sides[3]));
    }

    private void upsampling(Upsampling2D layer) {
        channelsFirst(layer.getFormat());
        put("UpSampling2D", options("size", layer.getSize(), "interpolation", "nearest"), Map.of(), result());
    }

    private void normalization(BatchNormalization layer) {
        channelsFirst(layer.getCnn2DFormat());
        INDArray mean = parameters.get("mean");
        boolean locked = layer.isLockGammaBeta();
        boolean plain = locked && layer.getGamma() == 1 && layer.getBeta() == 0;
        Map<String, INDArray> weights = new LinkedHashMap<>();
        if (!plain) {
            weights.put("gamma", vector(locked ? mean.like().assign(layer.getGamma()) : parameters.get("gamma")));
            weights.put("beta", vector(locked ? mean.like().assign(layer.getBeta()) : parameters.get("beta")));
        }
        weights.put("moving_mean", vector(mean));
        // instead of the variance, the layer may keep the decimal logarithm of the standard deviation
        weights.put("moving_variance", vector(parameters.containsKey("var") ? parameters.get("var")
                : Transforms.exp(parameters.get("log10stdev").mul(2 * Math.log(10)))));
        put("BatchNormalization", options("axis", -1, "momentum", layer.getDecay(), "epsilon", layer.getEps(),
                "center", !plain, "scale", !plain), weights, now().type());
    }

    private void dropout(IDropout dropout) {
        if (dropout instanceof Dropout kept) {
            noise("Dropout", "rate", 1 - kept.getP(), kept.getPSchedule());
        } else if (dropout instanceof GaussianDropout noise) {
            noise("GaussianDropout", "rate", noise.getRate(), noise.getRateSchedule());
        } else if (dropout instanceof GaussianNoise noise) {
            noise("GaussianNoise", "stddev", noise.getStddev(), noise.getStddevSchedule());
        } else if (dropout instanceof SpatialDropout kept && now().isImage()) {
            noise("SpatialDropout2D", "rate", 1 - kept.getP(), kept.getPSchedule());
        } else {
            throw cannot("drops by " + dropout + ", which cannot be written");
        }
    }

    /** Deeplearning4j's p is the probability of keeping a number, Keras's rate that of dropping it. */
    private void noise(String type, String key, double value, ISchedule schedule) {
        if (schedule != null) throw cannot("drops by a schedule; only a fixed rate can be written");
        double rounded = Math.rint(value * 1e12) / 1e12;   // 1 − 0.8 is not 0.2 in binary
        boolean itself = layer instanceof org.deeplearning4j.nn.conf.layers.DropoutLayer;
        chain.put(type, itself ? name : name + "_dropout", options(key, rounded), Map.of(), now().type());
    }

    private void dense(FeedForwardLayer layer) {
        if (now().isImage()) throw cannot("reads a list of numbers, but gets an image");
        INDArray rows = inKerasOrder(parameters.get("W"));
        chain.continueFrom(new LayerChain.Flow(now().from(), now().type(), null));
        put("Dense", options("units", layer.getNOut(), "activation", nameOrLinear(layer.getActivationFn()),
                "use_bias", parameters.containsKey("b")), weights("kernel", rows),
                InputType.feedForward(layer.getNOut()));
        activationAfter(layer.getActivationFn());
    }

    /** Keras shares a slope along an axis where the array of slopes has one number. */
    private void parametricRelu(INDArray slopes) {
        INDArray turned = now().isImage() ? slopes.reshape(Arrays.copyOfRange(slopes.shape(),
                slopes.rank() - 3, slopes.rank())).permute(1, 2, 0) : vector(slopes);
        List<Integer> shared = IntStream.range(0, turned.rank()).filter(axis -> turned.size(axis) == 1)
                .mapToObj(axis -> axis + 1).toList();
        put("PReLU", options("shared_axes", shared.isEmpty() ? null : shared), weights("alpha", turned), now().type());
    }

    private INDArray vector(INDArray row) {
        return inKerasOrder(row.reshape(row.length()));
    }

    private INDArray inKerasOrder(INDArray values) {
        return now().order() == null ? values : now().order().toKeras(values);
    }

    private void activation(IActivation function, String as) {
        String keras = Activations.nameOf(function);
        if (keras != null) activation("Activation", as, "activation", nameOrLinear(function));
        else if (function instanceof ActivationLReLU leaky) activation("ReLU", as, "negative_slope", leaky.getAlpha());
        else if (function instanceof ActivationELU elu) activation("ELU", as, "alpha", elu.getAlpha());
        else if (function instanceof ActivationThresholdedReLU relu) {
            activation("ReLU", as, "threshold", relu.getTheta());
        } else if (Activations.is(function, Activation.RELU6)) {
            activation("ReLU", as, "max_value", 6.0);
        } else if (function instanceof KerasActivation own && own.getFunction().equals("elu")) {
            activation("ELU", as, "alpha", own.getSlope());
        } else if (function instanceof KerasActivation own && own.getFunction().equals("relu")) {
            activation("ReLU", as, "max_value", own.getMaximum() == KerasActivation.UNBOUNDED ? null : own.getMaximum(),
                    "negative_slope", own.getSlope(), "threshold", own.getThreshold());
        } else {
            composed(function, as);
        }
    }

    /** Functions that Keras does not have, or that its versions define differently: in two or three steps. */
    private void composed(IActivation function, String as) {
        if (Activations.is(function, Activation.RECTIFIEDTANH)) {
            activation("Activation", as, "activation", "tanh");
            activation("ReLU", as + "_positive");
        } else if (Activations.is(function, Activation.HARDSIGMOID)
                || function.equals(new KerasActivation("hard_sigmoid"))) {
            activation("Rescaling", as, "scale", function instanceof KerasActivation ? 1 / 6.0 : 0.2, "offset", 0.5);
            activation("ReLU", as + "_cut", "max_value", 1.0);
        } else if (Activations.is(function, Activation.HARDTANH)) {
            activation("Rescaling", as, "scale", 1.0, "offset", 1.0);
            activation("ReLU", as + "_cut", "max_value", 2.0);
            activation("Rescaling", as + "_back", "scale", 1.0, "offset", -1.0);
        } else {
            throw cannot("has the activation " + function + ", which Keras does not have");
        }
    }

    private void activation(String type, String as, Object... option) {
        chain.put(type, as, options(option), Map.of(), now().type());
    }

    /** The name of a function that a Keras layer can apply to its own output; the others need a layer. */
    private String nameOrLinear(IActivation function) {
        if (Activations.is(function, Activation.SOFTMAX) && now().isImage()) {
            throw cannot("takes the softmax of an image, along another axis than Keras does");
        }
        String keras = Activations.nameOf(function);
        return keras == null ? "linear" : keras;
    }

    private void activationAfter(IActivation function) {
        if (Activations.nameOf(function) == null) activation(function, name + "_activation");
    }

    /** @param kernels arrays by Keras's names */
    private Map<String, INDArray> weights(Object... kernels) {
        Map<String, INDArray> weights = new LinkedHashMap<>();
        for (int i = 0; i < kernels.length; i += 2) weights.put((String) kernels[i], (INDArray) kernels[i + 1]);
        INDArray bias = parameters.get("b");
        if (bias != null) weights.put("bias", bias.reshape(bias.length()));
        return weights;
    }
}
