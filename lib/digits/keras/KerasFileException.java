package digits.keras;

/**
 * A Keras file that cannot be read, or a network that Keras's files cannot hold. The message names the file, and the layer with its
 * class and its place where one is to blame. Nothing was loaded or written when it is thrown.
 */
public final class KerasFileException extends RuntimeException {
    private static final long serialVersionUID = 1;

    KerasFileException(String message) {
        super(message);
    }

    KerasFileException(String message, Throwable cause) {
        super(message, cause);
    }
}
