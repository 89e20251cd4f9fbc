package digits.onnx;

import static digits.onnx.OnnxFileException.refused;
import static digits.onnx.WrittenGraph.attribute;

import digits.onnx.WrittenGraph.Value;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import onnx.Onnx.AttributeProto;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.InputPreProcessor;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BaseLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.FeedForwardLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.LossLayer;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.conf.layers.Upsampling2D;
import org.deeplearning4j.nn.conf.layers.ZeroPaddingLayer;
import org.deeplearning4j.nn.conf.layers.convolutional.Cropping2D;
import org.deeplearning4j.nn.conf.preprocessor.CnnToFeedForwardPreProcessor;
import org.deeplearning4j.nn.conf.preprocessor.ComposableInputPreProcessor;
import org.deeplearning4j.nn.conf.preprocessor.FeedForwardToCnnPreProcessor;
import org.deeplearning4j.preprocessors.PermutePreprocessor;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Writes a layer as the ONNX nodes that compute the same at inference. */
final class LayerNodes {
    private static final String PACKAGE = BaseLayer.class.getPackageName();

    private final WrittenGraph graph;
    private final String place;
    private final String name;
    private final Layer layer;
    private final Map<String, INDArray> parameters;
    private Value now;

    /**
     * @param place where the layer is, for messages, such as: layer 3, "name"
     * @param layer null if only {@link #preProcess} is called
     * @param in    the array that it reads
     */
    LayerNodes(WrittenGraph graph, String place, String name, Layer layer, Map<String, INDArray> parameters, Value in) {
        this.graph = graph;
        this.place = place;
        this.name = name;
        this.layer = layer;
        this.parameters = parameters;
        this.now = in;
    }

    private OnnxFileException cannot(String what) {
        return refused(place + (layer == null ? "" : " (" + layer.getClass().getSimpleName() + ")") + ", " + what);
    }

    /**
     * Adds the layer's nodes.
     *
     * @param before changes the shape of the layer's input; may be null
     * @return the layer's activations
     */
    Value write(InputPreProcessor before) {
        if (before != null) preProcess(before);
        checkInput();
        String kind = layer.getClass().getPackageName().startsWith(PACKAGE) ? layer.getClass().getSimpleName() : "";
        switch (kind) {
            case "ConvolutionLayer", "Convolution2D" -> convolution((ConvolutionLayer) layer);
            case "SeparableConvolution2D" -> separable((ConvolutionLayer) layer);
            case "DepthwiseConvolution2D" -> depthwise((ConvolutionLayer) layer);
            case "SubsamplingLayer", "Pooling2D" -> pooling((SubsamplingLayer) layer);
            case "GlobalPoolingLayer" -> globalPooling((GlobalPoolingLayer) layer);
            case "ZeroPaddingLayer" -> padding((ZeroPaddingLayer) layer);
            case "Cropping2D" -> cropping((Cropping2D) layer);
            case "Upsampling2D" -> upsampling((Upsampling2D) layer);
            case "BatchNormalization" -> normalization((BatchNormalization) layer);
            case "DropoutLayer" -> { }   // drops nothing at inference
            case "ActivationLayer" -> activation(((ActivationLayer) layer).getActivationFn());
            case "LossLayer" -> activation(((LossLayer) layer).getActivationFn());
            case "PReLULayer" -> parametricRelu(parameters.get("W"));
            case "DenseLayer", "OutputLayer" -> dense((FeedForwardLayer) layer);
            default -> throw cannot("is a kind of layer that this library does not write to ONNX");
        }
        return now;
    }

    private void checkInput() {
        for (INDArray values : parameters.values()) {
            if (values.dataType() == DataType.FLOAT) continue;
            throw cannot("computes with " + values.dataType() + "; only FLOAT can be written");
        }
        boolean counts = layer instanceof FeedForwardLayer && !parameters.isEmpty();
        if (!counts || ((FeedForwardLayer) layer).getNIn() == now.shape()[0]) return;
        String unit = now.isImage() ? " channels" : " numbers";
        throw cannot("reads " + ((FeedForwardLayer) layer).getNIn() + unit + ", but would get " + now.shape()[0]
                + "; pass the shape of the network's input, such as InputType.convolutional(height, width, channels)");
    }

    /** Adds a node that reads the current array and weights; what it returns is the current array then. */
    private void put(String operator, List<String> weights, long[] shape, AttributeProto... attributes) {
        List<String> inputs = new ArrayList<>(List.of(now.name()));
        inputs.addAll(weights);
        now = graph.node(operator, name, inputs, shape, attributes);
    }

    private long[] image() {
        if (!now.isImage()) throw cannot("needs an image, but gets " + now.text());
        return now.shape();
    }

    /** Applies what Deeplearning4j puts before layers to change the shape of their input. */
    Value preProcess(InputPreProcessor before) {
        if (before instanceof CnnToFeedForwardPreProcessor flatten) {
            flatten(flatten);
        } else if (before instanceof FeedForwardToCnnPreProcessor reshape) {
            reshape(reshape);
        } else if (before instanceof PermutePreprocessor permute) {
            permute(permute.getPermutationIndices());
        } else if (before instanceof ComposableInputPreProcessor several) {
            for (InputPreProcessor one : several.getInputPreProcessors()) preProcess(one);
        } else {
            throw cannot("comes after a " + before.getClass().getSimpleName() + ", which this library does not write");
        }
        return now;
    }

    private void flatten(CnnToFeedForwardPreProcessor flatten) {
        if (!now.isImage()) return;   // a list of numbers passes
        channelsFirst(flatten.getFormat());
        checkImage(flatten.getInputHeight(), flatten.getInputWidth(), flatten.getNumChannels());
        put("Flatten", List.of(), new long[] {now.size()}, attribute("axis", 1L));
    }

    private void checkImage(long height, long width, long channels) {
        long[] expected = {channels, height, width};
        if (channels <= 0 || now.isImage() && Arrays.equals(now.shape(), expected)
                || !now.isImage() && now.size() == channels * height * width) return;
        throw cannot("reads images of " + new Value("", expected).text() + ", but would get " + now.text()
                + "; pass the shape of the network's input, such as InputType.convolutional(height, width, channels)");
    }

    private void reshape(FeedForwardToCnnPreProcessor reshape) {
        if (now.isImage()) return;   // as Deeplearning4j does
        long[] shape = {reshape.getNumChannels(), reshape.getInputHeight(), reshape.getInputWidth()};
        checkImage(shape[1], shape[2], shape[0]);
        put("Reshape", List.of(graph.whole(name + ".shape", -1, shape[0], shape[1], shape[2])), shape);
    }

    private void permute(int... indices) {
        int[] order = indices.length == now.shape().length ? IntStream.concat(IntStream.of(0), IntStream.of(indices))
                .toArray() : indices;
        if (order.length != now.shape().length + 1 || order[0] != 0) {
            throw cannot("comes after a permutation of " + now.text() + " by " + Arrays.toString(indices)
                    + ", which this library does not write");
        }
        long[] from = now.shape();
        put("Transpose", List.of(), IntStream.of(order).skip(1).mapToLong(i -> from[i - 1]).toArray(),
                attribute("perm", order));
    }

    private void convolution(ConvolutionLayer layer) {
        Window window = window(layer, layer.getConvolutionMode(), layer.getCnn2dDataFormat());
        kernels(window, "weight", parameters.get("W"), layer.getNOut(), 1, "b");
        activation(layer.getActivationFn());
    }

    /** A depthwise convolution, and a convolution of 1×1 after it, which has the bias. */
    private void separable(ConvolutionLayer layer) {
        Window window = window(layer, layer.getConvolutionMode(), layer.getCnn2dDataFormat());
        INDArray kernels = parameters.get("W");   // [multiplier, channels, height, width]
        depthwise(window, "depthwise", kernels.permute(1, 0, 2, 3), "");
        kernels(Window.POINT, "pointwise", parameters.get("pW"), layer.getNOut(), 1, "b");
        activation(layer.getActivationFn());
    }

    private void depthwise(ConvolutionLayer layer) {
        Window window = window(layer, layer.getConvolutionMode(), layer.getCnn2dDataFormat());
        depthwise(window, "weight", parameters.get("W").permute(2, 3, 0, 1), "b");
        activation(layer.getActivationFn());
    }

    /** @param kernels [channels, multiplier, height, width] */
    private void depthwise(Window window, String weight, INDArray kernels, String bias) {
        long filters = kernels.size(0) * kernels.size(1);
        INDArray each = kernels.dup('c').reshape('c', filters, 1, kernels.size(2), kernels.size(3));
        kernels(window, weight, each, filters, kernels.size(0), bias);
    }

    /** @param bias name of the parameter; without a bias, there is none */
    private void kernels(Window window, String weight, INDArray kernels, long filters, long groups, String bias) {
        long[] shape = window.after(image(), filters);
        checkSize(shape);
        List<String> weights = new ArrayList<>(List.of(graph.weights(name + "." + weight, kernels, kernels.shape())));
        INDArray values = parameters.get(bias);
        if (values != null) weights.add(graph.weights(name + ".bias", values, values.length()));
        List<AttributeProto> attributes = new ArrayList<>(window.attributes(now.shape()));
        attributes.add(attribute("dilations", window.dilation));
        attributes.add(attribute("group", groups));
        put("Conv", weights, shape, attributes.toArray(AttributeProto[]::new));
    }

    private void checkSize(long... shape) {
        if (Arrays.stream(shape).allMatch(side -> side > 0)) return;
        throw cannot("does not fit images of " + now.text() + "; pass the shape of the network's input");
    }

    private Window window(ConvolutionLayer layer, ConvolutionMode mode, CNN2DFormat format) {
        channelsFirst(format);
        return new Window(layer.getKernelSize(), layer.getStride(), layer.getDilation(), layer.getPadding(),
                same(mode));
    }

    private boolean same(ConvolutionMode mode) {
        if (mode == ConvolutionMode.Causal) throw cannot("has causal padding, which ONNX does not have for images");
        return mode == ConvolutionMode.Same;
    }

    private void channelsFirst(CNN2DFormat format) {
        if (format != CNN2DFormat.NCHW) throw cannot("reads channels last; only channels first can be written");
    }

    private void pooling(SubsamplingLayer layer) {
        channelsFirst(layer.getCnn2dDataFormat());
        // without bounds it changes nothing; ONNX Runtime up to 1.28 would take a Pad before pooling for the pooling's
        // own padding, which is not zero: the predictions would be wrong
        if (graph.isResultOf("Pad", now)) put("Clip", List.of(), now.shape());
        Window window = new Window(layer.getKernelSize(), layer.getStride(), layer.getDilation(), layer.getPadding(),
                same(layer.getConvolutionMode()));
        if (!Arrays.equals(layer.getDilation(), new int[] {1, 1})) {
            throw cannot("has a dilation, which Deeplearning4j's pooling computes in another way than ONNX");
        }
        long[] shape = window.after(image(), now.shape()[0]);
        checkSize(shape);
        List<AttributeProto> attributes = new ArrayList<>(window.attributes(now.shape()));
        boolean average = layer.getPoolingType() == SubsamplingLayer.PoolingType.AVG.toPoolingType();
        if (!average && layer.getPoolingType() != SubsamplingLayer.PoolingType.MAX.toPoolingType()) {
            throw cannot("pools with " + layer.getPoolingType() + ", which ONNX does not have");
        }
        if (average) {
            attributes.add(attribute("count_include_pad", layer.isAvgPoolIncludePadInDivisor() ? 1L : 0));
        }
        put(average ? "AveragePool" : "MaxPool", List.of(), shape, attributes.toArray(AttributeProto[]::new));
    }

    private void globalPooling(GlobalPoolingLayer layer) {
        int[] sides = layer.getPoolingDimensions();
        boolean whole = sides == null || Arrays.equals(sides, new int[] {2, 3});
        if (!whole) throw cannot("pools along the axes " + Arrays.toString(sides) + "; ONNX pools whole images");
        long channels = image()[0];
        String operator = switch (layer.getPoolingType()) {
            case MAX -> "GlobalMaxPool";
            case AVG -> "GlobalAveragePool";
            default -> throw cannot("pools with " + layer.getPoolingType() + ", which ONNX does not have");
        };
        put(operator, List.of(), new long[] {channels, 1, 1});
        if (layer.isCollapseDimensions()) {
            put("Flatten", List.of(), new long[] {channels}, attribute("axis", 1L));
        }
    }

    private void padding(ZeroPaddingLayer layer) {
        channelsFirst(layer.getDataFormat());
        int[] sides = layer.getPadding();   // top, bottom, left, right
        String pads = graph.whole(name + ".pads", 0, 0, sides[0], sides[2], 0, 0, sides[1], sides[3]);
        long[] in = image();
        put("Pad", List.of(pads), new long[] {in[0], in[1] + sides[0] + sides[1], in[2] + sides[2] + sides[3]});
    }

    private void cropping(Cropping2D layer) {
        channelsFirst(layer.getDataFormat());
        int[] sides = layer.getCropping();
        long[] in = image();
        long[] shape = {in[0], in[1] - sides[0] - sides[1], in[2] - sides[2] - sides[3]};
        checkSize(shape);
        put("Slice", List.of(graph.whole(name + ".starts", sides[0], sides[2]),
                graph.whole(name + ".ends", in[1] - sides[1], in[2] - sides[3]), graph.whole(name + ".axes", 2, 3)),
                shape);
    }

    /** Repeats each pixel. */
    private void upsampling(Upsampling2D layer) {
        channelsFirst(layer.getFormat());
        int[] size = layer.getSize();
        long[] in = image();
        String scales = graph.weights(name + ".scales", Nd4j.createFromArray(1f, 1f, size[0], size[1]), 4);
        put("Resize", List.of("", scales), new long[] {in[0], in[1] * size[0], in[2] * size[1]},
                attribute("mode", "nearest"), attribute("coordinate_transformation_mode", "asymmetric"),
                attribute("nearest_mode", "floor"));
    }

    private void normalization(BatchNormalization layer) {
        channelsFirst(layer.getCnn2DFormat());
        INDArray mean = parameters.get("mean");
        boolean locked = layer.isLockGammaBeta();
        INDArray gamma = locked ? mean.like().assign(layer.getGamma()) : parameters.get("gamma");
        INDArray beta = locked ? mean.like().assign(layer.getBeta()) : parameters.get("beta");
        long n = mean.length();
        put("BatchNormalization", List.of(graph.weights(name + ".gamma", gamma, n),
                graph.weights(name + ".beta", beta, n), graph.weights(name + ".mean", mean, n),
                graph.weights(name + ".variance", variance(), n)), now.shape(),
                attribute("epsilon", layer.getEps()), attribute("momentum", layer.getDecay()));
    }

    /** Instead of the variance, the layer may keep the decimal logarithm of the standard deviation. */
    private INDArray variance() {
        INDArray variance = parameters.get("var");
        if (variance != null) return variance;
        float[] logarithms = parameters.get("log10stdev").dup('c').data().asFloat();
        for (int i = 0; i < logarithms.length; i++) logarithms[i] = (float) Math.pow(10, 2.0 * logarithms[i]);
        return Nd4j.createFromArray(logarithms);
    }

    private void dense(FeedForwardLayer layer) {
        if (now.isImage()) throw cannot("reads a list of numbers, but gets an image of " + now.text());
        if (parameters.containsKey("g")) throw cannot("normalizes its sums, which this library does not write to ONNX");
        INDArray rows = parameters.get("W");
        List<String> weights = new ArrayList<>(List.of(graph.weights(name + ".weight", rows, rows.shape())));
        INDArray bias = parameters.get("b");
        if (bias != null) weights.add(graph.weights(name + ".bias", bias, bias.length()));
        put("Gemm", weights, new long[] {layer.getNOut()});
        activation(((BaseLayer) layer).getActivationFn());
    }

    private void activation(IActivation function) {
        now = new ActivationNodes(graph, name, now).apply(function).orElseThrow(() -> cannot("has the activation "
                + function + ", which this library does not write to ONNX"));
    }

    /** Its slopes: one for each number, or shared along axes where their array has one number. */
    private void parametricRelu(INDArray slopes) {
        int rank = now.shape().length;
        long[] shape = Arrays.copyOfRange(slopes.shape(), slopes.rank() - rank, slopes.rank());
        put("PRelu", List.of(graph.weights(name + ".slope", slopes, shape)), now.shape());
    }

    /**
     * Size, stride, dilation and padding of a window that moves over an image.
     *
     * @param same whether it is padded to use every pixel, an odd line at the end
     */
    private record Window(int[] size, int[] stride, int[] dilation, int[] padding, boolean same) {
        static final Window POINT = new Window(new int[] {1, 1}, new int[] {1, 1}, new int[] {1, 1}, new int[2], false);

        long[] after(long[] image, long channels) {
            return new long[] {channels, side(image, 0), side(image, 1)};
        }

        private long reach(int axis) {
            return (size[axis] - 1L) * dilation[axis] + 1;
        }

        private long side(long[] image, int axis) {
            long before = image[axis + 1];
            if (same) return (before + stride[axis] - 1) / stride[axis];
            long room = before + 2L * padding[axis] - reach(axis);
            return room < 0 ? 0 : room / stride[axis] + 1;
        }

        List<AttributeProto> attributes(long[] image) {
            int[] pads = new int[4];   // top, left, bottom, right
            for (int axis = 0; axis < 2; axis++) {
                long all = same ? Math.max(0, (side(image, axis) - 1) * stride[axis] + reach(axis) - image[axis + 1])
                        : 2L * padding[axis];
                pads[axis] = (int) (all / 2);
                pads[axis + 2] = (int) (all - all / 2);
            }
            return List.of(attribute("kernel_shape", size), attribute("strides", stride), attribute("pads", pads));
        }
    }
}
