package digits.acceleration;

import static digits.acceleration.OneDnn.check;
import static digits.acceleration.OneDnn.floats;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_BIAS;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_BIAS;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_SRC;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_WEIGHTS;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_WEIGHTS;
import static org.bytedeco.dnnl.global.dnnl.dnnl_convolution_direct;
import static org.bytedeco.dnnl.global.dnnl.dnnl_dilated_convolution_backward_data_desc_init;
import static org.bytedeco.dnnl.global.dnnl.dnnl_dilated_convolution_backward_weights_desc_init;
import static org.bytedeco.dnnl.global.dnnl.dnnl_dilated_convolution_forward_desc_init;
import static org.bytedeco.dnnl.global.dnnl.dnnl_format_tag_any;
import static org.bytedeco.dnnl.global.dnnl.dnnl_forward_training;
import static org.bytedeco.dnnl.global.dnnl.dnnl_nhwc;
import static org.bytedeco.dnnl.global.dnnl.dnnl_oihw;
import static org.bytedeco.dnnl.global.dnnl.dnnl_primitive_attr_destroy;
import static org.bytedeco.dnnl.global.dnnl.dnnl_x;

import java.util.function.IntFunction;

import org.bytedeco.dnnl.dnnl_convolution_desc_t;
import org.bytedeco.dnnl.dnnl_memory_desc_t;
import org.bytedeco.dnnl.dnnl_primitive_attr;

/**
 * A convolution for one batch size and image size, forward and backward. Images lie channels last, weights as
 * Deeplearning4j has them (out, in, height, width). All arrays are given by their addresses.
 */
final class Convolution implements AutoCloseable {
    private final Step forward;
    private final Step inputGradient;
    private final Step weightGradient;
    private final Primitive reluGradient;
    private final Buffer noBias;       // zeros in the place of a bias that is not there
    private final Buffer unusedBias;   // and somewhere to write its gradient

    /**
     * Compiles it.
     *
     * @param bias     whether there is one; oneDNN 2.5 crashes on AVX-512 without, so zeros are added then
     * @param relu     whether to fuse ReLU into the forward computation
     * @param training whether the backward computations are needed
     * @throws OneDnnException if oneDNN has no code for it
     */
    Convolution(long n, long in, long out, Window window, boolean bias, boolean relu, boolean training) {
        dnnl_memory_desc_t source = floats(dnnl_nhwc, n, in, window.input()[0], window.input()[1]);
        dnnl_memory_desc_t target = floats(dnnl_nhwc, n, out, window.output()[0], window.output()[1]);
        dnnl_memory_desc_t weights = floats(dnnl_oihw, out, in, window.kernel()[0], window.kernel()[1]);
        Shapes shapes = new Shapes(source, target, weights, floats(dnnl_x, out), window);
        forward = best(layout -> shapes.forward(layout, relu));
        inputGradient = training ? best(shapes::inputGradient) : null;
        weightGradient = training ? best(shapes::weightGradient) : null;
        reluGradient = training && relu ? Relu.backward(target) : null;
        noBias = bias ? null : new Buffer(shapes.bias());
        unusedBias = bias ? null : new Buffer(shapes.bias());
        if (noBias != null) Buffer.write(noBias.address(), new float[Math.toIntExact(out)], Math.toIntExact(out));
    }

    /** Channels last needs no copies. Where oneDNN has only its slow reference code for that, its own choice is faster. */
    private static Step best(IntFunction<Step> make) {
        Step step = make.apply(dnnl_nhwc);
        if (!step.primitive.code().startsWith("ref")) return step;
        Step other = make.apply(dnnl_format_tag_any);
        if (!other.primitive.code().startsWith("ref")) {
            step.close();
            return other;
        }
        other.close();
        return step;
    }

    /** output = weights * input + bias, then ReLU if fused. The bias's address does not matter if there is none. */
    void forward(long input, long weights, long bias, long output) {
        forward.run(input, weights, noBias == null ? bias : noBias.address(), output);
    }

    /** delta = gradient where output > 0, else 0. */
    void reluGradient(long output, long gradient, long delta) {
        reluGradient.run(output, gradient, delta);
    }

    void inputGradient(long delta, long weights, long gradient) {
        inputGradient.run(delta, weights, gradient);
    }

    void weightGradient(long input, long delta, long weights, long bias) {
        weightGradient.run(input, delta, weights, noBias == null ? bias : unusedBias.address());
    }

    @Override
    public void close() {
        forward.close();
        if (inputGradient != null) inputGradient.close();
        if (weightGradient != null) weightGradient.close();
        if (reluGradient != null) reluGradient.close();
        if (noBias != null) noBias.close();
        if (unusedBias != null) unusedBias.close();
    }

    /** One primitive with the copies that its layouts need. */
    private static final class Step implements AutoCloseable {
        final Primitive primitive;
        private final Adapter[] adapters;
        private final int inputs;
        private final long[] inside;

        Step(Primitive primitive, int inputs, Adapter... adapters) {
            this.primitive = primitive;
            this.inputs = inputs;
            this.adapters = adapters;
            inside = new long[adapters.length];
        }

        void run(long... outside) {
            for (int i = 0; i < inside.length; i++) inside[i] = adapters[i].open(outside[i]);
            primitive.run(inside);
            for (int i = inputs; i < inside.length; i++) adapters[i].finish(outside[i]);
        }

        @Override
        public void close() {
            primitive.close();
            for (Adapter adapter : adapters) adapter.close();
        }
    }

    /** Makes the three computations for a wish of layout. */
    private record Shapes(dnnl_memory_desc_t source, dnnl_memory_desc_t target, dnnl_memory_desc_t weights,
                          dnnl_memory_desc_t bias, Window window) {

        Step forward(int layout, boolean relu) {
            dnnl_primitive_attr attributes = relu ? Relu.fused() : null;
            try {
                Primitive primitive = Primitive.of(description(layout), attributes, null,
                        DNNL_ARG_SRC, DNNL_ARG_WEIGHTS, DNNL_ARG_BIAS, DNNL_ARG_DST);
                return new Step(primitive, 3, Adapter.input(source, primitive.layout(DNNL_ARG_SRC)),
                        Adapter.input(weights, primitive.layout(DNNL_ARG_WEIGHTS)), Adapter.input(bias, bias),
                        Adapter.output(target, primitive.layout(DNNL_ARG_DST)));
            } finally {
                if (attributes != null) dnnl_primitive_attr_destroy(attributes);
            }
        }

        Step inputGradient(int layout) {
            try (Primitive hint = Primitive.of(description(layout), null, null, DNNL_ARG_SRC)) {
                var operation = new dnnl_convolution_desc_t();
                check(dnnl_dilated_convolution_backward_data_desc_init(operation, dnnl_convolution_direct, wish(source, layout),
                        wish(weights, dnnl_format_tag_any), wish(target, layout), window.stride(), window.dilation(),
                        window.before(), window.after()), "describe a convolution's gradient");
                Primitive primitive = Primitive.of(operation, null, hint, DNNL_ARG_DIFF_DST, DNNL_ARG_WEIGHTS, DNNL_ARG_DIFF_SRC);
                return new Step(primitive, 2, Adapter.input(target, primitive.layout(DNNL_ARG_DIFF_DST)),
                        Adapter.input(weights, primitive.layout(DNNL_ARG_WEIGHTS)),
                        Adapter.output(source, primitive.layout(DNNL_ARG_DIFF_SRC)));
            }
        }

        Step weightGradient(int layout) {
            try (Primitive hint = Primitive.of(description(layout), null, null, DNNL_ARG_SRC)) {
                var operation = new dnnl_convolution_desc_t();
                check(dnnl_dilated_convolution_backward_weights_desc_init(operation, dnnl_convolution_direct, wish(source, layout),
                        wish(weights, dnnl_format_tag_any), bias, wish(target, layout), window.stride(), window.dilation(),
                        window.before(), window.after()), "describe a convolution's gradient");
                Primitive primitive = Primitive.of(operation, null, hint,
                        DNNL_ARG_SRC, DNNL_ARG_DIFF_DST, DNNL_ARG_DIFF_WEIGHTS, DNNL_ARG_DIFF_BIAS);
                return new Step(primitive, 2, Adapter.input(source, primitive.layout(DNNL_ARG_SRC)),
                        Adapter.input(target, primitive.layout(DNNL_ARG_DIFF_DST)),
                        Adapter.output(weights, primitive.layout(DNNL_ARG_DIFF_WEIGHTS)), Adapter.output(bias, bias));
            }
        }

        private dnnl_convolution_desc_t description(int layout) {
            var operation = new dnnl_convolution_desc_t();
            check(dnnl_dilated_convolution_forward_desc_init(operation, dnnl_forward_training, dnnl_convolution_direct,
                    wish(source, layout), wish(weights, dnnl_format_tag_any), bias, wish(target, layout), window.stride(),
                    window.dilation(), window.before(), window.after()), "describe a convolution");
            return operation;
        }

        private static dnnl_memory_desc_t wish(dnnl_memory_desc_t array, int layout) {
            long[] shape = new long[array.ndims()];
            for (int i = 0; i < shape.length; i++) shape[i] = array.dims().get(i);
            return floats(layout, shape);
        }
    }
}
