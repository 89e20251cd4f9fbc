package digits.onednn;

import static digits.onednn.OneDnn.check;
import static digits.onednn.OneDnn.floats;

import digits.onednn.Affine.Step;
import java.util.function.IntFunction;
import org.bytedeco.dnnl.dnnl_convolution_desc_t;
import org.bytedeco.dnnl.dnnl_memory_desc_t;
import org.bytedeco.dnnl.global.dnnl;

/** Compiles a convolution, see {@link Affine#convolution}. */
final class Convolution {
    private static final int ANY = dnnl.dnnl_format_tag_any;

    private final long out;
    private final KernelGeometry geometry;
    private final dnnl_memory_desc_t source;
    private final dnnl_memory_desc_t target;
    private final dnnl_memory_desc_t weights;
    private final dnnl_memory_desc_t bias;

    Convolution(long n, long in, long out, KernelGeometry geometry) {
        this.out = out;
        this.geometry = geometry;
        source = floats(dnnl.dnnl_nhwc, n, in, geometry.input()[0], geometry.input()[1]);
        target = floats(dnnl.dnnl_nhwc, n, out, geometry.output()[0], geometry.output()[1]);
        weights = floats(dnnl.dnnl_oihw, out, in, geometry.kernel()[0], geometry.kernel()[1]);
        bias = floats(dnnl.dnnl_x, out);
    }

    Affine compile(boolean hasBias, boolean relu, boolean training) {
        Step forward = best(layout -> forward(layout, relu));
        Step inputGradient = training ? best(this::inputGradient) : null;
        Step weightGradient = training ? best(this::weightGradient) : null;
        Primitive reluGradient = training && relu ? Relu.backward(target) : null;
        if (hasBias) return new Affine(forward, inputGradient, weightGradient, reluGradient, null, null);
        NativeBuffer noBias = new NativeBuffer(bias);
        NativeBuffer.write(noBias.address(), new float[Math.toIntExact(out)]);
        return new Affine(forward, inputGradient, weightGradient, reluGradient, noBias, new NativeBuffer(bias));
    }

    /** Channels last needs no copies. Where oneDNN has only reference code for it, oneDNN's own choice is faster. */
    private static Step best(IntFunction<Step> make) {
        Step channelsLast = make.apply(dnnl.dnnl_nhwc);
        if (!channelsLast.primitive().isReference()) return channelsLast;
        Step chosen = make.apply(ANY);
        boolean better = !chosen.primitive().isReference();
        NativeResource.closeAll(better ? channelsLast : chosen);
        return better ? chosen : channelsLast;
    }

    private Step forward(int layout, boolean relu) {
        int[] arguments = {dnnl.DNNL_ARG_SRC, dnnl.DNNL_ARG_WEIGHTS, dnnl.DNNL_ARG_BIAS, dnnl.DNNL_ARG_DST};
        dnnl_convolution_desc_t operation = forwardOperation(layout);
        Primitive primitive = relu ? Primitive.withRelu(operation, arguments)
                : Primitive.of(operation, null, arguments);
        return new Step(primitive, LayoutConversion.input(source, primitive.layout(dnnl.DNNL_ARG_SRC)),
                LayoutConversion.input(weights, primitive.layout(dnnl.DNNL_ARG_WEIGHTS)),
                LayoutConversion.input(bias, bias),
                LayoutConversion.output(target, primitive.layout(dnnl.DNNL_ARG_DST)));
    }

    private Step inputGradient(int layout) {
        var operation = new dnnl_convolution_desc_t();
        check(dnnl.dnnl_dilated_convolution_backward_data_desc_init(operation, dnnl.dnnl_convolution_direct,
                in(layout, source), in(ANY, weights), in(layout, target), geometry.stride(), geometry.dilation(),
                geometry.before(), geometry.after()), "describe a convolution's gradient");
        Primitive primitive = backward(operation, layout, dnnl.DNNL_ARG_DIFF_DST, dnnl.DNNL_ARG_WEIGHTS,
                dnnl.DNNL_ARG_DIFF_SRC);
        return new Step(primitive, LayoutConversion.input(target, primitive.layout(dnnl.DNNL_ARG_DIFF_DST)),
                LayoutConversion.input(weights, primitive.layout(dnnl.DNNL_ARG_WEIGHTS)),
                LayoutConversion.output(source, primitive.layout(dnnl.DNNL_ARG_DIFF_SRC)));
    }

    private Step weightGradient(int layout) {
        var operation = new dnnl_convolution_desc_t();
        check(dnnl.dnnl_dilated_convolution_backward_weights_desc_init(operation, dnnl.dnnl_convolution_direct,
                in(layout, source), in(ANY, weights), bias, in(layout, target), geometry.stride(), geometry.dilation(),
                geometry.before(), geometry.after()), "describe a convolution's gradient");
        Primitive primitive = backward(operation, layout, dnnl.DNNL_ARG_SRC, dnnl.DNNL_ARG_DIFF_DST,
                dnnl.DNNL_ARG_DIFF_WEIGHTS, dnnl.DNNL_ARG_DIFF_BIAS);
        return new Step(primitive, LayoutConversion.input(source, primitive.layout(dnnl.DNNL_ARG_SRC)),
                LayoutConversion.input(target, primitive.layout(dnnl.DNNL_ARG_DIFF_DST)),
                LayoutConversion.output(weights, primitive.layout(dnnl.DNNL_ARG_DIFF_WEIGHTS)),
                LayoutConversion.output(bias, bias));
    }

    private Primitive backward(dnnl_convolution_desc_t operation, int layout, int... arguments) {
        try (Primitive forward = Primitive.of(forwardOperation(layout), null, dnnl.DNNL_ARG_SRC)) {
            return Primitive.of(operation, forward, arguments);
        }
    }

    private dnnl_convolution_desc_t forwardOperation(int layout) {
        var operation = new dnnl_convolution_desc_t();
        check(dnnl.dnnl_dilated_convolution_forward_desc_init(operation, dnnl.dnnl_forward_training,
                dnnl.dnnl_convolution_direct, in(layout, source), in(ANY, weights), bias, in(layout, target),
                geometry.stride(), geometry.dilation(), geometry.before(), geometry.after()), "describe a convolution");
        return operation;
    }

    /** The array's shape in another layout. */
    private static dnnl_memory_desc_t in(int layout, dnnl_memory_desc_t array) {
        long[] shape = new long[array.ndims()];
        for (int i = 0; i < shape.length; i++) shape[i] = array.dims().get(i);
        return floats(layout, shape);
    }
}
