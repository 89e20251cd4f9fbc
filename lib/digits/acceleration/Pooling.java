package digits.acceleration;

import static org.bytedeco.dnnl.global.dnnl.dnnl_pooling_max;

/** Pooling for one batch size and image size. Images lie channels last and are given by their addresses. */
interface Pooling extends AutoCloseable {
    /** Images, from which on it is worth while in prediction too: for few, Java's code is not compiled soon enough. */
    int MANY = 32;

    /**
     * The fastest way for this window.
     *
     * @param algorithm one of {@code dnnl_pooling_…}
     * @param training  whether {@link #backward} is needed: it belongs to the last {@link #forward}
     */
    static Pooling of(long n, long channels, Window window, int algorithm, boolean training) {
        boolean tiles = algorithm == dnnl_pooling_max && (training || n >= MANY) && TilePooling.fits(window);
        return tiles ? new TilePooling(n, channels, window) : new PrimitivePooling(n, channels, window, algorithm, training);
    }

    void forward(long input, long output);

    /** @param input the same as in the last {@link #forward} */
    void backward(long input, long gradient, long inputGradient);

    @Override
    void close();
}
