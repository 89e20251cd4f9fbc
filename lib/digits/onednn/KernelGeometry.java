package digits.onednn;

/**
 * How a kernel moves over images of one size, in convolution and pooling. Each pair is vertical, horizontal.
 *
 * @param input    height and width of the input
 * @param output   height and width of the output
 * @param kernel   height and width of the kernel
 * @param stride   step of the kernel
 * @param dilation pixels skipped between neighboring kernel elements; 0 for a plain kernel
 * @param before   rows of padding at the top, columns at the left
 * @param after    rows of padding at the bottom, columns at the right
 */
public record KernelGeometry(long[] input, long[] output, long[] kernel, long[] stride, long[] dilation, long[] before,
                             long[] after) {
}
