/**
 * Reads networks from Keras's files ({@code .h5}, {@code .keras}) and writes them as {@code .h5}; {@link
 * digits.keras.KerasFiles} is the only entry. Knows Deeplearning4j, jhdf, Gson and Tablesaw; of this library it may import
 * {@code digits.files} and the packages below the networks, and nothing of training or evaluation.
 */
package digits.keras;
