package digits.experiments;

import com.google.gson.JsonObject;
import digits.training.Epoch;
import digits.training.Results;
import java.util.List;

/**
 * What one network of a comparison came to.
 *
 * @param name          what a reader calls it
 * @param results       its training's record and its figures on the test images
 * @param epochs        the figures of each epoch, those on the validation images among them; one epoch or more
 * @param latencyMillis what the prediction of a single image takes, milliseconds, median
 */
public record ComparedNetwork(String name, Results results, List<Epoch> epochs, double latencyMillis) {

    public ComparedNetwork {
        epochs = List.copyOf(epochs);
        if (epochs.isEmpty()) throw new IllegalArgumentException(name + " was not trained for a single epoch");
    }

    /** The share of the validation images recognised after the last epoch, 0 to 1. */
    public double validationAccuracy() {
        return epochs.get(epochs.size() - 1).validationAccuracy();
    }

    /** What the training steps of an epoch take, without validation: the median, since the first epoch warms Java up. */
    public double secondsPerEpoch() {
        double[] seconds = epochs.stream().mapToDouble(Epoch::trainSeconds).sorted().toArray();
        int middle = seconds.length / 2;
        return seconds.length % 2 == 1 ? seconds[middle] : (seconds[middle - 1] + seconds[middle]) / 2;
    }

    /** {@link Results} with what is here besides. */
    JsonObject json() {
        JsonObject json = new JsonObject();
        json.addProperty("name", name);
        Results.JSON.toJsonTree(results).getAsJsonObject().entrySet().forEach(entry -> json.add(entry.getKey(), entry.getValue()));
        json.addProperty("validation_accuracy", validationAccuracy());
        json.addProperty("seconds_per_epoch", secondsPerEpoch());
        json.addProperty("latency_ms", latencyMillis);
        json.add("history", Results.JSON.toJsonTree(epochs));
        return json;
    }
}
