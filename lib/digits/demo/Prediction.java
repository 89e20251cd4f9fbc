package digits.demo;

import digits.image.Ink;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The network's prediction for one digit, as the page reads it.
 *
 * @param digit         the most probable digit
 * @param runnerUp      the second most probable
 * @param probabilities of 0 to 9, which sum to 1
 * @param pixels        what the network saw: 28×28 numbers, 0 (paper) to 255 (ink), row by row
 */
record Prediction(int digit, int runnerUp, double[] probabilities, int[] pixels) {
    static Prediction of(Ink seen, double[] probabilities) {
        List<Integer> digits = IntStream.range(0, probabilities.length).boxed()
                .sorted(Comparator.comparingDouble(digit -> -probabilities[digit])).toList();
        byte[] bytes = seen.bytes();
        int[] pixels = IntStream.range(0, bytes.length).map(i -> bytes[i] & 0xff).toArray();
        return new Prediction(digits.get(0), digits.get(1), probabilities, pixels);
    }
}
