package digits.experiments;

import digits.training.Epoch;
import java.math.BigDecimal;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;

/**
 * What one setting came to with one seed.
 *
 * @param setting     its name
 * @param rate        the learning rate that it was tried at; NaN if the sweep does not vary it
 * @param seed        of weights, order and dropout
 * @param epochs      the figures of each finished epoch
 * @param seconds     wall time, validation included
 * @param failure     why it has no result, as «the loss was NaN in step 3 of epoch 1»; empty if it went through
 * @param fingerprint of network, images, batch, epochs, seed and library; empty if the network could not be built
 */
public record Run(String setting, double rate, long seed, List<Epoch> epochs, double seconds, String failure, String fingerprint) {

    public Run {
        epochs = List.copyOf(epochs);
    }

    /** Whether it has no result. */
    public boolean failed() {
        return !failure.isEmpty();
    }

    /** Name and rate, if there is one: «Adam, 0.001». */
    public String label() {
        return label(setting, rate);
    }

    static String label(String setting, double rate) {
        return Double.isNaN(rate) ? setting : setting + ", " + shortest(rate);
    }

    private static String shortest(double rate) {
        return rate >= 1e-4 && rate < 1e6 ? new BigDecimal(Double.toString(rate)).stripTrailingZeros().toPlainString()
                : String.format(Locale.ROOT, "%.3g", rate);
    }

    /** The highest share of the validation images recognised after an epoch, 0 to 1; none if the run failed. */
    public OptionalDouble best() {
        return failed() ? OptionalDouble.empty() : epochs.stream().mapToDouble(Epoch::validationAccuracy).max();
    }

    Run withFingerprint(String sum) {
        return new Run(setting, rate, seed, epochs, seconds, failure, sum);
    }

    Run ended(List<Epoch> allEpochs, double after, String why) {
        return new Run(setting, rate, seed, allEpochs, after, why, fingerprint);
    }
}
