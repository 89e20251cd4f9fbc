package digits.onednn;

import java.util.function.IntFunction;
import org.bytedeco.dnnl.dnnl_memory_desc_t;
import org.bytedeco.dnnl.global.dnnl;
import org.bytedeco.javacpp.Pointer;

/**
 * Weights times input plus bias, then ReLU if fused: a convolution or a dense layer for one batch size. Arrays are
 * given by their addresses. The backward computations exist only if compiled for training.
 */
public final class Affine implements NativeResource {
    private static final int[] FORWARD =
            {dnnl.DNNL_ARG_SRC, dnnl.DNNL_ARG_WEIGHTS, dnnl.DNNL_ARG_BIAS, dnnl.DNNL_ARG_DST};
    private static final int[] INPUT_GRADIENT =
            {dnnl.DNNL_ARG_DIFF_DST, dnnl.DNNL_ARG_WEIGHTS, dnnl.DNNL_ARG_DIFF_SRC};
    private static final int[] WEIGHT_GRADIENT =
            {dnnl.DNNL_ARG_SRC, dnnl.DNNL_ARG_DIFF_DST, dnnl.DNNL_ARG_DIFF_WEIGHTS, dnnl.DNNL_ARG_DIFF_BIAS};

    private final Step forward;
    private final Step inputGradient;
    private final Step weightGradient;
    private final Primitive reluGradient;
    private final NativeBuffer noBias;       // zeros in place of a missing bias
    private final NativeBuffer unusedBias;   // where its gradient goes

    /**
     * Compiles a convolution of n images from {@code in} to {@code out} channels. Images lie channels last, weights as
     * Deeplearning4j has them (out, in, height, width). Without a bias zeros are added, because oneDNN 2.5 crashes on
     * AVX-512 otherwise.
     *
     * @throws OneDnnException if oneDNN has no code for it
     */
    public static Affine convolution(long n, long in, long out, KernelGeometry geometry, boolean bias, boolean relu,
                                     boolean training) {
        return new Affine(AffineOperation.convolution(n, in, out, geometry), bias, relu, training);
    }

    /**
     * Compiles a dense layer for n rows, otherwise like a convolution. Deeplearning4j stores the weights [in, out]
     * column by column. In memory that is what oneDNN calls [out, in] row by row, so nothing is copied.
     */
    public static Affine dense(long n, long in, long out, boolean relu, boolean training) {
        return new Affine(AffineOperation.dense(n, in, out), true, relu, training);
    }

    private Affine(AffineOperation operation, boolean bias, boolean relu, boolean training) {
        dnnl_memory_desc_t source = operation.source();
        dnnl_memory_desc_t weights = operation.weights();
        dnnl_memory_desc_t target = operation.target();
        forward = best(layout -> new Step(Primitive.of(operation.forward().apply(layout), null, relu, FORWARD),
                FORWARD, 3, source, weights, operation.bias(), target));
        inputGradient = !training ? null : best(layout -> new Step(
                backward(operation, layout, operation.inputGradient(), INPUT_GRADIENT),
                INPUT_GRADIENT, 2, target, weights, source));
        weightGradient = !training ? null : best(layout -> new Step(
                backward(operation, layout, operation.weightGradient(), WEIGHT_GRADIENT),
                WEIGHT_GRADIENT, 2, source, target, weights, operation.bias()));
        reluGradient = training && relu ? Relu.backward(target) : null;
        noBias = bias ? null : new NativeBuffer(operation.bias());
        unusedBias = bias ? null : new NativeBuffer(operation.bias());
        if (noBias != null) NativeBuffer.write(noBias.address(), new float[(int) operation.bias().dims().get(0)]);
    }

    private static Primitive backward(AffineOperation operation, int layout, IntFunction<Pointer> backward,
                                      int[] arguments) {
        try (Primitive forward = Primitive.of(operation.forward().apply(layout), null, dnnl.DNNL_ARG_SRC)) {
            return Primitive.of(backward.apply(layout), forward, arguments);
        }
    }

    /** Channels last needs no copies. Where oneDNN has only reference code for it, oneDNN's own choice is faster. */
    private static Step best(IntFunction<Step> make) {
        Step channelsLast = make.apply(dnnl.dnnl_nhwc);
        if (!channelsLast.primitive.isReference()) return channelsLast;
        Step chosen = make.apply(dnnl.dnnl_format_tag_any);
        boolean better = !chosen.primitive.isReference();
        NativeResource.closeAll(better ? channelsLast : chosen);
        return better ? chosen : channelsLast;
    }

    /** output = weights * input + bias, then ReLU if fused. The address of a missing bias is ignored. */
    public void forward(long input, long weights, long bias, long output) {
        forward.run(input, weights, noBias == null ? bias : noBias.address(), output);
    }

    /** delta = gradient where output > 0, otherwise 0. */
    public void reluGradient(long output, long gradient, long delta) {
        reluGradient.run(output, gradient, delta);
    }

    /** The gradient at the input, from the one at the weighted sums. */
    public void inputGradient(long delta, long weights, long gradient) {
        inputGradient.run(delta, weights, gradient);
    }

    /** The gradients of the parameters. The address of a missing bias is ignored. */
    public void weightGradient(long input, long delta, long weights, long bias) {
        weightGradient.run(input, delta, weights, noBias == null ? bias : unusedBias.address());
    }

    @Override
    public void close() {
        NativeResource.closeAll(forward, inputGradient, weightGradient, reluGradient, noBias, unusedBias);
    }

    /** A primitive that copies those of its arrays through buffers whose layout is not the one outside. */
    private static final class Step implements NativeResource {
        final Primitive primitive;
        private final int inputs;
        private final Primitive[] copies;       // null where the layouts are the same
        private final NativeBuffer[] buffers;

        /** @param inputs how many of the arguments are read; they come first, the others are written */
        Step(Primitive primitive, int[] arguments, int inputs, dnnl_memory_desc_t... outside) {
            this.primitive = primitive;
            this.inputs = inputs;
            copies = new Primitive[outside.length];
            buffers = new NativeBuffer[outside.length];
            for (int i = 0; i < outside.length; i++) {
                dnnl_memory_desc_t inside = primitive.layout(arguments[i]);
                if (dnnl.dnnl_memory_desc_equal(outside[i], inside) != 0) continue;
                copies[i] = i < inputs ? Primitive.reorder(outside[i], inside) : Primitive.reorder(inside, outside[i]);
                buffers[i] = new NativeBuffer(inside);
            }
        }

        void run(long... outside) {
            long[] inside = outside.clone();
            for (int i = 0; i < inside.length; i++) {
                if (buffers[i] != null) inside[i] = buffers[i].address();
                if (copies[i] != null && i < inputs) copies[i].run(outside[i], inside[i]);
            }
            primitive.run(inside);
            for (int i = inputs; i < inside.length; i++) {
                if (copies[i] != null) copies[i].run(inside[i], outside[i]);
            }
        }

        @Override
        public void close() {
            primitive.close();
            NativeResource.closeAll(copies);
            NativeResource.closeAll(buffers);
        }
    }
}
