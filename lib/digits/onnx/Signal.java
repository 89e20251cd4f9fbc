package digits.onnx;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.deeplearning4j.nn.conf.InputPreProcessor;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.preprocessor.CnnToFeedForwardPreProcessor;
import org.deeplearning4j.nn.conf.preprocessor.ComposableInputPreProcessor;
import org.deeplearning4j.nn.conf.preprocessor.FeedForwardToCnnPreProcessor;
import org.deeplearning4j.preprocessors.PermutePreprocessor;

/**
 * Numbers that depend on the images: their shape in ONNX, and how Deeplearning4j holds them, which is as an image
 * [channels, height, width] or as a list. Reshaping and transposing in ONNX only change this description, so that what
 * an exporter adds around channels-last layers costs nothing.
 *
 * @param from    the part of the network that computes them
 * @param shape   in ONNX, without the batch
 * @param image   whether they are an image; otherwise the sides are {length, 1, 1}
 * @param sides   in Deeplearning4j: channels, height, width
 * @param axes    of an image: the order of Deeplearning4j's axes in which ONNX has the numbers one after the other
 * @param order   of a list: the position in ONNX of each of Deeplearning4j's numbers; null if it is the same
 * @param pending steps that bring what {@code from} returns into this form
 * @param shared  whether other nodes read them too, so that the part must stay as it is
 */
record Signal(String from, int[] shape, boolean image, int[] sides, int[] axes, int[] order,
              List<InputPreProcessor> pending, boolean shared) implements Value {
    private static final int[] SAME = {0, 1, 2};

    /** The input of a network. */
    static Signal input(String name, int[] shape, int[] sides, int[] axes) {
        return new Signal(name, shape, true, sides, axes, null, List.of(), true);
    }

    /** An image that a layer returns. */
    static Signal image(String from, int channels, int height, int width) {
        int[] sides = {channels, height, width};
        return new Signal(from, sides, true, sides, SAME, null, List.of(), false);
    }

    /** A list that a layer returns. */
    static Signal list(String from, int length) {
        return new Signal(from, new int[] {length}, false, new int[] {length, 1, 1}, SAME, null, List.of(), false);
    }

    InputType inputType() {
        return image ? InputType.convolutional(sides[1], sides[2], sides[0]) : InputType.feedForward(sides[0]);
    }

    int size() {
        return sides[0] * sides[1] * sides[2];
    }

    int channels() {
        return sides[0];
    }

    /** The same numbers with another shape in ONNX. */
    Signal reshaped(int... other) {
        return new Signal(from, other, image, sides, axes, order, pending, shared);
    }

    /** What a layer returns that changes no shape. */
    Signal passedOn(String layer) {
        return new Signal(layer, shape, image, sides, axes, order, List.of(), false);
    }

    Signal asShared() {
        return new Signal(from, shape, image, sides, axes, order, pending, true);
    }

    /** Whether the part that computes them may be changed, because nothing else reads it. */
    boolean isOwn() {
        return !shared && pending.isEmpty();
    }

    /** Whether ONNX and Deeplearning4j hold the numbers in the same order. */
    private boolean alike() {
        if (!image) return order == null;
        int[] longer = IntStream.of(axes).filter(axis -> sides[axis] > 1).toArray();
        return IntStream.range(1, longer.length).allMatch(i -> longer[i - 1] < longer[i]);
    }

    /** For each axis of the shape the one of Deeplearning4j's; null if the shape mixes them. */
    int[] places() {
        if (!image || shape.length != 3) return null;
        int[] places = new int[3];
        int[] longer = IntStream.of(axes).filter(axis -> sides[axis] > 1).toArray();
        int[] ones = IntStream.range(0, 3).filter(axis -> sides[axis] == 1).toArray();
        for (int i = 0, n = 0; i < 3; i++) {
            boolean one = shape[i] == 1;
            if (one ? i - n >= ones.length : n >= longer.length || shape[i] != sides[longer[n]]) return null;
            places[i] = one ? ones[i - n] : longer[n++];
        }
        return places;
    }

    /** The same, with the axes that the shape has, if it has those of Deeplearning4j. */
    Signal withPlaces() {
        int[] places = places();
        return places == null ? this : new Signal(from, shape, true, sides, places, null, pending, shared);
    }

    /** As a list; Deeplearning4j flattens in its own order. */
    Signal asList() {
        if (!image) return reshaped(size());
        List<InputPreProcessor> steps = new ArrayList<>(pending);
        steps.add(new CnnToFeedForwardPreProcessor(sides[1], sides[2], sides[0]));
        return new Signal(from, new int[] {size()}, false, new int[] {size(), 1, 1}, SAME, alike() ? null : flattened(),
                steps, shared);
    }

    private int[] flattened() {
        int[] strides = new int[3];   // of Deeplearning4j's axes in ONNX
        for (int i = 2, stride = 1; i >= 0; stride *= sides[axes[i]], i--) strides[axes[i]] = stride;
        int area = sides[1] * sides[2];
        return IntStream.range(0, size()).map(ours -> ours / area * strides[0]
                + ours % area / sides[2] * strides[1] + ours % sides[2] * strides[2]).toArray();
    }

    /** As an image whose axes are those of the shape in ONNX: channels, height, width. */
    Signal asImage() {
        if (shape.length != 3) {
            throw new IllegalArgumentException("needs an image, but gets numbers of the shape "
                    + Arrays.toString(shape));
        }
        if (image && alike() && Arrays.equals(shape, sides)) {
            return new Signal(from, shape, true, sides, SAME, null, pending, shared);
        }
        List<InputPreProcessor> steps = new ArrayList<>(pending);
        if (image && !alike()) {
            steps.add(new PermutePreprocessor(axes[0] + 1, axes[1] + 1, axes[2] + 1));
            steps.add(new CnnToFeedForwardPreProcessor(sides[axes[1]], sides[axes[2]], sides[axes[0]]));
        } else if (image) {
            steps.add(new CnnToFeedForwardPreProcessor(sides[1], sides[2], sides[0]));
        } else if (order != null) {
            throw new IllegalArgumentException("makes an image of a flattened one after another layer; flatten it"
                    + " right before a dense layer");
        }
        steps.add(new FeedForwardToCnnPreProcessor(shape[1], shape[2], shape[0]));
        return new Signal(from, shape, true, shape, SAME, null, steps, shared);
    }

    /** With the axes of its shape in another order: {@code to[i]} is the axis, from 0, that comes to place i. */
    Signal transposed(int[] to) {
        int[] turned = IntStream.of(to).map(axis -> shape[axis]).toArray();
        int[] moved = IntStream.of(to).filter(axis -> shape[axis] > 1).toArray();
        if (IntStream.range(1, moved.length).allMatch(i -> moved[i - 1] < moved[i])) return reshaped(turned);
        if (shape.length == 2) {
            return reshaped(1, shape[0], shape[1]).transposed(new int[] {0, to[0] + 1, to[1] + 1}).reshaped(turned);
        }
        if (shape.length != 3) {
            throw new IllegalArgumentException("turns numbers of the shape " + Arrays.toString(shape));
        }
        int[] places = places();
        if (places == null) return asImage().transposed(to);
        return new Signal(from, turned, true, sides, IntStream.of(to).map(axis -> places[axis]).toArray(), null,
                pending, shared);
    }

    /** The pending steps as one; null if there are none. */
    InputPreProcessor before() {
        return pending.isEmpty() ? null : pending.size() == 1 ? pending.get(0)
                : new ComposableInputPreProcessor(pending.toArray(new InputPreProcessor[0]));
    }

    /** Copies values, one or a row of them for each number of the list, from ONNX's order to Deeplearning4j's. */
    float[] inOrder(float[] values) {
        if (order == null) return values;
        int each = values.length / order.length;
        float[] to = new float[values.length];
        for (int i = 0; i < order.length; i++) System.arraycopy(values, each * order[i], to, each * i, each);
        return to;
    }
}
