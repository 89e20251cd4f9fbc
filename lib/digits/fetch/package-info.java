/** Downloads of files with known sizes and checksums; knows no data set. May import {@code digits}, {@code files}. */
package digits.fetch;
