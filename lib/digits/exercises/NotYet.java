package digits.exercises;

/**
 * Thrown for an answer that is not right yet. The message is for the learner. There is no stack trace: a kernel would
 * print it below the message, and it would explain the check, not the answer.
 */
public final class NotYet extends RuntimeException {
    private static final long serialVersionUID = 1;

    /** A hint in the format of {@link String#format}. */
    NotYet(String hint, Object... values) {
        super(Answers.say(hint, values), null, false, false);
    }
}
