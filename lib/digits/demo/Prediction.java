package digits.demo;

import digits.image.Ink;

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
        int first = -1;
        int second = -1;
        for (int d = 0; d < probabilities.length; d++) {
            if (first < 0 || probabilities[d] > probabilities[first]) {
                second = first;
                first = d;
            } else if (second < 0 || probabilities[d] > probabilities[second]) {
                second = d;
            }
        }
        byte[] bytes = seen.bytes();
        int[] pixels = new int[bytes.length];
        for (int i = 0; i < pixels.length; i++) pixels[i] = bytes[i] & 0xff;
        return new Prediction(first, second, probabilities, pixels);
    }
}
