package digits.evaluation;

import java.util.Comparator;
import java.util.List;
import java.util.function.IntPredicate;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;

/** Finds the images that are worth a look: confident mistakes and uncertain predictions. */
public final class ErrorAnalysis {
    private ErrorAnalysis() { }

    /** Positions of the wrongly predicted images, the most confident mistake first; at most {@code n}. */
    public static List<Integer> mostConfidentMistakes(Predictions predictions, int n) {
        return first(predictions, i -> !predictions.correct(i), i -> -predictions.confidence(i), n);
    }

    /** Positions of the {@code n} images, recognized or not, whose predicted class has the lowest probability. */
    public static List<Integer> leastConfident(Predictions predictions, int n) {
        return first(predictions, i -> true, predictions::confidence, n);
    }

    /** Positions of the {@code n} images, recognized or not, whose predicted class has the highest probability. */
    public static List<Integer> mostConfident(Predictions predictions, int n) {
        return first(predictions, i -> true, i -> -predictions.confidence(i), n);
    }

    private static List<Integer> first(Predictions all, IntPredicate which, ToDoubleFunction<Integer> key, int n) {
        return IntStream.range(0, all.size()).filter(which).boxed().sorted(Comparator.comparingDouble(key)).limit(n)
                .toList();
    }
}
