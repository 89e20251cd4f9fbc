package digits.demo;

/** A request that gets no answer but a status and one sentence. */
final class HttpError extends RuntimeException {
    private final int status;

    HttpError(int status, String sentence) {
        super(sentence, null, false, false);   // no stack trace: it is an answer, not an accident
        this.status = status;
    }

    /** Of HTTP, 400 to 599. */
    int status() {
        return status;
    }
}
