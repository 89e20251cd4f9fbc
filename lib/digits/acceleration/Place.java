package digits.acceleration;

/**
 * What a layer may rely on by its place in the network.
 *
 * @param inputGradientUnused nothing comes before it, so that training needs no gradient of its input
 * @param gradientIsItsOwn    nobody else reads the gradient that it is handed in backpropagation: it may be overwritten
 */
record Place(boolean inputGradientUnused, boolean gradientIsItsOwn) {
    /** Of a layer in a graph, whose neighbours may share arrays. */
    static final Place ANYWHERE = new Place(false, false);
}
