package digits.acceleration;

import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.util.ConvolutionUtils;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * How a kernel moves over images of one size: what convolution and pooling have in common. Pairs are vertical, horizontal.
 *
 * @param input    height and width of the input
 * @param output   height and width of the output
 * @param kernel   height and width of the kernel
 * @param stride   steps of the kernel
 * @param dilation pixels left out between the kernel's numbers, 0 for a plain kernel
 * @param before   rows and columns of padding at the top and the left
 * @param after    rows and columns of padding at the bottom and the right
 */
record Window(long[] input, long[] output, long[] kernel, long[] stride, long[] dilation, long[] before, long[] after) {

    /**
     * The window over these images ([n, c, h, w]).
     *
     * @throws org.deeplearning4j.exception.DL4JException as Deeplearning4j does, if the kernel does not fit the images
     */
    static Window over(INDArray images, int[] kernel, int[] stride, int[] padding, int[] dilation, ConvolutionMode mode) {
        boolean same = mode == ConvolutionMode.Same;
        int[] in = {(int) images.size(2), (int) images.size(3)};
        int[] out = ConvolutionUtils.getOutputSize(images, kernel, stride, same ? null : padding, mode, dilation,
                org.deeplearning4j.nn.conf.CNN2DFormat.NCHW);
        int[] pad = same ? ConvolutionUtils.getSameModeTopLeftPadding(out, in, kernel, stride, dilation) : padding;
        long[] gaps = new long[2];
        long[] after = new long[2];
        for (int i = 0; i < 2; i++) {
            gaps[i] = dilation[i] - 1;
            long reach = (out[i] - 1L) * stride[i] + (kernel[i] - 1L) * dilation[i] + 1;
            after[i] = same ? Math.max(0, reach - in[i] - pad[i]) : pad[i];
        }
        return new Window(longs(in), longs(out), longs(kernel), longs(stride), gaps, longs(pad), after);
    }

    private static long[] longs(int[] pair) {
        return new long[] {pair[0], pair[1]};
    }
}
