package digits.exercises;

/**
 * An answer that is not right yet. The message is for the learner; there is no stack trace, because a kernel would print
 * it below the message, and it would tell about the check and not about the answer.
 */
public final class NotYet extends RuntimeException {
    private static final long serialVersionUID = 1;

    public NotYet(String message) {
        super(message, null, false, false);
    }
}
