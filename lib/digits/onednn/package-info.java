/**
 * The engine with the native library oneDNN (convolution, pooling, normalization …). May import the JDK, the JavaCPP
 * binding of oneDNN, {@code digits.engine}, and of ND4J only what loads its native library; nothing of Deeplearning4j.
 */
package digits.onednn;
