package digits.onednn;

import org.bytedeco.dnnl.global.dnnl;

/** Pooling for one batch size and image size. Images lie channels last; arrays are given by their addresses. */
public interface Pooling extends NativeResource {
    /** What becomes of the numbers under the kernel. */
    enum Kind {
        MAX(dnnl.dnnl_pooling_max),
        AVERAGE_WITH_PADDING(dnnl.dnnl_pooling_avg_include_padding),
        AVERAGE_WITHOUT_PADDING(dnnl.dnnl_pooling_avg_exclude_padding);

        final int algorithm;

        Kind(int algorithm) {
            this.algorithm = algorithm;
        }
    }

    /** Minimum number of images for Java's code in inference: with fewer, it is not compiled soon enough to pay off. */
    int MANY = 32;

    /**
     * Chooses the fastest code.
     *
     * @param n        number of images
     * @param training whether {@link #backward} is needed
     * @throws OneDnnException if oneDNN has no code for it
     */
    static Pooling of(long n, long channels, KernelGeometry geometry, Kind kind, boolean training) {
        boolean tiles = kind == Kind.MAX && (training || n >= MANY) && TilePooling.fits(geometry);
        return tiles ? new TilePooling(n, channels, geometry)
                : new PrimitivePooling(n, channels, geometry, kind, training);
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
