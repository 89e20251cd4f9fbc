package digits.onednn;

import static digits.onednn.OneDnn.describe;
import static digits.onednn.OneDnn.floats;
import static digits.onednn.OneDnn.numbers;

import digits.engine.Engine;
import digits.engine.NativeResource;
import digits.engine.Region;
import org.bytedeco.dnnl.dnnl_batch_normalization_desc_t;
import org.bytedeco.dnnl.dnnl_memory_desc_t;
import org.bytedeco.dnnl.global.dnnl;

/**
 * Batch normalization for one batch size and image size. Each channel's mean and variance are the batch's in training,
 * where the gradient needs them again, otherwise given. Images lie channels last; arrays are given by their addresses.
 */
final class Normalization implements Engine.Normalization {
    private final int channels;
    private final Primitive forward;
    private final Primitive backward;   // in training only
    private final NativeBuffer mean;
    private final NativeBuffer variance;

    /**
     * Compiles it; for training, with the batch's statistics and the gradient. Epsilon is added to the variance.
     *
     * @param type  of the numbers in images and their gradients, {@code dnnl_f32} or {@code dnnl_bf16}
     * @param small whether to use the code that takes a part of the channels through all passes while it is in the
     *              cache, in a third less time with AVX-512; the code that oneDNN prefers rounds other sums
     */
    Normalization(int type, long n, long channels, long height, long width, double epsilon, boolean training,
                  boolean small) {
        this.channels = Math.toIntExact(channels);
        dnnl_memory_desc_t images = numbers(type, dnnl.dnnl_nhwc, n, channels, height, width);
        int flags = dnnl.dnnl_use_scale | dnnl.dnnl_use_shift;
        var operation = describe("batch normalization", new dnnl_batch_normalization_desc_t(), normalization ->
                dnnl.dnnl_batch_normalization_forward_desc_init(normalization,
                        training ? dnnl.dnnl_forward_training : dnnl.dnnl_forward_inference, images, (float) epsilon,
                        training ? flags : flags | dnnl.dnnl_use_global_stats));
        String code = small ? "bnorm_tbb_jit" : "";
        forward = Primitive.preferring(code, operation, null, dnnl.DNNL_ARG_SRC, dnnl.DNNL_ARG_SCALE,
                dnnl.DNNL_ARG_SHIFT, dnnl.DNNL_ARG_MEAN, dnnl.DNNL_ARG_VARIANCE, dnnl.DNNL_ARG_DST);
        mean = new NativeBuffer(floats(dnnl.dnnl_x, channels));
        variance = new NativeBuffer(floats(dnnl.dnnl_x, channels));
        // the gradient does not depend on the shift, but oneDNN 2.5 refuses to run without it
        backward = !training ? null : Primitive.preferring(code, describe("batch normalization's gradient",
                new dnnl_batch_normalization_desc_t(), gradient -> dnnl.dnnl_batch_normalization_backward_desc_init(
                        gradient, dnnl.dnnl_backward, images, images, (float) epsilon, flags)),
                forward, dnnl.DNNL_ARG_SRC, dnnl.DNNL_ARG_SCALE, dnnl.DNNL_ARG_SHIFT, dnnl.DNNL_ARG_MEAN,
                dnnl.DNNL_ARG_VARIANCE, dnnl.DNNL_ARG_DIFF_DST, dnnl.DNNL_ARG_DIFF_SRC, dnnl.DNNL_ARG_DIFF_SCALE,
                dnnl.DNNL_ARG_DIFF_SHIFT);
    }

    @Override
    public void statistics(float[] means, float[] variances) {
        mean.region.write(means);
        variance.region.write(variances);
    }

    @Override
    public float[] mean() {
        return mean.region.read(channels);
    }

    @Override
    public float[] variance() {
        return variance.region.read(channels);
    }

    @Override
    public void forward(Region input, Region gamma, Region beta, Region output) {
        forward.run(input, gamma, beta, mean.region, variance.region, output);
    }

    @Override
    public void backward(Region input, Region gamma, Region beta, Region gradient, Region inputGradient,
                         Region gammaGradient, Region betaGradient) {
        backward.run(input, gamma, beta, mean.region, variance.region, gradient, inputGradient, gammaGradient,
                betaGradient);
    }

    @Override
    public void close() {
        NativeResource.closeAll(forward, backward, mean, variance);
    }
}
