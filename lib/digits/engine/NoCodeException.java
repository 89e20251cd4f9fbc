package digits.engine;

/** An engine has no code for a computation, for example because of its shape. */
public final class NoCodeException extends RuntimeException {
    public NoCodeException(String message) {
        super(message);
    }
}
