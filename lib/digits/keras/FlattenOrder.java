package digits.keras;

/**
 * The order of numbers in a flattened image of this size. Keras takes all channels of the first pixel, then those of the
 * next; Deeplearning4j takes all pixels of the first channel, then those of the next.
 */
record FlattenOrder(int height, int width, int channels) {
    /** Values in Keras's order, one or several in a row for each number of the image, copied into Deeplearning4j's. */
    float[] fromKeras(float[] values) {
        return reordered(values, false);
    }

    /** The reverse of {@link #fromKeras}. */
    float[] toKeras(float[] values) {
        return reordered(values, true);
    }

    private float[] reordered(float[] values, boolean toKeras) {
        int pixels = height * width;
        int each = values.length / (pixels * channels);
        float[] result = new float[values.length];
        for (int ours = 0; ours < pixels * channels; ours++) {
            int keras = ours % pixels * channels + ours / pixels;
            System.arraycopy(values, each * (toKeras ? ours : keras), result, each * (toKeras ? keras : ours), each);
        }
        return result;
    }
}
