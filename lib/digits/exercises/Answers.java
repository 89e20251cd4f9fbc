package digits.exercises;

import java.util.Arrays;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.nd4j.linalg.api.ndarray.INDArray;

/** What the checks have in common: whether there is an answer at all, and how numbers and shapes are compared and written. */
final class Answers {
    private Answers() {
    }

    /** The answer in this variable, which exercises set to null for a start. */
    static <T> T given(String variable, T answer) {
        if (answer == null) {
            throw new NotYet(("There is no answer yet: %s is still null. Put your code in the place of «YOUR CODE HERE» and run that cell, then "
                    + "this one. (If that cell shows an error in red, mend it first.)").formatted(variable));
        }
        return answer;
    }

    /** The answer that a method of the learner's gives; when it fails, its error in one sentence. */
    static <T> T computed(String method, Callable<T> answer) {
        try {
            return answer.call();
        } catch (NotYet said) {
            throw said;
        } catch (Exception failed) {
            if (failed.getClass().getName().endsWith("UnresolvedReferenceException")) {
                throw new NotYet(method + " does not compile yet: the cell above says in red where.");
            }
            throw new NotYet("%s ended in an error: %s. Try it in a cell of its own with a single example.".formatted(method, failed));
        }
    }

    /** Whether two numbers are the same but for {@code tolerance}, as a share of the wanted one where that is above 1. */
    static boolean close(double found, double wanted, double tolerance) {
        return Math.abs(found - wanted) <= tolerance * Math.max(1, Math.abs(wanted));
    }

    static void hasShape(String variable, INDArray array, long... wanted) {
        if (!Arrays.equals(array.shape(), wanted)) {
            throw new NotYet("%s has the shape %s; it has to be %s. (array.reshape(…) gives the same numbers other axes.)".formatted(
                    variable, Arrays.toString(array.shape()), Arrays.toString(wanted)));
        }
    }

    /** {@code format} filled in the same way on every machine. */
    static String say(String format, Object... values) {
        return String.format(Locale.ROOT, format, values);
    }
}
