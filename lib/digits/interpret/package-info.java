/**
 * What a trained network sees: its filters, its feature maps, what its answers depend on, and where its last hidden layer
 * puts the images. Networks and ND4J arrays come in, plain values go out; {@link digits.pictures} draws them. No function
 * here changes the network that it is given.
 */
package digits.interpret;
