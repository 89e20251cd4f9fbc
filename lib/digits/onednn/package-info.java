/**
 * Computations of the native library oneDNN (convolution, pooling, normalization …), and a few that are faster in plain
 * Java, on arrays given by their addresses in native memory. May import the JDK, the JavaCPP binding of oneDNN, and of
 * ND4J only what loads its native library and tells its number of threads; nothing of Deeplearning4j.
 */
package digits.onednn;
