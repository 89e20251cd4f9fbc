package digits.onednn;

import static digits.onednn.OneDnn.describe;
import static digits.onednn.OneDnn.floats;

import java.util.function.IntFunction;
import org.bytedeco.dnnl.dnnl_convolution_desc_t;
import org.bytedeco.dnnl.dnnl_inner_product_desc_t;
import org.bytedeco.dnnl.dnnl_memory_desc_t;
import org.bytedeco.dnnl.global.dnnl;
import org.bytedeco.javacpp.Pointer;

/** oneDNN's descriptions of an affine computation: the arrays outside, the operations for a layout inside. */
record AffineOperation(dnnl_memory_desc_t source, dnnl_memory_desc_t weights, dnnl_memory_desc_t bias,
                       dnnl_memory_desc_t target, IntFunction<Pointer> forward, IntFunction<Pointer> inputGradient,
                       IntFunction<Pointer> weightGradient) {

    /** oneDNN chooses the layout of the weights inside. */
    static AffineOperation convolution(long n, long in, long out, KernelGeometry geometry) {
        long[] input = {n, in, geometry.input()[0], geometry.input()[1]};
        long[] output = {n, out, geometry.output()[0], geometry.output()[1]};
        long[] kernels = {out, in, geometry.kernel()[0], geometry.kernel()[1]};
        dnnl_memory_desc_t weights = floats(dnnl.dnnl_format_tag_any, kernels);
        dnnl_memory_desc_t bias = floats(dnnl.dnnl_x, out);
        return new AffineOperation(floats(dnnl.dnnl_nhwc, input), floats(dnnl.dnnl_oihw, kernels), bias,
                floats(dnnl.dnnl_nhwc, output),
                layout -> describe("a convolution", new dnnl_convolution_desc_t(), convolution ->
                        dnnl.dnnl_dilated_convolution_forward_desc_init(convolution, dnnl.dnnl_forward_training,
                                dnnl.dnnl_convolution_direct, floats(layout, input), weights, bias,
                                floats(layout, output), geometry.stride(), geometry.dilation(), geometry.before(),
                                geometry.after())),
                layout -> describe("a convolution's gradient", new dnnl_convolution_desc_t(), convolution ->
                        dnnl.dnnl_dilated_convolution_backward_data_desc_init(convolution, dnnl.dnnl_convolution_direct,
                                floats(layout, input), weights, floats(layout, output), geometry.stride(),
                                geometry.dilation(), geometry.before(), geometry.after())),
                layout -> describe("a convolution's gradient", new dnnl_convolution_desc_t(), convolution ->
                        dnnl.dnnl_dilated_convolution_backward_weights_desc_init(convolution,
                                dnnl.dnnl_convolution_direct, floats(layout, input), weights, bias,
                                floats(layout, output), geometry.stride(), geometry.dilation(), geometry.before(),
                                geometry.after())));
    }

    /** Rows have only one layout. */
    static AffineOperation dense(long n, long in, long out) {
        dnnl_memory_desc_t source = floats(dnnl.dnnl_ab, n, in);
        dnnl_memory_desc_t weights = floats(dnnl.dnnl_ab, out, in);
        dnnl_memory_desc_t bias = floats(dnnl.dnnl_x, out);
        dnnl_memory_desc_t target = floats(dnnl.dnnl_ab, n, out);
        return new AffineOperation(source, weights, bias, target,
                layout -> describe("a dense layer", new dnnl_inner_product_desc_t(), dense ->
                        dnnl.dnnl_inner_product_forward_desc_init(dense, dnnl.dnnl_forward_training, source, weights,
                                bias, target)),
                layout -> describe("a dense layer's gradient", new dnnl_inner_product_desc_t(), dense ->
                        dnnl.dnnl_inner_product_backward_data_desc_init(dense, source, weights, target)),
                layout -> describe("a dense layer's gradient", new dnnl_inner_product_desc_t(), dense ->
                        dnnl.dnnl_inner_product_backward_weights_desc_init(dense, source, weights, bias, target)));
    }
}
