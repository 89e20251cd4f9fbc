/**
 * Reads and writes networks in the ONNX format; {@link digits.onnx.OnnxFiles} is the entry. It knows Deeplearning4j and
 * the ONNX classes that ND4J brings; of this library it may import only {@code digits.files} and, for Keras's
 * activation functions, {@code digits.keras}.
 */
package digits.onnx;
