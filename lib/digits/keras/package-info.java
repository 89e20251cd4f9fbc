/**
 * Reads networks from Keras's files and writes them; {@link digits.keras.KerasFiles} is the entry. It knows
 * Deeplearning4j, Gson and Tablesaw; of this library it may import only {@code digits.files}.
 */
package digits.keras;
