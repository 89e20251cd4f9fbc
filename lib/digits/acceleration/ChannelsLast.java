package digits.acceleration;

import static org.bytedeco.dnnl.global.dnnl.dnnl_nchw;
import static org.bytedeco.dnnl.global.dnnl.dnnl_nhwc;

import java.util.List;

import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The layout between the accelerated layers: in memory the channels of a pixel lie together (n, h, w, c), and the array
 * says so by its strides. So every reader, from the next layer to a listener, sees the right numbers at [n, c, h, w].
 *
 * <p>All arrays here have the logical shape [n, c, h, w], whatever the network's data format.
 */
final class ChannelsLast {
    private final Kept<Primitive> conversions;

    ChannelsLast(Object layer) {
        conversions = new Kept<>(layer);
    }

    /** The array seen as [n, c, h, w]. */
    static INDArray view(INDArray array, CNN2DFormat format) {
        return format == CNN2DFormat.NHWC ? array.permute(0, 3, 1, 2) : array;
    }

    /** The array as the network's format wants to see it. */
    static INDArray give(INDArray array, CNN2DFormat format) {
        return format == CNN2DFormat.NHWC ? array.permute(0, 2, 3, 1) : array;
    }

    /** A new array of this shape, not yet filled. */
    static INDArray create(LayerWorkspaceMgr workspaces, ArrayType type, long n, long c, long h, long w) {
        return workspaces.createUninitialized(type, DataType.FLOAT, new long[] {n, h, w, c}, 'c').permutei(0, 3, 1, 2);
    }

    /** The array itself if it lies so already, else a copy that does. */
    INDArray of(INDArray array, LayerWorkspaceMgr workspaces, ArrayType type) {
        if (is(array)) return array;
        INDArray plain = rowByRow(array);
        long[] shape = array.shape();
        INDArray copy = create(workspaces, type, shape[0], shape[1], shape[2], shape[3]);
        conversions.get(List.of(shape[0], shape[1], shape[2], shape[3]),
                        () -> Primitive.reorder(OneDnn.floats(dnnl_nchw, shape), OneDnn.floats(dnnl_nhwc, shape)))
                .run(OneDnn.address(plain), OneDnn.address(copy));
        OneDnn.hold(plain, copy);
        return copy;
    }

    /**
     * Whether an array of any rank is better handled channels last than row by row: images that do not lie row by row already. (In a
     * network of the format NHWC they do.)
     */
    static boolean suits(INDArray array) {
        return array.rank() == 4 && !isRowByRow(array);
    }

    /** The array without gaps, images channels last or all row by row: itself if it lies so already, else a copy that does. */
    INDArray of(INDArray array, boolean images, LayerWorkspaceMgr workspaces, ArrayType type) {
        return images ? of(array, workspaces, type) : rowByRow(array);
    }

    /** A new array of this one's shape, not yet filled, channels last or row by row. */
    static INDArray like(INDArray array, boolean images, LayerWorkspaceMgr workspaces, ArrayType type) {
        return images ? create(workspaces, type, array.size(0), array.size(1), array.size(2), array.size(3))
                : workspaces.createUninitialized(type, DataType.FLOAT, array.shape(), 'c');
    }

    /** Whether the channels lie together and all pixels after one another. */
    static boolean is(INDArray array) {
        return lies(array, 1, 3, 2, 0);
    }

    /** The array itself if it lies row by row, else a copy that does. */
    static INDArray rowByRow(INDArray array) {
        return isRowByRow(array) ? array : array.dup('c');
    }

    /** Whether the array lies in the order of its dimensions, the last one innermost. */
    static boolean isRowByRow(INDArray array) {
        int[] order = new int[array.rank()];
        for (int i = 0; i < order.length; i++) order[i] = order.length - 1 - i;
        return lies(array, order);
    }

    /** In this order from the innermost dimension, without gaps; the stride of a dimension of size 1 says nothing. */
    private static boolean lies(INDArray array, int... order) {
        long expected = 1;
        for (int dimension : order) {
            long size = array.size(dimension);
            if (size > 1 && array.stride(dimension) != expected) return false;
            expected *= size;
        }
        return true;
    }
}
