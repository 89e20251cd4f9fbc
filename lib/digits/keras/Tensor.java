package digits.keras;

import static digits.keras.KerasFileException.refused;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.deeplearning4j.nn.conf.InputPreProcessor;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.preprocessor.CnnToFeedForwardPreProcessor;
import org.deeplearning4j.nn.conf.preprocessor.ComposableInputPreProcessor;
import org.deeplearning4j.nn.conf.preprocessor.FeedForwardToCnnPreProcessor;
import org.deeplearning4j.preprocessors.PermutePreprocessor;

/**
 * What a layer returns for one example: its shape in Keras, and how Deeplearning4j holds the same numbers, which is as
 * an image [channels, height, width] or as a list.
 *
 * @param from    the part of the network that computes it
 * @param shape   in Keras, without the batch
 * @param image   whether it is an image; the channels of a list are its numbers, its height and width are 1
 * @param last    whether Keras has the image's channels last: {height, width, channels}
 * @param order   of a list whose numbers have another order in Keras; otherwise null
 * @param pending steps that bring what {@code from} returns into this form
 */
record Tensor(String from, int[] shape, boolean image, int channels, int height, int width, boolean last,
              FlattenOrder order, List<InputPreProcessor> pending) {
    static final int DIGIT = 28;
    private static final int LARGEST_LIST = 1 << 22;

    /** What the model reads. 784 numbers are the pixels of a digit, so that images of 28×28 go in. */
    static Tensor input(String name, int[] shape, boolean channelsFirst) {
        if (shape.length == 1 && shape[0] == DIGIT * DIGIT) {
            return new Tensor(name, shape, true, 1, DIGIT, DIGIT, true, null, List.of());
        }
        boolean last = !channelsFirst || shape.length == 2;
        return switch (shape.length) {
            case 1 -> new Tensor(name, shape, false, shape[0], 1, 1, true, null, List.of());
            case 2 -> new Tensor(name, shape, true, 1, shape[0], shape[1], true, null, List.of());
            case 3 -> new Tensor(name, shape, true, shape[last ? 2 : 0], shape[last ? 0 : 1], shape[last ? 1 : 2],
                    last, null, List.of());
            default -> throw refused("its model reads the shape " + Arrays.toString(shape)
                    + "; only images and lists of numbers can be read");
        };
    }

    InputType inputType() {
        return image ? InputType.convolutional(height, width, channels) : InputType.feedForward(channels);
    }

    /** The numbers per example. */
    long size() {
        return (long) channels * height * width;
    }

    /** Whether Keras and Deeplearning4j hold the numbers in the same order. */
    private boolean alike() {
        return order == null && (!image || !last || channels == 1 || height * width == 1);
    }

    /** The same numbers with another shape in Keras. */
    Tensor reshaped(int... other) {
        return new Tensor(from, other, image, channels, height, width, last, order, pending);
    }

    /** What a layer returns that changes no shape. */
    Tensor passedOn(String layer) {
        return new Tensor(layer, shape, image, channels, height, width, last, order, List.of());
    }

    /** An image that a layer returns, whose channels are where these are. */
    Tensor newImage(String layer, int newChannels, int newHeight, int newWidth) {
        int[] sides = last ? new int[] {newHeight, newWidth, newChannels}
                : new int[] {newChannels, newHeight, newWidth};
        return new Tensor(layer, sides, true, newChannels, newHeight, newWidth, last, null, List.of());
    }

    /** A list that a layer returns. */
    static Tensor newList(String layer, int length) {
        return new Tensor(layer, new int[] {length}, false, length, 1, 1, true, null, List.of());
    }

    /** As a list: Deeplearning4j flattens in its own order. */
    Tensor asList() {
        if (!image) return this;
        if (size() > LARGEST_LIST) throw refused("its model flattens an image to " + size() + " numbers, too many");
        FlattenOrder flattened = alike() ? null : new FlattenOrder(height, width, channels);
        return new Tensor(from, new int[] {(int) size()}, false, (int) size(), 1, 1, true, flattened,
                and(new CnnToFeedForwardPreProcessor(height, width, channels)));
    }

    /** As a list in Keras's order. */
    private Tensor asListInOrder() {
        if (alike()) return asList();
        if (!image) throw refused("its model reshapes a flattened image after another layer; flatten it right before");
        List<InputPreProcessor> steps = new ArrayList<>(and(new PermutePreprocessor(2, 3, 1)));
        steps.add(new CnnToFeedForwardPreProcessor(width, channels, height));
        return new Tensor(from, new int[] {(int) size()}, false, (int) size(), 1, 1, true, null, steps);
    }

    /**
     * As an image, for a layer that reads one.
     *
     * @param channelsLast how the layer reads the shape; a shape of two sides has neither a width nor one channel
     */
    Tensor asImage(boolean channelsLast) {
        int[] s = shape.length == 2 ? new int[] {shape[0], 1, shape[1]} : shape;
        int c = s[channelsLast ? 2 : 0];
        int h = s[channelsLast ? 0 : 1];
        int w = s[channelsLast ? 1 : 2];
        boolean toAlike = !channelsLast || c == 1 || h * w == 1;
        boolean here = image && channels == c && height == h && width == w;
        if (here && (last == channelsLast || alike() && toAlike)) {
            return new Tensor(from, s, true, c, h, w, channelsLast, null, pending);
        }
        Tensor list = asListInOrder();
        List<InputPreProcessor> steps = new ArrayList<>(list.pending);
        if (toAlike) {
            steps.add(new FeedForwardToCnnPreProcessor(h, w, c));
        } else {
            steps.add(new FeedForwardToCnnPreProcessor(w, c, h));
            steps.addAll(permuted(new int[] {c, h, w}, 3, 1, 2));
        }
        return new Tensor(from, s, true, c, h, w, channelsLast, null, steps);
    }

    /** With the axes of its shape in another order: {@code axes[i]} is the axis, from 0, that comes to place i. */
    Tensor permuted(int... axes) {
        if (shape.length == 1) return this;
        boolean flat = shape.length == 2;
        Tensor whole = (flat ? reshaped(1, shape[0], shape[1]) : this).asImage(false);
        int[] of = flat ? new int[] {0, axes[0] + 1, axes[1] + 1} : axes;
        int[] s = {whole.shape[of[0]], whole.shape[of[1]], whole.shape[of[2]]};
        List<InputPreProcessor> steps = new ArrayList<>(whole.pending);
        steps.addAll(permuted(s, of[0] + 1, of[1] + 1, of[2] + 1));
        Tensor turned = new Tensor(from, s, true, s[0], s[1], s[2], false, null, steps);
        return flat ? turned.reshaped(s[1], s[2]) : turned;
    }

    /** Deeplearning4j's permutation announces another shape than it returns; to flatten and unflatten corrects it. */
    private static List<InputPreProcessor> permuted(int[] sides, int... axes) {
        return List.of(new PermutePreprocessor(axes), new CnnToFeedForwardPreProcessor(sides[1], sides[2], sides[0]),
                new FeedForwardToCnnPreProcessor(sides[1], sides[2], sides[0]));
    }

    private List<InputPreProcessor> and(InputPreProcessor step) {
        List<InputPreProcessor> steps = new ArrayList<>(pending);
        steps.add(step);
        return steps;
    }

    /** The pending steps as one; null if there are none. */
    InputPreProcessor before() {
        return pending.isEmpty() ? null : pending.size() == 1 ? pending.get(0)
                : new ComposableInputPreProcessor(pending.toArray(new InputPreProcessor[0]));
    }
}
