package digits.acceleration;

import static digits.acceleration.LayerSupport.hold;
import static digits.acceleration.LayerSupport.region;

import digits.engine.Engine;
import java.util.List;
import java.util.stream.IntStream;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The memory layout between accelerated layers: the channels of a pixel lie together (n, h, w, c). All images here have
 * the logical shape [n, c, h, w], whatever the network's data format, and strides that fit the layout.
 */
final class ChannelsLast {
    private final ShapeCache<Engine.Pass> conversions = new ShapeCache<>();
    private final Engine engine;
    private final DataType numbers;

    ChannelsLast(Engine engine) {
        this.engine = engine;
        numbers = DataType.valueOf(engine.numbers().name());
    }

    /** The images of a network with this format, as [n, c, h, w]. */
    static INDArray view(INDArray images, CNN2DFormat format) {
        return format == CNN2DFormat.NHWC ? images.permute(0, 3, 1, 2) : images;
    }

    /** The images as a network with this format expects them. */
    static INDArray fromChannelsLast(INDArray images, CNN2DFormat format) {
        return format == CNN2DFormat.NHWC ? images.permute(0, 2, 3, 1) : images;
    }

    /** A new array of this shape (images: n, c, h, w), not initialized: images channels last, or row by row. */
    INDArray create(boolean images, LayerWorkspaceMgr workspaces, ArrayType type, long... shape) {
        if (!images) return workspaces.createUninitialized(type, numbers, shape, 'c');
        long[] lying = {shape[0], shape[2], shape[3], shape[1]};
        return workspaces.createUninitialized(type, numbers, lying, 'c').permutei(0, 3, 1, 2);
    }

    /** A new array of this array's shape. */
    INDArray createLike(INDArray array, boolean images, LayerWorkspaceMgr workspaces, ArrayType type) {
        return create(images, workspaces, type, array.shape());
    }

    /**
     * The array if it has no gaps, lies as wanted (images channels last, or row by row) and has the engine's type of
     * numbers, otherwise a copy.
     */
    INDArray toChannelsLast(INDArray array, boolean images, LayerWorkspaceMgr workspaces, ArrayType type) {
        INDArray known = array.dataType() == DataType.BFLOAT16 ? array : array.castTo(DataType.FLOAT);
        boolean lies = images ? isChannelsLast(known) : isRowByRow(known);
        if (lies && known.dataType() == numbers) return known;
        Engine.Numbers from = Engine.Numbers.valueOf(known.dataType().name());
        INDArray plain = lies ? known : rowByRow(known);
        if (!images && plain.dataType() == numbers) return plain;
        INDArray copy = createLike(plain, images, workspaces, type);
        long[] shape = plain.shape();
        Engine.Pass conversion = images && !lies
                ? conversions.get(List.of(from, shape[0], shape[1], shape[2], shape[3]),
                        () -> engine.toChannelsLast(from, shape))
                : conversions.get(List.of(from, plain.length()), () -> engine.copy(from, plain.length()));
        conversion.run(region(plain), region(copy));
        hold(plain, copy);
        return copy;
    }

    /** Whether an array of any rank is images that do not lie row by row already (as those of the format NHWC do). */
    static boolean prefersChannelsLast(INDArray array) {
        return array.rank() == 4 && !isRowByRow(array);
    }

    /** Whether the channels of a pixel lie together, and the pixels follow each other without gaps. */
    static boolean isChannelsLast(INDArray images) {
        return lies(images, 1, 3, 2, 0);
    }

    /** The array row by row: itself if it lies so, otherwise a copy. */
    static INDArray rowByRow(INDArray array) {
        return isRowByRow(array) ? array : array.dup('c');
    }

    private static boolean isRowByRow(INDArray array) {
        return lies(array, IntStream.rangeClosed(1, array.rank()).map(i -> array.rank() - i).toArray());
    }

    /** Whether the dimensions lie in this order from the innermost, without gaps. Size 1 fits everywhere. */
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
