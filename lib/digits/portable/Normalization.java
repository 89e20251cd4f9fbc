package digits.portable;

import digits.engine.Engine;
import digits.engine.Region;
import digits.engine.Workers;
import java.nio.FloatBuffer;

/** Batch normalization: one pass for each channel's sums, one for the result. */
final class Normalization implements Engine.Normalization {
    private final int channels;
    private final int pixels;      // of all images
    private final int numbers;
    private final int length;      // of a line
    private final int parts;
    private final double epsilon;
    private final boolean training;
    private float[] mean;
    private float[] variance;

    Normalization(long n, long channels, long height, long width, double epsilon, boolean training) {
        this.channels = Math.toIntExact(channels);
        pixels = Math.toIntExact(n * height * width);
        numbers = Math.toIntExact(pixels * channels);
        length = Lines.length(this.channels);
        parts = Math.min(Lines.count(numbers, length), Workers.parts(numbers));
        this.epsilon = epsilon;
        this.training = training;
    }

    @Override
    public void statistics(float[] means, float[] variances) {
        mean = means.clone();
        variance = variances.clone();
    }

    @Override
    public float[] mean() {
        return mean.clone();
    }

    @Override
    public float[] variance() {
        return variance.clone();
    }

    @Override
    public void forward(Region input, Region gamma, Region beta, Region output) {
        FloatBuffer x = input.floats(numbers);
        FloatBuffer y = output.floats(numbers);
        if (training) measure(x);
        float[] factors = Lines.repeat(factors(gamma));
        float[] means = Lines.repeat(mean);
        float[] shifts = Lines.repeat(beta.read(channels));
        each((part, from, end) -> {
            float[] line = new float[length];
            for (int at = from; at < end; at += length) {
                int count = Math.min(length, end - at);
                x.get(at, line, 0, count);
                normalize(line, means, factors, shifts, count);
                y.put(at, line, 0, count);
            }
        });
    }

    /** gamma / sqrt(variance + epsilon). */
    private float[] factors(Region gamma) {
        float[] factors = gamma.read(channels);
        for (int c = 0; c < channels; c++) factors[c] = (float) (factors[c] / Math.sqrt(variance[c] + epsilon));
        return factors;
    }

    private static void normalize(float[] line, float[] means, float[] factors, float[] shifts, int count) {
        for (int i = 0; i < count; i++) line[i] = (line[i] - means[i]) * factors[i] + shifts[i];
    }

    /** A part of the array, which ends with a line or with the array. */
    private interface Range {
        void run(int part, int from, int end);
    }

    private void each(Range range) {
        int lines = Lines.count(numbers, length);
        Workers.each(parts, (part, worker) -> range.run(part, (int) ((long) part * lines / parts) * length,
                (int) Math.min(numbers, (part + 1L) * lines / parts * length)));
    }

    /** Computes mean and variance from differences to the first pixel, so that a large mean does not cost precision. */
    private void measure(FloatBuffer x) {
        float[] first = new float[channels];
        x.get(0, first, 0, channels);
        double[][] sums = sums(x, x, first);
        mean = new float[channels];
        variance = new float[channels];
        for (int c = 0; c < channels; c++) {
            double shift = sums[0][c] / pixels;
            mean[c] = (float) (first[c] + shift);
            variance[c] = (float) Math.max(0, sums[1][c] / pixels - shift * shift);
        }
    }

    /** For each channel the sums of a - center (or of a, if it is not x) and of that times x - center. */
    private double[][] sums(FloatBuffer a, FloatBuffer x, float[] center) {
        double[][][] ofParts = new double[parts][2][channels];
        float[] centers = Lines.repeat(center);
        each((part, from, end) -> {
            float[][] sums = new float[2][length];
            float[] as = new float[length];
            float[] xs = a == x ? as : new float[length];
            for (int at = from; at < end; at += length) {
                int count = Math.min(length, end - at);
                a.get(at, as, 0, count);
                if (a == x) {
                    addSquares(as, centers, sums[0], sums[1], count);
                } else {
                    x.get(at, xs, 0, count);
                    addProducts(as, xs, centers, sums[0], sums[1], count);
                }
            }
            for (int i = 0; i < 2; i++) Lines.addTo(ofParts[part][i], sums[i]);
        });
        for (int part = 1; part < parts; part++) {
            for (int i = 0; i < 2; i++) {
                for (int c = 0; c < channels; c++) ofParts[0][i][c] += ofParts[part][i][c];
            }
        }
        return ofParts[0];
    }

    private static void addSquares(float[] x, float[] centers, float[] sums, float[] squares, int count) {
        for (int i = 0; i < count; i++) {
            float difference = x[i] - centers[i];
            sums[i] += difference;
            squares[i] += difference * difference;
        }
    }

    private static void addProducts(float[] a, float[] x, float[] centers, float[] sums, float[] products, int count) {
        for (int i = 0; i < count; i++) {
            sums[i] += a[i];
            products[i] += a[i] * (x[i] - centers[i]);
        }
    }

    @Override
    public void backward(Region input, Region gamma, Region beta, Region gradient, Region inputGradient,
                         Region gammaGradient, Region betaGradient) {
        FloatBuffer x = input.floats(numbers);
        FloatBuffer dy = gradient.floats(numbers);
        FloatBuffer dx = inputGradient.floats(numbers);
        double[][] sums = sums(dy, x, mean);
        float[][] ofChannels = new float[4][channels];   // gradients of gamma and beta, slope, mean of the gradient
        for (int c = 0; c < channels; c++) {
            ofChannels[0][c] = (float) (sums[1][c] / Math.sqrt(variance[c] + epsilon));
            ofChannels[1][c] = (float) sums[0][c];
            ofChannels[2][c] = (float) (sums[1][c] / (variance[c] + epsilon) / pixels);
            ofChannels[3][c] = (float) (sums[0][c] / pixels);
        }
        gammaGradient.write(ofChannels[0]);
        betaGradient.write(ofChannels[1]);
        float[] means = Lines.repeat(mean);
        float[] factors = Lines.repeat(factors(gamma));
        float[] slopes = Lines.repeat(ofChannels[2]);
        float[] shifts = Lines.repeat(ofChannels[3]);
        each((part, from, end) -> {
            float[] xs = new float[length];
            float[] line = new float[length];
            for (int at = from; at < end; at += length) {
                int count = Math.min(length, end - at);
                x.get(at, xs, 0, count);
                dy.get(at, line, 0, count);
                differentiate(line, xs, means, slopes, shifts, factors, count);
                dx.put(at, line, 0, count);
            }
        });
    }

    private static void differentiate(float[] line, float[] x, float[] means, float[] slopes, float[] shifts,
                                      float[] factors, int count) {
        for (int i = 0; i < count; i++) line[i] = (line[i] - shifts[i] - (x[i] - means[i]) * slopes[i]) * factors[i];
    }
}
