package digits.onednn;

import digits.engine.Engine;
import digits.engine.NativeResource;
import digits.engine.Region;
import org.bytedeco.dnnl.dnnl_eltwise_desc_t;
import org.bytedeco.dnnl.dnnl_memory_desc_t;
import org.bytedeco.dnnl.global.dnnl;

/** ReLU, max(0, x), for arrays of one length and any shape; its derivative is computed from the output. */
final class Relu implements Engine.Relu {
    private final Primitive forward;
    private final Primitive backward;

    /** Compiles both directions for arrays of this layout. */
    Relu(dnnl_memory_desc_t layout) {
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
    public void forward(Region input, Region output) {
        forward.run(input, output);
    }

    @Override
    public void backward(Region output, Region gradient, Region inputGradient) {
        backward.run(output, gradient, inputGradient);
    }

    @Override
    public void close() {
        NativeResource.closeAll(forward, backward);
    }
}
