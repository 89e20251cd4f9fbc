package digits.experiments;

import com.google.gson.JsonObject;
import digits.Settings;
import digits.Text;
import digits.data.Dataset;
import digits.data.Split;
import digits.training.Epoch;
import digits.training.History;
import digits.training.TestScore;
import digits.training.TrainingRecord;
import java.io.Serializable;
import java.math.BigDecimal;
import java.util.List;
import java.util.OptionalDouble;
import java.util.stream.DoubleStream;

/**
 * The result of one setting with one seed.
 *
 * @param rate          the learning rate; NaN if the experiment does not vary it
 * @param seed          of weights, order, augmentation and dropout
 * @param threads       of the native library
 * @param parameters    number of the network's parameters; 0 if the run failed
 * @param seconds       wall time, validation included
 * @param test          figures on the test images; null if it was not tested
 * @param latencyMillis median time to predict a single image; NaN if it was not tested
 * @param failure       why there is no result, such as “the loss was NaN in step 3 of epoch 1”; empty if there is one
 * @param fingerprint   of everything that the result depends on; empty if the run is to be tried again
 */
public record Run(String setting, double rate, long seed, int batch, int threads, long parameters, List<Epoch> epochs,
                  double seconds, TestScore test, double latencyMillis, String failure, String fingerprint)
        implements Serializable {
    public Run {
        epochs = List.copyOf(epochs);
    }

    /** Whether there is no result. */
    public boolean failed() {
        return !failure.isEmpty();
    }

    /** Name and rate, if there is one: “Adam, 0.001”. */
    public String label() {
        return label(setting, rate);
    }

    static String label(String setting, double rate) {
        if (Double.isNaN(rate)) return setting;
        boolean plain = rate >= 1e-4 && rate < 1e6;
        return setting + ", " + (plain ? BigDecimal.valueOf(rate).stripTrailingZeros().toPlainString()
                : String.format(Text.LOCALE, "%.3g", rate));
    }

    /** The highest share of the validation images recognized after an epoch, 0 to 1; empty if the run failed. */
    public OptionalDouble best() {
        return failed() ? OptionalDouble.empty() : epochs.stream().mapToDouble(Epoch::validationAccuracy).max();
    }

    /** The last epoch; all of its figures are NaN if the run failed. */
    public Epoch last() {
        double none = Double.NaN;
        return failed() ? new Epoch(0, none, none, none, none, none, none, none) : epochs.get(epochs.size() - 1);
    }

    /** Median wall time of an epoch's training steps, since the first epoch warms Java up; NaN without an epoch. */
    public double secondsPerEpoch() {
        return median(epochs.stream().mapToDouble(Epoch::trainSeconds).toArray());
    }

    /** The median; of an even number of values the mean of the middle two, of none NaN. */
    static double median(double... values) {
        double[] sorted = DoubleStream.of(values).sorted().toArray();
        int n = sorted.length;
        return n == 0 ? Double.NaN : (sorted[(n - 1) / 2] + sorted[n / 2]) / 2;
    }

    /** The same result for a setting of another name, with another latency. */
    Run with(String name, double at, double millis) {
        return new Run(name, at, seed, batch, threads, parameters, epochs, seconds, test, millis, failure, fingerprint);
    }

    /** The {@link TrainingRecord#results results} of the run, with its name and what only an experiment measures. */
    JsonObject json(Dataset data, Split split, Settings settings) {
        TestScore score = test == null ? new TestScore(0, Double.NaN, Double.NaN) : test;
        JsonObject json = new JsonObject();
        json.addProperty("name", label());
        TrainingRecord.of(new History(epochs), parameters, data, split, settings).tested(score).results().asMap()
                .forEach(json::add);
        JsonObject own = TrainingRecord.JSON.toJsonTree(this).getAsJsonObject();
        List.of("batch", "seed", "threads").forEach(key -> json.add(key, own.get(key)));
        json.add("validation_accuracy", TrainingRecord.JSON.toJsonTree(last().validationAccuracy()));
        json.add("seconds_per_epoch", TrainingRecord.JSON.toJsonTree(secondsPerEpoch()));
        json.add("latency_ms", own.get("latency_millis"));
        json.add("failure", own.get("failure"));
        json.add("history", own.get("epochs"));
        return json;
    }

    /** One line, such as “Adam, 0.001, seed 1: 3 epochs in 9.8 s, validation accuracy 98.12 %”. */
    @Override
    public String toString() {
        return label() + ", seed " + seed + ": " + (failed() ? failure : Text.count(epochs.size(), "epoch") + " in "
                + Text.duration(seconds) + ", validation accuracy " + Text.percent(last().validationAccuracy(), 2));
    }
}
