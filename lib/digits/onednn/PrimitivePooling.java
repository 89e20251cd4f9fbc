package digits.onednn;

import static digits.onednn.OneDnn.describe;
import static digits.onednn.OneDnn.floats;

import org.bytedeco.dnnl.dnnl_memory_desc_t;
import org.bytedeco.dnnl.dnnl_pooling_desc_t;
import org.bytedeco.dnnl.global.dnnl;
import org.bytedeco.javacpp.Pointer;

/** oneDNN's pooling, for any kernel. In training, max pooling remembers where the maxima were. */
final class PrimitivePooling implements Pooling {
    private final Primitive forward;
    private final Primitive backward;     // in training only
    private final NativeBuffer maxima;    // in training, for max pooling only

    PrimitivePooling(long n, long channels, KernelGeometry geometry, boolean max, boolean padding, boolean training) {
        int algorithm = max ? dnnl.dnnl_pooling_max
                : padding ? dnnl.dnnl_pooling_avg_include_padding : dnnl.dnnl_pooling_avg_exclude_padding;
        dnnl_memory_desc_t source = floats(dnnl.dnnl_nhwc, n, channels, geometry.input()[0], geometry.input()[1]);
        dnnl_memory_desc_t target = floats(dnnl.dnnl_nhwc, n, channels, geometry.output()[0], geometry.output()[1]);
        boolean remember = training && max;
        var operation = describe("pooling", new dnnl_pooling_desc_t(), pooling -> dnnl.dnnl_pooling_forward_desc_init(
                pooling, training ? dnnl.dnnl_forward_training : dnnl.dnnl_forward_inference, algorithm, source, target,
                geometry.stride(), geometry.kernel(), geometry.before(), geometry.after()));
        forward = compile(operation, null, remember, dnnl.DNNL_ARG_SRC, dnnl.DNNL_ARG_DST);
        maxima = remember ? new NativeBuffer(forward.layout(dnnl.DNNL_ARG_WORKSPACE)) : null;
        var gradient = describe("pooling's gradient", new dnnl_pooling_desc_t(), pooling ->
                dnnl.dnnl_pooling_backward_desc_init(pooling, algorithm, source, target, geometry.stride(),
                        geometry.kernel(), geometry.before(), geometry.after()));
        backward = !training ? null
                : compile(gradient, forward, remember, dnnl.DNNL_ARG_DIFF_DST, dnnl.DNNL_ARG_DIFF_SRC);
    }

    private static Primitive compile(Pointer operation, Primitive forward, boolean remember, int from, int to) {
        return remember ? Primitive.of(operation, forward, from, to, dnnl.DNNL_ARG_WORKSPACE)
                : Primitive.of(operation, forward, from, to);
    }

    @Override
    public void forward(long input, long output) {
        run(forward, input, output);
    }

    @Override
    public void backward(long input, long gradient, long inputGradient) {
        run(backward, gradient, inputGradient);
    }

    private void run(Primitive primitive, long from, long to) {
        if (maxima == null) primitive.run(from, to);
        else primitive.run(from, to, maxima.address());
    }

    @Override
    public void close() {
        NativeResource.closeAll(forward, backward, maxima);
    }
}
