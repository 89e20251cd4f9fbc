/**
 * The networks of the lessons, as configurations to build them from, and a summary of any network's layers. May import
 * {@link digits}, {@code files}, {@code image} and {@code data}.
 */
package digits.networks;
