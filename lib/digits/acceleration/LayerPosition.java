package digits.acceleration;

import digits.engine.Engine;

/**
 * What a layer may rely on because of its position in the network, and what the network computes with.
 *
 * @param network     whose monitor a layer holds while it computes: one network does one computation at a time, since
 *                    its layers keep arrays between passes; Deeplearning4j's {@code output} and {@code fit} hold it too
 * @param first       no layer comes before it, so training needs no gradient at its input
 * @param ownsEpsilon nothing else reads the gradient that backpropagation hands it: the layer may overwrite it
 * @param engine      what the layer computes with
 */
record LayerPosition(Object network, boolean first, boolean ownsEpsilon, Engine engine) {
    private static final StackWalker STACK = StackWalker.getInstance();
    private static final int DEPTH = 12;   // frames from here to the network's training step, and some to spare

    /**
     * Whether nothing reads the gradient at this layer's input. Looks at the callers: {@code fit} comes through {@code
     * computeGradientAndScore}, which discards that gradient; {@code calculateGradients} returns it.
     */
    boolean inputGradientUnused() {
        return first && STACK.walk(frames -> frames.limit(DEPTH)
                .anyMatch(frame -> frame.getMethodName().equals("computeGradientAndScore")));
    }
}
