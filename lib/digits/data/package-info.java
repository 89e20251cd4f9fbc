/** Data sets, from their files to batches. May import {@code digits}, {@code files}, {@code fetch}, {@code image}. */
package digits.data;
