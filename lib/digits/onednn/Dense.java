package digits.onednn;

import static digits.onednn.OneDnn.check;
import static digits.onednn.OneDnn.floats;

import org.bytedeco.dnnl.dnnl_inner_product_desc_t;
import org.bytedeco.dnnl.dnnl_memory_desc_t;
import org.bytedeco.dnnl.global.dnnl;

/** Compiles a fully connected layer, see {@link Affine#dense}. */
final class Dense {
    private Dense() {
    }

    static Affine compile(long n, long in, long out, boolean relu, boolean training) {
        dnnl_memory_desc_t source = floats(dnnl.dnnl_ab, n, in);
        dnnl_memory_desc_t weights = floats(dnnl.dnnl_ab, out, in);
        dnnl_memory_desc_t bias = floats(dnnl.dnnl_x, out);
        dnnl_memory_desc_t target = floats(dnnl.dnnl_ab, n, out);
        var operation = new dnnl_inner_product_desc_t();
        check(dnnl.dnnl_inner_product_forward_desc_init(operation, dnnl.dnnl_forward_training, source, weights, bias,
                target), "describe a dense layer");
        int[] arguments = {dnnl.DNNL_ARG_SRC, dnnl.DNNL_ARG_WEIGHTS, dnnl.DNNL_ARG_BIAS, dnnl.DNNL_ARG_DST};
        Primitive forward = relu ? Primitive.withRelu(operation, arguments) : Primitive.of(operation, null, arguments);
        if (!training) return new Affine(new Affine.Step(forward), null, null, null, null, null);

        var toInput = new dnnl_inner_product_desc_t();
        check(dnnl.dnnl_inner_product_backward_data_desc_init(toInput, source, weights, target),
                "describe a dense layer's gradient");
        Primitive inputGradient = Primitive.of(toInput, forward, dnnl.DNNL_ARG_DIFF_DST, dnnl.DNNL_ARG_WEIGHTS,
                dnnl.DNNL_ARG_DIFF_SRC);
        var toWeights = new dnnl_inner_product_desc_t();
        check(dnnl.dnnl_inner_product_backward_weights_desc_init(toWeights, source, weights, bias, target),
                "describe a dense layer's gradient");
        Primitive weightGradient = Primitive.of(toWeights, forward, dnnl.DNNL_ARG_SRC, dnnl.DNNL_ARG_DIFF_DST,
                dnnl.DNNL_ARG_DIFF_WEIGHTS, dnnl.DNNL_ARG_DIFF_BIAS);
        return new Affine(new Affine.Step(forward), new Affine.Step(inputGradient), new Affine.Step(weightGradient),
                relu ? Relu.backward(target) : null, null, null);
    }
}
