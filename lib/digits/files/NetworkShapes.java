package digits.files;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.deeplearning4j.nn.api.OptimizationAlgorithm;
import org.deeplearning4j.nn.conf.BackpropType;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.InputPreProcessor;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BaseLayer;
import org.deeplearning4j.nn.conf.layers.BaseOutputLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.DepthwiseConvolution2D;
import org.deeplearning4j.nn.conf.layers.DropoutLayer;
import org.deeplearning4j.nn.conf.layers.FeedForwardLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.LocalResponseNormalization;
import org.deeplearning4j.nn.conf.layers.LossLayer;
import org.deeplearning4j.nn.conf.layers.PReLULayer;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.conf.layers.SeparableConvolution2D;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.conf.layers.Upsampling2D;
import org.deeplearning4j.nn.conf.layers.ZeroPaddingLayer;
import org.deeplearning4j.nn.conf.layers.convolutional.Cropping2D;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayer;
import org.deeplearning4j.nn.conf.preprocessor.CnnToFeedForwardPreProcessor;
import org.deeplearning4j.nn.conf.preprocessor.ComposableInputPreProcessor;
import org.deeplearning4j.nn.conf.preprocessor.FeedForwardToCnnPreProcessor;
import org.deeplearning4j.preprocessors.PermutePreprocessor;

/**
 * The shapes of one image on its way through a network, computed from the configuration alone. Native code trusts
 * strides, kernels and sizes: a stride of zero ends the process, a kernel of a thousand million numbers never ends. So
 * every number that it would get is checked here before there is a network.
 *
 * @param input      shape of one image without the batch: [c, h, w], [h, w, c] or [numbers]
 * @param parameters of all layers
 */
record NetworkShapes(long[] input, long parameters) {
    private static final int MOST_LAYERS = 500;
    private static final long MOST_PARAMETERS = 32L << 20;
    private static final long MOST_NUMBERS = 4L << 20;          // in a layer's output
    private static final long MOST_UNDER_KERNELS = 32L << 20;   // Deeplearning4j copies what each kernel sees
    private static final long MOST_PRODUCTS = 1L << 33;         // in all layers: seconds
    private static final long MOST_CHANNELS = 1L << 20;
    private static final int LARGEST_KERNEL = 256;

    /** Sizes of square images to try, the likely ones first: a configuration does not tell the size of its input. */
    private static final int[] SIDES = IntStream.concat(IntStream.of(28, 32, 224), IntStream.rangeClosed(1, 128))
            .toArray();

    /** @throws IOException if a number of the configuration is out of range, or no image fits: it says why */
    static NetworkShapes of(MultiLayerConfiguration configuration) throws IOException {
        List<NeuralNetConfiguration> layers = configuration.getConfs();
        if (layers == null || layers.isEmpty() || layers.size() > MOST_LAYERS) {
            throw new IOException("it has " + (layers == null ? 0 : layers.size()) + " layers, not 1 to "
                    + MOST_LAYERS);
        }
        checkTraining(configuration);
        IOException first = null;
        for (long[] input : candidates(configuration)) {
            try {
                return new Pass(configuration).from(input);
            } catch (IOException e) {
                if (first == null) first = e;
            }
        }
        throw first;
    }

    /** What would let training run for ever, or is not for images. */
    private static void checkTraining(MultiLayerConfiguration configuration) throws IOException {
        require(configuration.getBackpropType() == BackpropType.Standard, "it is trained on parts of sequences");
        require(configuration.getIterationCount() >= 0 && configuration.getEpochCount() >= 0,
                "its counters are negative");
        for (NeuralNetConfiguration each : configuration.getConfs()) {
            require(each != null && each.getLayer() != null, "one of its layers is missing");
            require(each.getOptimizationAlgo() == OptimizationAlgorithm.STOCHASTIC_GRADIENT_DESCENT
                    && each.getStepFunction() == null, "it is not trained by gradient descent");
            require(each.getIterationCount() >= 0 && each.getEpochCount() >= 0, "its counters are negative");
        }
        var keys = configuration.getInputPreProcessors();
        require(keys != null && keys.keySet().stream().allMatch(i -> i >= 0 && i < configuration.getConfs().size()),
                "its preprocessors do not belong to its layers");
    }

    private static Set<long[]> candidates(MultiLayerConfiguration configuration) {
        Set<long[]> candidates = new LinkedHashSet<>();
        InputPreProcessor before = configuration.getInputPreProcess(0);
        if (before instanceof ComposableInputPreProcessor several && several.getInputPreProcessors() != null
                && several.getInputPreProcessors().length > 0) before = several.getInputPreProcessors()[0];
        if (before instanceof FeedForwardToCnnPreProcessor image) {
            candidates.add(new long[] {image.getInputHeight() * image.getInputWidth() * image.getNumChannels()});
        } else if (before instanceof CnnToFeedForwardPreProcessor image) {
            candidates.add(shape(image.getFormat(), image.getNumChannels(), image.getInputHeight(),
                    image.getInputWidth()));
        }
        List<Long> channels = new ArrayList<>();
        for (NeuralNetConfiguration each : configuration.getConfs()) {
            Layer layer = inner(each.getLayer());
            if (layer instanceof PReLULayer own && own.getInputShape() != null) candidates.add(own.getInputShape());
            if (!(layer instanceof FeedForwardLayer own) || own.getNIn() < 1) continue;
            if (!(layer instanceof ConvolutionLayer) && before == null) candidates.add(new long[] {own.getNIn()});
            channels.add(own.getNIn());
            break;
        }
        channels.addAll(List.of(1L, 3L));
        for (int side : SIDES) {
            for (long c : channels) {
                for (CNN2DFormat format : CNN2DFormat.values()) candidates.add(shape(format, c, side, side));
            }
        }
        return candidates;
    }

    private static Layer inner(Layer layer) {
        return layer instanceof FrozenLayer frozen ? frozen.getLayer() : layer;
    }

    private static long[] shape(CNN2DFormat format, long channels, long height, long width) {
        return format == CNN2DFormat.NHWC ? new long[] {height, width, channels} : new long[] {channels, height, width};
    }

    private static void require(boolean holds, String otherwise) throws IOException {
        if (!holds) throw new IOException(otherwise);
    }

    /** One image's way. */
    private static final class Pass {
        private final MultiLayerConfiguration configuration;
        private long[] shape;
        private String at;         // the layer, for messages
        private long products;
        private long parameters;

        Pass(MultiLayerConfiguration configuration) {
            this.configuration = configuration;
        }

        NetworkShapes from(long[] input) throws IOException {
            shape = input.clone();
            at = "the input";
            checkShape();
            for (int i = 0; i < configuration.getConfs().size(); i++) {
                NeuralNetConfiguration each = configuration.getConf(i);
                at = "layer " + i + " (" + each.getLayer().getClass().getSimpleName() + ")";
                if (configuration.getInputPreProcess(i) != null) prepare(configuration.getInputPreProcess(i), 0);
                checkShape();
                Layer layer = each.getLayer();
                if (layer instanceof FrozenLayer frozen) {
                    check(frozen.getLayer() != null && !(frozen.getLayer() instanceof FrozenLayer), "is frozen twice");
                    layer = frozen.getLayer();
                }
                boolean last = i == configuration.getConfs().size() - 1;
                check(last || !(layer instanceof BaseOutputLayer || layer instanceof LossLayer),
                        "is not the last layer");
                checkLearning(layer);
                through(layer);
                checkShape();
                long own = each.getLayer().initializer().numParams(each);
                check(own >= 0 && own <= MOST_PARAMETERS, "would have " + own + " parameters");
                parameters += own;
                check(parameters <= MOST_PARAMETERS, "brings the network's parameters to " + parameters);
                check(products <= MOST_PRODUCTS, "brings the multiplications for one image to " + products);
                check(each.getVariables() != null && layer.initializer().paramKeys(layer)
                        .containsAll(each.getVariables()), "lists parameters that it does not have");
            }
            return new NetworkShapes(input, parameters);
        }

        private void check(boolean holds, String problem) throws IOException {
            if (!holds) throw new IOException(at + " " + problem);
        }

        private void checkShape() throws IOException {
            long numbers = 1;
            for (long side : shape) {
                check(side >= 1 && side <= MOST_NUMBERS, "has the shape " + Arrays.toString(shape));
                numbers *= side;
                check(numbers <= MOST_NUMBERS, "has the shape " + Arrays.toString(shape) + ", too many numbers");
            }
        }

        private void checkLearning(Layer layer) throws IOException {
            check(layer.getConstraints() == null || layer.getConstraints().isEmpty(),
                    "has constraints, which this library does not read from a file");
            if (!(layer instanceof BaseLayer base)) return;
            check(base.getWeightNoise() == null, "has weight noise, which this library does not read from a file");
            check(base.getActivationFn() != null, "has no activation");
            boolean learns = !(layer instanceof ActivationLayer || layer instanceof DropoutLayer
                    || layer instanceof LossLayer);
            check(!learns || base.getIUpdater() != null, "has no updater");
        }

        private void prepare(InputPreProcessor step, int depth) throws IOException {
            if (step instanceof ComposableInputPreProcessor several) {
                check(several.getInputPreProcessors() != null && depth == 0, "has no steps to prepare its input");
                for (InputPreProcessor each : several.getInputPreProcessors()) prepare(each, 1);
            } else if (step instanceof CnnToFeedForwardPreProcessor flat) {
                if (shape.length == 1) return;
                long[] expected = shape(flat.getFormat(), flat.getNumChannels(), flat.getInputHeight(),
                        flat.getInputWidth());
                check(Arrays.equals(shape, expected), "gets " + Arrays.toString(shape) + ", but flattens "
                        + Arrays.toString(expected));
                shape = new long[] {numbers()};
            } else if (step instanceof FeedForwardToCnnPreProcessor image) {
                long[] to = {image.getNumChannels(), image.getInputHeight(), image.getInputWidth()};
                check(Arrays.stream(to).allMatch(side -> side >= 1 && side <= MOST_NUMBERS), "makes images of "
                        + Arrays.toString(to));
                check(shape.length == 3 || numbers() == to[0] * to[1] * to[2], "gets " + numbers()
                        + " numbers, but makes images of " + Arrays.toString(to));
                if (shape.length == 1) shape = to;
            } else if (step instanceof PermutePreprocessor turn) {
                int[] order = turn.getPermutationIndices();
                // it may have been saved with the batch's index, 0, in front
                if (order != null && order.length == shape.length + 1 && order[0] == 0) {
                    order = Arrays.copyOfRange(order, 1, order.length);
                }
                check(order != null && order.length == shape.length && Arrays.equals(
                        Arrays.stream(order).sorted().toArray(), IntStream.rangeClosed(1, order.length).toArray()),
                        "turns the axes of its input into " + Arrays.toString(order));
                long[] before = shape;
                shape = Arrays.stream(order).mapToLong(axis -> before[axis - 1]).toArray();
            } else {
                check(false, "prepares its input in a way that this library does not read from a file");
            }
        }

        private long numbers() {
            return LongStream.of(shape).reduce(1, (a, b) -> a * b);
        }

        private void through(Layer layer) throws IOException {
            if (layer instanceof ConvolutionLayer convolution) {
                convolve(convolution);
            } else if (layer instanceof SubsamplingLayer pooling) {
                pool(pooling);
            } else if (layer instanceof BatchNormalization normalization) {
                int channels = shape.length == 1 ? 0 : axis(normalization.getCnn2DFormat(), 0);
                check(normalization.getNOut() == shape[channels] && normalization.getNIn() == shape[channels],
                        "normalizes " + normalization.getNOut() + " channels of " + Arrays.toString(shape));
            } else if (layer instanceof DenseLayer || layer instanceof BaseOutputLayer) {
                FeedForwardLayer dense = (FeedForwardLayer) layer;
                check(shape.length == 1 && shape[0] == dense.getNIn(), "takes " + dense.getNIn() + " numbers, but gets "
                        + Arrays.toString(shape));
                channels(dense.getNOut());
                products += shape[0] * dense.getNOut();
                shape = new long[] {dense.getNOut()};
            } else if (layer instanceof GlobalPoolingLayer all) {
                check(shape.length == 3 && all.isCollapseDimensions() && all.getPoolingType() != null
                        && (all.getPoolingType() != PoolingType.PNORM || all.getPnorm() >= 1), "cannot pool "
                        + Arrays.toString(shape));
                int[] sides = all.getPoolingDimensions() == null ? new int[] {2, 3} : all.getPoolingDimensions();
                boolean last = Arrays.equals(sides, new int[] {2, 3});
                check(last || Arrays.equals(sides, new int[] {1, 2}), "pools the axes " + Arrays.toString(sides));
                shape = new long[] {shape[last ? 0 : 2]};
            } else if (layer instanceof LossLayer) {
                check(shape.length == 1, "compares images");
            } else if (layer instanceof PReLULayer slopes) {
                slopes(slopes.getInputShape(), slopes.getSharedAxes());
            } else if (layer instanceof LocalResponseNormalization normalization) {
                check(shape.length == 3 && normalization.getN() >= 1 && normalization.getN() <= 64,
                        "normalizes over " + normalization.getN() + " channels");
            } else {
                resize(layer);
            }
        }

        private void resize(Layer layer) throws IOException {
            if (layer instanceof ZeroPaddingLayer padding) {
                int[] by = sides(padding.getPadding(), 4, 0);
                resize(padding.getDataFormat(), size(padding.getDataFormat(), 0) + by[0] + by[1],
                        size(padding.getDataFormat(), 1) + by[2] + by[3]);
            } else if (layer instanceof Cropping2D cropping) {
                int[] by = sides(cropping.getCropping(), 4, 0);
                resize(cropping.getDataFormat(), size(cropping.getDataFormat(), 0) - by[0] - by[1],
                        size(cropping.getDataFormat(), 1) - by[2] - by[3]);
            } else if (layer instanceof Upsampling2D larger) {
                int[] by = sides(larger.getSize(), 2, 1);
                resize(larger.getFormat(), size(larger.getFormat(), 0) * by[0], size(larger.getFormat(), 1) * by[1]);
            } else {
                check(layer instanceof ActivationLayer || layer instanceof DropoutLayer,
                        "is of a kind that this library does not read from a file");
            }
        }

        private void convolve(ConvolutionLayer layer) throws IOException {
            CNN2DFormat format = layer.getCnn2dDataFormat();
            check(shape.length == 3 && shape[axis(format, 0)] == layer.getNIn(), "takes " + layer.getNIn()
                    + " channels, but gets " + Arrays.toString(shape));
            channels(layer.getNOut());
            long multiplier = layer instanceof DepthwiseConvolution2D depthwise ? depthwise.getDepthMultiplier()
                    : layer instanceof SeparableConvolution2D separable ? separable.getDepthMultiplier() : 1;
            check(multiplier >= 1 && multiplier <= MOST_CHANNELS, "has " + multiplier + " kernels per channel");
            check(!(layer instanceof DepthwiseConvolution2D) || layer.getNOut() == layer.getNIn() * multiplier,
                    "has " + layer.getNOut() + " channels, not " + layer.getNIn() + " times " + multiplier);
            check(layer.getNIn() * multiplier <= MOST_CHANNELS, "has too many channels");
            long seen = slide(format, layer.getKernelSize(), layer.getStride(), layer.getPadding(), layer.getDilation(),
                    layer.getConvolutionMode());
            long perNumber = layer instanceof DepthwiseConvolution2D ? 1 : layer.getNOut();
            products += Math.max(seen, seen * multiplier) * perNumber;
            shape[axis(format, 0)] = layer.getNOut();
        }

        private void pool(SubsamplingLayer layer) throws IOException {
            check(layer.getPoolingType() != null && (layer.getPoolingType() != PoolingType.PNORM
                    || layer.getPnorm() >= 1), "has no kind of pooling");
            int[] padding = sides(layer.getPadding(), 2, 0);
            int[] kernel = sides(layer.getKernelSize(), 2, 1);
            CNN2DFormat format = layer.getCnn2dDataFormat();
            for (int i = 0; i < 2; i++) {
                check(kernel[i] <= size(format, i) && 2 * padding[i] <= kernel[i], "pools padding: a window of "
                        + kernel[i] + " for images of " + size(format, i));
            }
            products += slide(format, kernel, layer.getStride(), padding, layer.getDilation(),
                    layer.getConvolutionMode());
        }

        /** The new height and width; returns how many numbers all kernels see together. */
        private long slide(CNN2DFormat format, int[] kernels, int[] strides, int[] paddings, int[] dilations,
                           ConvolutionMode mode) throws IOException {
            int[] kernel = sides(kernels, 2, 1);
            int[] stride = sides(strides, 2, 1);
            int[] padding = sides(paddings, 2, 0);
            int[] dilation = sides(dilations, 2, 1);
            check(mode == ConvolutionMode.Same || mode == ConvolutionMode.Truncate || mode == ConvolutionMode.Strict,
                    "has the convolution mode " + mode);
            long[] out = new long[2];
            for (int i = 0; i < 2; i++) {
                long in = size(format, i);
                long extent = (kernel[i] - 1L) * dilation[i] + 1;
                long room = in + 2L * padding[i] - extent;
                check(mode == ConvolutionMode.Same || room >= 0, "has a kernel of " + extent + " for images of " + in);
                check(mode != ConvolutionMode.Strict || room % stride[i] == 0, "has a stride that does not fit");
                check(padding[i] <= extent, "has more padding than kernel");
                check(mode != ConvolutionMode.Same || extent <= 4 * in + 3, "has a kernel of " + extent
                        + " for images of " + in);
                out[i] = mode == ConvolutionMode.Same ? (in + stride[i] - 1) / stride[i] : room / stride[i] + 1;
            }
            long seen = (long) kernel[0] * kernel[1] * shape[axis(format, 0)] * out[0] * out[1];
            check(seen <= MOST_UNDER_KERNELS, "has kernels that see " + seen + " numbers");
            resize(format, out[0], out[1]);
            return seen;
        }

        private void slopes(long[] own, long[] shared) throws IOException {
            boolean fits = own != null && own.length == shape.length;
            for (int i = 0; fits && i < own.length; i++) {
                int axis = i + 1;
                boolean one = shared != null && Arrays.stream(shared).anyMatch(s -> s == axis);
                fits = own[i] == shape[i] || one && own[i] == 1;
            }
            check(fits && (shared == null || Arrays.stream(shared).allMatch(s -> s >= 1 && s <= shape.length)),
                    "has slopes for " + Arrays.toString(own) + ", but gets " + Arrays.toString(shape));
        }

        private void channels(long count) throws IOException {
            check(count >= 1 && count <= MOST_CHANNELS, "has " + count + " outputs, not 1 to " + MOST_CHANNELS);
        }

        /** The numbers, if there are that many and all are in range. */
        private int[] sides(int[] numbers, int count, int least) throws IOException {
            check(numbers != null && numbers.length == count && Arrays.stream(numbers)
                    .allMatch(n -> n >= least && n <= LARGEST_KERNEL), "has a size, stride, padding or dilation out of "
                    + "range: " + Arrays.toString(numbers) + ", not " + count + " numbers from " + least + " to "
                    + LARGEST_KERNEL);
            return numbers;
        }

        private long size(CNN2DFormat format, int side) throws IOException {
            check(shape.length == 3, "takes images, but gets " + Arrays.toString(shape));
            return shape[axis(format, 1 + side)];
        }

        private void resize(CNN2DFormat format, long height, long width) {
            shape[axis(format, 1)] = height;
            shape[axis(format, 2)] = width;
        }

        /** Where the channels (0), rows (1) or columns (2) are. */
        private static int axis(CNN2DFormat format, int what) {
            return format == CNN2DFormat.NHWC ? (what + 2) % 3 : what;
        }
    }
}
