package digits.experiments;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import digits.Examples;
import digits.Settings;
import digits.acceleration.Acceleration;
import digits.data.Dataset;
import digits.data.Provenance;
import digits.data.Split;
import digits.evaluation.Predictions;
import digits.networks.Network;
import digits.training.Trainer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.factory.Nd4j;
import tech.tablesaw.api.Table;

class ComparisonTest {
    private final Settings settings = Settings.from(Map.of("DIGITS_PROFILE", "quick", "DIGITS_EPOCHS", "2",
            "DIGITS_SEED", "5"));
    private final Dataset data = new Dataset(Examples.bars(400, 1), Examples.bars(90, 2), "bars",
            new Provenance("bars", Provenance.Source.FOLDER, "made", Provenance.Verified.OTHER, 400, 90, 400, 90, ""));
    private final Split split = Split.stratified(data.train(), 0.2, 5);

    private Experiment twoNetworks() {
        return Experiment.on(split.training(), split.validation()).testedOn(data.test()).epochs(2).seeds(5)
                .with("a row", seed -> Examples.smallNetwork(seed).getLayerWiseConfigurations())
                .withGraph("a graph", seed -> Examples.smallGraph(seed).getConfiguration());
    }

    @Test
    void everyNetworkHasTheSameBudgetAndOneTest(@TempDir Path folder) throws IOException {
        List<ExperimentProgress> reports = new ArrayList<>();
        Runs compared = twoNetworks().onProgress(reports::add).run();

        assertEquals(List.of("a row", "a graph"), compared.runs().stream().map(Run::setting).toList());
        for (Run network : compared.runs()) {
            assertEquals(List.of(90, 128), List.of(network.test().images(), network.batch()));
            assertEquals(2, network.epochs().size());
            assertEquals(network.epochs().get(1), network.last());
            assertTrue(network.last().validationAccuracy() > 0.2, "better than guessing: " + network);
            assertTrue(network.latencyMillis() > 0 && network.secondsPerEpoch() > 0);
        }
        assertEquals(Examples.smallGraph(5).numParams(), compared.runs().get(1).parameters());
        ExperimentProgress last = reports.get(reports.size() - 1);
        assertEquals(compared.runs(), last.finished());
        assertTrue(reports.stream().anyMatch(r -> r.finished().size() == 1 && r.running().size() == 1
                && r.running().get(0).training().finished().size() == 1),
                        "validation figures of the second network's first epoch");

        Table table = compared.comparison();
        assertEquals(2, table.rowCount());
        assertEquals(compared.runs().get(0).test().accuracy(), table.doubleColumn("test accuracy").get(0));
        assertEquals(5L, table.longColumn("seed").get(1));

        compared.save(folder.resolve("architectures.json"), data, split, settings);
        JsonArray list = JsonParser.parseString(Files.readString(folder.resolve("architectures.json")))
                .getAsJsonObject()
                .getAsJsonArray("networks");
        JsonObject graph = list.get(1).getAsJsonObject();
        assertEquals("a graph", graph.get("name").getAsString());
        assertEquals(compared.runs().get(1).test().loss(), graph.get("test_loss").getAsDouble());
        assertEquals(List.of(2, 320, 80, 90, 128), Stream.of("epochs", "train", "validation", "test", "batch")
                .map(key -> graph.get(key).getAsInt()).toList());
        for (String key : List.of("parameters", "validation_accuracy", "test_accuracy", "seconds_per_epoch",
                "latency_ms", "seed", "threads",
                "dataset")) {
            assertFalse(graph.get(key).isJsonNull(), key);
        }
        assertEquals(compared.runs().get(1).epochs().get(0).validationLoss(),
                graph.getAsJsonArray("history").get(0).getAsJsonObject().get("validation_loss").getAsDouble());
    }

    /** A network's result does not depend on those before it, and is that of training it by hand. */
    @Test
    void eachNetworkStartsAnew() {
        Run second = twoNetworks().run().runs().get(1);
        Nd4j.getRandom().setSeed(5);
        ComputationGraph graph = new ComputationGraph(Examples.smallGraph(5).getConfiguration());
        graph.init();
        Acceleration.of(graph);
        Trainer.of(Network.of(graph), 5).fit(Examples.shuffled(split.training(), 128, 5),
                Examples.inOrder(split.validation(), 500), 2);
        Predictions test = Predictions.of(Network.of(graph), Examples.inOrder(data.test(), 500), step -> { });
        assertEquals(test.loss(), second.test().loss());
        assertEquals(test.accuracy(), second.test().accuracy());
    }

    @Test
    void anInterruptLeavesWhatIsDone() {
        Runs compared = twoNetworks().onProgress(progress -> {
            if (progress.finished().size() == 1 && !progress.running().isEmpty()) Thread.currentThread().interrupt();
        }).run();
        assertTrue(Thread.interrupted(), "the interrupt is left for the owner of the thread");
        assertEquals(List.of("a row"), compared.runs().stream().map(Run::setting).toList());
    }

    @Test
    void whatMakesNoSenseIsRefused() {
        Experiment comparison = twoNetworks();
        assertThrows(IllegalArgumentException.class, () ->
                comparison.with("a row", seed -> Examples.smallNetwork(seed).getLayerWiseConfigurations()));
        assertThrows(IllegalArgumentException.class, () -> comparison.epochs(0));
        assertThrows(IllegalStateException.class, Experiment.on(split.training(), split.validation()).seeds(5)::run);
    }
}
