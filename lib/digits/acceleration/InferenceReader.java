package digits.acceleration;

import static digits.acceleration.AffineSupport.BIAS;
import static digits.acceleration.AffineSupport.WEIGHTS;

import digits.acceleration.InferenceGraph.Affine;
import digits.acceleration.InferenceGraph.Function;
import digits.acceleration.InferenceGraph.Images;
import digits.acceleration.InferenceGraph.Input;
import digits.acceleration.InferenceGraph.Node;
import digits.acceleration.InferenceGraph.Pool;
import digits.acceleration.InferenceGraph.Rows;
import digits.acceleration.InferenceGraph.Scale;
import digits.acceleration.InferenceGraph.Sum;
import digits.acceleration.InferenceGraph.Window;
import digits.engine.KernelGeometry;
import digits.onednn.Eltwise;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleUnaryOperator;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.InputPreProcessor;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.inputs.InputType.InputTypeConvolutional;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BaseLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.DropoutLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.LossLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayer;
import org.deeplearning4j.nn.conf.preprocessor.CnnToFeedForwardPreProcessor;
import org.deeplearning4j.nn.conf.preprocessor.FeedForwardToCnnPreProcessor;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.graph.vertex.GraphVertex;
import org.deeplearning4j.nn.graph.vertex.impl.LayerVertex;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.params.BatchNormalizationParamInitializer;
import org.deeplearning4j.util.ConvolutionUtils;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.activations.impl.ActivationELU;
import org.nd4j.linalg.activations.impl.ActivationIdentity;
import org.nd4j.linalg.activations.impl.ActivationLReLU;
import org.nd4j.linalg.activations.impl.ActivationRationalTanh;
import org.nd4j.linalg.activations.impl.ActivationSigmoid;
import org.nd4j.linalg.activations.impl.ActivationSoftmax;
import org.nd4j.linalg.activations.impl.ActivationTanH;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Reads a Deeplearning4j network, with its weights at this moment, as the computations that it does in inference. */
final class InferenceReader {
    private final InferenceGraph graph = new InferenceGraph();
    private final Input input = graph.add(new Input());
    private String name = "";            // of the layer being read
    private CNN2DFormat format;          // null before the first layer that has one
    private boolean softmax;

    private InferenceReader() { }

    /** What was read: the softmax of the last layer, if it has one, is left to the caller. */
    record Computations(InferenceGraph graph, boolean channelsLast, boolean softmax) { }

    /** The network has a layer for which there is no faster code outside training; the message names it. */
    static final class Unsupported extends Exception {
        private static final long serialVersionUID = 1;

        Unsupported(String message) {
            super(message);
        }
    }

    static Computations read(MultiLayerNetwork network) throws Unsupported {
        var reader = new InferenceReader();
        Node x = reader.input;
        for (int i = 0; i < network.getnLayers(); i++) {
            Layer layer = network.getLayer(i);
            String known = layer.conf().getLayer().getLayerName();
            reader.name = known == null ? "layer" + i : known;
            x = reader.read(layer, network.getLayerWiseConfigurations().getInputPreProcess(i), x);
        }
        return reader.finished();
    }

    static Computations read(ComputationGraph network) throws Unsupported {
        if (network.getNumInputArrays() != 1 || network.getNumOutputArrays() != 1) {
            throw new Unsupported("it has several inputs or outputs");
        }
        var reader = new InferenceReader();
        Map<String, Node> known = new HashMap<>(Map.of(network.getConfiguration().getNetworkInputs().get(0),
                reader.input));
        Node last = reader.input;
        for (int i : network.topologicalSortOrder()) {
            GraphVertex vertex = network.getVertices()[i];
            reader.name = vertex.getVertexName();
            if (vertex.isInputVertex()) continue;
            List<Node> inputs = network.getConfiguration().getVertexInputs().get(vertex.getVertexName()).stream()
                    .map(known::get).toList();
            last = vertex instanceof LayerVertex layer && inputs.size() == 1
                    ? reader.read(layer.getLayer(), layer.getLayerPreProcessor(), inputs.get(0))
                    : reader.sum(network.getConfiguration().getVertices().get(vertex.getVertexName()), inputs);
            known.put(vertex.getVertexName(), last);
        }
        if (last != known.get(network.getConfiguration().getNetworkOutputs().get(0))) {
            throw new Unsupported("its output is not its last vertex");
        }
        return reader.finished();
    }

    private Computations finished() {
        return new Computations(graph.merged(), input.channelsLast, softmax);
    }

    private Node sum(org.deeplearning4j.nn.conf.graph.GraphVertex vertex, List<Node> inputs) throws Unsupported {
        require(vertex.getClass() == org.deeplearning4j.nn.conf.graph.ElementWiseVertex.class
                && ((org.deeplearning4j.nn.conf.graph.ElementWiseVertex) vertex).getOp()
                        == org.deeplearning4j.nn.conf.graph.ElementWiseVertex.Op.Add && inputs.size() > 1,
                "this kind of vertex");
        Node sum = inputs.get(0);
        for (Node summand : inputs.subList(1, inputs.size())) sum = graph.add(new Sum(sum, summand));
        return sum;
    }

    private Node read(Layer layer, InputPreProcessor before, Node x) throws Unsupported {
        var configuration = layer.conf().getLayer();
        name += " " + configuration.getClass().getSimpleName();
        require(!softmax, "a layer after softmax");
        if (configuration instanceof FrozenLayer frozen) configuration = frozen.getLayer();
        require(layer.numParams() == 0 || layer.params().dataType() == DataType.FLOAT, "numbers other than FLOAT");
        require(!(configuration instanceof BaseLayer base) || base.getWeightNoise() == null, "noisy weights");
        Node from = preprocessed(before, x);
        Class<?> kind = configuration.getClass();
        if (kind == ConvolutionLayer.class) return convolution(layer, (ConvolutionLayer) configuration, from);
        if (kind == SubsamplingLayer.class) return pooling((SubsamplingLayer) configuration, from);
        if (kind == GlobalPoolingLayer.class) return globalPooling((GlobalPoolingLayer) configuration, from);
        if (kind == BatchNormalization.class) return normalization(layer, (BatchNormalization) configuration, from);
        if (kind == DropoutLayer.class) return from;
        if (kind == ActivationLayer.class) return activation(((ActivationLayer) configuration).getActivationFn(), from);
        if (kind == LossLayer.class) return activation(((LossLayer) configuration).getActivationFn(), from);
        boolean dense = kind == DenseLayer.class && !((DenseLayer) configuration).hasLayerNorm();
        require(dense || kind == OutputLayer.class, "this kind of layer");
        return dense(layer, ((BaseLayer) configuration).getActivationFn(), from);
    }

    private void require(boolean supported, String what) throws Unsupported {
        if (!supported) throw new Unsupported(name + ": there is no faster code for " + what);
    }

    private Node preprocessed(InputPreProcessor before, Node x) throws Unsupported {
        if (before == null) return x;
        if (before.getClass() == CnnToFeedForwardPreProcessor.class) {
            var rows = (CnnToFeedForwardPreProcessor) before;
            boolean last = rows.getFormat() == CNN2DFormat.NHWC;
            return graph.add(new Rows(x, last, rows.getInputHeight() * rows.getInputWidth()));
        }
        require(before.getClass() == FeedForwardToCnnPreProcessor.class, "the preprocessor "
                + before.getClass().getSimpleName());
        var images = (FeedForwardToCnnPreProcessor) before;
        return graph.add(new Images(x, images.getNumChannels(), images.getInputHeight(), images.getInputWidth()));
    }

    private Node convolution(Layer layer, ConvolutionLayer configuration, Node x) throws Unsupported {
        note(configuration.getCnn2dDataFormat());
        INDArray weights = layer.getParam(WEIGHTS);
        Window window = window(configuration, configuration.getKernelSize(), configuration.getStride(),
                configuration.getPadding(), configuration.getDilation(), configuration.getConvolutionMode());
        Node sums = graph.add(new Affine(x, floats(weights), bias(layer, weights.size(0)), window,
                padded(configuration.getConvolutionMode(), configuration.getKernelSize(), configuration.getPadding()),
                weights.shape()));
        return activation(configuration.getActivationFn(), sums);
    }

    private Node dense(Layer layer, IActivation activation, Node x) throws Unsupported {
        INDArray weights = layer.getParam(WEIGHTS).transpose();
        Node sums = graph.add(new Affine(x, floats(weights), bias(layer, weights.size(0)), null, false,
                weights.shape()));
        return activation(activation, sums);
    }

    private Node pooling(SubsamplingLayer configuration, Node x) throws Unsupported {
        note(configuration.getCnn2dDataFormat());
        boolean max = configuration.getPoolingType() == PoolingType.MAX;
        require(max || configuration.getPoolingType() == PoolingType.AVG, configuration.getPoolingType() + " pooling");
        require(Arrays.stream(configuration.getDilation()).allMatch(d -> d == 1), "dilated pooling");
        Window window = window(configuration, configuration.getKernelSize(), configuration.getStride(),
                configuration.getPadding(), new int[] {1, 1}, configuration.getConvolutionMode());
        return graph.add(new Pool(x, window, max, configuration.isAvgPoolIncludePadInDivisor(),
                padded(configuration.getConvolutionMode(), configuration.getKernelSize(),
                        configuration.getPadding())));
    }

    private Node globalPooling(GlobalPoolingLayer configuration, Node x) throws Unsupported {
        PoolingType type = configuration.getPoolingType();
        require(type == PoolingType.MAX || type == PoolingType.AVG, type + " pooling");
        int[] along = configuration.getPoolingDimensions();   // set for the order of the input's dimensions
        require(configuration.isCollapseDimensions() && (along == null || along.length == 2
                && Arrays.equals(along, input.channelsLast ? new int[] {1, 2} : new int[] {2, 3})),
                "pooling of some dimensions");
        long[] none = {0, 0};
        Window whole = (height, width) -> new KernelGeometry(new long[] {height, width}, new long[] {1, 1},
                new long[] {height, width}, new long[] {1, 1}, none, none, none);
        return graph.add(new Rows(graph.add(new Pool(x, whole, type == PoolingType.MAX, false, false)), false, 1));
    }

    private Node normalization(Layer layer, BatchNormalization configuration, Node x) {
        float[] mean = floats(layer.getParam(BatchNormalizationParamInitializer.GLOBAL_MEAN));
        float[] spread = floats(layer.getParam(configuration.isUseLogStd()
                ? BatchNormalizationParamInitializer.GLOBAL_LOG_STD : BatchNormalizationParamInitializer.GLOBAL_VAR));
        boolean locked = configuration.isLockGammaBeta();
        float[] factor = locked ? filled(mean.length, configuration.getGamma())
                : floats(layer.getParam(BatchNormalizationParamInitializer.GAMMA));
        float[] shift = locked ? filled(mean.length, configuration.getBeta())
                : floats(layer.getParam(BatchNormalizationParamInitializer.BETA));
        for (int c = 0; c < mean.length; c++) {
            double variance = configuration.isUseLogStd() ? Math.pow(10, 2.0 * spread[c]) : spread[c];
            double scale = factor[c] / Math.sqrt(variance + configuration.getEps());
            factor[c] = (float) scale;
            shift[c] = (float) (shift[c] - mean[c] * scale);
        }
        return graph.add(new Scale(x, factor, shift));
    }

    private Node activation(IActivation activation, Node x) throws Unsupported {
        Class<?> kind = activation.getClass();
        softmax = kind == ActivationSoftmax.class;
        if (softmax || kind == ActivationIdentity.class) return x;
        DoubleUnaryOperator java = kind == ActivationRationalTanh.class ? InferenceReader::rationalTanh : null;
        Eltwise eltwise = LayerSupport.isRelu(activation) ? Eltwise.RELU
                : kind == ActivationTanH.class ? Eltwise.TANH
                : kind == ActivationSigmoid.class ? Eltwise.SIGMOID
                : kind == ActivationLReLU.class ? Eltwise.leakyRelu(((ActivationLReLU) activation).getAlpha())
                : kind == ActivationELU.class ? Eltwise.elu(((ActivationELU) activation).getAlpha()) : null;
        require(java != null || eltwise != null, "the activation " + activation);
        return graph.add(new Function(x, eltwise, java));
    }

    /** Deeplearning4j's approximation of 1.7159 · tanh(2x/3). */
    private static double rationalTanh(double x) {
        double y = Math.abs(2 * x / 3);
        return Math.signum(x) * 1.7159 * (1 - 1 / (1 + y + y * y + 1.41645 * y * y * y * y));
    }

    private void note(CNN2DFormat of) throws Unsupported {
        require(format == null || format == of, "two orders of channels in one network");
        format = of;
        input.channelsLast = of == CNN2DFormat.NHWC;
    }

    private static boolean padded(ConvolutionMode mode, int[] kernel, int[] padding) {
        return Arrays.stream(mode == ConvolutionMode.Same ? kernel : padding)
                .anyMatch(size -> size > (mode == ConvolutionMode.Same ? 1 : 0));
    }

    private Window window(org.deeplearning4j.nn.conf.layers.Layer configuration, int[] kernel, int[] stride,
                                 int[] padding, int[] dilation, ConvolutionMode mode) {
        CNN2DFormat order = format;
        return (height, width) -> {
            var out = (InputTypeConvolutional) configuration.getOutputType(0,
                    InputType.convolutional(height, width, 1, order));
            int[] from = {(int) height, (int) width};
            int[] to = {(int) out.getHeight(), (int) out.getWidth()};
            boolean same = mode == ConvolutionMode.Same;
            return LayerSupport.geometry(from, to, kernel, stride, dilation,
                    same ? ConvolutionUtils.getSameModeTopLeftPadding(to, from, kernel, stride, dilation) : padding,
                    same ? ConvolutionUtils.getSameModeBottomRightPadding(to, from, kernel, stride, dilation)
                            : padding);
        };
    }

    private static float[] bias(Layer layer, long count) {
        INDArray bias = layer.paramTable().get(BIAS);
        return bias == null ? new float[Math.toIntExact(count)] : floats(bias);
    }

    private static float[] filled(int count, double number) {
        float[] numbers = new float[count];
        Arrays.fill(numbers, (float) number);
        return numbers;
    }

    private static float[] floats(INDArray array) {
        return array.dup('c').data().asFloat();
    }
}
