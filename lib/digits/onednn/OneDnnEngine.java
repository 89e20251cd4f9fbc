package digits.onednn;

import digits.engine.Engine;
import digits.engine.KernelGeometry;

/**
 * oneDNN's computations, compiled once per shape.
 *
 * @param bfloat16 whether products are of numbers rounded to bfloat16, unless there are few channels
 */
public record OneDnnEngine(boolean bfloat16) implements Engine {
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
        return new digits.onednn.Affine.Use(relu, training, bfloat16);
    }

    @Override
    public Engine.Normalization normalization(long n, long channels, long height, long width, double epsilon,
                                              boolean training) {
        return new digits.onednn.Normalization(n, channels, height, width, epsilon, training, bfloat16);
    }

    @Override
    public Engine.Pooling pooling(long n, long channels, KernelGeometry geometry, boolean max, boolean padding,
                                  boolean training) {
        return new digits.onednn.Pooling(n, channels, geometry, max, padding, training);
    }

    @Override
    public Engine.Relu relu(long length) {
        return new digits.onednn.Relu(length);
    }

    @Override
    public Engine.Pass sum(long length) {
        return Primitive.sum(length);
    }

    @Override
    public Engine.Pass copy(long length) {
        return Primitive.copy(length);
    }

    @Override
    public Engine.Pass toChannelsLast(long... shape) {
        return Primitive.toChannelsLast(shape);
    }
}
