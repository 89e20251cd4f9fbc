package digits.evaluation;

import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/** The images that a network got wrong. */
public final class Mistakes {
    private Mistakes() {
    }

    /** Positions of the wrongly predicted images, the one with the highest (wrong) probability first; at most {@code most}. */
    public static List<Integer> mostConfident(Predictions predictions, int most) {
        return IntStream.range(0, predictions.size()).filter(i -> !predictions.correct(i)).boxed()
                .sorted(Comparator.comparingDouble((Integer i) -> -predictions.probability(i, predictions.predicted(i)))
                        .thenComparing(Comparator.naturalOrder()))
                .limit(most).toList();
    }
}
