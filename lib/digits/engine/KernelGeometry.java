package digits.engine;

/**
 * How a kernel moves over images of one size, in convolution and pooling. Each pair is vertical, horizontal.
 *
 * @param dilation pixels skipped between neighboring elements of the kernel; 0 for a plain kernel
 * @param before   rows of padding at the top, columns at the left
 * @param after    rows of padding at the bottom, columns at the right
 */
public record KernelGeometry(long[] input, long[] output, long[] kernel, long[] stride, long[] dilation, long[] before,
                             long[] after) { }
