package digits.exercises;

/** An answer that is not right yet, with a hint for the learner and no stack trace: it would explain the check. */
public final class NotYet extends RuntimeException {
    private static final long serialVersionUID = 1;

    /** A hint in the format of {@link String#format}. */
    NotYet(String hint, Object... values) {
        super(Answers.say(hint, values), null, false, false);
    }
}
