package digits.interpret;

import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.conf.layers.ZeroPaddingLayer;

/**
 * The receptive field of a feature map along one side of the image: value i sees {@code size} pixels, whose center lies
 * at {@code center + i · step}. Pixel 0's own center is 0.
 */
record ReceptiveField(int size, int step, double center) {
    /** The field after one more layer, along rows (side 0) or columns (1); lengths of the layer's input and output. */
    ReceptiveField through(Layer layer, int side, long before, long after) {
        if (layer instanceof ConvolutionLayer c) {
            return through(c.getKernelSize()[side], c.getStride()[side], c.getDilation()[side], c.getPadding()[side],
                    c.getConvolutionMode(), before, after);
        }
        if (layer instanceof SubsamplingLayer p) {
            return through(p.getKernelSize()[side], p.getStride()[side], p.getDilation()[side], p.getPadding()[side],
                    p.getConvolutionMode(), before, after);
        }
        if (layer instanceof ZeroPaddingLayer z) {
            return new ReceptiveField(size, step, center - (double) z.getPadding()[2 * side] * step);
        }
        if (before == after) return this;
        throw new IllegalArgumentException("the receptive field of a " + layer.getClass().getSimpleName()
                + " before the last convolution is not known");
    }

    /** The position of a pixel among the values; 0 at the center of the first value's receptive field. */
    double at(int pixel) {
        return (pixel - center) / step;
    }

    /** 1 between the centers of the first and the last value; beyond them it falls to 0 at the end of their fields. */
    double share(int pixel, int values) {
        double beyond = Math.max(center - pixel, pixel - (center + (values - 1.0) * step));
        return beyond <= 0 ? 1 : Math.max(0, 1 - beyond / (size / 2.0));
    }

    private ReceptiveField through(int kernel, int stride, int dilation, int padding, ConvolutionMode mode,
                                   long before, long after) {
        int reach = (kernel - 1) * dilation;
        boolean same = mode == ConvolutionMode.Same;
        long padded = same ? Math.max(0, (after - 1) * stride + reach + 1 - before) / 2 : padding;
        return new ReceptiveField(size + reach * step, step * stride, center + (reach / 2.0 - padded) * step);
    }
}
