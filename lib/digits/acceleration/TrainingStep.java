package digits.acceleration;

/** Whether a network is computing a training step: then nobody reads the gradient of the network's own input. */
final class TrainingStep {
    private static final StackWalker STACK = StackWalker.getInstance();

    private TrainingStep() {
    }

    /**
     * Looks at the callers: {@code fit} comes through {@code computeGradientAndScore}, which throws the input's gradient
     * away, and {@code calculateGradients}, which hands it to the user, does not. A few microseconds.
     */
    static boolean isRunning() {
        return STACK.walk(frames -> frames.limit(12).anyMatch(frame -> frame.getMethodName().equals("computeGradientAndScore")));
    }
}
