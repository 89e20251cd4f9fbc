package digits.onnx;

import java.util.Arrays;
import java.util.List;
import java.util.function.DoubleBinaryOperator;
import java.util.function.DoubleUnaryOperator;
import java.util.function.IntUnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import onnx.Onnx;
import onnx.Onnx.AttributeProto.AttributeType;

/** Computes nodes that do not depend on the images, such as the shape to which an older exporter reshapes. */
final class ConstantFolding {
    private static final int SOME = 1 << 20;   // numbers
    private static final int FLOAT = 1;              // ONNX's numbers of types
    private static final int FLOAT16 = 10;
    private static final int DOUBLE = 11;
    private static final int BFLOAT16 = 16;

    private long left;

    /** @param given numbers in the file: what exporters compute of them is hardly more */
    ConstantFolding(long given) {
        left = 4 * given + SOME;
    }

    /** Whether a type of numbers holds fractions. */
    static boolean isFraction(long type) {
        return type == FLOAT || type == FLOAT16 || type == DOUBLE || type == BFLOAT16;
    }

    /** The result of a node all of whose inputs are constants; an omitted input is null. */
    Constant fold(ReadNode node, List<Value> inputs) {
        Constant[] in = inputs.stream().map(Constant.class::cast).toArray(Constant[]::new);
        boolean none = in.length == 0 ? !node.type().equals("Constant") : in[0] == null;
        if (none) throw node.cannot("has no input");
        Constant result = switch (node.type()) {
            case "Constant" -> constant(node);
            case "ConstantOfShape" -> filled(node, in[0]);
            case "Identity" -> in[0];
            case "Cast" -> cast(node, in[0]);
            case "Shape" -> shape(node, Arrays.stream(in[0].shape()).asLongStream().toArray());
            case "Gather" -> gather(node, in[0], needed(node, in, 1));
            case "Concat" -> concat(node, in);
            case "Slice" -> slice(node, in);
            case "Unsqueeze", "Squeeze" -> squeeze(node, in);
            case "Reshape" -> reshape(node, in[0], needed(node, in, 1));
            case "Transpose" -> transpose(node, in[0]);
            case "Add" -> binary(node, in, Double::sum);
            case "Sub" -> binary(node, in, (a, b) -> a - b);
            case "Mul" -> binary(node, in, (a, b) -> a * b);
            case "Div" -> binary(node, in, (a, b) -> a / b);
            case "Neg" -> unary(node, in[0], a -> -a);
            case "Sqrt" -> unary(node, in[0], Math::sqrt);
            case "Reciprocal" -> unary(node, in[0], a -> 1 / a);
            case "Exp" -> unary(node, in[0], Math::exp);
            default -> throw node.cannot("computes with constants alone in a way that this library does not know;"
                    + " export with constant folding, or simplify the file with onnxsim");
        };
        spend(node, result.size());
        return result;
    }

    private void spend(ReadNode node, long numbers) {
        left -= numbers;
        if (numbers > Constant.MOST_NUMBERS || left < 0) throw node.cannot("computes too many constants");
    }

    private static Constant needed(ReadNode node, Constant[] in, int i) {
        if (i >= in.length || in[i] == null) throw node.cannot("has no input " + (i + 1));
        return in[i];
    }

    private static Constant constant(ReadNode node) {
        for (String name : List.of("value", "value_float", "value_floats", "value_int", "value_ints")) {
            if (!node.has(name)) continue;
            AttributeType type = switch (name) {
                case "value" -> AttributeType.TENSOR;
                case "value_float" -> AttributeType.FLOAT;
                case "value_floats" -> AttributeType.FLOATS;
                case "value_int" -> AttributeType.INT;
                default -> AttributeType.INTS;
            };
            Onnx.AttributeProto value = node.attribute(name, type);
            return switch (name) {
                case "value" -> Constant.of(value.getT(), what -> node.cannot("has numbers that " + what));
                case "value_float" -> Constant.of(value.getF()).reshaped();
                case "value_floats" -> node.floats(name);
                case "value_int" -> Constant.of(value.getI()).reshaped();
                default -> Constant.of(node.list(name));
            };
        }
        throw node.cannot("has no value that can be read; only numbers can");
    }

    private Constant filled(ReadNode node, Constant shape) {
        long size = 1;
        for (long side : whole(node, shape)) {
            if (side < 0 || side > Constant.MOST_NUMBERS || shape.size() > Constant.MOST_AXES) {
                throw node.cannot("makes an array of the shape " + Arrays.toString(shape.whole()));
            }
            size *= side;
            if (size > Constant.MOST_NUMBERS) break;
        }
        spend(node, size);
        Onnx.AttributeProto value = node.attribute("value", AttributeType.TENSOR);
        Constant of = value == null ? Constant.of(0f) : Constant.of(value.getT(),
                what -> node.cannot("has a value whose numbers " + what));
        if (of.size() != 1) throw node.badAttribute("value");
        int[] sides = LongStream.of(shape.whole()).mapToInt(side -> (int) side).toArray();
        return picked(of, sides, i -> 0);
    }

    private static long[] whole(ReadNode node, Constant values) {
        if (values.whole() == null) throw node.cannot("needs whole numbers");
        return values.whole();
    }

    private static Constant cast(ReadNode node, Constant in) {
        node.ignore("saturate", "round_mode");
        if (isFraction(node.whole("to", FLOAT))) {
            if (in.hasBatch()) throw node.cannot("makes a fraction of the number of images");
            return new Constant(in.shape(), in.asFloats(), null);
        }
        if (in.whole() != null) return in;
        long[] values = new long[in.size()];
        for (int i = 0; i < values.length; i++) values[i] = (long) in.floats()[i];
        return new Constant(in.shape(), null, values);
    }

    /** The operator Shape, which may take a part of the shape. */
    Constant shape(ReadNode node, long[] sides) {
        int from = bounded(node.whole("start", 0), sides.length);
        int to = bounded(node.whole("end", sides.length), sides.length);
        return Constant.of(Arrays.copyOfRange(sides, Math.min(from, to), to));
    }

    /** An index, which counts from the end if it is negative. */
    static int bounded(long index, int length) {
        return (int) Math.max(0, Math.min(length, index < 0 ? Math.max(index, -length) + length : index));
    }

    /** An axis of an array of this rank, counted from the end if it is negative. */
    static int axis(ReadNode node, long axis, int rank) {
        if (axis < -rank || axis >= rank) throw node.cannot("names the axis " + axis + " of " + rank);
        return (int) (axis < 0 ? axis + rank : axis);
    }

    private Constant picked(Constant from, int[] shape, IntUnaryOperator index) {
        int size = IntStream.of(shape).reduce(1, (a, b) -> a * b);
        if (from.floats() == null) {
            long[] values = new long[size];
            for (int i = 0; i < size; i++) values[i] = from.whole()[index.applyAsInt(i)];
            return new Constant(shape, null, values);
        }
        float[] values = new float[size];
        for (int i = 0; i < size; i++) values[i] = from.floats()[index.applyAsInt(i)];
        return new Constant(shape, values, null);
    }

    private Constant gather(ReadNode node, Constant in, Constant indices) {
        int axis = axis(node, node.whole("axis", 0), in.shape().length);
        int length = in.shape()[axis];
        int[] at = LongStream.of(whole(node, indices)).mapToInt(i -> axis(node, i, length)).toArray();
        int inner = product(in.shape(), axis + 1, in.shape().length);
        int outer = product(in.shape(), 0, axis);
        spend(node, (long) outer * at.length * inner);
        int[] shape = IntStream.concat(IntStream.concat(Arrays.stream(in.shape(), 0, axis),
                IntStream.of(indices.shape())), Arrays.stream(in.shape(), axis + 1, in.shape().length)).toArray();
        checkRank(node, shape);
        int each = at.length * inner;
        return picked(in, shape, i -> (i / each * length + at[i % each / inner]) * inner + i % inner);
    }

    private static void checkRank(ReadNode node, int[] shape) {
        if (shape.length > Constant.MOST_AXES) throw node.cannot("makes an array of " + shape.length + " axes");
    }

    private static int product(int[] shape, int from, int to) {
        return Arrays.stream(shape, from, to).reduce(1, (a, b) -> a * b);
    }

    /** Lists one after the other; weights are never joined. */
    private Constant concat(ReadNode node, Constant[] in) {
        node.whole("axis", 0);
        boolean lists = Arrays.stream(in).allMatch(one -> one != null && one.shape().length == 1);
        if (!lists) throw node.cannot("joins constants that are not lists");
        spend(node, Arrays.stream(in).mapToLong(Constant::size).sum());
        if (Arrays.stream(in).allMatch(one -> one.whole() != null)) {
            return Constant.of(Arrays.stream(in).flatMapToLong(one -> LongStream.of(one.whole())).toArray());
        }
        float[] all = new float[Arrays.stream(in).mapToInt(Constant::size).sum()];
        int at = 0;
        for (Constant one : in) {
            System.arraycopy(one.asFloats(), 0, all, at, one.size());
            at += one.size();
        }
        return Constant.of(all);
    }

    /** One axis at a time, as exporters do. */
    private Constant slice(ReadNode node, Constant[] in) {
        boolean attributes = node.opset() < 10;
        long[] starts = attributes ? node.list("starts") : whole(node, needed(node, in, 1));
        long[] ends = attributes ? node.list("ends") : whole(node, needed(node, in, 2));
        long[] axes = attributes ? node.list("axes") : in.length > 3 && in[3] != null ? whole(node, in[3]) : null;
        long[] steps = in.length > 4 && in[4] != null ? whole(node, in[4]) : new long[] {1};
        boolean one = starts != null && ends != null && starts.length == 1 && ends.length == 1 && steps.length == 1
                && (axes == null || axes.length == 1);
        if (!one || Math.abs(steps[0]) != 1) throw node.cannot("takes a part of a constant in a way that is not known");
        int axis = axis(node, axes == null ? 0 : axes[0], in[0].shape().length);
        int length = in[0].shape()[axis];
        boolean back = steps[0] < 0;
        int first = back ? Math.min(length - 1, bounded(starts[0], length)) : bounded(starts[0], length);
        int last = back ? ends[0] < -length ? -1 : bounded(ends[0], length) : bounded(ends[0], length);
        int count = Math.max(0, back ? first - last : last - first);
        int inner = product(in[0].shape(), axis + 1, in[0].shape().length);
        int[] shape = in[0].shape().clone();
        shape[axis] = count;
        if (count == 0) return picked(in[0], shape, i -> 0);
        return picked(in[0], shape, i -> {
            int k = i / inner % count;
            return (i / inner / count * length + (back ? first - k : first + k)) * inner + i % inner;
        });
    }

    /** The axes of Squeeze and Unsqueeze, in an attribute or as the second input; null if there are none. */
    static long[] axes(ReadNode node, List<? extends Value> in) {
        if (node.has("axes")) return node.list("axes");
        Value second = in.size() > 1 ? in.get(1) : null;
        return second instanceof Constant axes && axes.whole() != null ? axes.whole() : null;
    }

    private static Constant squeeze(ReadNode node, Constant[] in) {
        int[] shape = squeezed(node, in[0].shape(), axes(node, Arrays.asList(in)));
        return in[0].reshaped(shape);
    }

    /** A shape without or with axes of length one. */
    static int[] squeezed(ReadNode node, int[] shape, long[] axes) {
        boolean more = node.type().equals("Unsqueeze");
        if (axes == null && more) throw node.cannot("does not say which axes it adds");
        int rank = shape.length + (more ? axes.length : 0);
        if (rank > Constant.MOST_AXES) throw node.cannot("makes an array of " + rank + " axes");
        boolean[] named = new boolean[rank];
        if (axes != null) {
            for (long axis : axes) named[axis(node, axis, rank)] = true;
        }
        int[] result = new int[rank];
        int n = 0;
        for (int i = 0, from = 0; i < rank; i++) {
            if (more) {
                result[n++] = named[i] ? 1 : from < shape.length ? shape[from++] : 1;
                continue;
            }
            boolean gone = axes == null ? shape[i] == 1 : named[i];
            if (gone && shape[i] != 1) throw node.cannot("removes the axis " + i + ", whose length is " + shape[i]);
            if (!gone) result[n++] = shape[i];
        }
        return Arrays.copyOf(result, n);
    }

    private static Constant reshape(ReadNode node, Constant in, Constant target) {
        boolean zero = node.flag("allowzero", false);
        long[] sides = whole(node, target).clone();
        if (sides.length > Constant.MOST_AXES) throw node.cannot("makes an array of " + sides.length + " axes");
        int open = -1;
        long known = 1;
        for (int i = 0; i < sides.length; i++) {
            if (sides[i] == 0 && !zero && i < in.shape().length) sides[i] = in.shape()[i];
            if (sides[i] == -1 && open < 0) {
                open = i;
                continue;
            }
            known = sides[i] < 0 ? -1 : Math.min(known * sides[i], Constant.MOST_NUMBERS + 1L);
            if (known < 0) break;
        }
        if (open >= 0 && known > 0) {
            sides[open] = in.size() / known;
            known *= sides[open];
        }
        if (known != in.size()) throw node.cannot("reshapes " + in.size() + " numbers to " + Arrays.toString(sides));
        return in.reshaped(LongStream.of(sides).mapToInt(side -> (int) side).toArray());
    }

    private Constant transpose(ReadNode node, Constant in) {
        int[] to = permutation(node, in.shape().length);
        int rank = to.length;
        int[] shape = IntStream.of(to).map(axis -> in.shape()[axis]).toArray();
        int[] strides = new int[rank];
        for (int axis = rank - 1, stride = 1; axis >= 0; stride *= in.shape()[axis--]) strides[axis] = stride;
        return picked(in, shape, i -> {
            int rest = i;
            int from = 0;
            for (int axis = rank - 1; axis >= 0; rest /= shape[axis--]) from += rest % shape[axis] * strides[to[axis]];
            return from;
        });
    }

    /** The attribute perm: each axis once; by default the axes are reversed. */
    static int[] permutation(ReadNode node, int rank) {
        long[] perm = node.list("perm");
        if (perm == null) return IntStream.range(0, rank).map(i -> rank - 1 - i).toArray();
        boolean all = Arrays.equals(LongStream.of(perm).sorted().toArray(), LongStream.range(0, rank).toArray());
        if (!all) throw node.badAttribute("perm");
        return LongStream.of(perm).mapToInt(axis -> (int) axis).toArray();
    }

    private Constant unary(ReadNode node, Constant in, DoubleUnaryOperator f) {
        return binary(node, new Constant[] {in, Constant.of(0f).reshaped()}, (a, b) -> f.applyAsDouble(a));
    }

    /** Two arrays of the same shape, or one of them a single number, or a shape that ends like the other. */
    private Constant binary(ReadNode node, Constant[] in, DoubleBinaryOperator f) {
        Constant a = in[0];
        Constant b = needed(node, in, 1);
        if (a.hasBatch() || b.hasBatch()) throw node.cannot("computes with the number of images");
        boolean first = a.size() >= b.size();
        Constant longer = first ? a : b;
        Constant other = first ? b : a;
        int[] shape = longer.shape().length >= other.shape().length ? longer.shape() : other.shape();
        boolean fits = other.size() == 1 || Arrays.equals(longer.shape(), other.shape())
                || endsWith(longer.shape(), other.shape());
        if (!fits) throw node.cannot("combines constants of the shapes " + Arrays.toString(a.shape()) + " and "
                + Arrays.toString(b.shape()));
        int n = longer.size();
        int an = a.size();
        int bn = b.size();
        if (a.whole() != null && b.whole() != null) {
            long[] values = new long[n];
            for (int i = 0; i < n; i++) {
                if (node.type().equals("Div") && b.whole()[i % bn] == 0) throw node.cannot("divides by zero");
                values[i] = (long) f.applyAsDouble(a.whole()[i % an], b.whole()[i % bn]);
            }
            return new Constant(shape, null, values);
        }
        float[] values = new float[n];
        for (int i = 0; i < n; i++) values[i] = (float) f.applyAsDouble(a.at(i % an), b.at(i % bn));
        return new Constant(shape, values, null);
    }

    private static boolean endsWith(int[] longer, int[] end) {
        if (end.length > longer.length) return false;
        return Arrays.equals(Arrays.copyOfRange(longer, longer.length - end.length, longer.length), end);
    }
}
