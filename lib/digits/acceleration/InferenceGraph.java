package digits.acceleration;

import digits.engine.KernelGeometry;
import digits.engine.NativeResource;
import digits.onednn.Constant;
import digits.onednn.Eltwise;
import digits.onednn.Inference;
import digits.onednn.Inference.Array;
import digits.onednn.Inference.Then;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleUnaryOperator;
import java.util.function.UnaryOperator;

/**
 * The computations of a network outside training, with separate weights, as a graph in which neighbors are merged
 * where that changes nothing but rounding: above all, batch normalization into weights.
 */
final class InferenceGraph implements NativeResource {
    private final List<Node> nodes = new ArrayList<>();   // each after those that it reads

    /** A computation. */
    abstract static class Node {
        List<Node> inputs;

        Node(Node... inputs) {
            this.inputs = List.of(inputs);
        }

        abstract Array emit(Inference program, List<Array> x);

        /** Whether a function of each number may be merged into this node. */
        boolean takesFunction() {
            return false;
        }
    }

    /** How a window moves over images of this size, height and width. */
    interface Window {
        KernelGeometry over(long height, long width);
    }

    /** The images that the network reads. */
    static final class Input extends Node {
        long[] shape;
        boolean channelsLast;

        @Override
        Array emit(Inference program, List<Array> x) {
            return program.input(channelsLast, shape);
        }
    }

    /** Rows of numbers as images; images stay as they are. */
    static final class Images extends Node {
        private final long[] shape;

        Images(Node x, long... shape) {
            super(x);
            this.shape = shape;
        }

        @Override
        Array emit(Inference program, List<Array> x) {
            return x.get(0).shape().length == 4 ? x.get(0) : program.images(x.get(0), shape);
        }
    }

    /** Images as rows of numbers; rows stay as they are. */
    static final class Rows extends Node {
        private final boolean channelsLast;
        private final int pixels;

        Rows(Node x, boolean channelsLast, long pixels) {
            super(x);
            this.channelsLast = channelsLast;
            this.pixels = Math.toIntExact(pixels);
        }

        @Override
        Array emit(Inference program, List<Array> x) {
            return program.rows(x.get(0), channelsLast);
        }

        /** Numbers per channel as numbers per number of a row. */
        float[] expanded(float[] perChannel) {
            float[] expanded = new float[perChannel.length * pixels];
            for (int i = 0; i < expanded.length; i++) {
                expanded[i] = perChannel[channelsLast ? i % perChannel.length : i / pixels];
            }
            return expanded;
        }
    }

    /** Weights · x + bias, and what was merged with it. */
    static final class Affine extends Node {
        private final float[] weights;   // out, in, height, width
        private final float[] bias;
        private final int in;
        private final long[] shape;
        private final Window window;     // null for a dense layer
        private final boolean padded;
        private boolean adds;            // the second input
        private Eltwise function;
        private Scale scale;
        private Constant[] constants;

        /** The shape of the weights is out, in, height, width, or out, in; the arrays may be changed. */
        Affine(Node x, float[] weights, float[] bias, Window window, boolean padded, long... shape) {
            super(x);
            this.weights = weights;
            this.bias = bias;
            this.in = (int) shape[1];
            this.shape = shape;
            this.window = window;
            this.padded = padded;
        }

        @Override
        boolean takesFunction() {
            return function == null && scale == null && !adds;
        }

        void scaleOutputs(Scale by) {
            int each = weights.length / bias.length;
            for (int i = 0; i < weights.length; i++) weights[i] *= by.factor[i / each];
            for (int i = 0; i < bias.length; i++) bias[i] = bias[i] * by.factor[i] + by.shift[i];
        }

        void scaleInputs(Scale by) {
            int each = weights.length / bias.length;
            int kernel = each / in;
            for (int o = 0; o < bias.length; o++) {
                double sum = bias[o];
                for (int i = 0; i < each; i++) {
                    sum += (double) weights[o * each + i] * by.shift[i / kernel];
                    weights[o * each + i] *= by.factor[i / kernel];
                }
                bias[o] = (float) sum;
            }
        }

        @Override
        Array emit(Inference program, List<Array> x) {
            long[] from = x.get(0).shape();
            if (from.length != shape.length || from[1] != in) {
                throw new IllegalArgumentException("a layer of this network reads " + in + (window == null ? " numbers"
                        : " channels") + ", but gets an array of the shape " + Arrays.toString(from)
                        + ": predict images as those that the network was made for");
            }
            if (constants == null) constants = new Constant[] {new Constant(weights, shape),
                new Constant(bias, shape[0]), scale == null ? null : new Constant(scale.factor, shape[0]),
                scale == null ? null : new Constant(scale.shift, shape[0])};
            Then then = new Then(adds ? x.get(1) : null, function, constants[2], constants[3]);
            return window == null ? program.dense(x.get(0), constants[0], constants[1], then)
                    : program.convolution(x.get(0), constants[0], constants[1], window.over(from[2], from[3]), then);
        }
    }

    /** x · factor + shift per channel. */
    static final class Scale extends Node {
        private float[] factor;
        private float[] shift;
        private Constant[] constants;

        Scale(Node x, float[] factor, float[] shift) {
            super(x);
            this.factor = factor;
            this.shift = shift;
        }

        private boolean isPositive() {
            for (float f : factor) if (!(f >= 0)) return false;
            return true;
        }

        @Override
        Array emit(Inference program, List<Array> x) {
            if (constants == null) constants = new Constant[] {new Constant(factor, factor.length),
                new Constant(shift, shift.length)};
            return program.scaled(x.get(0), constants[0], constants[1]);
        }
    }

    /** A function of each number: oneDNN's, or one in Java. */
    static final class Function extends Node {
        private final Eltwise eltwise;
        private final DoubleUnaryOperator java;

        Function(Node x, Eltwise eltwise, DoubleUnaryOperator java) {
            super(x);
            this.eltwise = eltwise;
            this.java = java;
        }

        @Override
        Array emit(Inference program, List<Array> x) {
            return eltwise != null ? program.function(x.get(0), eltwise) : program.function(x.get(0), java);
        }
    }

    /** Maxima or averages of windows. */
    static final class Pool extends Node {
        private final Window window;
        private final boolean max;
        private final boolean countsPadding;
        private final boolean padded;

        Pool(Node x, Window window, boolean max, boolean countsPadding, boolean padded) {
            super(x);
            this.window = window;
            this.max = max;
            this.countsPadding = countsPadding;
            this.padded = padded;
        }

        /** Whether it makes no difference if a channel is scaled before or after. */
        boolean commutes(Scale scale) {
            return max ? scale.isPositive() : !padded || !countsPadding;
        }

        @Override
        Array emit(Inference program, List<Array> x) {
            long[] shape = x.get(0).shape();
            if (shape.length != 4) throw new IllegalArgumentException("pooling needs images, not "
                    + Arrays.toString(shape));
            return program.pooling(x.get(0), window.over(shape[2], shape[3]), max, countsPadding);
        }
    }

    /** The sum of two arrays, and a function of it that was merged. */
    static final class Sum extends Node {
        private Eltwise function;

        Sum(Node a, Node b) {
            super(a, b);
        }

        @Override
        boolean takesFunction() {
            return function == null;
        }

        @Override
        Array emit(Inference program, List<Array> x) {
            return program.sum(x.get(0), x.get(1), function);
        }
    }

    /** Adds a node after those that it reads. */
    <N extends Node> N add(N node) {
        nodes.add(node);
        return node;
    }

    // merging ---------------------------------------------------------------------------------------------------------

    /** Merges neighbors. */
    InferenceGraph merged() {
        for (Node node : List.copyOf(nodes)) mergeIntoInput(node);
        for (Node node : List.copyOf(nodes)) if (node instanceof Scale scale) pushDown(scale);
        for (Node node : List.copyOf(nodes)) if (node instanceof Scale scale) mergeAsLast(scale);
        for (Node node : List.copyOf(nodes)) if (node instanceof Sum sum) mergeSum(sum);
        return this;
    }

    private List<Node> consumers(Node of) {
        return nodes.stream().filter(node -> node.inputs.contains(of)).toList();
    }

    private boolean only(Node consumer, Node of) {
        return consumers(of).equals(List.of(consumer)) && Collections.frequency(consumer.inputs, of) == 1;
    }

    private void replace(Node node, Node by) {
        nodes.remove(node);
        UnaryOperator<Node> other = input -> input == node ? by : input;
        for (Node consumer : nodes) consumer.inputs = consumer.inputs.stream().map(other).toList();
    }

    /** Normalization, or a function, of sums that nothing else reads. */
    private void mergeIntoInput(Node node) {
        if (node.inputs.isEmpty()) return;
        Node x = node.inputs.get(0);
        if (!x.takesFunction() || !only(node, x)) return;
        if (node instanceof Scale scale && x instanceof Affine affine) {
            affine.scaleOutputs(scale);
            replace(node, x);
        } else if (node instanceof Function function && function.eltwise != null) {
            if (x instanceof Affine affine) affine.function = function.eltwise;
            else ((Sum) x).function = function.eltwise;
            replace(node, x);
        }
    }

    /**
     * Moves a scale down to the next weights, through what it commutes with. Not into a convolution with padding, whose
     * zeros stand beside scaled numbers.
     */
    private void pushDown(Scale scale) {
        List<Node> consumers = consumers(scale);
        while (consumers.size() == 1 && consumers.get(0).inputs.size() == 1) {
            Node next = consumers.get(0);
            if (next instanceof Affine affine && !affine.padded) {
                affine.scaleInputs(scale);
                replace(scale, scale.inputs.get(0));
                return;
            }
            if (next instanceof Rows rows) {
                scale.factor = rows.expanded(scale.factor);
                scale.shift = rows.expanded(scale.shift);
            } else if (!(next instanceof Pool pool) || !pool.commutes(scale)) {
                return;
            }
            consumers = consumers(next);
            replace(scale, scale.inputs.get(0));
            for (Node consumer : consumers) {
                consumer.inputs = consumer.inputs.stream().map(input -> input == next ? scale : input).toList();
            }
            scale.inputs = List.of(next);
            nodes.add(nodes.indexOf(next) + 1, scale);
        }
    }

    /** Lets a convolution scale what it writes. */
    private void mergeAsLast(Scale scale) {
        if (scale.inputs.get(0) instanceof Affine affine && affine.scale == null && only(scale, affine)) {
            affine.scale = scale;
            replace(scale, affine);
        }
    }

    /** Lets a convolution add to what it writes, in place: nothing else may read the other summand afterwards. */
    private void mergeSum(Sum sum) {
        for (int i = 0; i < 2; i++) {
            Node other = sum.inputs.get(1 - i);
            if (!(sum.inputs.get(i) instanceof Affine affine) || !affine.takesFunction() || !only(sum, affine)
                    || other instanceof Input || other instanceof Rows || other instanceof Images) {
                continue;
            }
            int position = nodes.indexOf(affine);
            if (nodes.indexOf(other) > position || consumers(other).stream()
                    .anyMatch(reader -> reader != sum && nodes.indexOf(reader) >= position)) {
                continue;
            }
            affine.adds = true;
            affine.function = sum.function;
            affine.inputs = List.of(affine.inputs.get(0), other);
            replace(sum, affine);
            return;
        }
    }

    // compiling -------------------------------------------------------------------------------------------------------

    /** The number of computations. */
    int size() {
        return nodes.size() - 1;
    }

    /** Compiles the computations for images of this shape; the first number is how many there are. */
    synchronized Inference compile(boolean bfloat16, long... shape) {
        Inference program = new Inference(bfloat16);
        try {
            Map<Node, Array> arrays = new HashMap<>();
            for (int i = 0; i < nodes.size(); i++) {
                Node node = nodes.get(i);
                if (node instanceof Input input) input.shape = shape;
                arrays.put(node, node.emit(program, node.inputs.stream().map(arrays::get).toList()));
                List<Node> later = nodes.subList(i + 1, nodes.size());
                for (Node read : new LinkedHashSet<>(node.inputs)) {
                    if (later.stream().noneMatch(next -> next.inputs.contains(read))) program.release(arrays.get(read));
                }
            }
            program.finish(arrays.get(nodes.get(nodes.size() - 1)));
            return program;
        } catch (RuntimeException failed) {
            program.close();
            throw failed;
        }
    }

    @Override
    public void close() {
        for (Node node : nodes) {
            Constant[] constants = node instanceof Affine affine ? affine.constants
                    : node instanceof Scale scale ? scale.constants : null;
            if (constants != null) NativeResource.closeAll(constants);
        }
    }
}
