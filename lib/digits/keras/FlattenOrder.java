package digits.keras;

import java.util.List;
import java.util.stream.IntStream;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * The order of numbers in a flattened image: Keras takes all channels of one pixel after the other, Deeplearning4j all
 * pixels of one channel after the other.
 *
 * @param keras the position in Keras's order of each number in Deeplearning4j's order
 */
record FlattenOrder(int[] keras) {
    FlattenOrder(int height, int width, int channels) {
        this(IntStream.range(0, height * width * channels)
                .map(ours -> ours % (height * width) * channels + ours / (height * width)).toArray());
    }

    /** The order of lists that have been joined; a list has its own order, or null where the two agree. */
    static FlattenOrder joined(List<FlattenOrder> orders, int[] lengths) {
        int[] all = new int[IntStream.of(lengths).sum()];
        for (int list = 0, at = 0; list < lengths.length; at += lengths[list++]) {
            FlattenOrder order = orders.get(list);
            for (int i = 0; i < lengths[list]; i++) all[at + i] = at + (order == null ? i : order.keras[i]);
        }
        return new FlattenOrder(all);
    }

    /** Copies values from Keras's order, one or a row of them for each number of the image, to Deeplearning4j's. */
    INDArray fromKeras(INDArray values) {
        return reordered(values, false);
    }

    /** The reverse of {@link #fromKeras}. */
    INDArray toKeras(INDArray values) {
        return reordered(values, true);
    }

    private INDArray reordered(INDArray values, boolean toKeras) {
        float[] from = values.dup('c').data().asFloat();
        float[] to = new float[from.length];
        int each = from.length / keras.length;
        for (int ours = 0; ours < keras.length; ours++) {
            int theirs = keras[ours];
            System.arraycopy(from, each * (toKeras ? ours : theirs), to, each * (toKeras ? theirs : ours), each);
        }
        return Nd4j.create(to, values.shape(), 'c');
    }
}
