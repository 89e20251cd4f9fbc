/**
 * Trains one network: epochs, schedules, early stopping, the record. May import {@code evaluation} and all below it.
 */
package digits.training;
