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

    /**
     * Positions of the images whose most probable class has the lowest probability, the least certain first; at most
     * {@code n}. The predictions may be right or wrong.
     */
    public static List<Integer> leastConfident(Predictions predictions, int n) {
        return first(predictions, i -> true, predictions::confidence, n);
    }

    private static List<Integer> first(Predictions predictions, IntPredicate which, ToDoubleFunction<Integer> key,
                                       int n) {
        return IntStream.range(0, predictions.size()).filter(which).boxed()
                .sorted(Comparator.comparingDouble(key).thenComparing(Comparator.naturalOrder())).limit(n).toList();
    }

    /** The class with the second highest probability for image {@code i}; of equal ones the first. */
    public static int secondChoice(Predictions predictions, int i) {
        int best = predictions.predicted(i);
        int second = best == 0 ? 1 : 0;
        for (int c = 0; c < predictions.classes(); c++) {
            if (c != best && predictions.probability(i, c) > predictions.probability(i, second)) second = c;
        }
        return second;
    }
}
