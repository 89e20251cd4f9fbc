package digits.acceleration;

import static digits.acceleration.OneDnn.floats;
import static org.bytedeco.dnnl.global.dnnl.dnnl_x;

import org.bytedeco.dnnl.dnnl_memory_desc_t;

/** ReLU and its derivative, of arrays of a certain length, whatever their shape. */
final class Rectifier implements AutoCloseable {
    private final Primitive forward;
    private final Primitive backward;

    Rectifier(long length) {
        dnnl_memory_desc_t layout = floats(dnnl_x, length);
        forward = Relu.forward(layout);
        backward = Relu.backward(layout);
    }

    /** output = max(0, input). */
    void apply(long input, long output) {
        forward.run(input, output);
    }

    /** The gradient at the input, from the output and the gradient there. */
    void derive(long output, long gradient, long inputGradient) {
        backward.run(output, gradient, inputGradient);
    }

    @Override
    public void close() {
        forward.close();
        backward.close();
    }
}
