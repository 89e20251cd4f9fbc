package digits.onnx;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.graph.MergeVertex;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.DepthwiseConvolution2D;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayer;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.activations.impl.ActivationSigmoid;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Reads sums, products and concatenations: of branches, or with constants, such as the normalization of pixels. */
final class Arithmetic {
    private static final int MOST_BRANCHES = 64;   // Deeplearning4j needs 8 ms for each

    private final LayerReader layers;

    Arithmetic(LayerReader layers) {
        this.layers = layers;
    }

    Signal add(ReadNode node, List<Value> inputs) {
        if (inputs.size() > MOST_BRANCHES) {
            throw node.cannot("joins " + inputs.size() + " results; at most " + MOST_BRANCHES + " can be read");
        }
        if (node.type().equals("Concat")) return concatenation(node, inputs);
        node.ignore("axis", "broadcast");
        if (inputs.stream().allMatch(Signal.class::isInstance)) {
            return join(node, inputs.stream().map(Signal.class::cast).toList());
        }
        if (inputs.size() != 2 || inputs.contains(null)) throw node.cannot("has " + inputs.size() + " inputs, not 2");
        boolean first = inputs.get(0) instanceof Signal;
        Signal in = (Signal) inputs.get(first ? 0 : 1);
        Constant by = (Constant) inputs.get(first ? 1 : 0);
        double[] values = doubles(layers.floats(node, by, by.size()));
        double[] one = {1};
        double[] none = {0};
        return switch (node.type()) {
            case "Add", "Sum" -> affine(node, in, by.shape(), one, values);
            case "Sub" -> first ? affine(node, in, by.shape(), one, Arrays.stream(values).map(v -> -v).toArray())
                    : affine(node, in, by.shape(), new double[] {-1}, values);
            case "Mul" -> affine(node, in, by.shape(), values, none);
            case "Div" -> {
                if (!first) throw node.cannot("divides by a result, which no layer does");
                if (Arrays.stream(values).anyMatch(v -> v == 0)) throw node.cannot("divides by zero");
                yield affine(node, in, by.shape(), Arrays.stream(values).map(v -> 1 / v).toArray(), none);
            }
            default -> throw node.cannot("combines a result with constants, which no layer does; for a largest or"
                    + " smallest value, use Relu or Clip");
        };
    }

    /** scikit-learn's StandardScaler: scale · (x − offset). */
    Signal scaler(ReadNode node, Signal in) {
        Constant offset = node.floats("offset");
        Constant scale = node.floats("scale");
        double[] scales = doubles(layers.floats(node, scale, scale.size()));
        double[] offsets = doubles(layers.floats(node, offset, offset.size()));
        for (int i = 0; i < offsets.length; i++) offsets[i] *= -scales[scales.length == 1 ? 0 : i];
        return affine(node, in, scale.shape(), scales, offsets);
    }

    private static double[] doubles(float[] values) {
        return IntStream.range(0, values.length).mapToDouble(i -> values[i]).toArray();
    }

    /** scale · x + offset. */
    Signal affine(ReadNode node, Signal in, double scale, double offset) {
        return affine(node, in, new int[0], new double[] {scale}, new double[] {offset});
    }

    /**
     * scale · x + offset, each a single number or an array of this shape. It goes into the layer before it where that
     * is linear; otherwise it becomes batch normalization that is frozen, with a mean of 0 and a variance of 1.
     */
    private Signal affine(ReadNode node, Signal before, int[] shape, double[] scale, double[] offset) {
        Signal in = matching(node, before, shape);
        int n = in.channels();
        float[] scales = in.inOrder(spread(node, scale, n));
        float[] offsets = in.inOrder(spread(node, offset, n));
        ReadParts.Part part = layers.parts().part(in.from());
        if (in.isOwn() && part != null && (part.isLinear() || part.affine())) {
            if (part.affine()) {
                part.weights().get("gamma").muliRowVector(LayerReader.row(scales));
                part.weights().get("beta").muliRowVector(LayerReader.row(scales))
                        .addiRowVector(LayerReader.row(offsets));
            } else {
                fold(part, scales, offsets);
            }
            return in;
        }
        if (in.from().equals(ReadParts.INPUT)) {
            layers.note("It normalizes its input itself: give it pixels in the range that it was trained on, most often"
                    + " 0 to 1.");
        }
        Map<String, INDArray> values = new HashMap<>(Map.of("gamma", LayerReader.row(scales),
                "beta", LayerReader.row(offsets), "mean", Nd4j.zeros(1, n), "var", Nd4j.ones(1, n)));
        BatchNormalization frozen = new BatchNormalization.Builder().eps(0).useLogStd(false).name(node.name()).build();
        String name = layers.parts().add(node, node.name(), in, new FrozenLayer.Builder().layer(frozen), values, true);
        return in.passedOn(name);
    }

    private static float[] spread(ReadNode node, double[] values, int n) {
        if (values.length != 1 && values.length != n) throw node.cannot("has " + values.length + " numbers, not " + n);
        float[] all = new float[n];
        for (int i = 0; i < n; i++) all[i] = (float) values[values.length == 1 ? 0 : i];
        return all;
    }

    /** So that constants of this shape are one per channel, or one for each number of a list. */
    private static Signal matching(ReadNode node, Signal in, int[] shape) {
        int rank = in.shape().length + 1;
        int[] varying = IntStream.range(0, shape.length).filter(i -> shape[i] != 1).map(i -> rank - shape.length + i)
                .toArray();
        boolean fits = shape.length <= rank;
        for (int axis : varying) {
            fits &= axis > 0 && in.shape()[axis - 1] == shape[axis - rank + shape.length];
        }
        if (!fits) {
            throw node.cannot("combines numbers of the shape " + Arrays.toString(in.shape()) + " per image with"
                    + " constants of the shape " + Arrays.toString(shape));
        }
        if (varying.length == 0) return in;
        if (in.shape().length == 1) return in.asList();
        if (varying.length == 1) {
            int[] places = in.places();
            if (places != null && places[varying[0] - 1] == 0) return in;
            if (!in.image() && in.shape()[varying[0] - 1] == in.channels()) return in;
            if (varying[0] == 1 && in.shape().length == 3) return in.asImage();
        }
        boolean each = IntStream.of(varying).map(axis -> in.shape()[axis - 1]).reduce(1, (a, b) -> a * b) == in.size();
        if (!each) {
            throw node.cannot("has constants along other axes than the channels: " + Arrays.toString(shape));
        }
        int[] sides = in.shape();
        return in.reshaped(in.size()).asList().reshaped(sides);
    }

    /** Changes a layer so that it returns scale · x + offset. */
    private void fold(ReadParts.Part part, float[] scales, float[] offsets) {
        INDArray w = part.weights().get("W");
        INDArray scale = LayerReader.row(scales);
        int n = scales.length;
        if (part.layer() instanceof DenseLayer) w.muliRowVector(scale);
        else if (part.layer() instanceof DepthwiseConvolution2D) w.reshape(w.length() / n, n).muliRowVector(scale);
        else w.reshape(n, w.length() / n).muliColumnVector(scale.reshape(n, 1));
        INDArray bias = part.weights().get("b");
        INDArray changed = bias == null ? LayerReader.row(offsets) : bias.mul(scale).addi(LayerReader.row(offsets));
        boolean zero = bias == null && IntStream.range(0, n).allMatch(i -> offsets[i] == 0);
        if (zero) return;
        Map<String, INDArray> weights = new HashMap<>(part.weights());
        weights.put("b", changed);
        if (part.layer() instanceof DenseLayer dense) dense.setHasBias(true);
        else ((ConvolutionLayer) part.layer()).setHasBias(true);
        layers.parts().replace(part, part.layer(), weights);
    }

    private Signal join(ReadNode node, List<Signal> in) {
        if (in.size() == 1) return in.get(0);
        ElementWiseVertex.Op operation = switch (node.type()) {
            case "Add", "Sum" -> ElementWiseVertex.Op.Add;
            case "Sub" -> ElementWiseVertex.Op.Subtract;
            case "Mul" -> ElementWiseVertex.Op.Product;
            case "Mean" -> ElementWiseVertex.Op.Average;
            case "Max" -> ElementWiseVertex.Op.Max;
            default -> throw node.cannot("combines two results, which no layer does");
        };
        boolean pairs = operation == ElementWiseVertex.Op.Subtract || operation == ElementWiseVertex.Op.Product;
        if (in.size() > 2 && pairs) throw node.cannot("has more than two inputs");
        Signal first = in.get(0);
        for (Signal one : in) {
            if (!Arrays.equals(one.shape(), first.shape())) {
                throw node.cannot("combines the shapes " + Arrays.toString(first.shape()) + " and "
                        + Arrays.toString(one.shape()) + "; only equal shapes can be combined");
            }
        }
        Signal swish = operation == ElementWiseVertex.Op.Product ? swish(in) : null;
        if (swish != null) return swish;
        List<Signal> same = alike(in);
        return same.get(0).passedOn(layers.parts().add(node, same, new ElementWiseVertex(operation)));
    }

    /** x · sigmoid(x), as most exporters write it; null if it is another product. */
    private Signal swish(List<Signal> in) {
        for (int i = 0; i < 2; i++) {
            Signal x = in.get(i);
            Signal gate = in.get(1 - i);
            ReadParts.Part part = layers.parts().part(gate.from());
            if (part != null && gate.isOwn() && part.layer() instanceof ActivationLayer layer && part.before() == null
                    && layer.getActivationFn() instanceof ActivationSigmoid && part.reads().equals(List.of(x.from()))
                    && x.pending().isEmpty()) {
                layer.setActivationFn(Activation.SWISH.getActivationFunction());
                return gate;
            }
        }
        return null;
    }

    /** In the same form, so that Deeplearning4j holds them alike. */
    private static List<Signal> alike(List<Signal> before) {
        List<Signal> in = before.stream().map(Signal::withPlaces).toList();
        Signal first = in.get(0);
        boolean same = in.stream().allMatch(one -> one.image() == first.image() && one.order() == first.order()
                && Arrays.equals(one.sides(), first.sides()) && Arrays.equals(one.axes(), first.axes()));
        if (same) return in;
        if (first.shape().length == 3) return in.stream().map(Signal::asImage).toList();
        if (first.shape().length == 1) {
            List<Signal> lists = in.stream().map(Signal::asList).toList();
            if (lists.stream().allMatch(one -> Arrays.equals(one.order(), lists.get(0).order()))) return lists;
        }
        throw new IllegalArgumentException("combines results that were reshaped or transposed differently");
    }

    private Signal concatenation(ReadNode node, List<Value> inputs) {
        List<Signal> in = new ArrayList<>();
        for (Value value : inputs) {
            if (!(value instanceof Signal signal)) throw node.cannot("joins results and constants");
            in.add(signal);
        }
        int rank = in.get(0).shape().length + 1;
        int axis = ConstantFolding.axis(node, node.whole("axis", 1), rank);
        if (in.size() == 1) return in.get(0);
        if (axis == 0 || in.stream().anyMatch(one -> one.shape().length + 1 != rank)) {
            throw node.cannot("joins along the axis " + axis + " results of different ranks, or the batch");
        }
        for (Signal one : in) {
            for (int i = 1; i < rank; i++) {
                if (i != axis && one.shape()[i - 1] != in.get(0).shape()[i - 1]) {
                    throw node.cannot("joins results of different sizes");
                }
            }
        }
        if (rank == 2) {
            List<Signal> lists = in.stream().map(Signal::asList).toList();
            if (lists.stream().anyMatch(one -> one.order() != null)) throw node.cannot("joins flattened images");
            return layers.after(node, Signal.list(merged(node, lists), sum(lists)), 0, 0);
        }
        int[] places = in.get(0).places();
        boolean direct = places != null && places[axis - 1] == 0 && in.stream().allMatch(one ->
                one.places() != null && Arrays.equals(one.places(), places));
        if (!direct && axis != 1) throw node.cannot("joins along another axis than the channels");
        List<Signal> images = direct ? in : in.stream().map(Signal::asImage).toList();
        int[] sides = images.get(0).sides();
        Signal joined = layers.after(node, Signal.image(merged(node, images), sum(images), sides[1], sides[2]), 0, 0);
        if (!direct) return joined;
        int[] own = joined.sides();
        int[] shape = IntStream.of(places).map(place -> own[place]).toArray();
        return new Signal(joined.from(), shape, true, own, places, null, List.of(), false);
    }

    private static int sum(List<Signal> in) {
        return Math.toIntExact(in.stream().mapToLong(Signal::channels).sum());
    }

    private String merged(ReadNode node, List<Signal> in) {
        return layers.parts().add(node, in, new MergeVertex());
    }
}
