package digits.onnx;

/** Says why an ONNX file cannot be read or written, and what to do. */
public final class OnnxFileException extends RuntimeException {
    private static final long serialVersionUID = 1;

    OnnxFileException(String message) {
        super(message);
    }

    OnnxFileException(String message, Throwable cause) {
        super(message, cause);
    }

    static OnnxFileException refused(String message) {
        return new OnnxFileException(message);
    }
}
