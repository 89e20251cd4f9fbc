package digits.portable;

import digits.engine.Engine;
import digits.engine.KernelGeometry;
import digits.engine.NoCodeException;
import digits.engine.Region;
import digits.engine.Scratchpad;
import digits.engine.Workers;
import digits.portable.OpenBlas.Matrix;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.function.Consumer;
import org.bytedeco.javacpp.FloatPointer;

/**
 * A convolution as matrix products, image by image: an unfolded image, its product and the next step find each other in
 * the cache. Images are shared among the workers.
 */
final class Convolution implements Engine.Affine {
    private static final int MOST_SUMS = 1 << 22;   // numbers of the partial sums of the weights' gradient

    private final int n;
    private final int in;
    private final int out;
    private final int pixelsIn;        // of an image
    private final int pixels;          // of an image of the output
    private final int kernel;          // pixels under the kernel
    private final boolean bias;
    private final boolean relu;
    private final Unfolding unfolding;
    private final Relu derivative;
    private final int parts;           // into which the images are cut
    private final int sumsLength;      // of a part: of the weights' and the bias's gradient
    private final FloatPointer memory; // weights, ones, and each part's sums
    private final Matrix weights;      // kernel row, kernel column, in; out
    private final long ones;
    private final long sums;

    Convolution(long n, long in, long out, KernelGeometry geometry, boolean bias, boolean relu, boolean training) {
        this.n = Math.toIntExact(n);
        this.in = Math.toIntExact(in);
        this.out = Math.toIntExact(out);
        this.bias = bias;
        this.relu = relu;
        pixelsIn = Math.toIntExact(geometry.input()[0] * geometry.input()[1]);
        pixels = Math.toIntExact(geometry.output()[0] * geometry.output()[1]);
        kernel = Math.toIntExact(geometry.kernel()[0] * geometry.kernel()[1]);
        unfolding = new Unfolding(this.in, geometry);
        derivative = new Relu(n * pixels * out);
        int numbers = Math.toIntExact(kernel * in * out);
        sumsLength = Math.toIntExact(numbers + out);
        int sumable = Math.max(1, MOST_SUMS / sumsLength);
        parts = Math.min(Math.min(this.n, sumable), Workers.parts(n * unfolding.size * unfolding.products));
        try {
            memory = new FloatPointer(numbers + (training ? pixels + (long) parts * sumsLength : 0));
        } catch (OutOfMemoryError e) {
            throw new NoCodeException("cannot allocate memory for a convolution: " + e.getMessage());
        }
        weights = new Matrix(memory.address(), this.out);
        ones = weights.from(kernel * this.in, 0).address();
        sums = ones + (long) pixels * Float.BYTES;
        if (training) fill(new Region(ones, (long) pixels * Float.BYTES), 1);
    }

    private static void fill(Region region, float value) {
        float[] numbers = new float[(int) (region.bytes() / Float.BYTES)];
        Arrays.fill(numbers, value);
        region.write(numbers);
    }

    /** One image of a part, and the thread's memory for an unfolded image, as a view and as a matrix. */
    private record Turn(int image, int part, boolean first, FloatBuffer lines, Matrix unfolded, int worker) { }

    private void each(Consumer<Turn> turn) {
        OpenBlas.shared(parts, (part, worker) -> {
            Region block = Scratchpad.ofThisThread((long) unfolding.size * Float.BYTES);
            FloatBuffer lines = block.floats(unfolding.size);
            Matrix unfolded = new Matrix(block, unfolding.depth);
            int first = (int) ((long) part * n / parts);
            int end = (int) ((part + 1L) * n / parts);
            for (int image = first; image < end; image++) {
                turn.accept(new Turn(image, part, image == first, lines, unfolded, worker));
            }
        });
    }

    @Override
    public void forward(Region input, Region weights, Region bias, Region output) {
        FloatBuffer x = input.floats((long) n * pixelsIn * in);
        FloatBuffer y = output.floats((long) n * pixels * out);
        arrange(weights);
        float[] line = Lines.repeat(this.bias ? bias.read(out) : new float[out]);
        each(turn -> {
            int image = turn.image;
            unfolding.unfold(x, image, turn.lines, turn.worker);
            for (int i = 0; i < unfolding.products; i++) {
                OpenBlas.multiply(pixels, out, unfolding.depth, at(turn.unfolded, i), kernelRow(i), i > 0,
                        image(output, image));
            }
            Lines.addBias(y, image * pixels * out, (image + 1) * pixels * out, line, relu);
        });
    }

    /** The part of an unfolded image that the product for this row of the kernel reads. */
    private Matrix at(Matrix unfolded, int product) {
        return new Matrix(unfolded.address() + (long) product * unfolding.step * Float.BYTES, unfolded.stride());
    }

    private Matrix kernelRow(int product) {
        return weights.from(product * unfolding.depth, 0);
    }

    private Matrix image(Region images, int image) {
        return new Matrix(images.address() + (long) image * pixels * out * Float.BYTES, out);
    }

    @Override
    public void reluGradient(Region output, Region gradient, Region delta) {
        derivative.backward(output, gradient, delta);
    }

    @Override
    public void inputGradient(Region delta, Region weights, Region gradient) {
        delta.require((long) n * pixels * out * Float.BYTES);
        FloatBuffer dx = gradient.floats((long) n * pixelsIn * in);
        arrange(weights);
        int written = pixels * unfolding.depth;   // by the first product
        float[] zeros = new float[unfolding.size - written];
        each(turn -> {
            turn.lines.put(written, zeros);
            for (int i = 0; i < unfolding.products; i++) {
                OpenBlas.multiply(pixels, unfolding.depth, out, image(delta, turn.image), kernelRow(i).transpose(),
                        i > 0, at(turn.unfolded, i));
            }
            unfolding.fold(turn.lines, dx, turn.image, turn.worker);
        });
    }

    @Override
    public void weightGradient(Region input, Region delta, Region weights, Region bias) {
        FloatBuffer x = input.floats((long) n * pixelsIn * in);
        delta.require((long) n * pixels * out * Float.BYTES);
        each(turn -> {
            Matrix sum = new Matrix(sums + (long) turn.part * sumsLength * Float.BYTES, out);
            Matrix dy = image(delta, turn.image);
            unfolding.unfold(x, turn.image, turn.lines, turn.worker);
            for (int i = 0; i < unfolding.products; i++) {
                OpenBlas.multiply(unfolding.depth, out, pixels, at(turn.unfolded, i).transpose(), dy, !turn.first,
                        sum.from(i * unfolding.depth, 0));
            }
            OpenBlas.sumRows(pixels, out, dy.address(), ones, !turn.first, sum.from(kernel * in, 0).address());
        });
        for (int part = 1; part < parts; part++) {
            OpenBlas.add(sumsLength, sums + (long) part * sumsLength * Float.BYTES, sums);
        }
        float[] total = new Region(sums, (long) sumsLength * Float.BYTES).read(sumsLength);
        weights.write(rearranged(total));
        if (this.bias) bias.write(Arrays.copyOfRange(total, kernel * in * out, total.length));
    }

    /** Copies the weights from Deeplearning4j's order (out, in, kernel) to the product's (kernel, in, out). */
    private void arrange(Region given) {
        float[] from = given.read(kernel * in * out);
        float[] to = new float[from.length];
        int next = 0;
        for (int o = 0; o < out; o++) {
            for (int c = 0; c < in; c++) {
                for (int k = 0; k < kernel; k++) to[(k * in + c) * out + o] = from[next++];
            }
        }
        new Region(weights.address(), (long) to.length * Float.BYTES).write(to);
    }

    private float[] rearranged(float[] from) {
        float[] to = new float[kernel * in * out];
        int next = 0;
        for (int o = 0; o < out; o++) {
            for (int c = 0; c < in; c++) {
                for (int k = 0; k < kernel; k++) to[next++] = from[(k * in + c) * out + o];
            }
        }
        return to;
    }

    @Override
    public void close() {
        memory.close();
    }
}
