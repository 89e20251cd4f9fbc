package digits.onednn;

/** oneDNN has no code for a computation, for example because of its shape. */
public final class OneDnnException extends RuntimeException {
    OneDnnException(String message) {
        super(message);
    }
}
