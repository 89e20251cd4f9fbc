package digits.acceleration;

import static digits.acceleration.OneDnn.check;
import static digits.acceleration.OneDnn.floats;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_ATTR_MULTIPLE_POST_OP_BASE;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC_0;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC_1;
import static org.bytedeco.dnnl.global.dnnl.dnnl_abcd;
import static org.bytedeco.dnnl.global.dnnl.dnnl_binary_desc_init;
import static org.bytedeco.dnnl.global.dnnl.dnnl_binary_eq;
import static org.bytedeco.dnnl.global.dnnl.dnnl_binary_max;
import static org.bytedeco.dnnl.global.dnnl.dnnl_binary_mul;
import static org.bytedeco.dnnl.global.dnnl.dnnl_binary_sub;
import static org.bytedeco.dnnl.global.dnnl.dnnl_f32;
import static org.bytedeco.dnnl.global.dnnl.dnnl_memory_desc_init_by_strides;
import static org.bytedeco.dnnl.global.dnnl.dnnl_post_ops_append_binary;
import static org.bytedeco.dnnl.global.dnnl.dnnl_post_ops_create;
import static org.bytedeco.dnnl.global.dnnl.dnnl_post_ops_destroy;
import static org.bytedeco.dnnl.global.dnnl.dnnl_primitive_attr_create;
import static org.bytedeco.dnnl.global.dnnl.dnnl_primitive_attr_destroy;
import static org.bytedeco.dnnl.global.dnnl.dnnl_primitive_attr_set_post_ops;
import static org.bytedeco.dnnl.global.dnnl.dnnl_x;

import org.bytedeco.dnnl.dnnl_binary_desc_t;
import org.bytedeco.dnnl.dnnl_memory_desc_t;
import org.bytedeco.dnnl.dnnl_post_ops;
import org.bytedeco.dnnl.dnnl_primitive_attr;
import org.bytedeco.javacpp.Pointer;

/**
 * Max pooling in training where the windows are tiles: side by side, without padding. Each place in the tile (four, with 2×2)
 * is brought into an array of its own; then forward and backward are a few comparisons of whole arrays, five times as fast
 * as oneDNN's pooling, which handles the places of its maxima one by one.
 *
 * <p>Where several numbers of a tile are the maximum, the first one, row by row, gets the gradient.
 */
final class TilePooling implements Pooling {
    private static final int LARGEST_TILE = 4;   // each place costs passes over arrays of the output's size
    private static final int CHUNK_BYTES = 1 << 19;   // of the output: a few of these fit in a processor's own cache

    private final long[] offset;       // of each place in the tile, in bytes
    private final Primitive gather;
    private final Primitive scatter;
    private final Primitive maximum;
    private final Primitive share;     // the gradient where the place is the maximum, else 0
    private final Primitive difference;
    private final Buffer[] places;
    private final Buffer maxima;
    private final Buffer part;
    private final Buffer rest;
    private final long chunks;
    private final long inputBytes;     // of a chunk
    private final long outputBytes;
    private final boolean untouched;   // whether there are last rows or columns that no tile reaches

    /** Whether windows of this kind are tiles, few enough places each. */
    static boolean fits(Window window) {
        for (int i = 0; i < 2; i++) {
            if (window.kernel()[i] != window.stride()[i] || window.before()[i] != 0 || window.dilation()[i] != 0
                    || window.output()[i] * window.stride()[i] > window.input()[i]) {
                return false;
            }
        }
        return window.kernel()[0] * window.kernel()[1] <= LARGEST_TILE;
    }

    TilePooling(long n, long channels, Window window) {
        long height = window.input()[0];
        long width = window.input()[1];
        long rows = window.output()[0];
        long columns = window.output()[1];
        chunks = chunks(n, rows * columns * channels * Float.BYTES);
        long images = n / chunks;
        long length = images * rows * columns * channels;
        inputBytes = images * height * width * channels * Float.BYTES;
        outputBytes = length * Float.BYTES;
        untouched = rows * window.stride()[0] != height || columns * window.stride()[1] != width;
        offset = new long[(int) (window.kernel()[0] * window.kernel()[1])];
        for (int i = 0; i < offset.length; i++) {
            long row = i / window.kernel()[1];
            long column = i % window.kernel()[1];
            offset[i] = (row * width + column) * channels * Float.BYTES;
        }
        dnnl_memory_desc_t apart = new dnnl_memory_desc_t();
        check(dnnl_memory_desc_init_by_strides(apart, 4, new long[] {images, rows, columns, channels}, dnnl_f32, new long[] {
                height * width * channels, window.stride()[0] * width * channels, window.stride()[1] * channels, 1}), "describe tiles");
        dnnl_memory_desc_t together = floats(dnnl_abcd, images, rows, columns, channels);
        gather = Primitive.reorder(apart, together);
        scatter = Primitive.reorder(together, apart);
        dnnl_memory_desc_t flat = floats(dnnl_x, length);
        maximum = binary(dnnl_binary_max, flat, false);
        share = binary(dnnl_binary_eq, flat, true);
        difference = binary(dnnl_binary_sub, flat, false);
        places = new Buffer[offset.length];
        for (int i = 0; i < places.length; i++) places[i] = new Buffer(floats(dnnl_x, chunks * length));
        maxima = new Buffer(floats(dnnl_x, chunks * length));
        part = new Buffer(flat);
        rest = new Buffer(flat);
    }

    /** Into how many parts of equal size to cut n images, so that one fits in the cache. */
    private static long chunks(long n, long bytesOfOne) {
        long chunks = Math.max(1, Math.min(n, (n * bytesOfOne + CHUNK_BYTES - 1) / CHUNK_BYTES));
        while (n % chunks != 0) chunks++;
        return chunks <= 16 ? chunks : 1;   // each one costs a few calls
    }

    /** result = a ∘ b, or (a ∘ b) · c. */
    private static Primitive binary(int operator, dnnl_memory_desc_t layout, boolean timesAnother) {
        var operation = new dnnl_binary_desc_t();
        check(dnnl_binary_desc_init(operation, operator, layout, layout, layout), "describe a comparison");
        if (!timesAnother) return Primitive.of(operation, null, null, DNNL_ARG_SRC_0, DNNL_ARG_SRC_1, DNNL_ARG_DST);
        var then = new dnnl_post_ops();
        check(dnnl_post_ops_create(then), "fuse operations");
        check(dnnl_post_ops_append_binary(then, dnnl_binary_mul, layout), "fuse a product");
        var attributes = new dnnl_primitive_attr();
        check(dnnl_primitive_attr_create(attributes), "set attributes");
        check(dnnl_primitive_attr_set_post_ops(attributes, then), "fuse operations");
        Primitive primitive = Primitive.of(operation, attributes, null, DNNL_ARG_SRC_0, DNNL_ARG_SRC_1,
                DNNL_ARG_ATTR_MULTIPLE_POST_OP_BASE | DNNL_ARG_SRC_1, DNNL_ARG_DST);
        dnnl_primitive_attr_destroy(attributes);
        dnnl_post_ops_destroy(then);
        return primitive;
    }

    @Override
    public void forward(long input, long output) {
        for (long chunk = 0; chunk < chunks; chunk++) {
            long from = input + chunk * inputBytes;
            long done = chunk * outputBytes;
            long greatest = maxima.address() + done;
            gather.run(from + offset[0], places[0].address() + done);
            for (int i = 1; i < places.length; i++) {
                gather.run(from + offset[i], places[i].address() + done);
                maximum.run(i == 1 ? places[0].address() + done : greatest, places[i].address() + done, greatest);
            }
            // a copy: the output may be changed by whoever comes next
            if (places.length == 1) greatest = places[0].address() + done;
            maximum.run(greatest, greatest, output + done);
        }
    }

    @Override
    public void backward(long gradient, long inputGradient) {
        if (untouched) Pointer.memset(new OneDnn.Address(inputGradient), 0, chunks * inputBytes);
        int last = places.length - 1;
        for (long chunk = 0; chunk < chunks; chunk++) {
            long to = inputGradient + chunk * inputBytes;
            long done = chunk * outputBytes;
            long left = gradient + done;
            for (int i = 0; i < last; i++) {
                share.run(places[i].address() + done, maxima.address() + done, left, part.address());
                difference.run(left, part.address(), rest.address());   // exact: all of it or nothing is taken away
                scatter.run(part.address(), to + offset[i]);
                left = rest.address();
            }
            scatter.run(left, to + offset[last]);   // a maximum has to be somewhere
        }
    }

    @Override
    public void close() {
        for (Primitive primitive : new Primitive[] {gather, scatter, maximum, share, difference}) primitive.close();
        for (Buffer place : places) place.close();
        for (Buffer buffer : new Buffer[] {maxima, part, rest}) buffer.close();
    }
}
