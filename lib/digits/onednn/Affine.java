package digits.onednn;

/**
 * Weights times input plus bias for one batch size, then ReLU if fused: a convolution or a dense layer, forward and
 * backward. All arrays are given by their addresses. The backward computations exist only if made for training.
 */
public final class Affine implements NativeResource {
    private final Step forward;
    private final Step inputGradient;
    private final Step weightGradient;
    private final Primitive reluGradient;
    private final NativeBuffer noBias;       // zeros in place of a missing bias
    private final NativeBuffer unusedBias;   // where its gradient goes

    /** Steps not needed are null; a missing bias is replaced by {@code noBias}, its gradient by {@code unusedBias}. */
    Affine(Step forward, Step inputGradient, Step weightGradient, Primitive reluGradient, NativeBuffer noBias,
           NativeBuffer unusedBias) {
        this.forward = forward;
        this.inputGradient = inputGradient;
        this.weightGradient = weightGradient;
        this.reluGradient = reluGradient;
        this.noBias = noBias;
        this.unusedBias = unusedBias;
    }

    /**
     * A convolution. Images lie channels last, weights as Deeplearning4j has them (out, in, height, width).
     *
     * @param n        number of images
     * @param in       number of input channels
     * @param out      number of output channels
     * @param bias     whether there is a bias; oneDNN 2.5 crashes on AVX-512 without one, so zeros are added then
     * @param relu     whether to fuse ReLU into the forward computation
     * @param training whether the backward computations are needed
     * @throws OneDnnException if oneDNN has no code for it
     */
    public static Affine convolution(long n, long in, long out, KernelGeometry geometry, boolean bias, boolean relu,
                                     boolean training) {
        return new Convolution(n, in, out, geometry).compile(bias, relu, training);
    }

    /**
     * A fully connected layer. Deeplearning4j stores the weights [in, out] column by column. In memory that is what oneDNN
     * calls [out, in] row by row, so nothing is copied.
     *
     * @param n        number of examples
     * @param relu     whether to fuse ReLU into the forward computation
     * @param training whether the backward computations are needed
     * @throws OneDnnException if oneDNN has no code for it
     */
    public static Affine dense(long n, long in, long out, boolean relu, boolean training) {
        return Dense.compile(n, in, out, relu, training);
    }

    /** output = weights * input + bias, then ReLU if fused. The address of a missing bias is ignored. */
    public void forward(long input, long weights, long bias, long output) {
        forward.run(input, weights, noBias == null ? bias : noBias.address(), output);
    }

    /** delta = gradient where output > 0, otherwise 0. */
    public void reluGradient(long output, long gradient, long delta) {
        reluGradient.run(output, gradient, delta);
    }

    /** The gradient at the input from the gradient at the weighted sums. */
    public void inputGradient(long delta, long weights, long gradient) {
        inputGradient.run(delta, weights, gradient);
    }

    /** The gradients of the parameters. The address of a missing bias is ignored. */
    public void weightGradient(long input, long delta, long weights, long bias) {
        weightGradient.run(input, delta, weights, noBias == null ? bias : unusedBias.address());
    }

    @Override
    public void close() {
        NativeResource.closeAll(forward, inputGradient, weightGradient, reluGradient, noBias, unusedBias);
    }

    /**
     * A primitive and the conversions that the layouts of its arrays need.
     *
     * @param conversions one for each argument, or none at all
     */
    record Step(Primitive primitive, LayoutConversion... conversions) implements NativeResource {
        void run(long... outside) {
            if (conversions.length == 0) {
                primitive.run(outside);
                return;
            }
            long[] inside = new long[outside.length];
            for (int i = 0; i < inside.length; i++) inside[i] = conversions[i].before(outside[i]);
            primitive.run(inside);
            for (int i = 0; i < inside.length; i++) conversions[i].after(outside[i]);
        }

        @Override
        public void close() {
            primitive.close();
            NativeResource.closeAll(conversions);
        }
    }
}
