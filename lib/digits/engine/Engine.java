package digits.engine;

/**
 * What computes the layers of a network, on arrays in native memory. Each computation is made for one shape
 * and then run for arrays at any addresses, by any thread, but only by one at a time: the caller locks.
 *
 * <p>Images of n, c, h, w lie channels last (n, h, w, c), other arrays row by row, and weights as Deeplearning4j has
 * them. Inputs, outputs and their gradients are {@link #numbers}; parameters, their gradients and statistics are
 * floats. Each method throws {@link IllegalArgumentException} if an array has another size than its computation was
 * made for.
 */
public interface Engine {
    /** A type of numbers: 32-bit floats, or their upper halves (8 bits of precision instead of 24). */
    enum Numbers { FLOAT, BFLOAT16 }

    /** The numbers in the arrays between layers. */
    default Numbers numbers() {
        return Numbers.FLOAT;
    }

    /**
     * A convolution of n images from {@code in} to {@code out} channels, with weights (out, in, height, width).
     *
     * @param bias     whether there is one; if not, the regions of the bias are ignored
     * @param relu     whether the output is ReLU of the sums
     * @param training whether the gradients are needed
     * @throws NoCodeException if there is no code for it
     */
    Affine convolution(long n, long in, long out, KernelGeometry geometry, boolean bias, boolean relu,
                       boolean training);

    /** A dense layer for n rows, with a bias and weights (out, in); otherwise like a convolution. */
    Affine dense(long n, long in, long out, boolean relu, boolean training);

    /** Batch normalization; for training, with the batch's statistics and the gradient. */
    Normalization normalization(long n, long channels, long height, long width, double epsilon, boolean training);

    /**
     * Pooling of n images.
     *
     * @param max      whether to take the maximum of the numbers under the kernel, otherwise the average
     * @param padding  whether an average counts padding as zeros
     * @param training whether the gradient is needed
     * @throws NoCodeException if there is no code for it
     */
    Pooling pooling(long n, long channels, KernelGeometry geometry, boolean max, boolean padding, boolean training);

    /** ReLU, max(0, x), for arrays of one length and any shape. */
    Relu relu(long length);

    /** The sum of two arrays of this length: {@code run(a, b, sum)}. */
    Pass sum(long length);

    /** An array of this length times factors, which are floats: {@code run(a, factors, product)}. */
    Pass product(long length);

    /** Copies an array of this length, which may have the other type of numbers: {@code run(from, to)}. */
    Pass copy(Numbers from, long length);

    /** Copies images of the shape n, c, h, w in that order, likewise, to channels last: {@code run(from, to)}. */
    Pass toChannelsLast(Numbers from, long... shape);

    /** Weights times input plus bias, then ReLU if fused: a convolution or a dense layer. */
    interface Affine extends NativeResource {
        /** output = weights * input + bias, then ReLU if fused. */
        void forward(Region input, Region weights, Region bias, Region output);

        /** delta = gradient where output > 0, otherwise 0; delta may be the gradient itself. Only if ReLU is fused. */
        void reluGradient(Region output, Region gradient, Region delta);

        /** The gradients of the parameters; the input is the same as in the last {@link #forward}. */
        void weightGradient(Region input, Region delta, Region weights, Region bias);

        /** The gradient at the input; delta is the same as in the {@link #weightGradient} before. */
        void inputGradient(Region delta, Region weights, Region gradient);
    }

    /** Batch normalization: each channel's mean and variance are the batch's in training, otherwise given. */
    interface Normalization extends NativeResource {
        /** Sets the mean and the variance to use outside training. */
        void statistics(float[] means, float[] variances);

        /** Each channel's mean in the last forward pass. */
        float[] mean();

        /** Each channel's variance in the last forward pass: the mean of the squares, not divided by one less. */
        float[] variance();

        /** output = gamma * (input - mean) / sqrt(variance + epsilon) + beta. */
        void forward(Region input, Region gamma, Region beta, Region output);

        /** The gradients of the last forward pass, from the gradient at its output. */
        void backward(Region input, Region gamma, Region beta, Region gradient, Region inputGradient,
                      Region gammaGradient, Region betaGradient);
    }

    /** Max or average pooling. */
    interface Pooling extends NativeResource {
        /** Pools the input into the output. */
        void forward(Region input, Region output);

        /** The gradient at the input (the same as in the last {@link #forward}), from the one at the output. */
        void backward(Region input, Region gradient, Region inputGradient);
    }

    /** ReLU and its derivative, which is computed from the output. */
    interface Relu extends NativeResource {
        /** output = max(0, input). */
        void forward(Region input, Region output);

        /** The gradient where output > 0, otherwise 0; it may be written in place. */
        void backward(Region output, Region gradient, Region inputGradient);
    }

    /** One pass over arrays: the inputs come first, then the result. */
    interface Pass extends NativeResource {
        /** Computes with these arrays. */
        void run(Region... arrays);
    }
}
