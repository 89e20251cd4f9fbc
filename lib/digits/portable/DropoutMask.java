package digits.portable;

import digits.engine.NativeResource;
import digits.engine.Region;
import digits.engine.Workers;
import java.nio.FloatBuffer;
import java.nio.ShortBuffer;
import java.util.function.IntConsumer;

/** Dropout's factors for arrays of one length: 0 for what is dropped, 1 / (probability to retain) for the rest. */
public final class DropoutMask implements NativeResource {
    private static final int LINE = 4_096;   // numbers that fit in the nearest cache
    private static final int AT_ONCE = 4;    // factors per random number

    private final int length;
    private final float[] factors;
    private final float[][] scratch = new float[Workers.count()][];

    /** Makes room for the factors of an array of this length. */
    public DropoutMask(long length) {
        this.length = Math.toIntExact(length);
        factors = new float[this.length + AT_ONCE];
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
        multiply(input, output, from -> fill(from, threshold, factor, seed));
    }

    /** output = input * factors, with the factors drawn last. */
    public void apply(Region input, Region output) {
        multiply(input, output, from -> { });
    }

    /** @param prepare gets the index of the first number of each line before the line is multiplied */
    private void multiply(Region input, Region output, IntConsumer prepare) {
        if (input.bytes() == (long) length * Short.BYTES) multiplyBfloat16(input, output, prepare);
        else multiplyFloats(input, output, prepare);
    }

    private void multiplyFloats(Region input, Region output, IntConsumer prepare) {
        FloatBuffer x = input.floats(length);
        FloatBuffer y = output.floats(length);
        Workers.ranges((length + LINE - 1) / LINE, length, (first, end, worker) -> {
            if (scratch[worker] == null) scratch[worker] = new float[LINE];
            float[] line = scratch[worker];
            for (int i = first; i < end; i++) {
                int from = i * LINE;
                int count = Math.min(LINE, length - from);
                prepare.accept(from);
                x.get(from, line, 0, count);
                times(line, factors, from, count);
                y.put(from, line, 0, count);
            }
        });
    }

    private void multiplyBfloat16(Region input, Region output, IntConsumer prepare) {
        ShortBuffer x = input.bfloat16(length);
        ShortBuffer y = output.bfloat16(length);
        Workers.ranges((length + LINE - 1) / LINE, length, (first, end, worker) -> {
            short[] line = new short[LINE];
            for (int i = first; i < end; i++) {
                int from = i * LINE;
                int count = Math.min(LINE, length - from);
                prepare.accept(from);
                x.get(from, line, 0, count);
                times(line, factors, from, count);
                y.put(from, line, 0, count);
            }
        });
    }

    private static void times(short[] numbers, float[] factors, int from, int count) {
        for (int i = 0; i < count; i++) {
            int bits = Float.floatToRawIntBits(Float.intBitsToFloat(numbers[i] << 16) * factors[from + i]);
            numbers[i] = (short) (bits + 0x7FFF + (bits >>> 16 & 1) >>> 16);   // to the nearest, halves to even
        }
    }

    private static void times(float[] numbers, float[] factors, int from, int count) {
        for (int i = 0; i < count; i++) numbers[i] *= factors[from + i];
    }

    /**
     * Draws a line of factors, 16 bits each, so four from each number of SplitMix64 (Steele, Lea and Flood 2014). Its
     * state grows by a constant, so any part of the sequence can be drawn independently.
     */
    private void fill(int from, int threshold, int factor, long seed) {
        long state = seed + from / AT_ONCE * 0x9E3779B97F4A7C15L;
        int end = Math.min(from + LINE, length);
        for (int i = from; i < end; i += AT_ONCE) {
            state += 0x9E3779B97F4A7C15L;
            long bits = state;
            bits = (bits ^ bits >>> 30) * 0xBF58476D1CE4E5B9L;
            bits = (bits ^ bits >>> 27) * 0x94D049BB133111EBL;
            bits ^= bits >>> 31;
            // the factor's bits and all ones or all zeros: no branch to mispredict
            factors[i] = Float.intBitsToFloat(((int) (bits & 0xFFFF) - threshold) >> 31 & factor);
            factors[i + 1] = Float.intBitsToFloat(((int) (bits >>> 16 & 0xFFFF) - threshold) >> 31 & factor);
            factors[i + 2] = Float.intBitsToFloat(((int) (bits >>> 32 & 0xFFFF) - threshold) >> 31 & factor);
            factors[i + 3] = Float.intBitsToFloat(((int) (bits >>> 48) - threshold) >> 31 & factor);
        }
    }
}
