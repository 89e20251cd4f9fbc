package digits.portable;

import digits.engine.Engine;
import digits.engine.NativeResource;
import digits.engine.Region;
import digits.engine.Workers;
import java.nio.FloatBuffer;
import org.bytedeco.javacpp.FloatPointer;

/** Dropout's factors for arrays of one length: 0 for what is dropped, 1 / (probability to retain) for the rest. */
public final class DropoutMask implements NativeResource {
    private static final int LINE = 4_096;   // numbers that fit in the nearest cache
    private static final int AT_ONCE = 4;    // factors per random number

    private final int length;
    private final Engine.Pass product;
    private final FloatPointer memory;
    private final Region factors;

    /** Makes room for the factors of an array of this length, which this engine multiplies by them. */
    public DropoutMask(long length, Engine engine) {
        this.length = Math.toIntExact(length);
        product = engine.product(length);
        memory = new FloatPointer(length);
        factors = new Region(memory.address(), length * Float.BYTES);
    }

    /**
     * Draws new factors and applies them: output = input * factors.
     *
     * @param retained probability to retain an activation, rounded to 1 / 65,536
     * @param seed     the same seed gives the same factors
     */
    public void drawAndApply(double retained, long seed, Region input, Region output) {
        int threshold = (int) Math.round(retained * 65_536);
        int factor = Float.floatToRawIntBits((float) (1 / retained));
        FloatBuffer drawn = factors.floats(length);
        Workers.ranges(Lines.count(length, LINE), length, (first, end, worker) -> {
            float[] line = new float[LINE];
            for (int from = first * LINE; from < Math.min(end * LINE, length); from += LINE) {
                fill(line, threshold, factor, seed + from / AT_ONCE * 0x9E3779B97F4A7C15L);
                drawn.put(from, line, 0, Math.min(LINE, length - from));
            }
        });
        apply(input, output);
    }

    /** output = input * factors, with the factors drawn last. */
    public void apply(Region input, Region output) {
        product.run(input, factors, output);
    }

    /**
     * Draws a line of factors, 16 bits each, so four from each number of SplitMix64 (Steele, Lea and Flood 2014). Its
     * state grows by a constant, so any part of the sequence can be drawn independently.
     */
    private static void fill(float[] line, int threshold, int factor, long before) {
        long state = before;
        for (int i = 0; i < LINE; i += AT_ONCE) {
            state += 0x9E3779B97F4A7C15L;
            long bits = state;
            bits = (bits ^ bits >>> 30) * 0xBF58476D1CE4E5B9L;
            bits = (bits ^ bits >>> 27) * 0x94D049BB133111EBL;
            bits ^= bits >>> 31;
            // the factor's bits and all ones or all zeros: no branch to mispredict
            line[i] = Float.intBitsToFloat(((int) (bits & 0xFFFF) - threshold) >> 31 & factor);
            line[i + 1] = Float.intBitsToFloat(((int) (bits >>> 16 & 0xFFFF) - threshold) >> 31 & factor);
            line[i + 2] = Float.intBitsToFloat(((int) (bits >>> 32 & 0xFFFF) - threshold) >> 31 & factor);
            line[i + 3] = Float.intBitsToFloat(((int) (bits >>> 48) - threshold) >> 31 & factor);
        }
    }

    @Override
    public void close() {
        product.close();
        memory.close();
    }
}
