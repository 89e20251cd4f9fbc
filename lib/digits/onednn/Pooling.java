package digits.onednn;

/** Pooling for one batch size and image size. Images lie channels last; arrays are given by their addresses. */
public interface Pooling extends NativeResource {
    /** Minimum number of images for Java's code in inference: with fewer, it is not compiled soon enough to pay off. */
    int MANY = 32;

    /**
     * Chooses the fastest code for n images.
     *
     * @param max      whether to take the maximum of the numbers under the kernel, otherwise the average
     * @param padding  whether an average counts padding as zeros
     * @param training whether {@link #backward} is needed
     * @throws OneDnnException if oneDNN has no code for it
     */
    static Pooling of(long n, long channels, KernelGeometry geometry, boolean max, boolean padding, boolean training) {
        boolean tiles = max && (training || n >= MANY) && TilePooling.fits(geometry);
        return tiles ? new TilePooling(n, channels, geometry)
                : new PrimitivePooling(n, channels, geometry, max, padding, training);
    }

    /** Pools the input into the output. */
    void forward(long input, long output);

    /**
     * The gradient at the input, from the one at the output.
     *
     * @param input the same as in the last {@link #forward}
     */
    void backward(long input, long gradient, long inputGradient);
}
