package digits.onednn;

import static digits.onednn.OneDnn.describe;
import static digits.onednn.OneDnn.numbers;

import digits.engine.Engine;
import digits.engine.KernelGeometry;
import digits.engine.NativeResource;
import digits.engine.NoCodeException;
import digits.engine.Region;
import java.util.Arrays;
import org.bytedeco.dnnl.dnnl_memory_desc_t;
import org.bytedeco.dnnl.dnnl_pooling_desc_t;
import org.bytedeco.dnnl.global.dnnl;

/** Pooling for one batch size and image size. Images lie channels last; arrays are given by their addresses. */
final class Pooling implements Engine.Pooling {
    private final Primitive forward;
    private final Primitive backward;    // in training only
    private final NativeBuffer maxima;   // in training, for max pooling only: remembers where they were

    /**
     * Compiles it for n images.
     *
     * @param type     of the numbers in all arrays, {@code dnnl_f32} or {@code dnnl_bf16}
     * @param max      whether to take the maximum of the numbers under the kernel, otherwise the average
     * @param padding  whether an average counts padding as zeros
     * @param training whether {@link #backward} is needed
     * @throws NoCodeException if oneDNN has no code for it, or code that crashes
     */
    Pooling(int type, long n, long channels, KernelGeometry geometry, boolean max, boolean padding, boolean training) {
        requireOverlap(geometry);
        int algorithm = max ? dnnl.dnnl_pooling_max
                : padding ? dnnl.dnnl_pooling_avg_include_padding : dnnl.dnnl_pooling_avg_exclude_padding;
        dnnl_memory_desc_t source = numbers(type, dnnl.dnnl_nhwc, n, channels, geometry.input()[0],
                geometry.input()[1]);
        dnnl_memory_desc_t target = numbers(type, dnnl.dnnl_nhwc, n, channels, geometry.output()[0],
                geometry.output()[1]);
        boolean remember = training && max;
        var operation = describe("pooling", new dnnl_pooling_desc_t(), pooling -> dnnl.dnnl_pooling_forward_desc_init(
                pooling, training ? dnnl.dnnl_forward_training : dnnl.dnnl_forward_inference, algorithm, source, target,
                geometry.stride(), geometry.kernel(), geometry.before(), geometry.after()));
        int[] arguments = {dnnl.DNNL_ARG_SRC, dnnl.DNNL_ARG_DST, dnnl.DNNL_ARG_WORKSPACE};
        int[] gradients = {dnnl.DNNL_ARG_DIFF_DST, dnnl.DNNL_ARG_DIFF_SRC, dnnl.DNNL_ARG_WORKSPACE};
        int count = remember ? 3 : 2;
        forward = Primitive.of(operation, null, false, Arrays.copyOf(arguments, count));
        maxima = remember ? new NativeBuffer(forward.layout(dnnl.DNNL_ARG_WORKSPACE)) : null;
        var gradient = describe("pooling's gradient", new dnnl_pooling_desc_t(), pooling ->
                dnnl.dnnl_pooling_backward_desc_init(pooling, algorithm, source, target, geometry.stride(),
                        geometry.kernel(), geometry.before(), geometry.after()));
        backward = training ? Primitive.of(gradient, forward, false, Arrays.copyOf(gradients, count)) : null;
    }

    /** oneDNN 2.5 writes beyond its memory if a window is larger than the image, and errs if it is mostly padding. */
    static void requireOverlap(KernelGeometry geometry) {
        for (int i = 0; i < 2; i++) {
            long window = geometry.kernel()[i];
            long padding = Math.max(geometry.before()[i], geometry.after()[i]);
            if (window <= geometry.input()[i] && 2 * padding <= window) continue;
            throw new NoCodeException("a pooling window of " + window + " pixels for images of " + geometry.input()[i]
                    + " with padding of " + padding);
        }
    }

    @Override
    public void forward(Region input, Region output) {
        run(forward, input, output);
    }

    @Override
    public void backward(Region input, Region gradient, Region inputGradient) {
        run(backward, gradient, inputGradient);
    }

    private void run(Primitive primitive, Region from, Region to) {
        if (maxima == null) primitive.run(from, to);
        else primitive.run(from, to, maxima.region);
    }

    @Override
    public void close() {
        NativeResource.closeAll(forward, backward, maxima);
    }
}
