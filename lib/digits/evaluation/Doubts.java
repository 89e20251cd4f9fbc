package digits.evaluation;

import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/** The images that a network was not sure of, whether it was right or not. */
public final class Doubts {
    private Doubts() {
    }

    /** Positions of the images whose most probable class has the lowest probability, the least sure one first; at most {@code most}. */
    public static List<Integer> leastSure(Predictions predictions, int most) {
        return IntStream.range(0, predictions.size()).boxed()
                .sorted(Comparator.comparingDouble((Integer i) -> predictions.probability(i, predictions.predicted(i)))
                        .thenComparing(Comparator.naturalOrder()))
                .limit(most).toList();
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
