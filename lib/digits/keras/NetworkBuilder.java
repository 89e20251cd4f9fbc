package digits.keras;

import static digits.keras.KerasFileException.refused;

import com.google.gson.JsonParser;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
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
import org.deeplearning4j.nn.conf.preprocessor.CnnToFeedForwardPreProcessor;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.weights.WeightInit;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.activations.impl.ActivationLReLU;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/**
 * Builds a Deeplearning4j network from a Keras model, layer by layer.
 *
 * <p>Keras's images are [n, height, width, channels], ours [n, channels, height, width]. So a convolution's kernels are
 * transposed from [h, w, in, out] to [out, in, h, w]; and because the two flatten in different orders, everything after
 * a Flatten is reordered, up to and including the rows of the next Dense layer. The shapes of a layer's weights are
 * checked before any memory is allocated for the layer.
 */
final class NetworkBuilder {
    private static final long LARGEST_OUTPUT = 1 << 24;   // numbers per example after a layer
    private static final int MOST_UNITS = 1 << 20;
    private static final List<String> STATISTICS = List.of("gamma", "beta", "mean", "var");

    private final KerasModel model;
    private final List<Layer> layers = new ArrayList<>();
    private final Map<Integer, CnnToFeedForwardPreProcessor> flattened = new HashMap<>();
    private final List<Map<String, INDArray>> parameters = new ArrayList<>();
    private int height;
    private int width;
    private int channels;       // or the length of a list of numbers
    private boolean image;
    private boolean flattenNext;
    private FlattenOrder order; // after a Flatten, until the next Dense; null where Keras's order and ours agree

    NetworkBuilder(KerasModel model) {
        this.model = model;
    }

    MultiLayerNetwork build() {
        int[] shape = model.input();
        image = shape.length > 1;
        height = image ? shape[0] : 1;
        width = image ? shape[1] : 1;
        channels = shape.length == 3 ? shape[2] : shape.length == 2 ? 1 : shape[0];
        checkSize(null);
        InputType input = image ? InputType.convolutional(height, width, channels) : InputType.feedForward(channels);
        KerasLayer last = null;
        for (KerasLayer layer : model.layers()) {
            if (last == null && shape.length == 2 && !layer.type().equals("Flatten")) {
                throw layer.cannot("reads the shape " + Arrays.toString(shape) + ", which only Flatten can do here");
            }
            layer.checkCommonOptions();
            add(layer);
            checkSize(layer);
            last = layer;
        }
        if (layers.isEmpty()) throw refused("its model has no layers that compute");
        if (flattenNext) throw last.cannot("is the last layer; a network cannot end with it here");
        if (order != null) throw last.cannot("passes on a flattened image in Keras's order; a Dense layer must follow");
        endWithALoss();
        return filled(input);
    }

    /** @param layer the layer whose output is checked; null for the input */
    private void checkSize(KerasLayer layer) {
        if ((double) height * width * channels <= LARGEST_OUTPUT && Math.min(height, width) > 0) return;
        String numbers = height + " × " + width + " × " + channels + " numbers per example";
        throw layer == null ? refused("its model would read " + numbers) : layer.cannot("would return " + numbers);
    }

    private MultiLayerNetwork filled(InputType input) {
        Adam adam = Adam.builder().learningRate(1e-3).epsilon(1e-7).build();
        NeuralNetConfiguration.ListBuilder list = new NeuralNetConfiguration.Builder()
                .weightInit(WeightInit.XAVIER_UNIFORM).updater(adam).list();
        layers.forEach(list::layer);
        flattened.forEach(list::inputPreProcessor);
        MultiLayerNetwork network = new MultiLayerNetwork(list.setInputType(input).build());
        network.init();
        for (int i = 0; i < layers.size(); i++) {
            Map<String, INDArray> table = network.getLayer(i).paramTable();
            parameters.get(i).forEach((name, values) -> table.get(name).assign(values));
        }
        return network;
    }

    private void add(KerasLayer layer) {
        if (!layer.type().equals("Flatten")) settleFlatten();
        switch (layer.type()) {
            case "InputLayer" -> throw layer.cannot("must be the first layer of the model");
            case "Conv2D" -> convolution(layer);
            case "BatchNormalization" -> normalization(layer);
            case "MaxPooling2D" -> pooling(layer, SubsamplingLayer.PoolingType.MAX);
            case "AveragePooling2D" -> pooling(layer, SubsamplingLayer.PoolingType.AVG);
            case "GlobalAveragePooling2D" -> globalPooling(layer);
            case "Dropout" -> dropout(layer);
            case "Flatten" -> flattenNext = flattenNext || image;
            case "Dense" -> dense(layer);
            case "Activation" -> activation(layer, layer.activation().getActivationFunction());
            case "ReLU" -> activation(layer, relu(layer));
            case "Softmax" -> {
                layer.only("axis", -1, 1, JsonParser.parseString("[-1]"));
                activation(layer, Activation.SOFTMAX.getActivationFunction());
            }
            case "ZeroPadding2D" -> padding(layer);
            default -> throw layer.cannot("is of a class that this library does not know");
        }
    }

    private void convolution(KerasLayer layer) {
        needsImage(layer);
        layer.only("groups", 1);
        layer.only("dilation_rate", 1, JsonParser.parseString("[1, 1]"));
        int filters = layer.count("filters", MOST_UNITS);
        int[] kernel = layer.pair("kernel_size", 1);
        int[] stride = layer.pair("strides", 1);
        boolean bias = layer.flag("use_bias", true);
        Activation activation = layer.activation();
        if (activation == Activation.SOFTMAX) needsList(layer);
        Map<String, INDArray> weights = kernel(layer, bias, kernel[0], kernel[1], channels, filters);
        weights.computeIfPresent("W", (name, kernels) -> kernels.permute(3, 2, 0, 1));
        put(layer, new ConvolutionLayer.Builder(kernel).stride(stride).convolutionMode(mode(layer)).nOut(filters)
                .hasBias(bias).activation(activation), weights);
        window(layer, kernel, stride);
        channels = filters;
    }

    private void pooling(KerasLayer layer, SubsamplingLayer.PoolingType type) {
        needsImage(layer);
        int[] size = layer.pair("pool_size", 2);
        int[] stride = layer.has("strides") ? layer.pair("strides", 2) : size;
        put(layer, new SubsamplingLayer.Builder(type).kernelSize(size).stride(stride).convolutionMode(mode(layer)));
        window(layer, size, stride);
    }

    /** Deeplearning4j pads as TensorFlow does: not at all, or so that every pixel is used, an odd line at the end. */
    private static ConvolutionMode mode(KerasLayer layer) {
        return layer.same() ? ConvolutionMode.Same : ConvolutionMode.Truncate;
    }

    private void window(KerasLayer layer, int[] size, int[] stride) {
        height = after(height, layer.same(), size[0], stride[0]);
        width = after(width, layer.same(), size[1], stride[1]);
    }

    private static int after(int side, boolean same, int size, int stride) {
        return same ? (side + stride - 1) / stride : side < size ? 0 : (side - size) / stride + 1;
    }

    private void globalPooling(KerasLayer layer) {
        needsImage(layer);
        layer.only("keepdims", false);
        put(layer, new GlobalPoolingLayer.Builder(PoolingType.AVG));
        becomeList(channels);
    }

    private void normalization(KerasLayer layer) {
        int axis = image ? 3 : 1;
        layer.only("axis", -1, axis, JsonParser.parseString("[" + axis + "]"), JsonParser.parseString("[-1]"));
        layer.only("synchronized", false);
        layer.only("renorm", false);
        boolean scale = layer.flag("scale", true);
        if (scale != layer.flag("center", true)) throw layer.cannot("has scale or center, but not both");
        long[] each = {channels};
        Map<String, INDArray> weights = weights(layer, STATISTICS.subList(scale ? 0 : 2, 4), each, each, each, each);
        if (order != null) weights.replaceAll((name, values) -> order.fromKeras(values));
        put(layer, new BatchNormalization.Builder().decay(layer.number("momentum", 0.99, 0, 1))
                .eps(layer.number("epsilon", 1e-3, 0, 1)).useLogStd(false).lockGammaBeta(!scale), weights);
    }

    private void dropout(KerasLayer layer) {
        layer.only("noise_shape");
        double rate = layer.number("rate", 0, 0, 0.999);
        // Deeplearning4j's number is the probability of keeping a value
        if (rate == 0) activation(layer, Activation.IDENTITY.getActivationFunction());
        else put(layer, new DropoutLayer.Builder(1 - rate));
    }

    private void dense(KerasLayer layer) {
        if (image) throw layer.cannot("reads an image, pixel by pixel; it can only be read after a Flatten");
        int units = layer.count("units", MOST_UNITS);
        boolean bias = layer.flag("use_bias", true);
        Activation activation = layer.activation();
        Map<String, INDArray> weights = kernel(layer, bias, channels, units);
        if (order != null) weights.computeIfPresent("W", (name, rows) -> order.fromKeras(rows));
        put(layer, new DenseLayer.Builder().nOut(units).hasBias(bias).activation(activation), weights);
        channels = units;
        order = null;
    }

    private void activation(KerasLayer layer, IActivation function) {
        if (Activations.is(function, Activation.SOFTMAX)) needsList(layer);
        put(layer, new ActivationLayer.Builder().activation(function));
    }

    private static IActivation relu(KerasLayer layer) {
        layer.only("threshold", 0);
        layer.only("max_value", 6);
        double slope = layer.number("negative_slope", 0, 0, 1);
        boolean six = layer.has("max_value");
        if (six && slope > 0) throw layer.cannot("has a maximum and a slope below zero; only one of them can be read");
        return slope > 0 ? new ActivationLReLU(slope)
                : (six ? Activation.RELU6 : Activation.RELU).getActivationFunction();
    }

    private void padding(KerasLayer layer) {
        needsImage(layer);
        int[] borders = layer.borders("padding");
        put(layer, new ZeroPaddingLayer.Builder(borders));
        height += borders[0] + borders[1];
        width += borders[2] + borders[3];
    }

    private void needsImage(KerasLayer layer) {
        if (!image) throw layer.cannot("needs an image, but the layer before it returns a list of numbers");
    }

    private void needsList(KerasLayer layer) {
        if (image) throw layer.cannot("takes the softmax of an image; it can only be read after a Flatten");
    }

    private void put(KerasLayer layer, Layer.Builder<?> builder) {
        put(layer, builder, Map.of());
    }

    private void put(KerasLayer layer, Layer.Builder<?> builder, Map<String, INDArray> values) {
        builder.name(layer.name());
        layers.add(builder.build());
        parameters.add(values);
    }

    /** Applies a pending Flatten to the layer that comes now. */
    private void settleFlatten() {
        if (!flattenNext) return;
        flattenNext = false;
        flattened.put(layers.size(), new CnnToFeedForwardPreProcessor(height, width, channels));
        order = channels == 1 || height * width == 1 ? null : new FlattenOrder(height, width, channels);
        becomeList(channels * height * width);
    }

    private void becomeList(int length) {
        image = false;
        height = 1;
        width = 1;
        channels = length;
    }

    private Map<String, INDArray> kernel(KerasLayer layer, boolean bias, long... shape) {
        return weights(layer, bias ? List.of("W", "b") : List.of("W"), shape, new long[] {shape[shape.length - 1]});
    }

    /** A layer's weights by Deeplearning4j's names, a list of numbers as a row; they must have exactly these shapes. */
    private Map<String, INDArray> weights(KerasLayer layer, List<String> names, long[]... shapes) {
        List<Hdf5Values> found = model.weights().apply(layer);
        if (found.size() != names.size()) {
            throw layer.cannot("has " + found.size() + " arrays of weights in the file, but needs " + names.size());
        }
        for (int i = 0; i < names.size(); i++) {
            String has = Arrays.toString(found.get(i).shape());
            String needs = Arrays.toString(shapes[i]);
            if (!has.equals(needs)) throw layer.cannot("has weights of the shape " + has + ", but needs " + needs);
        }
        Map<String, INDArray> weights = new HashMap<>();
        for (int i = 0; i < names.size(); i++) {
            long[] shape = shapes[i].length == 1 ? new long[] {1, shapes[i][0]} : shapes[i];
            weights.put(names.get(i), Nd4j.create(found.get(i).floats(), shape, 'c'));
        }
        return weights;
    }

    /** Gives the last layer the loss that belongs to its activation, so that training can continue. */
    private void endWithALoss() {
        int last = layers.size() - 1;
        boolean softmaxOnly = layers.get(last) instanceof ActivationLayer layer
                && Activations.is(layer.getActivationFn(), Activation.SOFTMAX);
        if (softmaxOnly && last > 0 && layers.get(last - 1) instanceof DenseLayer dense
                && Activations.is(dense.getActivationFn(), Activation.IDENTITY)) {
            layers.remove(last);
            parameters.remove(last);
            layers.set(last - 1, output(dense, Activation.SOFTMAX.getActivationFunction()));
        } else if (softmaxOnly) {
            layers.set(last, new LossLayer.Builder(LossFunction.MCXENT).activation(Activation.SOFTMAX)
                    .name(layers.get(last).getLayerName()).build());
        } else if (layers.get(last) instanceof DenseLayer dense) {
            layers.set(last, output(dense, dense.getActivationFn()));
        }
    }

    private static OutputLayer output(DenseLayer dense, IActivation activation) {
        LossFunction loss = Activations.is(activation, Activation.SOFTMAX) ? LossFunction.MCXENT
                : Activations.is(activation, Activation.SIGMOID) ? LossFunction.XENT : LossFunction.MSE;
        return new OutputLayer.Builder(loss).nOut(dense.getNOut()).hasBias(dense.hasBias()).activation(activation)
                .name(dense.getLayerName()).build();
    }
}
