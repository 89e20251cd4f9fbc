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

    /** A text out of a file as a message can quote it: no longer than a person reads. */
    static String shortened(String text) {
        return text != null && text.length() > 80 ? text.substring(0, 80) + "…" : text;
    }
}
