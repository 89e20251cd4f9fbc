package digits.onnx;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DepthwiseConvolution2D;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer.PoolingType;
import org.deeplearning4j.nn.conf.layers.Upsampling2D;
import org.deeplearning4j.nn.conf.layers.ZeroPaddingLayer;
import org.deeplearning4j.nn.conf.layers.convolutional.Cropping2D;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Reads layers whose windows move over an image. ONNX pads each edge by any number; Deeplearning4j pads both edges of
 * an axis by the same number, or as TensorFlow does (“same”); whatever is left becomes a layer that pads.
 */
final class WindowReader {
    private static final int LARGEST_SIDE = 256;
    private static final int LARGEST_STEP = 256;

    private final LayerReader layers;

    WindowReader(LayerReader layers) {
        this.layers = layers;
    }

    /** The windows of a node; arrays hold rows and columns. */
    private record Window(int[] size, int[] stride, int[] dilation, int[] begin, int[] end, int[] in, int[] out) {
        int extent(int axis) {
            return (size[axis] - 1) * dilation[axis] + 1;
        }

        /** The pixels after the last one that the last window reaches. */
        int rest(int axis) {
            return Math.max(0, (out[axis] - 1) * stride[axis] + extent(axis) - in[axis] - begin[axis]);
        }

        boolean unpadded() {
            return begin[0] + begin[1] + rest(0) + rest(1) == 0;
        }

        /** Whether TensorFlow's padding is the same: to use every pixel, an odd line at the end. */
        boolean same() {
            for (int i = 0; i < 2; i++) {
                int total = Math.max(0, ((in[i] - 1) / stride[i]) * stride[i] + extent(i) - in[i]);
                if (out[i] != (in[i] - 1) / stride[i] + 1 || begin[i] != total / 2) return false;
            }
            return true;
        }

        /** Whether the same padding at both ends gives the same windows. */
        boolean symmetrical() {
            for (int i = 0; i < 2; i++) {
                if ((in[i] + 2 * begin[i] - extent(i)) / stride[i] + 1 != out[i]) return false;
            }
            return true;
        }

        /** The window on an image that has been padded. */
        Window padded() {
            return new Window(size, stride, dilation, new int[2], new int[2],
                    new int[] {in[0] + begin[0] + rest(0), in[1] + begin[1] + rest(1)}, out);
        }

        ConvolutionMode mode() {
            return !unpadded() && same() ? ConvolutionMode.Same : ConvolutionMode.Truncate;
        }

        int[] padding() {
            return mode() == ConvolutionMode.Same ? new int[2] : begin;
        }

        double area() {
            return (double) size[0] * size[1];
        }
    }

    private static Window window(ReadNode node, Signal image, int[] size) {
        int[] stride = node.sides("strides", 2, 1, 1, LARGEST_STEP);
        int[] dilation = node.sides("dilations", 2, 1, 1, LARGEST_STEP);
        int[] pads = node.sides("pads", 4, 0, 0, LARGEST_SIDE);
        String auto = node.text("auto_pad", "NOTSET");
        boolean ceil = !node.type().equals("Conv") && node.flag("ceil_mode", false);
        int[] begin = {pads[0], pads[1]};
        int[] end = {pads[2], pads[3]};
        int[] in = {image.sides()[1], image.sides()[2]};
        int[] out = new int[2];
        for (int i = 0; i < 2; i++) {
            if (size[i] < 1 || size[i] > LARGEST_SIDE) throw node.cannot("has windows of " + size[0] + "×" + size[1]);
            int extent = (size[i] - 1) * dilation[i] + 1;
            switch (auto) {
                case "NOTSET" -> { }
                case "VALID" -> {
                    begin[i] = 0;
                    end[i] = 0;
                }
                case "SAME_UPPER", "SAME_LOWER" -> {
                    int total = Math.max(0, ((in[i] - 1) / stride[i]) * stride[i] + extent - in[i]);
                    begin[i] = auto.equals("SAME_UPPER") ? total / 2 : total - total / 2;
                    end[i] = total - begin[i];
                }
                default -> throw node.badAttribute("auto_pad");
            }
            int room = in[i] + begin[i] + end[i] - extent;
            if (room < 0) throw node.cannot("has a window of " + extent + " pixels for images of " + in[i]);
            out[i] = (room + (ceil ? stride[i] - 1 : 0)) / stride[i] + 1;
            // no window begins in the padding after the image
            if (ceil && (out[i] - 1) * stride[i] >= in[i] + begin[i]) out[i]--;
        }
        return new Window(size, stride, dilation, begin, end, in, out);
    }

    Signal convolution(ReadNode node, Signal before, List<Value> inputs) {
        Signal in = before.asImage();
        Constant kernels = layers.constant(node, inputs, 1, "kernels");
        int[] shape = kernels.shape();
        long groups = node.whole("group", 1);
        if (shape.length != 4) throw node.cannot("has kernels of " + shape.length + " axes; only images can be read");
        boolean fits = groups >= 1 && groups <= in.channels() && in.channels() % groups == 0
                && shape[0] % groups == 0 && shape[1] == in.channels() / groups && shape[0] > 0;
        if (!fits) {
            throw node.cannot("has kernels of the shape " + Arrays.toString(shape) + " in " + groups
                    + " groups for images of " + in.channels() + " channels");
        }
        Window window = window(node, in, node.has("kernel_shape") ? node.sides("kernel_shape", 2, 1, 1, LARGEST_SIDE)
                : new int[] {shape[2], shape[3]});
        if (window.size[0] != shape[2] || window.size[1] != shape[3]) throw node.badAttribute("kernel_shape");
        float[] bias = inputs.size() > 2 && inputs.get(2) != null
                ? layers.floats(node, layers.constant(node, inputs, 2, "a bias"), shape[0]) : null;
        boolean direct = window.unpadded() || window.same() || window.symmetrical()
                && window.begin[0] <= window.extent(0) && window.begin[1] <= window.extent(1);
        if (!direct) {
            in = padded(node, in, window);
            window = window.padded();
        }
        float[] values = layers.floats(node, kernels, shape);
        Signal result = groups > 1 && groups == in.channels() ? depthwise(node, in, window, shape, values, bias)
                : groups > 1 ? grouped(node, in, window, shape, values, bias, (int) groups)
                : full(node, in, window, shape, values, bias);
        return layers.after(node, result, window.area() * shape[1], window.area() * in.channels() * area(window));
    }

    private static double area(Window window) {
        return (double) window.out[0] * window.out[1];
    }

    private Signal full(ReadNode node, Signal in, Window window, int[] shape, float[] kernels, float[] bias) {
        Map<String, INDArray> weights = weights(Nd4j.create(kernels, longs(shape), 'c'), bias);
        ConvolutionLayer.Builder builder = new ConvolutionLayer.Builder(window.size).stride(window.stride)
                .padding(window.padding()).dilation(window.dilation).convolutionMode(window.mode()).nOut(shape[0])
                .hasBias(bias != null).activation(Activation.IDENTITY);
        return after(node, in, builder, weights, window, shape[0]);
    }

    /** Deeplearning4j has no groups in between: a kernel is zero where its group does not reach. */
    private Signal grouped(ReadNode node, Signal in, Window window, int[] shape, float[] kernels, float[] bias,
            int groups) {
        int area = shape[2] * shape[3];
        int each = shape[1] * area;
        long size = (long) shape[0] * in.channels() * area;
        if (size > Constant.MOST_NUMBERS) throw node.cannot("has too many weights without its groups");
        float[] all = new float[(int) size];
        for (int out = 0; out < shape[0]; out++) {
            int group = out / (shape[0] / groups);
            System.arraycopy(kernels, out * each, all, out * in.channels() * area + group * each, each);
        }
        layers.note("Node \"" + OnnxReader.shortened(node.name()) + "\" has " + groups + " groups of channels, which"
                + " became one convolution with zeros between the groups: training may change the zeros.");
        return full(node, in, window, new int[] {shape[0], in.channels(), shape[2], shape[3]}, all, bias);
    }

    private Signal depthwise(ReadNode node, Signal in, Window window, int[] shape, float[] kernels, float[] bias) {
        int each = shape[0] / in.channels();
        INDArray turned = Nd4j.create(kernels, new long[] {in.channels(), each, shape[2], shape[3]}, 'c')
                .permute(2, 3, 0, 1).dup('c');
        DepthwiseConvolution2D.Builder builder = new DepthwiseConvolution2D.Builder(window.size).depthMultiplier(each)
                .stride(window.stride).padding(window.padding()).dilation(window.dilation)
                .convolutionMode(window.mode()).nOut(shape[0]).hasBias(bias != null).activation(Activation.IDENTITY);
        return after(node, in, builder, weights(turned, bias), window, shape[0]);
    }

    private Signal after(ReadNode node, Signal in, ConvolutionLayer.BaseConvBuilder<?> builder,
            Map<String, INDArray> weights, Window window, int channels) {
        return Signal.image(layers.parts().add(node, in, builder, weights), channels, window.out[0], window.out[1]);
    }

    private static Map<String, INDArray> weights(INDArray kernels, float[] bias) {
        Map<String, INDArray> weights = new HashMap<>(Map.of("W", kernels));
        if (bias != null) weights.put("b", Nd4j.create(bias, new long[] {1, bias.length}, 'c'));
        return weights;
    }

    static long[] longs(int[] values) {
        return Arrays.stream(values).asLongStream().toArray();
    }

    Signal pooling(ReadNode node, Signal before) {
        boolean max = node.type().equals("MaxPool");
        node.ignore("storage_order");
        boolean counts = !max && node.flag("count_include_pad", false);
        Signal in = before.asImage();
        if (!node.has("kernel_shape")) throw node.cannot("does not say the size of its windows");
        Window window = window(node, in, node.sides("kernel_shape", 2, 1, 1, LARGEST_SIDE));
        boolean zeros = max ? layers.parts().isNotNegative(in.from()) && in.pending().isEmpty()
                : counts && window.rest(0) <= window.end[0] && window.rest(1) <= window.end[1];
        boolean own = !counts && (window.same() || window.symmetrical() && !zeros && 2 * window.begin[0]
                <= window.size[0] && 2 * window.begin[1] <= window.size[1]);
        if (!window.unpadded() && !own) {
            if (!zeros) throw node.cannot("pads in a way that Deeplearning4j does not know; pad before it, or evenly");
            in = padded(node, in, window);
            window = window.padded();
        }
        SubsamplingLayer.Builder builder = new SubsamplingLayer.Builder(max ? PoolingType.MAX : PoolingType.AVG)
                .kernelSize(window.size).stride(window.stride).padding(window.padding()).dilation(window.dilation)
                .convolutionMode(window.mode());
        Signal result = Signal.image(layers.parts().add(node, in, builder, Map.of()), in.channels(), window.out[0],
                window.out[1]);
        return layers.after(node, result, window.area(), window.area() * result.size());
    }

    private Signal padded(ReadNode node, Signal in, Window window) {
        return bordered(node, in, new int[] {window.begin[0], window.rest(0), window.begin[1], window.rest(1)});
    }

    /** An image with lines of zeros at its edges, or without lines; {@code by}: top, bottom, left, right. */
    private Signal bordered(ReadNode node, Signal in, int[] by) {
        int height = in.sides()[1] + by[0] + by[1];
        int width = in.sides()[2] + by[2] + by[3];
        layers.after(node, Signal.image("", in.channels(), height, width), 0, 0);
        boolean crops = Arrays.stream(by).anyMatch(line -> line < 0);
        int[] lines = Arrays.stream(by).map(Math::abs).toArray();
        String name = layers.parts().add(node, node.name() + (crops ? "_cropping" : "_padding"), in,
                crops ? new Cropping2D.Builder(lines) : new ZeroPaddingLayer.Builder(lines), Map.of(), false);
        return Signal.image(name, in.channels(), height, width);
    }

    Signal pad(ReadNode node, Signal before, List<Value> inputs) {
        if (!node.text("mode", "constant").equals("constant")) {
            throw node.cannot("repeats or mirrors the edges; only zeros can be added (Keras: use the TensorFlow backend"
                    + " to export)");
        }
        boolean attributes = node.opset() < 11;
        if (node.number("value", 0) != 0) throw node.badAttribute("value");
        if (inputs.size() > 2 && inputs.get(2) != null && layers.scalar(node, inputs, 2) != 0) {
            throw node.cannot("pads with another number than 0");
        }
        long[] pads = attributes ? node.list("pads") : layers.whole(node, inputs, 1, "numbers of lines");
        int rank = before.shape().length + 1;
        int[] axes = new int[rank];
        for (int i = 0; i < rank; i++) axes[i] = i;
        if (inputs.size() > 3 && inputs.get(3) != null) {
            long[] named = layers.whole(node, inputs, 3, "axes");
            if (named.length > rank) throw node.cannot("names too many axes");
            axes = Arrays.stream(named).mapToInt(axis -> ConstantFolding.axis(node, axis, rank)).toArray();
        }
        if (pads == null || pads.length != 2 * axes.length) throw node.cannot("does not say how many lines it adds");
        if (Arrays.stream(pads).allMatch(lines -> lines == 0)) return before;
        Signal in = before.shape().length == 3 && before.places() != null ? before : before.asImage();
        int[] by = new int[4];
        for (int i = 0; i < axes.length; i++) {
            long first = pads[i];
            long last = pads[i + axes.length];
            if (first == 0 && last == 0) continue;
            int place = axes[i] == 0 ? 0 : in.places()[axes[i] - 1];
            if (place == 0 || Math.max(Math.abs(first), Math.abs(last)) > LARGEST_SIDE) {
                throw node.cannot("pads by " + first + " and " + last + " along the axis " + axes[i]
                        + "; only rows and columns of images can be padded, by 256 at most");
            }
            by[2 * place - 2] = (int) first;
            by[2 * place - 1] = (int) last;
        }
        boolean mixed = Arrays.stream(by).anyMatch(n -> n < 0)
                && Arrays.stream(by).anyMatch(n -> n > 0);
        if (mixed) throw node.cannot("pads and crops at once");
        return turned(bordered(node, in, by), in.places());
    }

    /** Takes rows and columns in the middle of images. */
    Signal slice(ReadNode node, Signal before, List<Value> inputs) {
        boolean attributes = node.opset() < 10;
        long[] starts = attributes ? node.list("starts") : layers.whole(node, inputs, 1, "starts");
        long[] ends = attributes ? node.list("ends") : layers.whole(node, inputs, 2, "ends");
        long[] axes = attributes ? node.list("axes") : inputs.size() > 3 && inputs.get(3) != null
                ? layers.whole(node, inputs, 3, "axes") : null;
        if (axes == null && starts != null) axes = LongStream.range(0, starts.length).toArray();
        boolean steps = inputs.size() > 4
                && Arrays.stream(layers.whole(node, inputs, 4, "steps")).anyMatch(step -> step != 1);
        if (steps || axes == null || ends == null || starts.length != axes.length || ends.length != axes.length) {
            throw node.cannot("takes every second row, mirrors them, or does not say which it takes");
        }
        Signal in = before.shape().length == 3 && before.places() != null ? before : before.asImage();
        int[] by = new int[4];
        for (int i = 0; i < axes.length; i++) {
            int axis = ConstantFolding.axis(node, axes[i], in.shape().length + 1);
            int place = axis == 0 ? 0 : in.places()[axis - 1];
            int length = axis == 0 ? Integer.MAX_VALUE : in.shape()[axis - 1];
            int from = ConstantFolding.bounded(starts[i], length);
            int to = ConstantFolding.bounded(ends[i], length);
            if (place == 0 && (from > 0 || to < length)) {
                throw node.cannot("takes a part of the axis " + axis + "; only rows and columns can be cut off");
            }
            if (place == 0) continue;
            by[2 * place - 2] = -from;
            by[2 * place - 1] = to - length;
        }
        return Arrays.stream(by).allMatch(lines -> lines == 0) ? before : turned(bordered(node, in, by), in.places());
    }

    /** An image whose axes come in the order that they had before. */
    private static Signal turned(Signal image, int[] places) {
        int[] sides = image.sides();
        return new Signal(image.from(), new int[] {sides[places[0]], sides[places[1]], sides[places[2]]}, true, sides,
                places, null, List.of(), false);
    }

    /** Repeats rows and columns, which is what “nearest” means for whole factors. */
    Signal upsampling(ReadNode node, Signal before, List<Value> inputs) {
        Signal in = before.shape().length == 3 && before.places() != null ? before : before.asImage();
        checkNearest(node);
        double[] factors = factors(node, in, inputs);
        int[] by = {1, 1, 1};
        for (int i = 0; i < factors.length; i++) {
            int place = i == 0 ? 0 : in.places()[i - 1];
            boolean repeats = factors[i] >= 1 && factors[i] <= (place == 0 ? 1 : LARGEST_STEP)
                    && factors[i] == Math.rint(factors[i]);
            if (!repeats) {
                throw node.cannot("changes the size along the axis " + i + " by the factor " + factors[i]
                        + "; only rows and columns of images can be repeated, 2 to " + LARGEST_STEP + " times");
            }
            by[place] = (int) factors[i];
        }
        if (by[1] == 1 && by[2] == 1) return before;
        int height = in.sides()[1] * by[1];
        int width = in.sides()[2] * by[2];
        layers.after(node, Signal.image("", in.channels(), height, width), 0, 0);
        String name = layers.parts().add(node, in, new Upsampling2D.Builder().size(new int[] {by[1], by[2]}),
                Map.of());
        return turned(Signal.image(name, in.channels(), height, width), in.places());
    }

    /** So that pixel i of a row that is n times as long is pixel ⌊i / n⌋ of the row before. */
    private static void checkNearest(ReadNode node) {
        node.ignore("antialias", "cubic_coeff_a", "exclude_outside", "extrapolation_value");   // of other modes
        String mode = node.text("mode", "nearest");
        String place = node.text("coordinate_transformation_mode", node.opset() < 11 ? "asymmetric" : "half_pixel");
        String rounds = node.text("nearest_mode", node.opset() < 11 ? "floor" : "round_prefer_floor");
        boolean centered = List.of("half_pixel", "pytorch_half_pixel", "half_pixel_symmetric").contains(place)
                && rounds.startsWith("round_prefer_");
        boolean floor = List.of("asymmetric", "tf_half_pixel_for_nn").contains(place) && rounds.equals("floor");
        boolean stretched = node.text("keep_aspect_ratio_policy", "stretch").equals("stretch");
        if (mode.equals("nearest") && stretched && (centered || floor)) return;
        throw node.cannot("computes pixels between others (" + OnnxReader.shortened(mode + ", " + place + ", " + rounds)
                + "); only repeating them can be read: upsample by “nearest”");
    }

    /** The factor of each axis, the batch first; from the sizes after it if they are given instead. */
    private double[] factors(ReadNode node, Signal in, List<Value> inputs) {
        boolean resize = node.type().equals("Resize");
        boolean sized = resize && inputs.size() > 3 && inputs.get(3) != null;
        Constant given = !resize && node.opset() < 9 ? node.floats("scales")
                : layers.constant(node, inputs, sized ? 3 : resize && node.opset() > 10 ? 2 : 1, "factors");
        double[] factors = {1, 1, 1, 1};
        long[] axes = node.list("axes");
        if (axes == null) axes = new long[] {0, 1, 2, 3};
        if (given.size() != axes.length) throw node.cannot("does not say by how much it changes each axis");
        for (int i = 0; i < axes.length; i++) {
            int axis = ConstantFolding.axis(node, axes[i], factors.length);
            factors[axis] = !sized ? given.at(i) : axis > 0 ? given.at(i) / in.shape()[axis - 1]
                    : given.whole() != null && layers.isBatch(given.whole()[i]) ? 1 : given.at(i);
        }
        return factors;
    }
}
