package digits.portable;

import java.nio.FloatBuffer;

/**
 * Passes over arrays in lines: about a thousand numbers, whole pixels with all their channels, which fit in the nearest
 * cache as Java arrays. Loops over them are long enough for the processor's vector instructions, however few the
 * channels.
 */
final class Lines {
    private static final int LENGTH = 1_024;

    private Lines() { }

    /** Numbers of a line. */
    static int length(int channels) {
        return channels * Math.max(1, LENGTH / channels);
    }

    /** Number of lines, of which the last may be shorter. */
    static int count(int numbers, int length) {
        return (numbers + length - 1) / length;
    }

    /** A line with each channel's value at each of its pixels. */
    static float[] repeat(float[] values) {
        float[] line = new float[length(values.length)];
        for (int from = 0; from < line.length; from += values.length) {
            System.arraycopy(values, 0, line, from, values.length);
        }
        return line;
    }

    /** Adds the sums of a line's places to the sums of the channels. */
    static void addTo(double[] channels, float[] line) {
        for (int i = 0; i < line.length; i++) channels[i % channels.length] += line[i];
    }

    /** Adds a bias, given as a line, to the numbers in a range of an array, then applies ReLU if wanted. */
    static void addBias(FloatBuffer array, int from, int end, float[] bias, boolean relu) {
        float[] line = new float[bias.length];
        for (int at = from; at < end; at += bias.length) {
            int count = Math.min(bias.length, end - at);
            array.get(at, line, 0, count);
            if (relu) addAndCut(line, bias, count);
            else add(line, bias, count);
            array.put(at, line, 0, count);
        }
    }

    private static void add(float[] line, float[] bias, int count) {
        for (int i = 0; i < count; i++) line[i] += bias[i];
    }

    private static void addAndCut(float[] line, float[] bias, int count) {
        for (int i = 0; i < count; i++) line[i] = Math.max(line[i] + bias[i], 0f);
    }
}
