package digits.acceleration;

import java.nio.FloatBuffer;

/** Dropout's factors for an array of a certain length: 0 for what is dropped, 1 / (probability to retain) for the rest. */
final class Mask implements AutoCloseable {
    private static final int LINE = 4_096;   // numbers: they fit in the nearest cache
    private static final int AT_ONCE = 4;    // factors from one random number

    private final int length;
    private final float[] factors;
    private final float[][] scratch = new float[Workers.count()][];

    Mask(long length) {
        this.length = Math.toIntExact(length);
        factors = new float[this.length + AT_ONCE];
    }

    /**
     * Draws new factors; output = input * factors.
     *
     * @param retained probability to retain an activation, to 1 in 65,536
     * @param seed     the same seed gives the same factors
     */
    void drawAndApply(double retained, long seed, long input, long output) {
        int threshold = (int) Math.round(retained * 65_536);
        int kept = Float.floatToRawIntBits((float) (1 / retained));
        multiply(input, output, (from, count) -> fill(factors, from, count, threshold, kept, seed));
    }

    /** output = input * factors. */
    void apply(long input, long output) {
        multiply(input, output, (from, count) -> { });
    }

    private interface Before {
        void prepare(int from, int count);
    }

    private void multiply(long input, long output, Before before) {
        FloatBuffer x = NativeArray.floats(input, length);
        FloatBuffer y = NativeArray.floats(output, length);
        int lines = (length + LINE - 1) / LINE;
        int parts = Math.min(lines, Workers.parts(length));
        Workers.each(parts, (part, worker) -> {
            if (scratch[worker] == null) scratch[worker] = new float[LINE];
            float[] line = scratch[worker];
            int end = (int) Math.min(length, (part + 1L) * lines / parts * LINE);
            for (int from = (int) ((long) part * lines / parts * LINE); from < end; from += LINE) {
                int count = Math.min(LINE, end - from);
                before.prepare(from, count);
                x.get(from, line, 0, count);
                times(line, factors, from, count);
                y.put(from, line, 0, count);
            }
        });
    }

    private static void times(float[] numbers, float[] factors, int from, int count) {
        for (int i = 0; i < count; i++) numbers[i] *= factors[from + i];
    }

    /**
     * Sixteen bits for each factor, four from each number of SplitMix64 (Steele, Lea and Flood 2014), whose state grows by the same
     * number each time: so any part of the sequence can be drawn by itself.
     */
    private static void fill(float[] factors, int from, int count, int threshold, int kept, long seed) {
        long state = seed + from / AT_ONCE * 0x9E3779B97F4A7C15L;
        for (int i = from; i < from + count; i += AT_ONCE) {
            state += 0x9E3779B97F4A7C15L;
            long bits = state;
            bits = (bits ^ bits >>> 30) * 0xBF58476D1CE4E5B9L;
            bits = (bits ^ bits >>> 27) * 0x94D049BB133111EBL;
            bits ^= bits >>> 31;
            // all ones or all zeros and the factor's bits: no branch to mispredict
            factors[i] = Float.intBitsToFloat(((int) (bits & 0xFFFF) - threshold) >> 31 & kept);
            factors[i + 1] = Float.intBitsToFloat(((int) (bits >>> 16 & 0xFFFF) - threshold) >> 31 & kept);
            factors[i + 2] = Float.intBitsToFloat(((int) (bits >>> 32 & 0xFFFF) - threshold) >> 31 & kept);
            factors[i + 3] = Float.intBitsToFloat(((int) (bits >>> 48) - threshold) >> 31 & kept);
        }
    }

    @Override
    public void close() {
        // Java's memory only
    }
}
