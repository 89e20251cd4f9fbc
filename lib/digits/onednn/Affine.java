package digits.onednn;

import static digits.onednn.OneDnn.describe;
import static digits.onednn.OneDnn.floats;
import static digits.onednn.OneDnn.numbers;

import digits.engine.Engine;
import digits.engine.KernelGeometry;
import digits.engine.NativeResource;
import digits.engine.NoCodeException;
import digits.engine.Region;
import java.util.function.IntFunction;
import org.bytedeco.dnnl.dnnl_convolution_desc_t;
import org.bytedeco.dnnl.dnnl_inner_product_desc_t;
import org.bytedeco.dnnl.dnnl_memory_desc_t;
import org.bytedeco.dnnl.global.dnnl;
import org.bytedeco.javacpp.Pointer;

/**
 * Weights times input plus bias, then ReLU if fused: a convolution or a dense layer for one batch size. The
 * backward computations exist only if compiled for training.
 */
final class Affine implements Engine.Affine {
    private static final int WIDE = 16;   // channels; in narrower layers conversions take longer than they save
    private static final int[] FORWARD =
            {dnnl.DNNL_ARG_SRC, dnnl.DNNL_ARG_WEIGHTS, dnnl.DNNL_ARG_BIAS, dnnl.DNNL_ARG_DST};
    private static final int[] INPUT_GRADIENT = {dnnl.DNNL_ARG_DIFF_DST, dnnl.DNNL_ARG_WEIGHTS, dnnl.DNNL_ARG_DIFF_SRC};
    private static final int[] WEIGHT_GRADIENT =
            {dnnl.DNNL_ARG_SRC, dnnl.DNNL_ARG_DIFF_DST, dnnl.DNNL_ARG_DIFF_WEIGHTS, dnnl.DNNL_ARG_DIFF_BIAS};

    private final Step forward;
    private final Step inputGradient;
    private final Step weightGradient;
    private final Primitive reluGradient;    // null if not compiled
    private final NativeBuffer noBias;       // zeros in place of a missing bias
    private final NativeBuffer unusedBias;   // where its gradient goes

    /**
     * What is compiled.
     *
     * @param relu     whether ReLU is fused
     * @param training whether the backward computations exist
     * @param bfloat16 whether products are of numbers rounded to bfloat16, unless there are few channels
     * @param arrays   type of the numbers in inputs, outputs and their gradients, {@code dnnl_f32} or {@code dnnl_bf16}
     */
    record Use(boolean relu, boolean training, boolean bfloat16, int arrays) {
        /** The type of the factors. Where arrays are bfloat16, so can be those of the first layer, with one channel. */
        private int factors(long in, long out) {
            boolean wide = in >= WIDE || in == 1 && arrays == dnnl.dnnl_bf16;
            return bfloat16 && wide && out >= WIDE ? dnnl.dnnl_bf16 : dnnl.dnnl_f32;
        }

        /** The type of the sums: oneDNN writes bfloat16 only if the factors are. */
        private int sums(long in, long out) {
            return factors(in, out) == dnnl.dnnl_f32 ? dnnl.dnnl_f32 : arrays;
        }
    }

    /** oneDNN's descriptions: the arrays outside, the operations for a layout inside. */
    private record Operation(dnnl_memory_desc_t source, dnnl_memory_desc_t weights, dnnl_memory_desc_t bias,
                             dnnl_memory_desc_t target, IntFunction<Pointer> forward,
                             IntFunction<Pointer> inputGradient, IntFunction<Pointer> weightGradient) { }

    /**
     * Compiles a convolution of n images from {@code in} to {@code out} channels. Images lie channels last, weights as
     * Deeplearning4j has them (out, in, height, width); oneDNN chooses their layout inside. A missing bias is zeros.
     *
     * @throws NoCodeException if oneDNN has no code for it
     */
    static Affine convolution(long n, long in, long out, KernelGeometry geometry, boolean bias, Use use) {
        long[] input = {n, in, geometry.input()[0], geometry.input()[1]};
        long[] output = {n, out, geometry.output()[0], geometry.output()[1]};
        long[] kernels = {out, in, geometry.kernel()[0], geometry.kernel()[1]};
        int type = use.factors(in, out);
        int sums = use.sums(in, out);
        dnnl_memory_desc_t weights = numbers(type, dnnl.dnnl_format_tag_any, kernels);
        dnnl_memory_desc_t biases = floats(dnnl.dnnl_x, out);
        int direct = dnnl.dnnl_convolution_direct;
        return new Affine(new Operation(numbers(use.arrays, dnnl.dnnl_nhwc, input), floats(dnnl.dnnl_oihw, kernels),
                biases, numbers(use.arrays, dnnl.dnnl_nhwc, output),
                layout -> describe("a convolution", new dnnl_convolution_desc_t(), convolution ->
                        dnnl.dnnl_dilated_convolution_forward_desc_init(convolution, dnnl.dnnl_forward_training, direct,
                                numbers(type, layout, input), weights, biases, numbers(sums, layout, output),
                                geometry.stride(), geometry.dilation(), geometry.before(), geometry.after())),
                layout -> describe("a convolution's gradient", new dnnl_convolution_desc_t(), convolution ->
                        dnnl.dnnl_dilated_convolution_backward_data_desc_init(convolution, direct,
                                numbers(sums, layout, input), weights, numbers(type, layout, output),
                                geometry.stride(), geometry.dilation(), geometry.before(), geometry.after())),
                layout -> describe("a convolution's gradient", new dnnl_convolution_desc_t(), convolution ->
                        dnnl.dnnl_dilated_convolution_backward_weights_desc_init(convolution, direct,
                                numbers(type, layout, input), floats(dnnl.dnnl_format_tag_any, kernels), biases,
                                numbers(type, layout, output), geometry.stride(), geometry.dilation(),
                                geometry.before(), geometry.after()))), bias, use);
    }

    /**
     * Compiles a dense layer for n rows, otherwise like a convolution. Deeplearning4j stores the weights [in, out]
     * column by column, which is oneDNN's [out, in] row by row. Rows have only one layout.
     */
    static Affine dense(long n, long in, long out, Use use) {
        int type = use.factors(in, out);
        int sums = use.sums(in, out);
        dnnl_memory_desc_t weights = floats(dnnl.dnnl_ab, out, in);
        dnnl_memory_desc_t bias = floats(dnnl.dnnl_x, out);
        dnnl_memory_desc_t input = numbers(type, dnnl.dnnl_ab, n, in);
        dnnl_memory_desc_t factors = numbers(type, dnnl.dnnl_ab, out, in);
        dnnl_memory_desc_t delta = numbers(type, dnnl.dnnl_ab, n, out);
        return new Affine(new Operation(numbers(use.arrays, dnnl.dnnl_ab, n, in), weights, bias,
                numbers(use.arrays, dnnl.dnnl_ab, n, out),
                layout -> describe("a dense layer", new dnnl_inner_product_desc_t(), dense ->
                        dnnl.dnnl_inner_product_forward_desc_init(dense, dnnl.dnnl_forward_training, input, factors,
                                bias, numbers(sums, dnnl.dnnl_ab, n, out))),
                layout -> describe("a dense layer's gradient", new dnnl_inner_product_desc_t(), dense ->
                        dnnl.dnnl_inner_product_backward_data_desc_init(dense,
                                numbers(sums, dnnl.dnnl_ab, n, in), factors, delta)),
                layout -> describe("a dense layer's gradient", new dnnl_inner_product_desc_t(), dense ->
                        dnnl.dnnl_inner_product_backward_weights_desc_init(dense, input, weights, bias, delta))),
                true, use);
    }

    private Affine(Operation operation, boolean bias, Use use) {
        boolean training = use.training;
        dnnl_memory_desc_t source = operation.source;
        dnnl_memory_desc_t weights = operation.weights;
        dnnl_memory_desc_t target = operation.target;
        forward = best(layout -> new Step(Primitive.of(operation.forward.apply(layout), null, use.relu, FORWARD),
                FORWARD, 3, source, weights, operation.bias, target));
        weightGradient = !training ? null : best(layout -> new Step(backward(operation, layout,
                operation.weightGradient, WEIGHT_GRADIENT), WEIGHT_GRADIENT, 2, source, target, weights,
                operation.bias)).reading(0, forward, 0);
        inputGradient = !training ? null : best(layout -> new Step(backward(operation, layout, operation.inputGradient,
                INPUT_GRADIENT), INPUT_GRADIENT, 2, target, weights, source)).reading(0, weightGradient, 1);
        reluGradient = training && use.relu ? Relu.backward(target) : null;
        noBias = bias ? null : new NativeBuffer(operation.bias);
        unusedBias = bias ? null : new NativeBuffer(operation.bias);
        if (!bias) noBias.region.write(new float[(int) operation.bias.dims().get(0)]);
    }

    private static Primitive backward(Operation operation, int layout, IntFunction<Pointer> backward, int[] arguments) {
        try (Primitive forward = Primitive.of(operation.forward.apply(layout), null, false, dnnl.DNNL_ARG_SRC)) {
            return Primitive.of(backward.apply(layout), forward, false, arguments);
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

    @Override
    public void forward(Region input, Region weights, Region bias, Region output) {
        forward.run(input, weights, noBias == null ? bias : noBias.region, output);
    }

    @Override
    public void reluGradient(Region output, Region gradient, Region delta) {
        reluGradient.run(output, gradient, delta);
    }

    @Override
    public void inputGradient(Region delta, Region weights, Region gradient) {
        inputGradient.run(delta, weights, gradient);
    }

    @Override
    public void weightGradient(Region input, Region delta, Region weights, Region bias) {
        weightGradient.run(input, delta, weights, noBias == null ? bias : unusedBias.region);
    }

    @Override
    public void close() {
        NativeResource.closeAll(forward, inputGradient, weightGradient, reluGradient, noBias, unusedBias);
    }

    /** A primitive that copies those of its arrays through buffers whose layout is not the one outside. */
    private static final class Step implements NativeResource {
        final Primitive primitive;
        private final int[] arguments;
        private final int inputs;
        private final Primitive[] copies;       // null where the layouts are the same, or another step copies
        private final NativeBuffer[] buffers;   // null where the layouts are the same; perhaps another step's

        /** @param inputs how many of the arguments are read; they come first, the others are written */
        Step(Primitive primitive, int[] arguments, int inputs, dnnl_memory_desc_t... outside) {
            this.primitive = primitive;
            this.arguments = arguments;
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

        /** Reads an input where an earlier step, which always runs before for the same array, has put its copy. */
        Step reading(int input, Step earlier, int itsInput) {
            if (copies[input] != null && earlier.buffers[itsInput] != null && dnnl.dnnl_memory_desc_equal(
                    primitive.layout(arguments[input]), earlier.primitive.layout(earlier.arguments[itsInput])) != 0) {
                NativeResource.closeAll(copies[input], buffers[input]);
                copies[input] = null;
                buffers[input] = earlier.buffers[itsInput];
            }
            return this;
        }

        void run(Region... outside) {
            Region[] inside = outside.clone();
            for (int i = 0; i < inside.length; i++) {
                if (buffers[i] != null) inside[i] = buffers[i].region;
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
            for (int i = 0; i < copies.length; i++) {
                if (copies[i] != null) NativeResource.closeAll(copies[i], buffers[i]);
            }
        }
    }
}
