package digits.demo;

/** An HTTP error response: a status code and a one-sentence message. */
final class HttpError extends RuntimeException {
    private final int status;

    HttpError(int status, String sentence) {
        super(sentence, null, false, false);   // without a stack trace: it is a response, not a failure
        this.status = status;
    }

    /** Throws the error unless the condition holds. */
    static void require(boolean condition, int status, String sentence) {
        if (!condition) throw new HttpError(status, sentence);
    }

    int status() {
        return status;
    }
}
