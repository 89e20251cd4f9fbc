package digits.keras;

import static digits.keras.KerasFileException.refused;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import digits.keras.KerasModel.Outputs;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.dropout.AlphaDropout;
import org.deeplearning4j.nn.conf.dropout.GaussianDropout;
import org.deeplearning4j.nn.conf.dropout.GaussianNoise;
import org.deeplearning4j.nn.conf.dropout.IDropout;
import org.deeplearning4j.nn.conf.dropout.SpatialDropout;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.graph.MergeVertex;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.DepthwiseConvolution2D;
import org.deeplearning4j.nn.conf.layers.DropoutLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.PReLULayer;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.conf.layers.Upsampling2D;
import org.deeplearning4j.nn.conf.layers.ZeroPaddingLayer;
import org.deeplearning4j.nn.conf.layers.convolutional.Cropping2D;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

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
    private static final double MOST_WORK = 1L << 36;     // multiplications per example: four times those of VGG-16
    private static final int MOST_UNITS = 1 << 20;
    private static final double SMALLEST_DEVIATION = 1e-7;   // of Keras's Normalization

    private final KerasModel model;
    private final Function<KerasLayer, List<Hdf5Values>> weights;
    private final boolean rotated;
    private final Outputs outputs;
    private final NetworkParts parts = new NetworkParts();
    private final List<String> notes = new ArrayList<>();
    private final Tensor input;
    private double work;

    /** @param rotated whether the kernels are stored rotated by 180°, as Theano applied them */
    NetworkBuilder(KerasModel model, Function<KerasLayer, List<Hdf5Values>> weights, boolean rotated, Outputs outputs) {
        this.model = model;
        this.weights = weights;
        this.rotated = rotated;
        this.outputs = outputs;
        int[] shape = model.input();
        boolean first = shape.length == 3 && (shape[0] <= 4 || shape[2] > 4) && (shape[0] == 1
                || model.nodes().stream().anyMatch(node -> !node.layer().channelsLast()));
        input = Tensor.input(NetworkParts.INPUT, shape, first);
        if (input.size() > LARGEST_OUTPUT) throw refused("its model would read " + sides(input) + " numbers");
        build();
    }

    /** The network; refused if it has branches. */
    MultiLayerNetwork network() {
        if (parts.isSequence()) return parts.sequence(input);
        throw refused("its model has branches; read it with KerasFiles.readGraph(file)");
    }

    ComputationGraph graph() {
        return parts.graph(input);
    }

    /** What a user must know about the network, in sentences. */
    List<String> notes() {
        return notes;
    }

    private void build() {
        List<Tensor> results = new ArrayList<>();
        for (KerasModel.Node node : model.nodes()) {
            KerasLayer layer = node.layer();
            layer.checkPrecision();
            List<Tensor> reads = node.reads().stream()
                    .map(i -> i == KerasModel.INPUT ? input : results.get(i)).toList();
            Tensor result = reads.size() == 1 && !isJoin(layer) ? add(layer, reads.get(0)) : join(layer, reads);
            checkSize(layer, result);
            results.add(result);
        }
        Tensor last = results.get(results.size() - 1);
        end(model.nodes().get(model.nodes().size() - 1).layer(), last);
    }

    private static String sides(Tensor tensor) {
        return tensor.height() + " × " + tensor.width() + " × " + tensor.channels();
    }

    private void checkSize(KerasLayer layer, Tensor result) {
        if (Math.min(result.height(), result.width()) < 1 || result.size() > LARGEST_OUTPUT) {
            throw layer.cannot("would return " + sides(result) + " numbers per example; such a size cannot be read");
        }
    }

    /** Counts multiplications, so that a small file cannot occupy the machine for hours. */
    private Tensor after(KerasLayer layer, Tensor result, double each) {
        checkSize(layer, result);
        work += each * result.size();
        if (work > MOST_WORK) throw layer.cannot("would take hours to compute; the model is too large");
        return result;
    }

    private Tensor add(KerasLayer layer, Tensor in) {
        return switch (layer.type()) {
            case "Conv2D" -> convolution(layer, in);
            case "DepthwiseConv2D" -> depthwise(layer, in);
            case "SeparableConv2D" -> separable(layer, in);
            case "Dense" -> dense(layer, in);
            case "BatchNormalization", "BatchNormalizationV1", "BatchNormalizationV2", "SyncBatchNormalization" ->
                    normalization(layer, in);
            case "MaxPooling2D" -> pooling(layer, in, SubsamplingLayer.PoolingType.MAX);
            case "AveragePooling2D" -> pooling(layer, in, SubsamplingLayer.PoolingType.AVG);
            case "GlobalAveragePooling2D" -> globalPooling(layer, in, PoolingType.AVG);
            case "GlobalMaxPooling2D" -> globalPooling(layer, in, PoolingType.MAX);
            case "Flatten" -> in.shape().length == 1 ? in : flattened(layer, in);
            case "Reshape" -> reshape(layer, in);
            case "Permute" -> permute(layer, in);
            case "ZeroPadding2D", "Cropping2D" -> borders(layer, in);
            case "UpSampling2D" -> upsampling(layer, in);
            case "Activation", "ReLU", "ThresholdedReLU", "LeakyReLU", "ELU" ->
                    activation(layer, in, layer.activationOfALayer());
            case "Softmax" -> softmax(layer, in);
            case "PReLU" -> prelu(layer, in);
            case "Rescaling" -> rescaling(layer, in);
            case "Normalization" -> standardization(layer, in);
            case "Resizing", "CenterCrop", "RandomCrop" -> resizing(layer, in);
            default -> noise(layer, in);
        };
    }

    /** Layers that change nothing when the model predicts. */
    private Tensor noise(KerasLayer layer, Tensor in) {
        String type = layer.type();
        if (type.equals("ActivityRegularization") || Unknown.isAugmentation(type)) return in;
        double rate = layer.number(type.equals("GaussianNoise") ? "stddev" : "rate", 0, 0, Float.MAX_VALUE);
        IDropout dropout = switch (type) {
            case "Dropout" -> new org.deeplearning4j.nn.conf.dropout.Dropout(1 - share(layer));
            case "SpatialDropout2D" -> new SpatialDropout(1 - share(layer));
            case "AlphaDropout" -> new AlphaDropout(1 - share(layer));
            case "GaussianDropout" -> new GaussianDropout(share(layer));
            case "GaussianNoise" -> new GaussianNoise(rate);
            default -> throw layer.cannot(Unknown.reason(type));
        };
        layer.only("noise_shape");
        if (rate == 0 || type.equals("SpatialDropout2D") && !in.image()) {
            return activation(layer, in, Activation.IDENTITY.getActivationFunction());
        }
        return in.passedOn(put(layer, in, new DropoutLayer.Builder(dropout), Map.of()));
    }

    private static double share(KerasLayer layer) {
        return layer.number("rate", 0, 0, 0.999);
    }

    private static Tensor image(KerasLayer layer, Tensor in) {
        if (in.shape().length == 3) return in.asImage(layer.channelsLast());
        throw layer.cannot("needs an image, but the layer before it returns the shape " + Arrays.toString(in.shape()));
    }

    private Tensor convolution(KerasLayer layer, Tensor before) {
        Tensor in = image(layer, before);
        layer.only("groups", 1);
        Window window = new Window(layer, "kernel_size");
        int filters = layer.count("filters", MOST_UNITS);
        boolean bias = layer.flag("use_bias", true);
        Map<String, INDArray> found = kernel(layer, bias, window.size[0], window.size[1], in.channels(), filters);
        return convolution(layer, in, window, filters, bias, found);
    }

    private Tensor convolution(KerasLayer layer, Tensor in, Window window, int filters, boolean bias,
            Map<String, INDArray> found) {
        found.computeIfPresent("W", (name, kernels) -> kernels.permute(3, 2, 0, 1));
        IActivation activation = layer.activation();
        boolean softmax = Activations.isSoftmax(activation);
        String name = put(layer, in, new ConvolutionLayer.Builder(window.size).stride(window.stride)
                .dilation(window.dilation).convolutionMode(window.mode()).nOut(filters).hasBias(bias)
                .activation(softmax ? Activation.IDENTITY.getActivationFunction() : activation), found);
        Tensor result = after(layer, window.after(in, name, filters), (double) in.channels() * window.area());
        return softmax ? activation(layer, result, activation) : result;
    }

    private Tensor depthwise(KerasLayer layer, Tensor before) {
        Tensor in = image(layer, before);
        return depthwise(layer, in, layer.flag("use_bias", true), layer.activation(),
                (shapes, bias) -> weights(layer, bias ? List.of("W", "b") : List.of("W"), shapes));
    }

    private interface Shaped {
        Map<String, INDArray> of(long[][] shapes, boolean bias);
    }

    private Tensor depthwise(KerasLayer layer, Tensor in, boolean bias, IActivation activation, Shaped found) {
        Window window = new Window(layer, "kernel_size");
        int each = layer.has("depth_multiplier") ? layer.count("depth_multiplier", 1024) : 1;
        int filters = Math.multiplyExact(in.channels(), each);
        Map<String, INDArray> values = found.of(new long[][] {{window.size[0], window.size[1], in.channels(), each},
            {filters}}, bias);
        String name = put(layer, in, new DepthwiseConvolution2D.Builder(window.size).depthMultiplier(each)
                .stride(window.stride).dilation(window.dilation).convolutionMode(window.mode()).nOut(filters)
                .hasBias(bias).activation(activation), values);
        return after(layer, window.after(in, name, filters), window.area());
    }

    /** A depthwise convolution, and a convolution of 1×1 after it. */
    private Tensor separable(KerasLayer layer, Tensor before) {
        Tensor in = image(layer, before);
        int[] size = layer.pair("kernel_size", 1);
        int each = layer.has("depth_multiplier") ? layer.count("depth_multiplier", 1024) : 1;
        int filters = layer.count("filters", MOST_UNITS);
        int between = Math.multiplyExact(in.channels(), each);
        boolean bias = layer.flag("use_bias", true);
        Map<String, INDArray> all = weights(layer, bias ? List.of("D", "W", "b") : List.of("D", "W"),
                new long[] {size[0], size[1], in.channels(), each}, new long[] {1, 1, between, filters},
                new long[] {filters});
        Map<String, INDArray> depth = new HashMap<>(Map.of("W", all.remove("D")));
        Tensor middle = depthwise(layer, in, false, Activation.IDENTITY.getActivationFunction(), (shapes, b) -> depth);
        return convolution(layer, middle, Window.POINT, filters, bias, all);
    }

    private Tensor pooling(KerasLayer layer, Tensor before, SubsamplingLayer.PoolingType type) {
        Tensor in = image(layer, before);
        Window window = new Window(layer, "pool_size");
        String name = put(layer, in, new SubsamplingLayer.Builder(type).kernelSize(window.size).stride(window.stride)
                .convolutionMode(window.mode()), Map.of());
        return after(layer, window.after(in, name, in.channels()), window.area());
    }

    private Tensor globalPooling(KerasLayer layer, Tensor before, PoolingType type) {
        Tensor in = image(layer, before);
        Tensor list = Tensor.newList(put(layer, in, new GlobalPoolingLayer.Builder(type), Map.of()), in.channels());
        return !layer.flag("keepdims", false) ? list
                : in.last() ? list.reshaped(1, 1, in.channels()) : list.reshaped(in.channels(), 1, 1);
    }

    /** On the channels of an image, or on each number of a list. */
    private Tensor normalization(KerasLayer layer, Tensor before) {
        layer.only("renorm", false);
        Tensor in = alongAxis(layer, before);
        boolean scale = layer.flag("scale", true);
        boolean center = layer.flag("center", true);
        List<String> names = new ArrayList<>(List.of("mean", "var"));
        if (center) names.add(0, "beta");
        if (scale) names.add(0, "gamma");
        long[] each = {in.channels()};
        Map<String, INDArray> found = weights(layer, names, each, each, each, each);
        if (scale && !center) found.put("beta", Nd4j.zeros(1, in.channels()));
        if (center && !scale) found.put("gamma", Nd4j.ones(1, in.channels()));
        if (in.order() != null) found.replaceAll((name, values) -> in.order().fromKeras(values));
        return in.passedOn(put(layer, in, new BatchNormalization.Builder().decay(layer.number("momentum", 0.99, 0, 1))
                .eps(layer.number("epsilon", 1e-3, 0, 1)).useLogStd(false).lockGammaBeta(!scale && !center), found));
    }

    /** So that the layer's axis is that of the channels. */
    private static Tensor alongAxis(KerasLayer layer, Tensor in) {
        int rank = in.shape().length;
        int axis = axis(layer, in);
        if (axis != rank && axis != 1) throw layer.badOption("axis");
        return rank == 1 ? in.asList() : in.asImage(axis == rank);
    }

    /** The layer's axis, from 1, because the batch is 0. */
    private static int axis(KerasLayer layer, Tensor in) {
        int rank = in.shape().length;
        JsonElement axis = layer.config().get("axis");
        if (axis instanceof JsonArray list && list.size() == 1) axis = list.get(0);
        int of = axis == null ? -1 : layer.whole(axis, "axis", -rank, rank);
        return of < 0 ? of + rank + 1 : of;
    }

    private Tensor dense(KerasLayer layer, Tensor before) {
        int rank = before.shape().length;
        int units = layer.count("units", MOST_UNITS);
        boolean bias = layer.flag("use_bias", true);
        if (rank > 1) {   // the same for each pixel, and for each row of a matrix
            Tensor in = before.asImage(true);
            Map<String, INDArray> found = kernel(layer, bias, in.channels(), units);
            found.computeIfPresent("W", (name, rows) -> rows.reshape(1, 1, in.channels(), units));
            Tensor image = convolution(layer, in, Window.POINT, units, bias, found);
            return rank == 3 ? image : image.reshaped(in.shape()[0], units);
        }
        Tensor in = before.asList();
        Map<String, INDArray> found = kernel(layer, bias, in.channels(), units);
        if (in.order() != null) found.computeIfPresent("W", (name, rows) -> in.order().fromKeras(rows));
        String name = put(layer, in,
                new DenseLayer.Builder().nOut(units).hasBias(bias).activation(layer.activation()), found);
        return after(layer, Tensor.newList(name, units), in.channels());
    }

    private Tensor activation(KerasLayer layer, Tensor in, IActivation function) {
        boolean softmax = Activations.isSoftmax(function);
        Tensor read = !softmax ? in : in.shape().length == 1 ? in.asList() : in.asImage(true);
        // that of Deeplearning4j would be along another axis of an image
        IActivation same = softmax && read.image() ? new KerasActivation("softmax") : function;
        Tensor result = read.passedOn(put(layer, read, new ActivationLayer.Builder().activation(same), Map.of()));
        return result.reshaped(in.shape());
    }

    private Tensor softmax(KerasLayer layer, Tensor in) {
        if (axis(layer, in) != in.shape().length) throw layer.badOption("axis");
        return activation(layer, in, Activation.SOFTMAX.getActivationFunction());
    }

    /** Its slopes, one for each number or shared along axes, have the shape of an image without the batch. */
    private Tensor prelu(KerasLayer layer, Tensor before) {
        Tensor in = before.shape().length == 1 ? before.asList() : before.asImage(before.last() || !before.image());
        int[] sides = in.shape().clone();
        if (layer.has("shared_axes")) {
            for (double axis : layer.numbers("shared_axes", sides.length)) {
                if (axis < 1 || axis > sides.length || axis != Math.rint(axis)) throw layer.badOption("shared_axes");
                sides[(int) axis - 1] = 1;
            }
        }
        Map<String, INDArray> found = weights(layer, List.of("W"), IntStream.of(sides).asLongStream().toArray());
        PReLULayer.Builder builder = new PReLULayer.Builder();
        if (in.image()) {
            builder.inputShape(in.channels(), in.height(), in.width());
            if (in.last()) found.computeIfPresent("W", (name, slopes) -> slopes.permute(2, 0, 1));
            long[] all = {in.channels(), in.height(), in.width()};
            found.computeIfPresent("W", (name, slopes) -> slopes.broadcast(all).dup('c'));
        } else {
            builder.inputShape(in.channels());
            long[] all = {1, in.channels()};
            found.computeIfPresent("W", (name, slopes) -> slopes.broadcast(all).dup('c'));
            if (in.order() != null) found.replaceAll((name, slopes) -> in.order().fromKeras(slopes));
        }
        return in.passedOn(put(layer, in, builder, found)).reshaped(before.shape());
    }

    /** Keras flattens with the channels last, also where the layer's option says that they come first. */
    private static Tensor flattened(KerasLayer layer, Tensor in) {
        boolean turned = !layer.channelsLast();
        Tensor read = !turned ? in : in.shape().length == 2 ? in.permuted(1, 0) : in.permuted(1, 2, 0);
        return read.reshaped((int) in.size());
    }

    private static Tensor reshape(KerasLayer layer, Tensor in) {
        if (!(layer.config().get("target_shape") instanceof JsonArray target)) throw layer.badOption("target_shape");
        if (target.size() == 0 || target.size() > 3) throw layer.badOption("target_shape");
        int[] sides = new int[target.size()];
        long known = 1;
        int open = -1;
        for (int i = 0; i < sides.length; i++) {
            sides[i] = layer.whole(target.get(i), "target_shape", -1, (int) LARGEST_OUTPUT);
            if (sides[i] < 0 && open < 0) open = i;
            else known = Math.multiplyExact(known, sides[i]);
        }
        if (open >= 0 && known > 0) sides[open] = (int) (in.size() / known);
        if (known <= 0 || (open < 0 ? known : known * sides[open]) != in.size()) {
            throw layer.cannot("reshapes " + in.size() + " numbers to " + target);
        }
        return in.reshaped(sides);
    }

    private static Tensor permute(KerasLayer layer, Tensor in) {
        double[] dims = layer.numbers("dims", 3);
        int[] axes = Arrays.stream(dims).mapToInt(axis -> (int) axis - 1).toArray();
        boolean all = axes.length == in.shape().length
                && Arrays.equals(Arrays.stream(axes).sorted().toArray(), IntStream.range(0, axes.length).toArray());
        if (!all) throw layer.badOption("dims");
        return in.permuted(axes);
    }

    private Tensor borders(KerasLayer layer, Tensor before) {
        Tensor in = image(layer, before);
        boolean pads = layer.type().equals("ZeroPadding2D");
        int[] sides = layer.borders(pads ? "padding" : "cropping", pads ? 1 : 0);
        int more = pads ? 1 : -1;
        int height = in.height() + more * (sides[0] + sides[1]);
        int width = in.width() + more * (sides[2] + sides[3]);
        checkSize(layer, in.newImage("", in.channels(), height, width));
        String name = put(layer, in,
                pads ? new ZeroPaddingLayer.Builder(sides) : new Cropping2D.Builder(sides), Map.of());
        return in.newImage(name, in.channels(), height, width);
    }

    private Tensor upsampling(KerasLayer layer, Tensor before) {
        Tensor in = image(layer, before);
        layer.only("interpolation", "nearest");
        int[] size = layer.pair("size", 2);   // with sides up to 2^24, each product is below 2^36
        int height = (int) Math.min(LARGEST_OUTPUT + 1, (long) in.height() * size[0]);
        int width = (int) Math.min(LARGEST_OUTPUT + 1, (long) in.width() * size[1]);
        checkSize(layer, in.newImage("", in.channels(), height, width));
        String name = put(layer, in, new Upsampling2D.Builder().size(size), Map.of());
        return in.newImage(name, in.channels(), height, width);
    }

    /** Only where it changes nothing. */
    private static Tensor resizing(KerasLayer layer, Tensor before) {
        Tensor in = image(layer, before);
        int height = layer.count("height", KerasLayer.LARGEST_SIDE);
        int width = layer.count("width", KerasLayer.LARGEST_SIDE);
        if (in.height() == height && in.width() == width) return in;
        throw layer.cannot("changes the size of images from " + in.height() + "×" + in.width() + " to " + height + "×"
                + width + "; save the model without it, and resize the images before the model reads them");
    }

    private Tensor rescaling(KerasLayer layer, Tensor in) {
        double[] scale = layer.numbers("scale", MOST_UNITS);
        double[] offset = layer.has("offset") ? layer.numbers("offset", MOST_UNITS) : new double[1];
        if (in.from().equals(NetworkParts.INPUT)) {
            notes.add("It scales its input itself (Rescaling with the factor " + (float) scale[0]
                    + "): give it pixels in the range that it was trained on.");
        }
        return affine(layer, in, scale, offset);
    }

    /** (x − mean) / deviation, with the statistics of the weights or of the options. */
    private Tensor standardization(KerasLayer layer, Tensor in) {
        layer.only("invert", false);
        double[] mean;
        double[] variance;
        if (layer.has("mean") || layer.has("input_mean")) {
            mean = layer.numbers(layer.has("mean") ? "mean" : "input_mean", MOST_UNITS);
            variance = layer.numbers(layer.has("variance") ? "variance" : "input_variance", MOST_UNITS);
        } else {
            List<Hdf5Values> found = weights.apply(layer);
            if (found.size() < 2) throw layer.cannot("has no statistics in the file; call adapt() before you save it");
            mean = doubles(found.get(0));
            variance = doubles(found.get(1));
        }
        if (mean.length != variance.length) throw layer.cannot("has statistics of different lengths");
        double[] scale = Arrays.stream(variance).map(v -> 1 / Math.max(Math.sqrt(v), SMALLEST_DEVIATION)).toArray();
        double[] offset = IntStream.range(0, mean.length).mapToDouble(i -> -mean[i] * scale[i]).toArray();
        if (in.from().equals(NetworkParts.INPUT)) {
            notes.add("It standardizes its input itself: give it pixels in the range that it was trained on.");
        }
        return affine(layer, in, scale, offset);
    }

    private static double[] doubles(Hdf5Values values) {
        float[] numbers = values.floats();
        return IntStream.range(0, numbers.length).mapToDouble(i -> numbers[i]).toArray();
    }

    /**
     * scale · x + offset: batch normalization that is frozen, with a mean of 0 and a variance of 1.
     *
     * @param scale  one for all, one per channel, or one for each number
     * @param offset the same
     */
    private Tensor affine(KerasLayer layer, Tensor before, double[] scale, double[] offset) {
        int many = Math.max(scale.length, offset.length);
        int rank = before.shape().length;
        Tensor in = many == 1 ? before : many == before.shape()[rank - 1] && rank > 1 ? before.asImage(true)
                : before.reshaped((int) before.size()).asList();
        int n = in.channels();
        if (many > 1 && many != n || IntStream.of(scale.length, offset.length).anyMatch(l -> l != 1 && l != many)) {
            throw layer.cannot("has " + many + " factors for the shape " + Arrays.toString(before.shape()));
        }
        Map<String, INDArray> values = new HashMap<>(Map.of("gamma", row(scale, n), "beta", row(offset, n),
                "mean", Nd4j.zeros(1, n), "var", Nd4j.ones(1, n)));
        if (in.order() != null) values.replaceAll((name, row) -> in.order().fromKeras(row));
        BatchNormalization.Builder frozen = new BatchNormalization.Builder().eps(0).useLogStd(false);
        Layer.Builder<?> builder = new FrozenLayer.Builder().layer(frozen.name(layer.name()).build());
        return in.passedOn(put(layer, in, builder, values)).reshaped(before.shape());
    }

    private static INDArray row(double[] values, int n) {
        float[] all = new float[n];
        for (int i = 0; i < n; i++) all[i] = (float) values[values.length == 1 ? 0 : i];
        return Nd4j.create(all, new long[] {1, n}, 'c');
    }

    private static boolean isJoin(KerasLayer layer) {
        return layer.type().equals("Concatenate") || operation(layer) != null;
    }

    private static ElementWiseVertex.Op operation(KerasLayer layer) {
        return switch (layer.type()) {
            case "Add" -> ElementWiseVertex.Op.Add;
            case "Subtract" -> ElementWiseVertex.Op.Subtract;
            case "Multiply" -> ElementWiseVertex.Op.Product;
            case "Average" -> ElementWiseVertex.Op.Average;
            case "Maximum" -> ElementWiseVertex.Op.Max;
            default -> null;
        };
    }

    private Tensor join(KerasLayer layer, List<Tensor> reads) {
        if (!isJoin(layer)) throw layer.cannot("reads " + reads.size() + " layers; leave it out or use Add");
        boolean list = reads.get(0).shape().length == 1;
        boolean last = reads.get(0).last();
        List<Tensor> in = reads.stream()
                .map(one -> one.shape().length == 1 ? one.asList() : one.asImage(last)).toList();
        Tensor first = in.get(0);
        ElementWiseVertex.Op operation = operation(layer);
        for (Tensor one : in) {
            boolean same = one.image() == first.image() && one.height() == first.height()
                    && one.width() == first.width() && (operation == null || one.channels() == first.channels());
            if (!same) throw layer.cannot("joins different shapes; bring them to the same shape first");
        }
        if (operation != null) {
            boolean ordered = in.stream().anyMatch(one -> one.order() != null);
            if (ordered) throw layer.cannot("joins flattened images; join them before Flatten");
            return first.passedOn(parts.add(layer.name(), in, new ElementWiseVertex(operation)));
        }
        int rank = first.shape().length;
        int axis = list ? 1 : last ? 3 : 1;
        layer.only("axis", axis, axis == rank ? -1 : axis - rank - 1);
        int[] channels = in.stream().mapToInt(Tensor::channels).toArray();
        int all = Math.toIntExact(IntStream.of(channels).asLongStream().sum());
        String name = parts.add(layer.name(), in, new MergeVertex());
        if (!list) return first.newImage(name, all, first.height(), first.width());
        List<FlattenOrder> orders = in.stream().map(Tensor::order).toList();
        Tensor joined = Tensor.newList(name, all);
        if (in.stream().allMatch(one -> one.order() == null)) return joined;
        FlattenOrder order = FlattenOrder.joined(orders, channels);
        return new Tensor(name, joined.shape(), false, all, 1, 1, true, order, List.of());
    }

    /** Makes probabilities of logits, and gives the network a loss. */
    private void end(KerasLayer layer, Tensor last) {
        Tensor result = last.shape().length == 1 ? last.asList() : last;
        if (result.order() != null) {
            throw layer.cannot("passes on a flattened image in Keras's order; a Dense layer must follow");
        }
        boolean linear = Activations.is(parts.lastActivation(), Activation.IDENTITY);
        boolean classes = result.shape().length == 1 && result.channels() > 1;
        if (linear && classes && (outputs == Outputs.LOGITS || outputs == Outputs.UNKNOWN)) {
            notes.add(outputs == Outputs.LOGITS
                    ? "It returns logits (its loss has from_logits=True); a softmax was added, so that it predicts"
                    + " probabilities."
                    : "Its last layer is linear and the file does not say what it returns; it was read as logits, and a"
                    + " softmax was added, so that it predicts probabilities.");
            add(layer.name() + "_softmax", result, Activation.SOFTMAX);
        } else if (!result.pending().isEmpty() || result.from().equals(NetworkParts.INPUT)) {
            add(layer.name(), result, Activation.IDENTITY);
        } else if (linear && classes) {
            notes.add("Its last layer is linear and it was not trained on logits: what it returns are not"
                    + " probabilities.");
        }
        parts.endWithALoss();
    }

    private void add(String name, Tensor in, Activation function) {
        parts.add(name, in, new ActivationLayer.Builder().activation(function), Map.of());
    }

    private String put(KerasLayer layer, Tensor in, Layer.Builder<?> builder, Map<String, INDArray> values) {
        return parts.add(layer.name(), in, builder, values);
    }

    private Map<String, INDArray> kernel(KerasLayer layer, boolean bias, long... shape) {
        return weights(layer, bias ? List.of("W", "b") : List.of("W"), shape, new long[] {shape[shape.length - 1]});
    }

    /** A layer's weights by Deeplearning4j's names, a list of numbers as a row; they must have exactly these shapes. */
    private Map<String, INDArray> weights(KerasLayer layer, List<String> names, long[]... shapes) {
        List<Hdf5Values> found = weights.apply(layer);
        if (found.size() != names.size()) {
            throw layer.cannot("has " + found.size() + " arrays of weights in the file, but needs " + names.size()
                    + "; save the whole model again");
        }
        for (int i = 0; i < names.size(); i++) {
            String has = Arrays.toString(found.get(i).shape());
            String needs = Arrays.toString(shapes[i]);
            if (!has.equals(needs)) throw layer.cannot("has weights of the shape " + has + ", but needs " + needs);
        }
        Map<String, INDArray> values = new HashMap<>();
        for (int i = 0; i < names.size(); i++) {
            long[] shape = shapes[i].length == 1 ? new long[] {1, shapes[i][0]} : shapes[i];
            float[] numbers = found.get(i).floats();
            if (rotated && shape.length == 4) rotate(numbers, (int) (shape[0] * shape[1]));
            values.put(names.get(i), Nd4j.create(numbers, shape, 'c'));
        }
        return values;
    }

    /** Rotates kernels by 180°: the last of their places becomes the first. */
    private static void rotate(float[] kernels, int places) {
        int each = kernels.length / places;
        for (int i = 0; i < places / 2; i++) {
            for (int k = 0; k < each; k++) {
                float number = kernels[i * each + k];
                kernels[i * each + k] = kernels[(places - 1 - i) * each + k];
                kernels[(places - 1 - i) * each + k] = number;
            }
        }
    }

    /** Size, stride and dilation of a window that moves over an image. */
    private record Window(int[] size, int[] stride, int[] dilation, boolean same) {
        static final Window POINT = new Window(new int[] {1, 1}, new int[] {1, 1}, new int[] {1, 1}, false);

        /** @param key “kernel_size”, or “pool_size”, which is also the stride if there is none */
        Window(KerasLayer layer, String key) {
            this(layer.pair(key, key.equals("pool_size") ? 2 : 1), layer.has("strides") ? layer.pair("strides", 1)
                    : key.equals("pool_size") ? layer.pair(key, 2) : new int[] {1, 1},
                    layer.pair("dilation_rate", 1), layer.same());
        }

        /** Deeplearning4j pads as TensorFlow does: not at all, or to use every pixel, an odd line at the end. */
        ConvolutionMode mode() {
            return same ? ConvolutionMode.Same : ConvolutionMode.Truncate;
        }

        double area() {
            return (double) size[0] * size[1];
        }

        Tensor after(Tensor in, String name, int channels) {
            return in.newImage(name, channels, side(in.height(), 0), side(in.width(), 1));
        }

        private int side(int before, int axis) {
            long reach = (size[axis] - 1L) * dilation[axis] + 1;
            if (same) return (before + stride[axis] - 1) / stride[axis];
            return before < reach ? 0 : (int) ((before - reach) / stride[axis] + 1);
        }
    }
}
