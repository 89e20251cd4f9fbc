package digits.acceleration;

import static org.deeplearning4j.util.ConvolutionUtils.getOutputSize;
import static org.deeplearning4j.util.ConvolutionUtils.getSameModeBottomRightPadding;
import static org.deeplearning4j.util.ConvolutionUtils.getSameModeTopLeftPadding;

import digits.engine.KernelGeometry;
import digits.engine.NativeResource;
import digits.engine.NoCodeException;
import digits.engine.Region;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.lang.ref.Reference;
import java.util.Map;
import java.util.function.Supplier;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.gradient.DefaultGradient;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.activations.impl.ActivationReLU;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What every accelerated layer holds (each extends another class of Deeplearning4j, so it cannot inherit it): position,
 * computations, conversions of memory layout, the fallback to Deeplearning4j's code, and the last forward pass.
 */
class LayerSupport<C extends NativeResource> {
    private static final Logger LOG = LoggerFactory.getLogger(LayerSupport.class);

    final LayerPosition position;
    private final ChannelsLast inference;
    private final ChannelsLast training;
    private final Layer layer;
    final ShapeCache<C> computations = new ShapeCache<>();
    private boolean fallback;
    private Forward last;

    LayerSupport(Layer layer, LayerPosition position) {
        this.layer = layer;
        this.position = position;
        inference = new ChannelsLast(position.inference());
        training = new ChannelsLast(position.training());
    }

    /** A forward pass in training: the layer's input, the same arranged, and the output or what the activation got. */
    record Forward(INDArray input, INDArray x, INDArray y) { }

    /** How the layer's arrays lie, and which numbers they have. */
    ChannelsLast layout(boolean inTraining) {
        return inTraining ? training : inference;
    }

    /**
     * The accelerated result; once the engine has no code for a shape, Deeplearning4j's, after one warning. Holds the
     * network's monitor meanwhile: no other thread may run the computations, or close them to make room for another.
     */
    <T> T compute(LayerWorkspaceMgr workspaces, Supplier<T> accelerated, Supplier<T> builtIn) {
        synchronized (position.network()) {
            if (!fallback) {
                try {
                    return accelerated.get();
                } catch (NoCodeException unsupported) {
                    fallback = true;
                    LOG.warn("Layer {} ({}) continues without acceleration: {}", layer.getIndex(),
                            layer.getClass().getSimpleName(), unsupported.getMessage());
                }
            }
            makeInputFloats(workspaces);
            return builtIn.get();
        }
    }

    /** Deeplearning4j's layers compute with floats only; the layer before may have written bfloat16. */
    void makeInputFloats(LayerWorkspaceMgr workspaces) {
        if (layer.input() == null || layer.input().dataType() != DataType.BFLOAT16) return;
        layer.setInput(workspaces.castTo(ArrayType.INPUT, DataType.FLOAT, layer.input(), false), workspaces);
    }

    static INDArray floats(INDArray array) {
        return array.castTo(DataType.FLOAT);
    }

    /** The gradient at the layer's input as floats if its input is: from the network's user, or from predicting. */
    INDArray handedBack(INDArray dx, boolean images, LayerWorkspaceMgr workspaces) {
        if (layer.input().dataType() == DataType.BFLOAT16) return dx;
        return inference.toChannelsLast(dx, images, workspaces, ArrayType.ACTIVATION_GRAD);
    }

    /** Remembers a forward pass if it was one of training, otherwise forgets the last one. */
    void remember(boolean training, INDArray x, INDArray y) {
        last = training ? new Forward(layer.input(), x, y) : null;
    }

    /** Hands out the remembered forward pass over the current input once; if there is none, repeats it first. */
    Forward recall(Runnable repeat) {
        if (last == null || last.input != layer.input()) repeat.run();
        Forward recalled = last;
        last = null;
        return recalled;
    }

    /** Where the numbers of an array without gaps lie. */
    static Region region(INDArray array) {
        long size = array.data().getElementSize();
        return new Region(array.data().address() + array.data().offset() * size, array.length() * size);
    }

    /** Keeps the arrays alive until here: otherwise they may be freed while native code works on their addresses. */
    static void hold(Object... arrays) {
        for (Object array : arrays) Reference.reachabilityFence(array);
    }

    /** Access to a field of Deeplearning4j 1.0.0-M2.1 that is not public. */
    static VarHandle privateField(Class<?> owner, String name) {
        try {
            return MethodHandles.privateLookupIn(owner, MethodHandles.lookup())
                    .unreflectVarHandle(owner.getDeclaredField(name));
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(owner.getName() + " has no field \"" + name
                    + "\": another version of Deeplearning4j than 1.0.0-M2.1 is on the classpath", e);
        }
    }

    /** Whether the activation is plain ReLU: without cap, threshold or slope. */
    static boolean isRelu(IActivation activation) {
        return activation instanceof ActivationReLU relu && relu.getClass() == ActivationReLU.class
                && relu.getMax() == null && relu.getThreshold() == null && relu.getNegativeSlope() == null;
    }

    /** The gradients of these parameters, in this order. */
    static Gradient gradient(Map<String, INDArray> views, String... parameters) {
        Gradient gradient = new DefaultGradient();
        for (String parameter : parameters) gradient.setGradientFor(parameter, views.get(parameter));
        return gradient;
    }

    /** How a kernel moves over these images ([n, c, h, w]). Fails as Deeplearning4j does if it does not fit them. */
    static KernelGeometry geometry(INDArray images, int[] kernel, int[] stride, int[] padding, int[] dilation,
                                   ConvolutionMode mode) {
        boolean same = mode == ConvolutionMode.Same;
        int[] in = {(int) images.size(2), (int) images.size(3)};
        int[] out = getOutputSize(images, kernel, stride, same ? null : padding, mode, dilation, CNN2DFormat.NCHW);
        int[] before = same ? getSameModeTopLeftPadding(out, in, kernel, stride, dilation) : padding;
        int[] after = same ? getSameModeBottomRightPadding(out, in, kernel, stride, dilation) : padding;
        return geometry(in, out, kernel, stride, dilation, before, after);
    }

    static KernelGeometry geometry(int[] in, int[] out, int[] kernel, int[] stride, int[] dilation, int[] before,
                                   int[] after) {
        return new KernelGeometry(longs(in), longs(out), longs(kernel), longs(stride),
                new long[] {dilation[0] - 1, dilation[1] - 1}, longs(before), longs(after));
    }

    private static long[] longs(int[] pair) {
        return new long[] {pair[0], pair[1]};
    }
}
