package digits.onednn;

import static digits.onednn.OneDnn.check;
import static digits.onednn.OneDnn.floats;

import org.bytedeco.dnnl.dnnl_inner_product_desc_t;
import org.bytedeco.dnnl.dnnl_memory_desc_t;
import org.bytedeco.dnnl.global.dnnl;
import org.bytedeco.javacpp.Pointer;

/** oneDNN's descriptions of a dense layer, whose rows have only one layout. */
record Dense(dnnl_memory_desc_t source, dnnl_memory_desc_t weights, dnnl_memory_desc_t bias, dnnl_memory_desc_t target)
        implements Affine.Operation {

    static Dense of(long n, long in, long out) {
        return new Dense(floats(dnnl.dnnl_ab, n, in), floats(dnnl.dnnl_ab, out, in), floats(dnnl.dnnl_x, out),
                floats(dnnl.dnnl_ab, n, out));
    }

    @Override
    public Pointer forward(int layout) {
        var operation = new dnnl_inner_product_desc_t();
        check(dnnl.dnnl_inner_product_forward_desc_init(operation, dnnl.dnnl_forward_training, source, weights, bias,
                target), "describe a dense layer");
        return operation;
    }

    @Override
    public Pointer inputGradient(int layout) {
        var operation = new dnnl_inner_product_desc_t();
        check(dnnl.dnnl_inner_product_backward_data_desc_init(operation, source, weights, target),
                "describe a dense layer's gradient");
        return operation;
    }

    @Override
    public Pointer weightGradient(int layout) {
        var operation = new dnnl_inner_product_desc_t();
        check(dnnl.dnnl_inner_product_backward_weights_desc_init(operation, source, weights, bias, target),
                "describe a dense layer's gradient");
        return operation;
    }
}
