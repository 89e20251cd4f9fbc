package digits.portable;

import digits.engine.Engine;
import digits.engine.KernelGeometry;
import digits.engine.Workers;
import java.nio.FloatBuffer;

/** OpenBLAS's products and loops in Java. No result depends on the number of threads. */
public final class PortableEngine implements Engine {
    private static final int LINE = 4_096;   // numbers that fit in the nearest cache

    @Override
    public Engine.Affine convolution(long n, long in, long out, KernelGeometry geometry, boolean bias, boolean relu,
                                     boolean training) {
        return new Convolution(n, in, out, geometry, bias, relu, training);
    }

    @Override
    public Engine.Affine dense(long n, long in, long out, boolean relu, boolean training) {
        return new Dense(n, in, out, relu);
    }

    @Override
    public Engine.Normalization normalization(long n, long channels, long height, long width, double epsilon,
                                              boolean training) {
        return new digits.portable.Normalization(n, channels, height, width, epsilon, training);
    }

    @Override
    public Engine.Pooling pooling(long n, long channels, KernelGeometry geometry, boolean max, boolean padding,
                                  boolean training) {
        return max && TilePooling.fits(geometry) ? new TilePooling(n, channels, geometry)
                : new WindowPooling(n, channels, geometry, max, padding);
    }

    @Override
    public Engine.Relu relu(long length) {
        return new digits.portable.Relu(length);
    }

    @Override
    public Pass sum(long length) {
        return arrays -> {
            FloatBuffer a = arrays[0].floats(length);
            arrays[1].require(length * Float.BYTES);
            FloatBuffer sum = arrays[2].floats(length);
            int parts = Workers.parts(length);
            OpenBlas.shared(parts, (part, worker) -> {
                int from = (int) (part * length / parts);
                int end = (int) ((part + 1) * length / parts);
                sum.put(from, a, from, end - from);
                OpenBlas.add(end - from, arrays[1].address() + (long) from * Float.BYTES,
                        arrays[2].address() + (long) from * Float.BYTES);
            });
        };
    }

    @Override
    public Pass product(long length) {
        return arrays -> {
            FloatBuffer a = arrays[0].floats(length);
            FloatBuffer factors = arrays[1].floats(length);
            FloatBuffer product = arrays[2].floats(length);
            Workers.ranges(Lines.count((int) length, LINE), length, (first, end, worker) -> {
                float[] line = new float[LINE];
                float[] other = new float[LINE];
                for (int from = first * LINE; from < Math.min(end * LINE, length); from += LINE) {
                    int count = (int) Math.min(LINE, length - from);
                    a.get(from, line, 0, count);
                    factors.get(from, other, 0, count);
                    times(line, other, count);
                    product.put(from, line, 0, count);
                }
            });
        };
    }

    private static void times(float[] numbers, float[] factors, int count) {
        for (int i = 0; i < count; i++) numbers[i] *= factors[i];
    }

    @Override
    public Pass copy(Numbers from, long length) {
        return arrays -> {
            FloatBuffer source = arrays[0].floats(length);
            FloatBuffer to = arrays[1].floats(length);
            Workers.ranges((int) length, length, (first, end, worker) -> to.put(first, source, first, end - first));
        };
    }

    @Override
    public Pass toChannelsLast(Numbers from, long... shape) {
        int n = (int) shape[0];
        int channels = (int) shape[1];
        int pixels = (int) (shape[2] * shape[3]);
        long length = (long) n * channels * pixels;
        return arrays -> {
            FloatBuffer source = arrays[0].floats(length);
            FloatBuffer to = arrays[1].floats(length);
            Workers.ranges(n, length, (first, end, worker) -> {
                float[] image = new float[channels * pixels];
                float[] turned = new float[channels * pixels];
                for (int i = first; i < end; i++) {
                    source.get(i * image.length, image);
                    for (int c = 0; c < channels; c++) {
                        for (int p = 0; p < pixels; p++) turned[p * channels + c] = image[c * pixels + p];
                    }
                    to.put(i * image.length, turned);
                }
            });
        };
    }
}
