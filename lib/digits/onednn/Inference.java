package digits.onednn;

import static digits.onednn.OneDnn.check;
import static digits.onednn.OneDnn.describe;
import static digits.onednn.OneDnn.floats;
import static digits.onednn.OneDnn.numbers;

import digits.engine.KernelGeometry;
import digits.engine.NativeResource;
import digits.engine.Region;
import digits.engine.Workers;
import java.nio.FloatBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.bytedeco.dnnl.dnnl_binary_desc_t;
import org.bytedeco.dnnl.dnnl_convolution_desc_t;
import org.bytedeco.dnnl.dnnl_eltwise_desc_t;
import org.bytedeco.dnnl.dnnl_inner_product_desc_t;
import org.bytedeco.dnnl.dnnl_memory_desc_t;
import org.bytedeco.dnnl.dnnl_pooling_desc_t;
import org.bytedeco.dnnl.dnnl_post_ops;
import org.bytedeco.dnnl.global.dnnl;
import org.bytedeco.javacpp.Pointer;

/**
 * A network's computations for a fixed number of images, one after the other, in private memory. Each step reads the
 * layout in which the last one wrote; oneDNN chooses the layout of its result. First the steps are added, then {@link
 * #finish} allocates the memory, and after that any thread may {@link #run} it, but only one at a time.
 */
public final class Inference implements NativeResource {
    /** Bytes that the arrays between the steps may take. */
    public static final long MOST_BYTES = 1L << 28;

    private static final int ANY = dnnl.dnnl_format_tag_any;
    private static final int[] ORDERED = {0, dnnl.dnnl_x, dnnl.dnnl_ab, dnnl.dnnl_abc, dnnl.dnnl_nhwc};   // by rank
    private static final int ALIGNMENT = 64;   // a line of the cache
    private static final int CHANNELS = 32;    // two blocks of the largest size
    private static final int SHARED = 400_000;   // products; fewer take less than ten microseconds

    private final int factors;   // the type of the numbers that are multiplied, and of images between the steps
    private final List<Step> steps = new ArrayList<>();
    private final List<Place> places = new ArrayList<>();
    private final Deque<Place> free = new ArrayDeque<>();
    private Array input;
    private NativeBuffer memory;
    private FloatBuffer images;
    private FloatBuffer results;

    /** @param bfloat16 whether products are of numbers rounded to bfloat16; the sums are floats, as is the output */
    public Inference(boolean bfloat16) {
        factors = bfloat16 ? dnnl.dnnl_bf16 : dnnl.dnnl_f32;
    }

    /** Where one array after the other lies. */
    private static final class Place {
        long bytes;
        int users;       // arrays that are still needed
        Region region;   // known once all arrays are
    }

    /** An array between two steps. */
    public static final class Array {
        private final dnnl_memory_desc_t layout;
        private final Place place;
        private final long offset;         // in bytes
        private Halves halves;             // the step that writes it, if two threads share it
        private dnnl_memory_desc_t part;   // the layout of a half, then

        private Array(dnnl_memory_desc_t layout, Place place) {
            this(layout, place, 0);
        }

        private Array(dnnl_memory_desc_t layout, Place place, long offset) {
            this.layout = layout;
            this.place = place;
            this.offset = offset;
            place.users++;
        }

        private int type() {
            return layout.data_type();
        }

        /** Its shape: n, channels, height, width; or n, numbers. */
        public long[] shape() {
            return OneDnn.shape(layout);
        }

        private Region region() {
            return new Region(place.region.address() + offset, dnnl.dnnl_memory_desc_get_size(layout));
        }
    }

    /** What happens to a sum of products and bias, in this order. */
    public record Then(Array added, Eltwise function, Constant factor, Constant shift) {
        /**
         * @param added    is added, and the result takes its memory; null for nothing
         * @param function of each number; null for none
         * @param factor   one per channel; null if and only if the shift is
         * @param shift    one per channel, added to the product
         */
        public Then { }

        private Then half(int which) {
            return factor == null ? this : new Then(added, function, factor.halves()[which], shift.halves()[which]);
        }

        private void fuse(dnnl_post_ops operations, dnnl_memory_desc_t perChannel) {
            if (added != null) check(dnnl.dnnl_post_ops_append_sum(operations, 1f), "fuse a sum");
            if (function != null) function.fuse(operations);
            if (factor == null) return;
            check(dnnl.dnnl_post_ops_append_binary(operations, dnnl.dnnl_binary_mul, perChannel), "fuse factors");
            check(dnnl.dnnl_post_ops_append_binary(operations, dnnl.dnnl_binary_add, perChannel), "fuse a shift");
        }

        private int[] arguments(int... before) {
            int index = (added == null ? 0 : 1) + (function == null ? 0 : 1);
            IntStream own = factor == null ? IntStream.empty() : IntStream.of(operand(index), operand(index + 1));
            return IntStream.concat(IntStream.of(before), own).toArray();
        }

        private static int operand(int index) {
            return dnnl.DNNL_ARG_ATTR_MULTIPLE_POST_OP_BASE * (index + 1) | dnnl.DNNL_ARG_SRC_1;
        }
    }

    private interface Step extends NativeResource {
        void run();
    }

    /** Two halves of the channels of one image, each computed by one thread: a second one helps if it is free. */
    private static final class Halves implements Step {
        final List<List<Step>> steps = List.of(new ArrayList<>(), new ArrayList<>());

        @Override
        public void run() {
            Workers.each(2, (half, worker) -> steps.get(half).forEach(Step::run));
        }

        @Override
        public void close() {
            steps.forEach(half -> half.forEach(NativeResource::close));
        }
    }

    /** The images in the order of this shape, or channels last. */
    public Array input(boolean channelsLast, long... shape) {
        input = array(channelsLast ? floats(dnnl.dnnl_nhwc, shape) : OneDnn.rows(shape));
        return input;
    }

    /** A convolution; weights have the shape out, in, height, width. */
    public Array convolution(Array x, Constant weights, Constant bias, KernelGeometry geometry, Then then) {
        long[] out = geometry.output();
        return affine(x, weights, bias, then, out[0] * out[1], (source, kernels, target) -> describe("a convolution",
                new dnnl_convolution_desc_t(), operation -> dnnl.dnnl_dilated_convolution_forward_desc_init(operation,
                        dnnl.dnnl_forward_inference, dnnl.dnnl_convolution_direct, source, kernels,
                        floats(dnnl.dnnl_x, OneDnn.shape(kernels)[0]), target, geometry.stride(), geometry.dilation(),
                        geometry.before(), geometry.after())), out);
    }

    /** A dense layer; weights have the shape out, in. */
    public Array dense(Array x, Constant weights, Constant bias, Then then) {
        return affine(x, weights, bias, then, 1, (source, kernels, target) -> describe("a dense layer",
                new dnnl_inner_product_desc_t(), operation -> dnnl.dnnl_inner_product_forward_desc_init(operation,
                        dnnl.dnnl_forward_inference, source, kernels, floats(dnnl.dnnl_x, OneDnn.shape(kernels)[0]),
                        target)));
    }

    /** Describes a computation for these layouts of input, weights and output. */
    private interface Description {
        Pointer of(dnnl_memory_desc_t source, dnnl_memory_desc_t kernels, dnnl_memory_desc_t target);
    }

    /** @param size of an image, height and width; empty for a row of numbers */
    private Array affine(Array given, Constant weights, Constant bias, Then then, long pixels, Description operation,
                         long... size) {
        Array x = given.type() == factors ? given : arranged(given, numbers(factors, ORDERED[given.shape().length],
                given.shape()));
        Array y = product(x, weights, bias, then, pixels, operation, size);
        if (x != given) release(x);
        return y;
    }

    private Array product(Array x, Constant weights, Constant bias, Then then, long pixels, Description operation,
                          long... size) {
        long[] shape = LongStream.concat(LongStream.of(x.shape()[0], weights.shape()[0]), LongStream.of(size))
                .toArray();
        if (then.added == null && splits(shape, weights.length() * pixels)) {
            Array halved = halved(x, weights, bias, then, operation, shape);
            if (halved != null) return halved;
        }
        dnnl_memory_desc_t target = then.added != null ? then.added.layout
                : size.length == 0 ? OneDnn.rows(shape) : numbers(factors, ANY, shape);
        Primitive primitive = compiled(x, weights, then, target, operation);
        Array from = arranged(x, primitive.layout(dnnl.DNNL_ARG_SRC));
        dnnl_memory_desc_t written = Primitive.copy(primitive.layout(dnnl.DNNL_ARG_DST));
        Array y = then.added == null ? array(written) : new Array(written, then.added.place);
        steps.add(step(primitive, arguments(primitive, from, weights, bias, then, y)));
        if (from != x) release(from);
        return y;
    }

    private Primitive compiled(Array x, Constant weights, Then then, dnnl_memory_desc_t target,
                                      Description operation) {
        dnnl_memory_desc_t kernels = numbers(factors, ANY, weights.shape());
        int[] names = then.arguments(dnnl.DNNL_ARG_SRC, dnnl.DNNL_ARG_WEIGHTS, dnnl.DNNL_ARG_BIAS, dnnl.DNNL_ARG_DST);
        Consumer<dnnl_post_ops> fuse = operations -> then.fuse(operations, perChannel(OneDnn.shape(target)));
        Primitive primitive = Primitive.of(operation.of(x.layout, kernels, target), null, fuse, names);
        if (!primitive.isReference()) return primitive;
        Primitive other = Primitive.of(operation.of(numbers(factors, ANY, x.shape()), kernels, target), null, fuse,
                names);
        boolean better = !other.isReference();
        NativeResource.closeAll(better ? primitive : other);
        return better ? other : primitive;
    }

    private static Array[] arguments(Primitive primitive, Array from, Constant weights, Constant bias, Then then,
                                     Array y) {
        List<Array> arrays = new ArrayList<>(List.of(from, constant(weights, primitive.layout(dnnl.DNNL_ARG_WEIGHTS)),
                constant(bias, primitive.layout(dnnl.DNNL_ARG_BIAS)), y));
        if (then.factor != null) {
            arrays.add(constant(then.factor, perChannel(y.shape())));
            arrays.add(constant(then.shift, perChannel(y.shape())));
        }
        return arrays.toArray(Array[]::new);
    }

    private static dnnl_memory_desc_t perChannel(long... shape) {
        long[] channels = new long[shape.length];
        Arrays.fill(channels, 1);
        channels[1] = shape[1];
        return OneDnn.rows(channels);
    }

    /** Whether two threads should share a layer for one image: it is long enough, and halves fill blocks. */
    private static boolean splits(long[] shape, long products) {
        return Workers.count() > 1 && shape[0] == 1 && shape[1] % CHANNELS == 0 && products >= SHARED;
    }

    /** Half of the channels each for two threads; null if the layout does not keep the halves apart. */
    private Array halved(Array x, Constant weights, Constant bias, Then then, Description operation, long... shape) {
        long[] half = half(shape);
        dnnl_memory_desc_t wanted = shape.length == 2 ? OneDnn.rows(half) : numbers(factors, ANY, half);
        Constant[] kernels = weights.halves();
        Primitive first = compiled(x, kernels[0], then.half(0), wanted, operation);
        dnnl_memory_desc_t part = Primitive.copy(first.layout(dnnl.DNNL_ARG_DST));
        dnnl_memory_desc_t whole = whole(part, shape);
        if (whole == null || dnnl.dnnl_memory_desc_equal(x.layout, first.layout(dnnl.DNNL_ARG_SRC)) == 0) {
            first.close();
            return null;
        }
        Array y = array(whole);
        y.halves = new Halves();
        y.part = part;
        steps.add(y.halves);
        for (int i = 0; i < 2; i++) {
            Primitive primitive = i == 0 ? first : compiled(x, kernels[1], then.half(1), part, operation);
            y.halves.steps.get(i).add(step(primitive, arguments(primitive, x, kernels[i], bias.halves()[i],
                    then.half(i), half(y, i))));
        }
        return y;
    }

    private static long[] half(long... shape) {
        long[] half = shape.clone();
        half[1] /= 2;
        return half;
    }

    /** A half of one image's channels, which lie one after the other. */
    private static Array half(Array of, int which) {
        Array half = new Array(of.part, of.place, which * dnnl.dnnl_memory_desc_get_size(of.part));
        of.place.users--;   // it lives as long as the whole
        return half;
    }

    /** The layout of all channels of one image where two halves in this layout lie one after the other, or null. */
    private static dnnl_memory_desc_t whole(dnnl_memory_desc_t half, long... shape) {
        if (shape.length == 2) return OneDnn.rows(shape);
        for (int layout : new int[] {dnnl.dnnl_nchw, dnnl.dnnl_nChw8c, dnnl.dnnl_nChw16c}) {
            int type = half.data_type();
            dnnl_memory_desc_t known = numbers(type, layout, half(shape));
            if (dnnl.dnnl_memory_desc_equal(half, known) != 0) return numbers(type, layout, shape);
        }
        return null;
    }

    /** Pooling; an average counts the padding as zeros or not at all. */
    public Array pooling(Array x, KernelGeometry geometry, boolean max, boolean padding) {
        Pooling.requireOverlap(geometry);
        int algorithm = max ? dnnl.dnnl_pooling_max
                : padding ? dnnl.dnnl_pooling_avg_include_padding : dnnl.dnnl_pooling_avg_exclude_padding;
        long[] shape = {x.shape()[0], x.shape()[1], geometry.output()[0], geometry.output()[1]};
        if (x.halves != null) {
            Primitive first = pooling(algorithm, x.part, half(shape), geometry);
            dnnl_memory_desc_t to = Primitive.copy(first.layout(dnnl.DNNL_ARG_DST));
            dnnl_memory_desc_t whole = whole(to, shape);
            if (whole != null) {
                // new memory: what is free by now may still be read by the other thread
                Array y = array(whole, new Place());
                y.halves = x.halves;
                y.part = to;
                Primitive second = pooling(algorithm, x.part, half(shape), geometry);
                y.halves.steps.get(0).add(step(first, half(x, 0), half(y, 0)));
                y.halves.steps.get(1).add(step(second, half(x, 1), half(y, 1)));
                return y;
            }
            first.close();
        }
        Primitive primitive = pooling(algorithm, x.layout, shape, geometry);
        Array y = array(Primitive.copy(primitive.layout(dnnl.DNNL_ARG_DST)));
        steps.add(step(primitive, x, y));
        return y;
    }

    private static Primitive pooling(int algorithm, dnnl_memory_desc_t source, long[] shape, KernelGeometry geometry) {
        dnnl_memory_desc_t target = numbers(source.data_type(), ANY, shape);
        var operation = describe("pooling", new dnnl_pooling_desc_t(), pooling -> dnnl.dnnl_pooling_forward_desc_init(
                pooling, dnnl.dnnl_forward_inference, algorithm, source, target, geometry.stride(), geometry.kernel(),
                geometry.before(), geometry.after()));
        return Primitive.of(operation, null, false, dnnl.DNNL_ARG_SRC, dnnl.DNNL_ARG_DST);
    }

    /** x · factor + shift, per channel. */
    public Array scaled(Array x, Constant factor, Constant shift) {
        dnnl_memory_desc_t perChannel = perChannel(x.shape());
        var operation = describe("a product", new dnnl_binary_desc_t(), product -> dnnl.dnnl_binary_desc_init(product,
                dnnl.dnnl_binary_mul, x.layout, perChannel, x.layout));
        Primitive primitive = Primitive.of(operation, null, operations -> check(dnnl.dnnl_post_ops_append_binary(
                operations, dnnl.dnnl_binary_add, perChannel), "fuse a shift"), dnnl.DNNL_ARG_SRC_0,
                dnnl.DNNL_ARG_SRC_1, dnnl.DNNL_ARG_DST, Then.operand(0));
        Array y = array(x.layout);
        steps.add(step(primitive, x, constant(factor, perChannel), y, constant(shift, perChannel)));
        return y;
    }

    /** The function of each number. */
    public Array function(Array x, Eltwise function) {
        var operation = describe("a function", new dnnl_eltwise_desc_t(), eltwise ->
                dnnl.dnnl_eltwise_forward_desc_init(eltwise, dnnl.dnnl_forward_inference, function.algorithm(),
                        x.layout, function.alpha(), 0f));
        Array y = array(x.layout);
        steps.add(step(Primitive.of(operation, null, false, dnnl.DNNL_ARG_SRC, dnnl.DNNL_ARG_DST), x, y));
        return y;
    }

    /** A function that oneDNN does not have; of 0 it has to be 0. */
    public Array function(Array given, DoubleUnaryOperator function) {
        Array x = arranged(given, given.type() == dnnl.dnnl_f32 ? given.layout : OneDnn.rows(given.shape()));
        Array y = array(x.layout);
        steps.add(() -> {
            float[] numbers = x.region().read((int) (x.region().bytes() / Float.BYTES));
            for (int i = 0; i < numbers.length; i++) numbers[i] = (float) function.applyAsDouble(numbers[i]);
            y.region().write(numbers);
        });
        if (x != given) release(x);
        return y;
    }

    /** The sum of two arrays of one shape, and a function of it; null for none. */
    public Array sum(Array a, Array b, Eltwise function) {
        Array other = arranged(b, a.layout);
        var operation = describe("a sum", new dnnl_binary_desc_t(), sum -> dnnl.dnnl_binary_desc_init(sum,
                dnnl.dnnl_binary_add, a.layout, other.layout, a.layout));
        Array y = array(a.layout);
        Primitive primitive = Primitive.of(operation, null, function == null ? null : function::fuse,
                dnnl.DNNL_ARG_SRC_0, dnnl.DNNL_ARG_SRC_1, dnnl.DNNL_ARG_DST);
        steps.add(step(primitive, a, other, y));
        if (other != b) release(other);
        return y;
    }

    /** Images as rows of numbers: channel by channel, or pixel by pixel. */
    public Array rows(Array x, boolean channelsLast) {
        long[] shape = x.shape();
        if (shape.length == 2) return x;
        Array plain = arranged(x, channelsLast ? floats(dnnl.dnnl_nhwc, shape) : OneDnn.rows(shape));
        Array rows = new Array(OneDnn.rows(shape[0], shape[1] * shape[2] * shape[3]), plain.place);
        if (plain != x) release(plain);
        return rows;
    }

    /** Rows of numbers, channel by channel, as images of this shape: channels, height, width. */
    public Array images(Array x, long... shape) {
        return new Array(OneDnn.rows(x.shape()[0], shape[0], shape[1], shape[2]), x.place);
    }

    /** No later step reads this array: others may take its memory. */
    public void release(Array array) {
        if (--array.place.users == 0) free.push(array.place);
    }

    private Array arranged(Array x, dnnl_memory_desc_t wanted) {
        if (dnnl.dnnl_memory_desc_equal(x.layout, wanted) != 0) return x;
        Array y = array(Primitive.copy(wanted));
        steps.add(step(Primitive.reorder(x.layout, wanted), x, y));
        return y;
    }

    private static Array constant(Constant constant, dnnl_memory_desc_t layout) {
        Place place = new Place();
        place.region = constant.in(layout);
        return new Array(Primitive.copy(layout), place);
    }

    private Array array(dnnl_memory_desc_t layout) {
        return array(layout, free.isEmpty() ? new Place() : free.pop());
    }

    private Array array(dnnl_memory_desc_t layout, Place place) {
        if (!places.contains(place)) places.add(place);
        place.bytes = Math.max(place.bytes, dnnl.dnnl_memory_desc_get_size(layout));
        if (bytes() > MOST_BYTES) {
            throw new IllegalArgumentException("images of the shape " + Arrays.toString(input.shape())
                    + " take more than " + MOST_BYTES + " bytes between the layers: predict smaller images");
        }
        return new Array(layout, place);
    }

    /** Bytes of all arrays between the steps. */
    public long bytes() {
        return places.stream().mapToLong(place -> (place.bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT).sum();
    }

    /** Count of all numbers that {@link #run} results in. */
    public int results() {
        return results.capacity();
    }

    private static Step step(Primitive primitive, Array... arrays) {
        return new Step() {
            private Region[] regions;

            @Override
            public void run() {
                if (regions == null) regions = Stream.of(arrays).map(Array::region).toArray(Region[]::new);
                primitive.run(regions);
            }

            @Override
            public void close() {
                primitive.close();
            }
        };
    }

    /** Allocates the memory; the output has to be rows. */
    public void finish(Array output) {
        memory = new NativeBuffer(floats(dnnl.dnnl_x, bytes() / Float.BYTES));
        long address = memory.region.address();
        for (Place place : places) {
            place.region = new Region(address, place.bytes);
            address += (place.bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
        }
        images = input.region().floats(input.region().bytes() / Float.BYTES);
        results = output.region().floats(output.region().bytes() / Float.BYTES);
    }

    /**
     * Computes.
     *
     * @param from remaining numbers: those of the images; if fewer than the program is for, the others are zeros
     * @param to   takes the results of as many images as it has room for
     */
    public void run(FloatBuffer from, FloatBuffer to) {
        int given = from.remaining();
        images.put(0, from, from.position(), given);
        for (int i = given; i < images.capacity(); i++) images.put(i, 0);
        for (Step step : steps) step.run();
        to.put(to.position(), results, 0, to.remaining());
    }

    @Override
    public void close() {
        steps.forEach(NativeResource::close);
        steps.clear();
        NativeResource.closeAll(memory);
    }
}
