package digits.acceleration;

import static digits.acceleration.OneDnn.check;
import static digits.acceleration.OneDnn.floats;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_BIAS;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_BIAS;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_SRC;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_WEIGHTS;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_WEIGHTS;
import static org.bytedeco.dnnl.global.dnnl.dnnl_ab;
import static org.bytedeco.dnnl.global.dnnl.dnnl_forward_training;
import static org.bytedeco.dnnl.global.dnnl.dnnl_inner_product_backward_data_desc_init;
import static org.bytedeco.dnnl.global.dnnl.dnnl_inner_product_backward_weights_desc_init;
import static org.bytedeco.dnnl.global.dnnl.dnnl_inner_product_forward_desc_init;
import static org.bytedeco.dnnl.global.dnnl.dnnl_primitive_attr_destroy;
import static org.bytedeco.dnnl.global.dnnl.dnnl_x;

import org.bytedeco.dnnl.dnnl_inner_product_desc_t;
import org.bytedeco.dnnl.dnnl_memory_desc_t;
import org.bytedeco.dnnl.dnnl_primitive_attr;

/**
 * A fully connected layer for one batch size. Deeplearning4j keeps the weights [in, out] column by column, which in memory
 * is what oneDNN calls [out, in] row by row: no copies.
 */
final class Dense implements AutoCloseable {
    private final Primitive forward;
    private final Primitive inputGradient;
    private final Primitive weightGradient;
    private final Primitive reluGradient;

    Dense(long n, long in, long out, boolean relu, boolean training) {
        dnnl_memory_desc_t source = floats(dnnl_ab, n, in);
        dnnl_memory_desc_t weights = floats(dnnl_ab, out, in);
        dnnl_memory_desc_t bias = floats(dnnl_x, out);
        dnnl_memory_desc_t target = floats(dnnl_ab, n, out);
        var operation = new dnnl_inner_product_desc_t();
        check(dnnl_inner_product_forward_desc_init(operation, dnnl_forward_training, source, weights, bias, target),
                "describe a dense layer");
        dnnl_primitive_attr attributes = relu ? Relu.fused() : null;
        forward = Primitive.of(operation, attributes, null, DNNL_ARG_SRC, DNNL_ARG_WEIGHTS, DNNL_ARG_BIAS, DNNL_ARG_DST);
        if (attributes != null) dnnl_primitive_attr_destroy(attributes);
        reluGradient = relu && training ? Relu.backward(target) : null;
        if (!training) {
            inputGradient = null;
            weightGradient = null;
            return;
        }
        var toInput = new dnnl_inner_product_desc_t();
        check(dnnl_inner_product_backward_data_desc_init(toInput, source, weights, target), "describe a dense layer's gradient");
        inputGradient = Primitive.of(toInput, null, forward, DNNL_ARG_DIFF_DST, DNNL_ARG_WEIGHTS, DNNL_ARG_DIFF_SRC);
        var toWeights = new dnnl_inner_product_desc_t();
        check(dnnl_inner_product_backward_weights_desc_init(toWeights, source, weights, bias, target),
                "describe a dense layer's gradient");
        weightGradient = Primitive.of(toWeights, null, forward, DNNL_ARG_SRC, DNNL_ARG_DIFF_DST, DNNL_ARG_DIFF_WEIGHTS,
                DNNL_ARG_DIFF_BIAS);
    }

    void forward(long input, long weights, long bias, long output) {
        forward.run(input, weights, bias, output);
    }

    void reluGradient(long output, long gradient, long delta) {
        reluGradient.run(output, gradient, delta);
    }

    void inputGradient(long delta, long weights, long gradient) {
        inputGradient.run(delta, weights, gradient);
    }

    void weightGradient(long input, long delta, long weights, long bias) {
        weightGradient.run(input, delta, weights, bias);
    }

    @Override
    public void close() {
        forward.close();
        if (inputGradient != null) inputGradient.close();
        if (weightGradient != null) weightGradient.close();
        if (reluGradient != null) reluGradient.close();
    }
}
