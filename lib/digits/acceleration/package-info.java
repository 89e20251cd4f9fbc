/**
 * Faster code behind the layers of Deeplearning4j networks on the CPU. {@link digits.acceleration.Acceleration} is
 * the only public entry ({@code FrozenNetwork} is what its {@code freeze} returns); {@code LayerKinds} is the one
 * place to touch to add a layer kind (README.md says how). May import {@code digits.engine} and both engines, {@code
 * digits.networks} and {@code digits.files}, Deeplearning4j and ND4J.
 */
package digits.acceleration;
