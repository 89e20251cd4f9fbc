/**
 * The engine for every platform: matrix products of OpenBLAS, which ND4J has everywhere, and loops in Java. May import
 * the JDK, JavaCPP and its binding of OpenBLAS, and {@code digits.engine}; nothing of Deeplearning4j.
 */
package digits.portable;
