package digits.acceleration;

import digits.engine.Engine;

/**
 * What a layer may rely on because of its position in the network, and what the network computes with.
 *
 * @param network     whose monitor a layer holds while it computes: one network does one computation at a time, since
 *                    its layers keep arrays between passes; Deeplearning4j's {@code output} and {@code fit} hold it too
 * @param first       no layer comes before it, so training needs no gradient at its input
 * @param ownsEpsilon nothing else reads the gradient that backpropagation hands it: the layer may overwrite it
 * @param inference   what the layer predicts with; its arrays are floats
 * @param training    what the layer is trained with; its arrays may be of another type
 */
record LayerPosition(Object network, boolean first, boolean ownsEpsilon, Engine inference, Engine training) {
    private static final StackWalker STACK = StackWalker.getInstance();
    private static final int DEPTH = 12;   // frames from here to the network's training step, and some to spare

    /** The same position for a layer whose arrays remain floats in training, as its activation needs them. */
    LayerPosition withFloats() {
        return new LayerPosition(network, first, ownsEpsilon, inference, inference);
    }

    Engine engine(boolean inTraining) {
        return inTraining ? training : inference;
    }

    /**
     * Whether nothing reads the gradient at this layer's input. Looks at the callers: {@code fit} comes through {@code
     * computeGradientAndScore}, which discards that gradient; {@code calculateGradients} returns it.
     */
    boolean inputGradientUnused() {
        return first && STACK.walk(frames -> frames.limit(DEPTH)
                .anyMatch(frame -> frame.getMethodName().equals("computeGradientAndScore")));
    }
}
