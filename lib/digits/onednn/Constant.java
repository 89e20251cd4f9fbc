package digits.onednn;

import digits.engine.NativeResource;
import digits.engine.Region;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.bytedeco.dnnl.dnnl_memory_desc_t;
import org.bytedeco.dnnl.global.dnnl;

/** Weights that do not change any more, copied once into each layout in which computations read them. */
public final class Constant implements NativeResource {
    private final float[] numbers;
    private final long[] shape;
    private final List<Map.Entry<dnnl_memory_desc_t, NativeBuffer>> copies = new ArrayList<>();
    private Constant[] halves;

    /** Numbers of this shape, row by row; for a convolution out, in, height, width. The array is not copied. */
    public Constant(float[] numbers, long... shape) {
        this.numbers = numbers;
        this.shape = shape;
    }

    /** The numbers in this layout, which has the constant's shape, apart from dimensions of size 1. */
    synchronized Region in(dnnl_memory_desc_t layout) {
        for (var copy : copies) {
            if (dnnl.dnnl_memory_desc_equal(copy.getKey(), layout) != 0) return copy.getValue().region;
        }
        dnnl_memory_desc_t rows = OneDnn.rows(OneDnn.shape(layout));
        NativeBuffer copy = new NativeBuffer(layout);
        try (NativeBuffer plain = new NativeBuffer(rows); Primitive arrange = Primitive.reorder(rows, layout)) {
            plain.region.write(numbers);
            arrange.run(plain.region, copy.region);
        } catch (RuntimeException failed) {
            copy.close();
            throw failed;
        }
        copies.add(Map.entry(Primitive.copy(layout), copy));
        return copy.region;
    }

    /** The constants of the first and of the second half of the outputs. */
    synchronized Constant[] halves() {
        if (halves == null) {
            long[] half = shape.clone();
            half[0] /= 2;
            int middle = numbers.length / 2;
            halves = new Constant[] {new Constant(Arrays.copyOf(numbers, middle), half),
                new Constant(Arrays.copyOfRange(numbers, middle, numbers.length), half)};
        }
        return halves;
    }

    int length() {
        return numbers.length;
    }

    long[] shape() {
        return shape;
    }

    @Override
    public synchronized void close() {
        copies.forEach(copy -> copy.getValue().close());
        copies.clear();
        if (halves != null) NativeResource.closeAll(halves);
    }
}
