package digits.experiments;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import digits.files.AtomicFile;
import digits.training.Results;
import java.nio.file.Path;
import java.util.List;
import java.util.function.ToDoubleFunction;
import tech.tablesaw.api.DoubleColumn;
import tech.tablesaw.api.IntColumn;
import tech.tablesaw.api.LongColumn;
import tech.tablesaw.api.StringColumn;
import tech.tablesaw.api.Table;

/** The networks of a comparison, in the order in which they were trained. */
public record ComparedNetworks(List<ComparedNetwork> networks) {

    public ComparedNetworks {
        networks = List.copyOf(networks);
    }

    /**
     * One row a network: its parameters, the share of the validation images recognised after the last epoch, loss and accuracy on the
     * test images, seconds that an epoch's training takes, milliseconds that one image's prediction takes, seed and threads.
     */
    public Table table() {
        return Table.create("networks",
                StringColumn.create("network", networks.stream().map(ComparedNetwork::name)),
                LongColumn.create("parameters", networks.stream().mapToLong(network -> network.results().parameters()).toArray()),
                column("val. accuracy", ComparedNetwork::validationAccuracy),
                column("test loss", network -> network.results().testLoss()),
                column("test accuracy", network -> network.results().testAccuracy()),
                column("seconds an epoch", ComparedNetwork::secondsPerEpoch),
                column("one image, ms", ComparedNetwork::latencyMillis),
                LongColumn.create("seed", networks.stream().mapToLong(network -> network.results().seed()).toArray()),
                IntColumn.create("threads", networks.stream().mapToInt(network -> network.results().threads()).toArray()));
    }

    private DoubleColumn column(String name, ToDoubleFunction<ComparedNetwork> value) {
        return DoubleColumn.create(name, networks.stream().mapToDouble(value).toArray());
    }

    /**
     * Writes them as JSON, completely or not at all: a list {@code networks}, each with its name, the fields of {@link Results}, and
     * {@code validation_accuracy}, {@code seconds_per_epoch}, {@code latency_ms} and {@code history}, the figures of each epoch.
     *
     * @throws java.io.UncheckedIOException naming the file, if it cannot be written
     */
    public void save(Path file) {
        JsonArray list = new JsonArray();
        networks.forEach(network -> list.add(network.json()));
        JsonObject json = new JsonObject();
        json.add("networks", list);
        AtomicFile.writeText(file, Results.JSON.toJson(json) + "\n");
    }
}
