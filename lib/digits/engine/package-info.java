/**
 * What an engine is: the computations of a network's layers as interfaces, on arrays given by their addresses in native
 * memory, and the threads and working memory that engines use. {@code digits.portable} and {@code digits.onednn}
 * implement it. May import the JDK, JavaCPP's pointers, and of ND4J only what loads its native library and tells its
 * number of threads; nothing of Deeplearning4j.
 */
package digits.engine;
