package digits.portable;

import digits.engine.Engine;
import digits.engine.KernelGeometry;
import digits.engine.NoCodeException;
import digits.engine.Region;
import digits.engine.Workers;
import java.nio.FloatBuffer;
import java.util.Arrays;

/** Pooling with any windows, image by image. The first maximum of a window, row by row, gets the gradient. */
final class WindowPooling implements Engine.Pooling {
    private final int n;
    private final int channels;
    private final KernelGeometry geometry;
    private final boolean max;
    private final boolean padding;
    private final int numbersIn;    // of an image
    private final int numbersOut;

    WindowPooling(long n, long channels, KernelGeometry geometry, boolean max, boolean padding) {
        this.n = Math.toIntExact(n);
        this.channels = Math.toIntExact(channels);
        this.geometry = geometry;
        this.max = max;
        this.padding = padding;
        numbersIn = Math.toIntExact(geometry.input()[0] * geometry.input()[1] * channels);
        numbersOut = Math.toIntExact(geometry.output()[0] * geometry.output()[1] * channels);
        for (int axis = 0; axis < 2; axis++) {
            for (int i = 0; i < geometry.output()[axis]; i++) {
                if (first(axis, i) >= end(axis, i)) throw new NoCodeException("a pooling window has no pixel");
            }
        }
    }

    /** First pixel of the image under a window; axis 0 counts rows, 1 columns. */
    private int first(int axis, int window) {
        return (int) Math.max(0, window * geometry.stride()[axis] - geometry.before()[axis]);
    }

    private int end(int axis, int window) {
        return (int) Math.min(geometry.input()[axis],
                window * geometry.stride()[axis] - geometry.before()[axis] + geometry.kernel()[axis]);
    }

    /** What happens at a window: its first number of the output, then the range of rows and of columns. */
    private interface Window {
        void visit(int output, int top, int bottom, int left, int right);
    }

    private void eachWindow(Window window) {
        int columns = (int) geometry.output()[1];
        for (int i = 0; i < numbersOut / channels; i++) {
            int row = i / columns;
            int column = i % columns;
            window.visit(i * channels, first(0, row), end(0, row), first(1, column), end(1, column));
        }
    }

    private int pixel(int row, int column) {
        return (row * (int) geometry.input()[1] + column) * channels;
    }

    private float share(int top, int bottom, int left, int right) {
        return 1f / (padding ? (int) (geometry.kernel()[0] * geometry.kernel()[1])
                : (bottom - top) * (right - left));
    }

    @Override
    public void forward(Region input, Region output) {
        FloatBuffer x = input.floats((long) n * numbersIn);
        FloatBuffer y = output.floats((long) n * numbersOut);
        Workers.ranges(n, (long) n * numbersIn, (first, end, worker) -> {
            float[] from = new float[numbersIn];
            float[] to = new float[numbersOut];
            for (int image = first; image < end; image++) {
                x.get(image * numbersIn, from);
                pool(from, to);
                y.put(image * numbersOut, to);
            }
        });
    }

    private void pool(float[] from, float[] to) {
        Arrays.fill(to, max ? Float.NEGATIVE_INFINITY : 0);
        eachWindow((output, top, bottom, left, right) -> {
            for (int row = top; row < bottom; row++) {
                for (int column = left; column < right; column++) {
                    if (max) maximum(from, pixel(row, column), to, output);
                    else add(from, pixel(row, column), to, output);
                }
            }
            float share = share(top, bottom, left, right);
            for (int c = 0; c < channels && !max; c++) to[output + c] *= share;
        });
    }

    private void maximum(float[] from, int pixel, float[] to, int output) {
        for (int c = 0; c < channels; c++) to[output + c] = Math.max(to[output + c], from[pixel + c]);
    }

    private void add(float[] from, int pixel, float[] to, int output) {
        for (int c = 0; c < channels; c++) to[output + c] += from[pixel + c];
    }

    @Override
    public void backward(Region input, Region gradient, Region inputGradient) {
        FloatBuffer x = input.floats((long) n * numbersIn);
        FloatBuffer dy = gradient.floats((long) n * numbersOut);
        FloatBuffer dx = inputGradient.floats((long) n * numbersIn);
        Workers.ranges(n, (long) n * numbersIn, (first, end, worker) -> {
            float[] inputs = new float[numbersIn];
            float[] from = new float[numbersOut];
            float[] to = new float[numbersIn];
            for (int image = first; image < end; image++) {
                x.get(image * numbersIn, inputs);
                dy.get(image * numbersOut, from);
                Arrays.fill(to, 0);
                if (max) toMaxima(inputs, from, to);
                else toAll(from, to);
                dx.put(image * numbersIn, to);
            }
        });
    }

    private void toMaxima(float[] inputs, float[] from, float[] to) {
        int[] at = new int[channels];
        eachWindow((output, top, bottom, left, right) -> {
            for (int c = 0; c < channels; c++) at[c] = pixel(top, left) + c;
            for (int row = top; row < bottom; row++) {
                for (int column = left; column < right; column++) {
                    for (int c = 0, i = pixel(row, column); c < channels; c++, i++) {
                        if (inputs[i] > inputs[at[c]]) at[c] = i;
                    }
                }
            }
            for (int c = 0; c < channels; c++) to[at[c]] += from[output + c];
        });
    }

    private void toAll(float[] from, float[] to) {
        eachWindow((output, top, bottom, left, right) -> {
            float share = share(top, bottom, left, right);
            for (int row = top; row < bottom; row++) {
                for (int column = left; column < right; column++) {
                    for (int c = 0, i = pixel(row, column); c < channels; c++) to[i + c] += from[output + c] * share;
                }
            }
        });
    }
}
