package digits.keras;

import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * The order of numbers in a flattened image of this size: Keras takes all channels of one pixel after the other,
 * Deeplearning4j all pixels of one channel after the other.
 */
record FlattenOrder(int height, int width, int channels) {
    /** Copies values from Keras's order, one or a row of them for each number of the image, to Deeplearning4j's. */
    INDArray fromKeras(INDArray values) {
        return reordered(values, false);
    }

    /** The reverse of {@link #fromKeras}. */
    INDArray toKeras(INDArray values) {
        return reordered(values, true);
    }

    private INDArray reordered(INDArray values, boolean toKeras) {
        int pixels = height * width;
        float[] from = values.dup('c').data().asFloat();
        float[] to = new float[from.length];
        int each = from.length / (pixels * channels);
        for (int ours = 0; ours < pixels * channels; ours++) {
            int keras = ours % pixels * channels + ours / pixels;
            System.arraycopy(from, each * (toKeras ? ours : keras), to, each * (toKeras ? keras : ours), each);
        }
        return Nd4j.create(to, values.shape(), 'c');
    }
}
