package digits.evaluation;

import java.util.stream.IntStream;

/**
 * Temperature scaling (Guo, Pleiss, Sun, Weinberger 2017): divides the logits of all predictions by one number before
 * the softmax. Above 1, it makes them less confident, below 1 more; the predicted classes stay the same. From a
 * probability the logit follows as its logarithm, up to a constant that softmax removes.
 *
 * @param value above 0
 */
public record Temperature(double value) {
    private static final double LOWEST = 0.1;
    private static final double HIGHEST = 10;
    private static final double GOLDEN = (Math.sqrt(5) - 1) / 2;

    /** @throws IllegalArgumentException unless the value is above 0 and finite */
    public Temperature {
        if (!(value > 0) || Double.isInfinite(value)) {
            throw new IllegalArgumentException("a temperature of " + value + "; it has to be above 0");
        }
    }

    /**
     * The temperature with the lowest mean loss, −ln of the probability of the true class: from {@value #LOWEST} to
     * {@value #HIGHEST}, by golden-section search over its logarithm, to a relative error of 1e-6.
     *
     * @param validation images that the network was neither trained nor will be tested on. If every one of them is
     *                   recognized, no temperature is too low, and the result is about {@value #LOWEST}
     */
    public static Temperature fitted(Predictions validation) {
        double[][] logits = IntStream.range(0, validation.size()).mapToObj(i -> logits(validation, i))
                .toArray(double[][]::new);
        double low = Math.log(LOWEST);
        double high = Math.log(HIGHEST);
        double left = high - GOLDEN * (high - low);
        double right = low + GOLDEN * (high - low);
        double atLeft = loss(validation, logits, left);
        double atRight = loss(validation, logits, right);
        while (high - low > 1e-6) {
            if (atLeft <= atRight) {
                high = right;
                right = left;
                atRight = atLeft;
                left = high - GOLDEN * (high - low);
                atLeft = loss(validation, logits, left);
            } else {
                low = left;
                left = right;
                atLeft = atRight;
                right = low + GOLDEN * (high - low);
                atRight = loss(validation, logits, right);
            }
        }
        return new Temperature(Math.exp((low + high) / 2));
    }

    /** The predictions at this temperature. */
    public Predictions applied(Predictions predictions) {
        float[][] scaled = new float[predictions.size()][predictions.classes()];
        int[] labels = new int[predictions.size()];
        for (int i = 0; i < scaled.length; i++) {
            double[] logits = logits(predictions, i);
            double sum = logSum(logits, value);
            for (int c = 0; c < logits.length; c++) scaled[i][c] = (float) Math.exp(logits[c] / value - sum);
            labels[i] = predictions.label(i);
        }
        return Predictions.of(scaled, labels);
    }

    private static double[] logits(Predictions predictions, int i) {
        // a probability of 0 is one that float cannot hold
        return IntStream.range(0, predictions.classes())
                .mapToDouble(c -> Math.log(Math.max(Float.MIN_VALUE, predictions.probability(i, c)))).toArray();
    }

    private static double loss(Predictions predictions, double[][] logits, double logTemperature) {
        double temperature = Math.exp(logTemperature);
        double sum = 0;
        for (int i = 0; i < logits.length; i++) {
            sum += logSum(logits[i], temperature) - logits[i][predictions.label(i)] / temperature;
        }
        return sum / logits.length;
    }

    /** The logarithm of softmax's denominator. */
    private static double logSum(double[] logits, double temperature) {
        double highest = logits[0];
        for (double logit : logits) highest = Math.max(highest, logit);
        double sum = 0;
        for (double logit : logits) sum += Math.exp((logit - highest) / temperature);
        return highest / temperature + Math.log(sum);
    }
}
