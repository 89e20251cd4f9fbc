package digits.acceleration;

import static digits.acceleration.OneDnn.check;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_SRC;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC;
import static org.bytedeco.dnnl.global.dnnl.dnnl_eltwise_backward_desc_init;
import static org.bytedeco.dnnl.global.dnnl.dnnl_eltwise_forward_desc_init;
import static org.bytedeco.dnnl.global.dnnl.dnnl_eltwise_relu;
import static org.bytedeco.dnnl.global.dnnl.dnnl_eltwise_relu_use_dst_for_bwd;
import static org.bytedeco.dnnl.global.dnnl.dnnl_forward_training;
import static org.bytedeco.dnnl.global.dnnl.dnnl_post_ops_append_eltwise;
import static org.bytedeco.dnnl.global.dnnl.dnnl_post_ops_create;
import static org.bytedeco.dnnl.global.dnnl.dnnl_post_ops_destroy;
import static org.bytedeco.dnnl.global.dnnl.dnnl_primitive_attr_create;
import static org.bytedeco.dnnl.global.dnnl.dnnl_primitive_attr_set_post_ops;

import org.bytedeco.dnnl.dnnl_eltwise_desc_t;
import org.bytedeco.dnnl.dnnl_memory_desc_t;
import org.bytedeco.dnnl.dnnl_post_ops;
import org.bytedeco.dnnl.dnnl_primitive_attr;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.activations.impl.ActivationReLU;

/** max(0, x), fused into the computation before it or by itself; its derivative is taken from the output. */
final class Relu {
    private Relu() {
    }

    /** Whether this activation is the plain one: no cap, threshold or slope. */
    static boolean is(IActivation activation) {
        return activation.getClass() == ActivationReLU.class && ((ActivationReLU) activation).getMax() == null
                && ((ActivationReLU) activation).getThreshold() == null
                && ((ActivationReLU) activation).getNegativeSlope() == null;
    }

    /** For a computation that shall apply it to its result. */
    static dnnl_primitive_attr fused() {
        var operations = new dnnl_post_ops();
        check(dnnl_post_ops_create(operations), "fuse operations");
        check(dnnl_post_ops_append_eltwise(operations, 1f, dnnl_eltwise_relu, 0f, 0f), "fuse ReLU");
        var attributes = new dnnl_primitive_attr();
        check(dnnl_primitive_attr_create(attributes), "set attributes");
        check(dnnl_primitive_attr_set_post_ops(attributes, operations), "fuse operations");
        dnnl_post_ops_destroy(operations);
        return attributes;
    }

    /** By itself: {@code run(input, output)}. */
    static Primitive forward(dnnl_memory_desc_t layout) {
        var forward = new dnnl_eltwise_desc_t();
        check(dnnl_eltwise_forward_desc_init(forward, dnnl_forward_training, dnnl_eltwise_relu_use_dst_for_bwd, layout, 0f, 0f),
                "describe ReLU");
        return Primitive.of(forward, null, null, DNNL_ARG_SRC, DNNL_ARG_DST);
    }

    /** {@code run(output, gradient at the output, gradient at the input)}. */
    static Primitive backward(dnnl_memory_desc_t layout) {
        var backward = new dnnl_eltwise_desc_t();
        check(dnnl_eltwise_backward_desc_init(backward, dnnl_eltwise_relu_use_dst_for_bwd, layout, layout, 0f, 0f),
                "describe ReLU's derivative");
        try (Primitive hint = forward(layout)) {
            return Primitive.of(backward, null, hint, DNNL_ARG_DST, DNNL_ARG_DIFF_DST, DNNL_ARG_DIFF_SRC);
        }
    }
}
