/**
 * The engine with the native library oneDNN (convolution, pooling, normalization …); pooling of tiles is faster in Java
 * and comes from {@code digits.portable}. May import the JDK, the JavaCPP binding of oneDNN, {@code digits.engine}, and
 * of ND4J only what loads its native library; nothing of Deeplearning4j.
 */
package digits.onednn;
