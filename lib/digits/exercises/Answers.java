package digits.exercises;

import java.util.Arrays;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.nd4j.linalg.api.ndarray.INDArray;

/** What the checks share: rejecting wrong answers, and comparing and formatting numbers and shapes. */
final class Answers {
    private Answers() { }

    /** Throws the hint if the answer is wrong in this way; for the format see {@link String#format}. */
    static void reject(boolean wrong, String hint, Object... values) {
        if (wrong) throw new NotYet(hint, values);
    }

    /** The answer in this variable, which the exercise initializes with null. */
    static <T> T given(String variable, T answer) {
        reject(answer == null, "There is no answer yet: %s is still null. Replace “YOUR CODE HERE” with your code and "
                + "run that cell, then this one. (If that cell shows an error in red, fix it first.)", variable);
        return answer;
    }

    /** The answer computed by a method of the learner; if the method fails, its error becomes the hint. */
    static <T> T computed(String method, Callable<T> answer) {
        try {
            return answer.call();
        } catch (NotYet hint) {
            throw hint;
        } catch (Exception failed) {
            reject(failed.getClass().getName().endsWith("UnresolvedReferenceException"),
                    "%s does not compile yet: the cell above shows in red where.", method);
            throw new NotYet("%s ended in an error: %s. Try a single example of it in another cell.", method, failed);
        }
    }

    /** Whether two numbers agree within {@code tolerance}; relative to the expected number if that is above 1. */
    static boolean close(double found, double expected, double tolerance) {
        return Math.abs(found - expected) <= tolerance * Math.max(1, Math.abs(expected));
    }

    static void hasShape(String variable, INDArray array, long... expected) {
        reject(!Arrays.equals(array.shape(), expected), "%s has the shape %s; it has to be %s. (array.reshape(…) gives "
                + "the same numbers other axes.)", variable, Arrays.toString(array.shape()), Arrays.toString(expected));
    }

    static String say(String format, Object... values) {
        return String.format(Locale.ROOT, format, values);
    }
}
