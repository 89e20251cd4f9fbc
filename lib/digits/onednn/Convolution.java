package digits.onednn;

import static digits.onednn.OneDnn.check;
import static digits.onednn.OneDnn.floats;

import org.bytedeco.dnnl.dnnl_convolution_desc_t;
import org.bytedeco.dnnl.dnnl_memory_desc_t;
import org.bytedeco.dnnl.global.dnnl;
import org.bytedeco.javacpp.Pointer;

/** oneDNN's descriptions of a convolution. oneDNN chooses the layout of the weights inside. */
record Convolution(dnnl_memory_desc_t source, dnnl_memory_desc_t weights, dnnl_memory_desc_t bias,
                   dnnl_memory_desc_t target, KernelGeometry geometry) implements Affine.Operation {

    static Convolution of(long n, long in, long out, KernelGeometry geometry) {
        return new Convolution(floats(dnnl.dnnl_nhwc, n, in, geometry.input()[0], geometry.input()[1]),
                floats(dnnl.dnnl_oihw, out, in, geometry.kernel()[0], geometry.kernel()[1]), floats(dnnl.dnnl_x, out),
                floats(dnnl.dnnl_nhwc, n, out, geometry.output()[0], geometry.output()[1]), geometry);
    }

    @Override
    public Pointer forward(int layout) {
        var operation = new dnnl_convolution_desc_t();
        check(dnnl.dnnl_dilated_convolution_forward_desc_init(operation, dnnl.dnnl_forward_training,
                dnnl.dnnl_convolution_direct, in(layout, source), anyWeights(), bias, in(layout, target),
                geometry.stride(), geometry.dilation(), geometry.before(), geometry.after()), "describe a convolution");
        return operation;
    }

    @Override
    public Pointer inputGradient(int layout) {
        var operation = new dnnl_convolution_desc_t();
        check(dnnl.dnnl_dilated_convolution_backward_data_desc_init(operation, dnnl.dnnl_convolution_direct,
                in(layout, source), anyWeights(), in(layout, target), geometry.stride(), geometry.dilation(),
                geometry.before(), geometry.after()), "describe a convolution's gradient");
        return operation;
    }

    @Override
    public Pointer weightGradient(int layout) {
        var operation = new dnnl_convolution_desc_t();
        check(dnnl.dnnl_dilated_convolution_backward_weights_desc_init(operation, dnnl.dnnl_convolution_direct,
                in(layout, source), anyWeights(), bias, in(layout, target), geometry.stride(), geometry.dilation(),
                geometry.before(), geometry.after()), "describe a convolution's gradient");
        return operation;
    }

    private dnnl_memory_desc_t anyWeights() {
        return in(dnnl.dnnl_format_tag_any, weights);
    }

    /** The array's shape in another layout. */
    private static dnnl_memory_desc_t in(int layout, dnnl_memory_desc_t array) {
        long[] shape = new long[array.ndims()];
        for (int i = 0; i < shape.length; i++) shape[i] = array.dims().get(i);
        return floats(layout, shape);
    }
}
