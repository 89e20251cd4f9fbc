/**
 * Trains one network: epochs, schedules, early stopping, the record of a training. May import {@code evaluation} and
 * the packages below it, such as {@code data}, {@code networks}, {@code acceleration} and {@code files}.
 */
package digits.training;
