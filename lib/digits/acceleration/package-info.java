/**
 * Faster code behind the layers of Deeplearning4j networks on the CPU. {@link digits.acceleration.Acceleration} is the
 * only public entry. May import {@code digits.onednn}, Deeplearning4j and ND4J.
 *
 * <h2>Adding a layer kind</h2> The one place to touch is {@code LayerKinds.ALL}: a line with Deeplearning4j's class of
 * the layer, a function that tells why a particular layer is not supported, and the constructor of the new class. That
 * class extends Deeplearning4j's, has its simple name (which {@code summary()} prints), implements {@code Replacement}
 * and holds a {@code LayerSupport}: {@code ActivationLayer} is the shortest example. Its computation belongs in {@code
 * digits.onednn}.
 */
package digits.acceleration;
