package digits.image;

/** A picture that cannot be used. The message is for a person: what was found, what was expected, what to do. */
public final class PictureException extends RuntimeException {
    private static final long serialVersionUID = 1;

    public PictureException(String message) {
        super(message);
    }

    public PictureException(String message, Throwable cause) {
        super(message, cause);
    }
}
