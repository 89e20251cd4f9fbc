/**
 * Grids of numbers and pictures: how a drawing or a photograph becomes an image like those of MNIST. May import
 * {@link digits} and {@link digits.files}; knows no data set and no network.
 */
package digits.image;
