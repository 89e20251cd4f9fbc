package digits.onednn;

import digits.engine.Engine;
import digits.engine.KernelGeometry;
import org.bytedeco.dnnl.dnnl_memory_desc_t;
import org.bytedeco.dnnl.global.dnnl;

/**
 * oneDNN's computations, compiled once per shape.
 *
 * @param bfloat16 whether products are of numbers rounded to bfloat16, unless there are few channels
 * @param numbers  the type of the numbers between layers
 */
public record OneDnnEngine(boolean bfloat16, Numbers numbers) implements Engine {
    @Override
    public Engine.Affine convolution(long n, long in, long out, KernelGeometry geometry, boolean bias, boolean relu,
                                     boolean training) {
        return digits.onednn.Affine.convolution(n, in, out, geometry, bias, use(relu, training));
    }

    @Override
    public Engine.Affine dense(long n, long in, long out, boolean relu, boolean training) {
        return digits.onednn.Affine.dense(n, in, out, use(relu, training));
    }

    private digits.onednn.Affine.Use use(boolean relu, boolean training) {
        return new digits.onednn.Affine.Use(relu, training, bfloat16, type(numbers));
    }

    @Override
    public Engine.Normalization normalization(long n, long channels, long height, long width, double epsilon,
                                              boolean training) {
        return new digits.onednn.Normalization(type(numbers), n, channels, height, width, epsilon, training, bfloat16);
    }

    @Override
    public Engine.Pooling pooling(long n, long channels, KernelGeometry geometry, boolean max, boolean padding,
                                  boolean training) {
        return new digits.onednn.Pooling(type(numbers), n, channels, geometry, max, padding, training);
    }

    @Override
    public Engine.Relu relu(long length) {
        return new digits.onednn.Relu(array(numbers, length));
    }

    @Override
    public Engine.Pass sum(long length) {
        return Primitive.binary(dnnl.dnnl_binary_add, array(numbers, length), array(numbers, length));
    }

    @Override
    public Engine.Pass product(long length) {
        return Primitive.binary(dnnl.dnnl_binary_mul, array(numbers, length), array(Numbers.FLOAT, length));
    }

    @Override
    public Engine.Pass copy(Numbers from, long length) {
        return Primitive.reorder(array(from, length), array(numbers, length));
    }

    @Override
    public Engine.Pass toChannelsLast(Numbers from, long... shape) {
        return Primitive.reorder(OneDnn.numbers(type(from), dnnl.dnnl_nchw, shape),
                OneDnn.numbers(type(numbers), dnnl.dnnl_nhwc, shape));
    }

    private static dnnl_memory_desc_t array(Numbers numbers, long length) {
        return OneDnn.numbers(type(numbers), dnnl.dnnl_x, length);
    }

    private static int type(Numbers numbers) {
        return numbers == Numbers.BFLOAT16 ? dnnl.dnnl_bf16 : dnnl.dnnl_f32;
    }
}
