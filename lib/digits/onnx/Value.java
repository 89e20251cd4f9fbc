package digits.onnx;

/** What a name in a file stands for. */
sealed interface Value permits Constant, Signal { }
