package digits.interpret;

import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.conf.layers.ZeroPaddingLayer;

/**
 * Where along one side of the image the values of a feature map look: value i at {@code size} pixels, whose centre lies at
 * {@code centre + i · step}. Its receptive field, in other words; pixel 0's own centre is 0.
 */
record ReceptiveField(int size, int step, double centre) {
    /** Of the image itself: each value is a pixel. */
    static final ReceptiveField PIXEL = new ReceptiveField(1, 1, 0);

    /**
     * The window after one more layer, along the rows (side 0) or the columns (side 1).
     *
     * @param before the layer's input along this side
     * @param after  its output
     */
    ReceptiveField through(Layer layer, int side, long before, long after) {
        if (layer instanceof ConvolutionLayer c) {
            return through(c.getKernelSize()[side], c.getStride()[side], c.getDilation()[side], c.getPadding()[side],
                    c.getConvolutionMode(), before, after);
        }
        if (layer instanceof SubsamplingLayer p) {
            return through(p.getKernelSize()[side], p.getStride()[side], p.getDilation()[side], p.getPadding()[side],
                    p.getConvolutionMode(), before, after);
        }
        if (layer instanceof ZeroPaddingLayer z) return new ReceptiveField(size, step, centre - (double) z.getPadding()[2 * side] * step);
        if (before == after) return this;
        throw new IllegalArgumentException("where a " + layer.getClass().getSimpleName() + " before the last convolution looks is not known");
    }

    /** The place of a pixel among the values, 0 at the centre of the first one's window. */
    double at(int pixel) {
        return (pixel - centre) / step;
    }

    /** 1 between the first and the last of so many values' centres; beyond them falling to 0 at the end of their windows. */
    double share(int pixel, int values) {
        double beyond = Math.max(centre - pixel, pixel - (centre + (values - 1.0) * step));
        return beyond <= 0 ? 1 : Math.max(0, 1 - beyond / (size / 2.0));
    }

    private ReceptiveField through(int kernel, int stride, int dilation, int padding, ConvolutionMode mode, long before, long after) {
        int reach = (kernel - 1) * dilation;
        long padded = mode == ConvolutionMode.Same ? Math.max(0, (after - 1) * stride + reach + 1 - before) / 2 : padding;
        return new ReceptiveField(size + reach * step, step * stride, centre + (reach / 2.0 - padded) * step);
    }
}
