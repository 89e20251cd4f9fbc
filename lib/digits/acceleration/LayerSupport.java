package digits.acceleration;

import digits.onednn.KernelGeometry;
import digits.onednn.NativeResource;
import digits.onednn.OneDnnException;
import java.lang.ref.Reference;
import java.util.Map;
import java.util.function.Supplier;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.gradient.DefaultGradient;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.util.ConvolutionUtils;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.activations.impl.ActivationReLU;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What every accelerated layer holds: its position, the computations for the shapes it met, the conversions of memory
 * layout, the fallback to Deeplearning4j's code, and what backpropagation needs of the forward pass. The layers hold it
 * instead of inheriting it because each extends another class of Deeplearning4j.
 *
 * @param <C> the layer's computation
 */
class LayerSupport<C extends NativeResource> {
    private static final Logger LOG = LoggerFactory.getLogger(LayerSupport.class);

    final LayerPosition position;
    final ChannelsLast layout = new ChannelsLast();
    private final Layer layer;
    private final ShapeCache<C> computations = new ShapeCache<>();
    private boolean fallback;
    private Forward last;

    LayerSupport(Layer layer, LayerPosition position) {
        this.layer = layer;
        this.position = position;
    }

    /**
     * A forward pass in training.
     *
     * @param input the layer's input, which identifies the pass
     * @param x     the input in the layout of the computation
     * @param y     the output or, if the activation is not fused, its input; null if not needed
     */
    record Forward(INDArray input, INDArray x, INDArray y) {
    }

    /** The computation for this shape, made now if the shape is new. */
    C computation(Object shape, Supplier<C> make) {
        return computations.get(shape, make);
    }

    /**
     * The accelerated result. As soon as oneDNN has no code for a shape, Deeplearning4j's result from then on, after one
     * warning.
     */
    <T> T compute(Supplier<T> accelerated, Supplier<T> builtIn) {
        if (!fallback) {
            try {
                return accelerated.get();
            } catch (OneDnnException unsupported) {
                fallback = true;
                LOG.warn("Layer {} ({}) continues without acceleration: {}", layer.getIndex(),
                        layer.getClass().getSimpleName(), unsupported.getMessage());
            }
        }
        return builtIn.get();
    }

    /** Remembers a forward pass if it was one of training, otherwise forgets the last one. */
    void remember(boolean training, INDArray input, INDArray x, INDArray y) {
        last = training ? new Forward(input, x, y) : null;
    }

    /** Hands out the remembered forward pass over this input and forgets it; if there is none, repeats it first. */
    Forward recall(INDArray input, Runnable repeat) {
        if (last == null || last.input != input) repeat.run();
        Forward recalled = last;
        last = null;
        return recalled;
    }

    void forget() {
        last = null;
    }

    /** The address of the array's first number. */
    static long address(INDArray array) {
        return array.data().address() + array.data().offset() * array.data().getElementSize();
    }

    /** Keeps the arrays alive until here: otherwise they may be freed while native code works on their addresses. */
    static void hold(Object... arrays) {
        for (Object array : arrays) Reference.reachabilityFence(array);
    }

    /** Whether the activation is plain ReLU: without cap, threshold or slope. */
    static boolean isRelu(IActivation activation) {
        return activation.getClass() == ActivationReLU.class && ((ActivationReLU) activation).getMax() == null
                && ((ActivationReLU) activation).getThreshold() == null
                && ((ActivationReLU) activation).getNegativeSlope() == null;
    }

    /** The gradients of these parameters, in this order. */
    static Gradient gradient(Map<String, INDArray> views, String... parameters) {
        Gradient gradient = new DefaultGradient();
        for (String parameter : parameters) gradient.setGradientFor(parameter, views.get(parameter));
        return gradient;
    }

    /**
     * How a kernel moves over these images ([n, c, h, w]).
     *
     * @throws org.deeplearning4j.exception.DL4JException as Deeplearning4j does, if the kernel does not fit the images
     */
    static KernelGeometry geometry(INDArray images, int[] kernel, int[] stride, int[] padding, int[] dilation,
                                   ConvolutionMode mode) {
        boolean same = mode == ConvolutionMode.Same;
        int[] in = {(int) images.size(2), (int) images.size(3)};
        int[] out = ConvolutionUtils.getOutputSize(images, kernel, stride, same ? null : padding, mode, dilation,
                CNN2DFormat.NCHW);
        int[] pad = same ? ConvolutionUtils.getSameModeTopLeftPadding(out, in, kernel, stride, dilation) : padding;
        long[] gaps = new long[2];
        long[] after = new long[2];
        for (int i = 0; i < 2; i++) {
            gaps[i] = dilation[i] - 1;
            long reach = (out[i] - 1L) * stride[i] + (kernel[i] - 1L) * dilation[i] + 1;
            after[i] = same ? Math.max(0, reach - in[i] - pad[i]) : pad[i];
        }
        return new KernelGeometry(longs(in), longs(out), longs(kernel), longs(stride), gaps, longs(pad), after);
    }

    private static long[] longs(int[] pair) {
        return new long[] {pair[0], pair[1]};
    }
}
