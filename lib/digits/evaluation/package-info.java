/**
 * Measures what a network predicts: accuracy, loss, confusion matrices, the errors worth a look. May import
 * {@code digits}, {@code data} and {@code networks}; nothing here trains.
 */
package digits.evaluation;
