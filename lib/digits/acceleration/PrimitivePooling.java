package digits.acceleration;

import static digits.acceleration.OneDnn.check;
import static digits.acceleration.OneDnn.floats;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_SRC;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_WORKSPACE;
import static org.bytedeco.dnnl.global.dnnl.dnnl_forward_inference;
import static org.bytedeco.dnnl.global.dnnl.dnnl_forward_training;
import static org.bytedeco.dnnl.global.dnnl.dnnl_nhwc;
import static org.bytedeco.dnnl.global.dnnl.dnnl_pooling_backward_desc_init;
import static org.bytedeco.dnnl.global.dnnl.dnnl_pooling_forward_desc_init;
import static org.bytedeco.dnnl.global.dnnl.dnnl_pooling_max;

import org.bytedeco.dnnl.dnnl_memory_desc_t;
import org.bytedeco.dnnl.dnnl_pooling_desc_t;

/** Pooling as oneDNN has it, for any window. In training, max pooling keeps where its maxima were. */
final class PrimitivePooling implements Pooling {
    private final Primitive forward;
    private final Primitive backward;   // in training only
    private final Buffer maxima;        // in training, for max pooling only

    /** @param algorithm one of {@code dnnl_pooling_…} */
    PrimitivePooling(long n, long channels, Window window, int algorithm, boolean training) {
        dnnl_memory_desc_t source = floats(dnnl_nhwc, n, channels, window.input()[0], window.input()[1]);
        dnnl_memory_desc_t target = floats(dnnl_nhwc, n, channels, window.output()[0], window.output()[1]);
        boolean keep = training && algorithm == dnnl_pooling_max;
        var operation = new dnnl_pooling_desc_t();
        check(dnnl_pooling_forward_desc_init(operation, training ? dnnl_forward_training : dnnl_forward_inference, algorithm,
                source, target, window.stride(), window.kernel(), window.before(), window.after()), "describe pooling");
        forward = keep ? Primitive.of(operation, null, null, DNNL_ARG_SRC, DNNL_ARG_DST, DNNL_ARG_WORKSPACE)
                : Primitive.of(operation, null, null, DNNL_ARG_SRC, DNNL_ARG_DST);
        maxima = keep ? new Buffer(forward.layout(DNNL_ARG_WORKSPACE)) : null;
        backward = training ? backward(source, target, window, algorithm) : null;
    }

    private Primitive backward(dnnl_memory_desc_t source, dnnl_memory_desc_t target, Window window, int algorithm) {
        var operation = new dnnl_pooling_desc_t();
        check(dnnl_pooling_backward_desc_init(operation, algorithm, source, target, window.stride(), window.kernel(),
                window.before(), window.after()), "describe pooling's gradient");
        return maxima == null ? Primitive.of(operation, null, forward, DNNL_ARG_DIFF_DST, DNNL_ARG_DIFF_SRC)
                : Primitive.of(operation, null, forward, DNNL_ARG_DIFF_DST, DNNL_ARG_DIFF_SRC, DNNL_ARG_WORKSPACE);
    }

    @Override
    public void forward(long input, long output) {
        if (maxima == null) forward.run(input, output);
        else forward.run(input, output, maxima.address());
    }

    @Override
    public void backward(long input, long gradient, long inputGradient) {
        if (maxima == null) backward.run(gradient, inputGradient);
        else backward.run(gradient, inputGradient, maxima.address());
    }

    @Override
    public void close() {
        forward.close();
        if (backward != null) backward.close();
        if (maxima != null) maxima.close();
    }
}
