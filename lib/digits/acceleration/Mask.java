package digits.acceleration;

import static digits.acceleration.OneDnn.check;
import static digits.acceleration.OneDnn.floats;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC_0;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC_1;
import static org.bytedeco.dnnl.global.dnnl.dnnl_binary_desc_init;
import static org.bytedeco.dnnl.global.dnnl.dnnl_binary_mul;
import static org.bytedeco.dnnl.global.dnnl.dnnl_x;

import org.bytedeco.dnnl.dnnl_binary_desc_t;
import org.bytedeco.dnnl.dnnl_memory_desc_t;

/** Dropout's factors for an array of a certain length: 0 for what is dropped, 1 / (probability to retain) for the rest. */
final class Mask implements AutoCloseable {
    private final float[] factors;
    private final Buffer buffer;
    private final Primitive product;

    Mask(long length) {
        factors = new float[Math.toIntExact(length)];
        dnnl_memory_desc_t layout = floats(dnnl_x, length);
        var operation = new dnnl_binary_desc_t();
        check(dnnl_binary_desc_init(operation, dnnl_binary_mul, layout, layout, layout), "describe a product");
        product = Primitive.of(operation, null, null, DNNL_ARG_SRC_0, DNNL_ARG_SRC_1, DNNL_ARG_DST);
        buffer = new Buffer(layout);
    }

    /**
     * Draws new factors.
     *
     * @param retained probability to retain an activation, to 1 in 65,536
     * @param seed     the same seed gives the same factors
     */
    void draw(double retained, long seed) {
        fill(factors, (int) Math.round(retained * 65_536), (float) (1 / retained), seed);
        Buffer.write(buffer.address(), factors, factors.length);
    }

    /** Sixteen bits for each factor, four from each number of SplitMix64 (Steele, Lea and Flood 2014). */
    private static void fill(float[] factors, int threshold, float scale, long seed) {
        int kept = Float.floatToRawIntBits(scale);
        long state = seed;
        int i = 0;
        while (i < factors.length) {
            state += 0x9E3779B97F4A7C15L;
            long bits = state;
            bits = (bits ^ bits >>> 30) * 0xBF58476D1CE4E5B9L;
            bits = (bits ^ bits >>> 27) * 0x94D049BB133111EBL;
            bits ^= bits >>> 31;
            int end = Math.min(factors.length, i + 4);
            for (; i < end; i++) {
                int below = ((int) (bits & 0xFFFF) - threshold) >> 31;   // all ones or all zeros: no branch to mispredict
                factors[i] = Float.intBitsToFloat(below & kept);
                bits >>>= 16;
            }
        }
    }

    /** output = input * factors. */
    void apply(long input, long output) {
        product.run(input, buffer.address(), output);
    }

    @Override
    public void close() {
        product.close();
        buffer.close();
    }
}
