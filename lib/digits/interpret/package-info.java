/**
 * What a trained network has learned: its filters and feature maps, what its predictions depend on, and where its last
 * hidden layer places the images. Networks and ND4J arrays come in, plain values go out; {@code pictures} draws them.
 * No function here changes the network that it is given. May import {@link digits}, {@code files}, {@code image},
 * {@code data} and {@code networks}.
 */
package digits.interpret;
