/** Measures predictions: accuracy, loss, errors. May import {@code digits}, {@code data} and {@code networks}. */
package digits.evaluation;
