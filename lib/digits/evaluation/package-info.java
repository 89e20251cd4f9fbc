/**
 * Measures predictions: accuracy, loss, errors, and how far all of these can be trusted. May import {@code digits},
 * {@code data} and {@code networks}.
 */
package digits.evaluation;
