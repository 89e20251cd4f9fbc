/**
 * Downloads: addresses, files, expected sizes and checksums; knows no data set. May import {@code digits} and
 * {@code files}.
 */
package digits.fetch;
