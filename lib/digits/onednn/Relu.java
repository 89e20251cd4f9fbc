package digits.onednn;

import org.bytedeco.dnnl.dnnl_eltwise_desc_t;
import org.bytedeco.dnnl.dnnl_memory_desc_t;
import org.bytedeco.dnnl.global.dnnl;

/** ReLU, max(0, x), for arrays of one length and any shape; its derivative is computed from the output. */
public final class Relu implements NativeResource {
    /** output = max(0, input): {@code run(input, output)}. */
    public final Primitive forward;
    /** The gradient where output > 0, otherwise 0: {@code run(output, gradient, inputGradient)}. */
    public final Primitive backward;

    /** Compiles both directions for arrays of this length. */
    public Relu(long length) {
        dnnl_memory_desc_t layout = OneDnn.floats(dnnl.dnnl_x, length);
        forward = forward(layout);
        backward = backward(layout);
    }

    private static Primitive forward(dnnl_memory_desc_t layout) {
        var operation = OneDnn.describe("ReLU", new dnnl_eltwise_desc_t(), relu -> dnnl.dnnl_eltwise_forward_desc_init(
                relu, dnnl.dnnl_forward_training, dnnl.dnnl_eltwise_relu_use_dst_for_bwd, layout, 0f, 0f));
        return Primitive.of(operation, null, false, dnnl.DNNL_ARG_SRC, dnnl.DNNL_ARG_DST);
    }

    /** {@code run(output, gradient, inputGradient)}. */
    static Primitive backward(dnnl_memory_desc_t layout) {
        var operation = OneDnn.describe("ReLU's derivative", new dnnl_eltwise_desc_t(), relu ->
                dnnl.dnnl_eltwise_backward_desc_init(relu, dnnl.dnnl_eltwise_relu_use_dst_for_bwd, layout, layout,
                        0f, 0f));
        try (Primitive hint = forward(layout)) {
            return Primitive.of(operation, hint, false, dnnl.DNNL_ARG_DST, dnnl.DNNL_ARG_DIFF_DST,
                    dnnl.DNNL_ARG_DIFF_SRC);
        }
    }

    @Override
    public void close() {
        NativeResource.closeAll(forward, backward);
    }
}
