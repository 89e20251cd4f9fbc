package digits.onnx;

import digits.keras.KerasActivation;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.deeplearning4j.nn.conf.dropout.Dropout;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BaseLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.DropoutLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.PReLULayer;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.activations.impl.ActivationIdentity;
import org.nd4j.linalg.activations.impl.ActivationLReLU;
import org.nd4j.linalg.activations.impl.ActivationThresholdedReLU;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Makes layers of nodes. The bounds are those of saved networks, so that what was read can be saved and loaded. */
final class LayerReader {
    static final int MOST_NUMBERS = 4 << 20;                  // per example, after a layer
    private static final double MOST_UNDER_WINDOWS = 32 << 20;   // Deeplearning4j copies what each kernel sees
    private static final double MOST_PRODUCTS = 1L << 33;     // per example, in all layers: seconds
    private static final double UNBOUNDED = 1e18;             // of KerasActivation
    private static final float LARGEST = 1e30f;               // of a weight: anything larger is no longer a number soon

    private final ReadParts parts = new ReadParts();
    private final long batch;
    private final List<String> notes;
    private final WindowReader windows = new WindowReader(this);
    private final Arithmetic arithmetic = new Arithmetic(this);
    private double products;

    /** @param batch how many images the file reads at a time; −1 for any number */
    LayerReader(long batch, List<String> notes) {
        this.batch = batch;
        this.notes = notes;
    }

    ReadParts parts() {
        return parts;
    }

    void note(String sentence) {
        if (!notes.contains(sentence)) notes.add(sentence);
    }

    /** Reads a node that depends on the images. */
    Signal add(ReadNode node, List<Value> inputs, boolean last) {
        boolean joins = List.of("Add", "Sub", "Mul", "Div", "Sum", "Mean", "Max", "Concat").contains(node.type());
        if (joins) return arithmetic.add(node, inputs);
        if (!(inputs.get(0) instanceof Signal in) || inputs.stream().skip(1).anyMatch(Signal.class::isInstance)) {
            throw node.cannot("computes with two results in a way that this library does not know");
        }
        return switch (node.type()) {
            case "Conv" -> windows.convolution(node, in, inputs);
            case "MaxPool", "AveragePool" -> windows.pooling(node, in);
            case "Pad" -> windows.pad(node, in, inputs);
            case "Slice" -> windows.slice(node, in, inputs);
            case "Resize", "Upsample" -> windows.upsampling(node, in, inputs);
            case "GlobalAveragePool", "GlobalMaxPool", "ReduceMean", "ReduceMax" -> globalPooling(node, in, inputs);
            case "BatchNormalization" -> normalization(node, in, inputs);
            case "Gemm" -> gemm(node, in, inputs);
            case "MatMul" -> dense(node, in, matrix(node, constant(node, inputs, 1, "weights"), false), null);
            case "Flatten" -> flatten(node, in);
            case "Reshape" -> reshape(node, in, whole(node, inputs, 1, "a shape"));
            case "Squeeze", "Unsqueeze" -> squeeze(node, in, inputs);
            case "Transpose" -> transpose(node, in);
            case "Softmax" -> softmax(node, in);
            case "LogSoftmax" -> logSoftmax(node, in, last);
            case "Dropout" -> dropout(node, in, inputs);
            case "PRelu" -> prelu(node, in, constant(node, inputs, 1, "slopes"));
            case "Clip" -> clip(node, in, inputs);
            case "HardSigmoid" -> hardSigmoid(node, in);
            case "Neg" -> arithmetic.affine(node, in, -1, 0);
            case "Identity" -> in;
            case "Cast" -> cast(node, in);
            case "Scaler" -> arithmetic.scaler(node, in);
            default -> activation(node, in, function(node));
        };
    }

    /** Functions of one number. */
    private static IActivation function(ReadNode node) {
        return switch (node.type()) {
            case "Relu" -> Activation.RELU.getActivationFunction();
            case "Sigmoid" -> Activation.SIGMOID.getActivationFunction();
            case "Tanh" -> Activation.TANH.getActivationFunction();
            case "Softplus" -> Activation.SOFTPLUS.getActivationFunction();
            case "Softsign" -> Activation.SOFTSIGN.getActivationFunction();
            case "LeakyRelu" -> new ActivationLReLU(node.number("alpha", 0.01));
            case "ThresholdedRelu" -> new ActivationThresholdedReLU(node.number("alpha", 1));
            case "Elu" -> elu(node.number("alpha", 1));
            case "Celu" -> new KerasActivation("celu", UNBOUNDED, node.number("alpha", 1), 0);
            case "Selu" -> selu(node);
            case "Mish" -> new KerasActivation("mish", UNBOUNDED, 0, 0);
            case "HardSwish" -> new KerasActivation("hard_silu", UNBOUNDED, 0, 0);
            case "Gelu" -> switch (node.text("approximate", "none")) {
                case "none" -> new KerasActivation("gelu", UNBOUNDED, 0, 0);
                case "tanh" -> new KerasActivation("gelu_tanh", UNBOUNDED, 0, 0);
                default -> throw node.badAttribute("approximate");
            };
            case "Swish" -> {
                if (node.number("alpha", 1) != 1) throw node.badAttribute("alpha");
                yield Activation.SWISH.getActivationFunction();
            }
            default -> throw node.cannot(reason(node.type()));
        };
    }

    private static IActivation elu(double alpha) {
        return alpha == 1 ? Activation.ELU.getActivationFunction() : new KerasActivation("elu", UNBOUNDED, alpha, 0);
    }

    private static IActivation selu(ReadNode node) {
        if (Math.abs(node.number("alpha", 1.67326319) - 1.67326319) > 1e-6) throw node.badAttribute("alpha");
        if (Math.abs(node.number("gamma", 1.05070102) - 1.05070102) > 1e-6) throw node.badAttribute("gamma");
        return Activation.SELU.getActivationFunction();
    }

    /** Why an operator cannot be read, and the way out. */
    private static String reason(String type) {
        if (type.matches("If|Loop|Scan|SequenceMap")) {
            return "runs a subgraph; export a model without branches or loops in its code";
        }
        if (type.matches("(?i).*quantize.*|.*Integer|QLinear.*")) {
            return "computes with quantized numbers; export the model as it was before it was quantized";
        }
        if (type.matches("LSTM|GRU|RNN|.*Attention.*|Einsum|Embedding.*|LayerNormalization|RMSNormalization")) {
            return "belongs to models of sequences, which this library does not know; images are read by Conv, pooling,"
                    + " Gemm and the other operators that OnnxFiles lists";
        }
        if (type.matches("ArgMax|TopK|NonMaxSuppression")) {
            return "chooses from the predictions; export the probabilities or logits themselves";
        }
        return "is an operator that this library does not know; build the model from the layers whose operators"
                + " OnnxFiles lists, and export it again";
    }

    /** Counts what is computed per example, so that a small file cannot occupy the machine for hours. */
    Signal after(ReadNode node, Signal result, double each, double underWindows) {
        double numbers = 1;
        for (int side : result.sides()) numbers *= side;
        if (IntStream.of(result.sides()).anyMatch(side -> side < 1) || numbers > MOST_NUMBERS) {
            throw node.cannot("would return " + Arrays.toString(result.sides()) + " numbers per example; such a size"
                    + " cannot be read");
        }
        products += each * numbers;
        if (products > MOST_PRODUCTS || underWindows > MOST_UNDER_WINDOWS) {
            throw node.cannot("would take too long or too much memory to compute; the model is too large");
        }
        return result;
    }

    Constant constant(ReadNode node, List<Value> inputs, int i, String what) {
        if (i < inputs.size() && inputs.get(i) instanceof Constant constant) return constant;
        throw node.cannot("needs " + what + " as input " + (i + 1) + ", constant numbers");
    }

    long[] whole(ReadNode node, List<Value> inputs, int i, String what) {
        Constant constant = constant(node, inputs, i, what);
        if (constant.whole() == null) throw node.cannot("needs " + what + " as whole numbers");
        return constant.whole();
    }

    double scalar(ReadNode node, List<Value> inputs, int i) {
        Constant constant = constant(node, inputs, i, "a number");
        if (constant.size() != 1) throw node.cannot("needs a single number as input " + (i + 1));
        return constant.at(0);
    }

    /** Weights, which must be that many finite numbers. */
    float[] floats(ReadNode node, Constant constant, int... shape) {
        int size = IntStream.of(shape).reduce(1, (a, b) -> a * b);
        if (constant.size() != size) {
            throw node.cannot("has weights of the shape " + Arrays.toString(constant.shape()) + ", but needs "
                    + Arrays.toString(shape));
        }
        float[] values = constant.asFloats();
        for (float value : values) {
            if (Math.abs(value) <= LARGEST) continue;   // false for NaN too
            throw node.cannot("has a weight of " + value + "; train the model again");
        }
        return values;
    }

    static INDArray row(float[] values) {
        return Nd4j.create(values, new long[] {1, values.length}, 'c');
    }

    /** The shape of a result with the batch, whose size is not known. */
    long[] shape(Signal signal) {
        long[] sides = new long[signal.shape().length + 1];
        sides[0] = Constant.BATCH;
        for (int i = 1; i < sides.length; i++) sides[i] = signal.shape()[i - 1];
        return sides;
    }

    /** Whether this number in a shape is the number of images that the file reads at a time. */
    boolean isBatch(long side) {
        return side == Constant.BATCH || batch > 0 && side == batch;
    }

    private Signal globalPooling(ReadNode node, Signal in, List<Value> inputs) {
        boolean reduces = node.type().startsWith("Reduce");
        boolean keeps = !reduces || node.flag("keepdims", true);
        int[] shape = in.shape();
        boolean[] pooled = new boolean[shape.length];
        if (reduces) {
            node.flag("noop_with_empty_axes", false);
            long[] axes = ConstantFolding.axes(node, inputs);
            for (long axis : axes == null ? new long[1] : axes) {
                int of = ConstantFolding.axis(node, axis, shape.length + 1);
                if (of == 0) throw node.cannot("takes the images of a batch together");
                pooled[of - 1] = true;
            }
        } else {
            Arrays.fill(pooled, 1, Math.max(1, shape.length), true);
        }
        int[] places = in.places();
        if (places == null && shape.length == 2 && in.image() && shape[0] == in.channels()) {   // [c, h · w]
            places = in.reshaped(in.sides()).places() == null ? null : new int[] {0, 1};
        }
        if (places == null && shape.length == 3 && in.pending().isEmpty() && in.image()) places = in.asImage().places();
        boolean whole = places != null;
        for (int i = 0; whole && i < pooled.length; i++) whole = pooled[i] != (places[i] == 0) || shape[i] == 1;
        if (!whole) throw node.cannot("pools other axes than the height and width of images");
        PoolingType type = node.type().contains("Max") ? PoolingType.MAX : PoolingType.AVG;
        Signal list = Signal.list(parts.add(node, in, new GlobalPoolingLayer.Builder(type), Map.of()), in.channels());
        if (!keeps) return list;
        int[] ones = shape.clone();
        for (int i = 0; i < ones.length; i++) if (pooled[i]) ones[i] = 1;
        return list.reshaped(ones);
    }

    /** On the channels of an image, or on each number of a list. */
    private Signal normalization(ReadNode node, Signal before, List<Value> inputs) {
        Signal in = alongChannels(before);
        node.ignore("spatial", "is_test", "consumed_inputs");
        if (node.flag("training_mode", false) || node.opset() < 14 && node.outputs().size() > 1) {
            note("It was exported in training mode: here, batch normalization predicts with its running averages.");
        }
        double eps = node.number("epsilon", 1e-5);
        if (eps < 0 || eps > 1) throw node.badAttribute("epsilon");
        String[] names = {"gamma", "beta", "mean", "var"};
        Map<String, INDArray> weights = new HashMap<>();
        for (int i = 0; i < names.length; i++) {
            float[] values = floats(node, constant(node, inputs, i + 1, names[i]), in.channels());
            if (i == 3) {
                for (float value : values) {
                    if (value < 0 || value + eps == 0) throw node.cannot("has a variance of " + value);
                }
            }
            weights.put(names[i], row(in.inOrder(values)));
        }
        double decay = node.number("momentum", 0.9);
        if (decay < 0 || decay > 1) throw node.badAttribute("momentum");
        return in.passedOn(parts.add(node, in,
                new BatchNormalization.Builder().decay(decay).eps(eps).useLogStd(false), weights));
    }

    /** So that the first axis of the shape is that of the channels, or it is a list. */
    private static Signal alongChannels(Signal in) {
        if (in.shape().length == 1) return in.asList();
        int[] places = in.places();
        return places != null && places[0] == 0 ? in : in.asImage();
    }

    private Signal gemm(ReadNode node, Signal in, List<Value> inputs) {
        if (node.flag("transA", false)) throw node.badAttribute("transA");
        node.ignore("broadcast");
        Constant weights = matrix(node, constant(node, inputs, 1, "weights"), node.flag("transB", false));
        float alpha = (float) node.number("alpha", 1);
        float beta = (float) node.number("beta", 1);
        float[] values = alpha == 1 ? weights.floats() : scaled(weights.floats(), alpha);
        float[] bias = null;
        if (inputs.size() > 2) {
            int units = weights.shape()[1];
            Constant third = constant(node, inputs, 2, "a bias");
            bias = new float[units];
            float[] found = floats(node, third, third.size() == 1 ? 1 : units);
            for (int i = 0; i < units; i++) bias[i] = beta * found[found.length == 1 ? 0 : i];
        }
        return dense(node, in, new Constant(weights.shape(), values, null), bias);
    }

    private static float[] scaled(float[] values, float by) {
        float[] result = new float[values.length];
        for (int i = 0; i < values.length; i++) result[i] = by * values[i];
        return result;
    }

    /** Weights as [inputs, outputs]. */
    private Constant matrix(ReadNode node, Constant weights, boolean turned) {
        if (weights.shape().length != 2) {
            throw node.cannot("has weights of the shape " + Arrays.toString(weights.shape()) + ", not a matrix");
        }
        float[] values = floats(node, weights, weights.shape());
        if (!turned) return new Constant(weights.shape(), values, null);
        int units = weights.shape()[0];
        int width = weights.shape()[1];
        float[] result = new float[values.length];
        for (int i = 0; i < result.length; i++) result[i] = values[i % units * width + i / units];
        return new Constant(new int[] {width, units}, result, null);
    }

    private Signal dense(ReadNode node, Signal before, Constant weights, float[] bias) {
        int[] shape = weights.shape();
        if (before.shape().length != 1 || before.shape()[0] != shape[0] || shape[1] < 1) {
            throw node.cannot("has weights of the shape " + Arrays.toString(shape) + ", but gets numbers of the shape "
                    + Arrays.toString(before.shape()) + "; flatten images before it");
        }
        Signal in = before.asList();
        Map<String, INDArray> values = new HashMap<>();
        values.put("W", Nd4j.create(in.inOrder(weights.floats()), WindowReader.longs(shape), 'c'));
        if (bias != null) values.put("b", row(bias));
        DenseLayer.Builder builder = new DenseLayer.Builder().nOut(shape[1]).hasBias(bias != null)
                .activation(Activation.IDENTITY);
        return after(node, Signal.list(parts.add(node, in, builder, values), shape[1]), shape[0], 0);
    }

    private static Signal flatten(ReadNode node, Signal in) {
        int axis = ConstantFolding.axis(node, node.whole("axis", 1), in.shape().length + 2);
        if (axis == 1) return in.reshaped(in.size());
        throw node.badAttribute("axis");
    }

    private Signal reshape(ReadNode node, Signal in, long[] target) {
        boolean zero = node.flag("allowzero", false);
        OnnxFileException wrong = node.cannot("reshapes " + in.size() + " numbers per image to " + (target.length
                > Constant.MOST_AXES ? target.length + " axes" : Arrays.toString(target).replace(Constant.BATCH + "",
                "batch")) + "; the first axis has to stay the batch");
        if (target.length < 1 || target.length > Constant.MOST_AXES) throw wrong;
        boolean kept = isBatch(target[0]) || target[0] == 0 && !zero;
        if (!kept && target[0] != -1) throw wrong;
        int[] shape = new int[target.length - 1];
        long known = 1;
        int open = -1;
        for (int i = 0; i < shape.length; i++) {
            long side = target[i + 1] == 0 && !zero && i < in.shape().length ? in.shape()[i] : target[i + 1];
            if (side == -1 && open < 0 && kept) open = i;
            else if (side < 1 || side > in.size() / known) throw wrong;
            else known *= side;
            shape[i] = (int) side;
        }
        if (open >= 0) {
            shape[open] = (int) (in.size() / known);
            known *= shape[open];
        }
        if (known != in.size()) throw wrong;
        return in.reshaped(shape);
    }

    private static Signal squeeze(ReadNode node, Signal in, List<Value> inputs) {
        int[] sides = IntStream.concat(IntStream.of(2), IntStream.of(in.shape())).toArray();   // 2: no axis to remove
        long[] axes = ConstantFolding.axes(node, inputs);
        int[] shape = ConstantFolding.squeezed(node, sides, axes);
        if (shape.length == 0 || shape[0] != 2) throw node.cannot("moves the axis of the batch");
        return in.reshaped(Arrays.copyOfRange(shape, 1, shape.length));
    }

    private static Signal transpose(ReadNode node, Signal in) {
        int[] to = ConstantFolding.permutation(node, in.shape().length + 1);
        if (to[0] != 0) throw node.cannot("moves the axis of the batch");
        return in.transposed(IntStream.of(to).skip(1).map(axis -> axis - 1).toArray());
    }

    private static Signal cast(ReadNode node, Signal in) {
        node.ignore("saturate", "round_mode");
        if (ConstantFolding.isFraction(node.whole("to", 1))) return in;
        throw node.cannot("rounds to whole numbers");
    }

    /** Applies a function; a linear layer that nothing else reads gets it as its activation. */
    Signal activation(ReadNode node, Signal in, IActivation function) {
        ReadParts.Part part = parts.part(in.from());
        if (in.isOwn() && part != null && part.isLinear()) {
            ((BaseLayer) part.layer()).setActivationFn(function);
            return in;
        }
        return in.passedOn(parts.add(node, in, new ActivationLayer.Builder().activation(function), Map.of()));
    }

    private Signal softmax(ReadNode node, Signal in) {
        int rank = in.shape().length + 1;
        int axis = ConstantFolding.axis(node, node.whole("axis", node.opset() < 13 ? 1 : -1), rank);
        boolean list = axis > 0 && (in.shape()[axis - 1] == in.size() || axis == 1 && node.opset() < 13);
        if (list) {
            Signal read = in.reshaped(in.size()).asList();
            if (read.order() != null) throw node.cannot("reads a transposed image; transpose it back before");
            ActivationLayer.Builder builder = new ActivationLayer.Builder().activation(Activation.SOFTMAX);
            return read.passedOn(parts.add(node, read, builder, Map.of())).reshaped(in.shape());
        }
        int[] places = in.places();
        if (axis == 0 || places == null || places[axis - 1] != 0) throw node.badAttribute("axis");
        return activation(node, in, new KerasActivation("softmax", UNBOUNDED, 0, 0));
    }

    private Signal logSoftmax(ReadNode node, Signal in, boolean last) {
        if (!last) throw node.cannot("returns logarithms to other nodes; only as the last node can it be read");
        note("It returns the logarithms of probabilities (LogSoftmax); here, it predicts the probabilities"
                + " themselves.");
        return softmax(node, in);
    }

    private Signal dropout(ReadNode node, Signal in, List<Value> inputs) {
        node.ignore("seed", "is_test");
        double rate = node.opset() < 12 ? node.number("ratio", 0.5)
                : inputs.size() > 1 && inputs.get(1) != null ? scalar(node, inputs, 1) : 0.5;
        if (!(rate >= 0 && rate < 1)) throw node.cannot("drops the share " + rate + ", not 0 to 1");
        if (rate == 0) return in;
        return in.passedOn(parts.add(node, in, new DropoutLayer.Builder(new Dropout(1 - rate)), Map.of()));
    }

    /** The slopes become one for each number. */
    private Signal prelu(ReadNode node, Signal before, Constant slopes) {
        Signal in = alongChannels(before);
        if (in.image()) in = in.asImage();
        int[] sides = in.image() ? in.sides() : new int[] {in.channels()};
        int n = in.channels();
        int[] own = slopes.shape();
        int tail = own.length >= sides.length ? own.length - sides.length : 0;
        boolean each = slopes.size() == in.size();
        boolean channels = slopes.size() == n && (!in.image() || own.length >= 3 && own[tail] == n);
        if (!(slopes.size() == 1 || each || channels)) {
            throw node.cannot("has slopes of the shape " + Arrays.toString(own));
        }
        float[] values = floats(node, slopes, slopes.size());
        float[] all = new float[in.size()];
        int area = in.size() / n;
        for (int i = 0; i < all.length; i++) {
            all[i] = values[values.length == 1 ? 0 : values.length == all.length ? i : i / area];
        }
        long[] shape = in.image() ? WindowReader.longs(sides) : new long[] {1, n};
        INDArray weights = Nd4j.create(in.inOrder(all), shape, 'c');
        note("Deeplearning4j trains PReLU with mini-batches of at most 64 images.");
        PReLULayer.Builder builder = new PReLULayer.Builder().inputShape(WindowReader.longs(sides));
        return in.passedOn(parts.add(node, in, builder, Map.of("W", weights)));
    }

    private Signal clip(ReadNode node, Signal in, List<Value> inputs) {
        boolean attributes = node.opset() < 11;
        double least = attributes ? node.number("min", Double.NEGATIVE_INFINITY)
                : inputs.size() > 1 && inputs.get(1) != null ? scalar(node, inputs, 1) : Double.NEGATIVE_INFINITY;
        double most = attributes ? node.number("max", Double.POSITIVE_INFINITY)
                : inputs.size() > 2 && inputs.get(2) != null ? scalar(node, inputs, 2) : Double.POSITIVE_INFINITY;
        boolean below = least >= -1e30;
        boolean above = most <= 1e30;
        if (!(least < most)) throw node.cannot("limits numbers to " + least + " to " + most);
        if (!below && !above) return in;
        if (least == 0 && most == 6) return activation(node, in, Activation.RELU6.getActivationFunction());
        if (least == -1 && most == 1) return activation(node, in, Activation.HARDTANH.getActivationFunction());
        IActivation rectifier = !(below && above) ? Activation.RELU.getActivationFunction()
                : new KerasActivation("relu", Math.min(most - least, UNBOUNDED), 0, 0);
        double sign = below ? 1 : -1;   // without a least number: most − relu(most − x)
        double border = below ? least : most;
        Signal moved = arithmetic.affine(node, in, sign, -sign * border);
        return arithmetic.affine(node, activation(node, moved, rectifier), sign, border);
    }

    private Signal hardSigmoid(ReadNode node, Signal in) {
        double alpha = node.number("alpha", 0.2);
        double beta = node.number("beta", 0.5);
        if (Math.abs(alpha - 1 / 6.0) < 1e-6 && beta == 0.5) {
            return activation(node, in, new KerasActivation("hard_sigmoid", UNBOUNDED, 0, 0));
        }
        return activation(node, arithmetic.affine(node, in, alpha, beta), new KerasActivation("relu", 1, 0, 0));
    }

    /** Makes probabilities of logits, and gives the network a loss. */
    void end(Signal result) {
        Signal last = result.shape().length > 1 && IntStream.of(result.shape()).filter(side -> side > 1).count() <= 1
                ? result.reshaped(result.size()).asList() : result.shape().length == 1 ? result.asList() : result;
        if (last.shape().length != 1 || last.order() != null || last.from().equals(ReadParts.INPUT)) {
            throw OnnxReader.refused("its output has the shape " + Arrays.toString(result.shape())
                    + " per image; only networks that end with a list of numbers can be read");
        }
        boolean linear = parts.lastActivation() instanceof ActivationIdentity;
        ReadNode end = new ReadNode(onnx.Onnx.NodeProto.newBuilder().setName("softmax").build(), 0, 0);
        if (linear && last.channels() > 1) {
            note("Its last layer is linear; it was read as logits, and a softmax was added, so that it predicts"
                    + " probabilities.");
            parts.add(end, last, new ActivationLayer.Builder().activation(Activation.SOFTMAX), Map.of());
        } else if (!last.pending().isEmpty()) {
            parts.add(end, last, new ActivationLayer.Builder().activation(Activation.IDENTITY), Map.of());
        }
        parts.endWithALoss();
    }
}
