package digits.acceleration;

import static digits.acceleration.OneDnn.check;
import static digits.acceleration.OneDnn.floats;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_SCALE;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_SHIFT;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_SRC;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_MEAN;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SCALE;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SHIFT;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_VARIANCE;
import static org.bytedeco.dnnl.global.dnnl.dnnl_backward;
import static org.bytedeco.dnnl.global.dnnl.dnnl_batch_normalization_backward_desc_init;
import static org.bytedeco.dnnl.global.dnnl.dnnl_batch_normalization_forward_desc_init;
import static org.bytedeco.dnnl.global.dnnl.dnnl_forward_inference;
import static org.bytedeco.dnnl.global.dnnl.dnnl_forward_training;
import static org.bytedeco.dnnl.global.dnnl.dnnl_nhwc;
import static org.bytedeco.dnnl.global.dnnl.dnnl_use_global_stats;
import static org.bytedeco.dnnl.global.dnnl.dnnl_use_scale;
import static org.bytedeco.dnnl.global.dnnl.dnnl_use_shift;
import static org.bytedeco.dnnl.global.dnnl.dnnl_x;

import org.bytedeco.dnnl.dnnl_batch_normalization_desc_t;
import org.bytedeco.dnnl.dnnl_memory_desc_t;

/**
 * Batch normalisation for one batch size and image size, with a mean and a variance for each channel: the batch's own in
 * training (which are kept for the gradient), given ones otherwise. Images lie channels last.
 */
final class Normalization implements AutoCloseable {
    private final long channels;
    private final Primitive forward;
    private final Primitive backward;   // in training only
    private final Buffer mean;
    private final Buffer variance;

    Normalization(long n, long channels, long height, long width, double epsilon, boolean training) {
        this.channels = channels;
        dnnl_memory_desc_t images = floats(dnnl_nhwc, n, channels, height, width);
        int flags = dnnl_use_scale | dnnl_use_shift;
        var operation = new dnnl_batch_normalization_desc_t();
        check(dnnl_batch_normalization_forward_desc_init(operation, training ? dnnl_forward_training : dnnl_forward_inference,
                images, (float) epsilon, training ? flags : flags | dnnl_use_global_stats), "describe batch normalisation");
        forward = Primitive.of(operation, null, null, DNNL_ARG_SRC, DNNL_ARG_SCALE, DNNL_ARG_SHIFT, DNNL_ARG_MEAN,
                DNNL_ARG_VARIANCE, DNNL_ARG_DST);
        mean = new Buffer(floats(dnnl_x, channels));
        variance = new Buffer(floats(dnnl_x, channels));
        backward = training ? backward(images, epsilon, flags) : null;
    }

    private Primitive backward(dnnl_memory_desc_t images, double epsilon, int flags) {
        var operation = new dnnl_batch_normalization_desc_t();
        check(dnnl_batch_normalization_backward_desc_init(operation, dnnl_backward, images, images, (float) epsilon, flags),
                "describe batch normalisation's gradient");
        // the shift is an argument although the gradient does not depend on it: without it oneDNN 2.5 refuses to run
        return Primitive.of(operation, null, forward, DNNL_ARG_SRC, DNNL_ARG_SCALE, DNNL_ARG_SHIFT, DNNL_ARG_MEAN,
                DNNL_ARG_VARIANCE, DNNL_ARG_DIFF_DST, DNNL_ARG_DIFF_SRC, DNNL_ARG_DIFF_SCALE, DNNL_ARG_DIFF_SHIFT);
    }

    /** Sets the mean and the variance to use outside training. */
    void statistics(float[] means, float[] variances) {
        Buffer.write(mean.address(), means, means.length);
        Buffer.write(variance.address(), variances, variances.length);
    }

    /** Each channel's mean in the last forward computation. */
    float[] mean() {
        return Buffer.read(mean.address(), (int) channels);
    }

    /** Each channel's variance in the last forward computation (divided by the count, not by one less). */
    float[] variance() {
        return Buffer.read(variance.address(), (int) channels);
    }

    void forward(long input, long gamma, long beta, long output) {
        forward.run(input, gamma, beta, mean.address(), variance.address(), output);
    }

    void backward(long input, long gamma, long beta, long gradient, long inputGradient, long gammaGradient, long betaGradient) {
        backward.run(input, gamma, beta, mean.address(), variance.address(), gradient, inputGradient, gammaGradient, betaGradient);
    }

    @Override
    public void close() {
        forward.close();
        if (backward != null) backward.close();
        mean.close();
        variance.close();
    }
}
