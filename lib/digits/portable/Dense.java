package digits.portable;

import digits.engine.Engine;
import digits.engine.Region;
import digits.engine.Workers;
import digits.portable.OpenBlas.Matrix;
import java.nio.FloatBuffer;

/** A dense layer: matrix products, cut into parts for the workers. */
final class Dense implements Engine.Affine {
    private final int n;
    private final int in;
    private final int out;
    private final boolean relu;
    private final Relu derivative;

    Dense(long n, long in, long out, boolean relu) {
        this.n = Math.toIntExact(n);
        this.in = Math.toIntExact(in);
        this.out = Math.toIntExact(out);
        this.relu = relu;
        derivative = new Relu(n * out);
    }

    @Override
    public void forward(Region input, Region weights, Region bias, Region output) {
        FloatBuffer y = output.floats((long) n * out);
        float[] line = Lines.repeat(bias.read(out));
        OpenBlas.multiplyShared(n, out, in, matrix(input, n, in), matrix(weights, out, in).transpose(),
                matrix(output, n, out));
        Workers.ranges(n, (long) n * out, (from, end, worker) ->
                Lines.addBias(y, from * out, end * out, line, relu));
    }

    /** The matrix, after comparing its size. */
    private static Matrix matrix(Region region, int rows, int columns) {
        region.require((long) rows * columns * Float.BYTES);
        return new Matrix(region, columns);
    }

    @Override
    public void reluGradient(Region output, Region gradient, Region delta) {
        derivative.backward(output, gradient, delta);
    }

    @Override
    public void inputGradient(Region delta, Region weights, Region gradient) {
        OpenBlas.multiplyShared(n, in, out, matrix(delta, n, out), matrix(weights, out, in), matrix(gradient, n, in));
    }

    @Override
    public void weightGradient(Region input, Region delta, Region weights, Region bias) {
        OpenBlas.multiplyShared(out, in, n, matrix(delta, n, out).transpose(), matrix(input, n, in),
                matrix(weights, out, in));
        float[] rows = delta.read(n * out);
        float[] sums = new float[out];
        for (int row = 0; row < n; row++) {
            for (int o = 0; o < out; o++) sums[o] += rows[row * out + o];
        }
        bias.write(sums);
    }
}
