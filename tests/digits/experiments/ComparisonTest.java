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
import digits.training.Results;
import digits.training.Trainer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.factory.Nd4j;
import tech.tablesaw.api.Table;

class ComparisonTest {
    private final Settings settings = Settings.from(Map.of("DIGITS_PROFILE", "quick", "DIGITS_EPOCHS", "2", "DIGITS_SEED", "5"));
    private final Dataset data = new Dataset(Examples.bars(400, 1), Examples.bars(90, 2), "bars",
            new Provenance("bars", Provenance.Source.FOLDER, "made here", Provenance.Verified.BY_SIZE, 400, 90, 400, 90, ""));
    private final Split split = Split.stratified(data.train(), 0.2, 5);

    private Comparison twoNetworks() {
        return Comparison.on(data, split, settings)
                .with("a row", Examples.smallNetwork(5).getLayerWiseConfigurations())
                .with("a graph", Examples.smallGraph(5).getConfiguration());
    }

    @Test
    void everyNetworkHasTheSameBudgetAndOneExam(@TempDir Path folder) throws IOException {
        List<ComparisonProgress> reports = new ArrayList<>();
        ComparedNetworks compared = twoNetworks().onProgress(reports::add).run();

        assertEquals(List.of("a row", "a graph"), compared.networks().stream().map(ComparedNetwork::name).toList());
        for (ComparedNetwork network : compared.networks()) {
            Results results = network.results();
            assertEquals(List.of(2, 320, 80, 90, 128),
                    List.of(results.epochs(), results.train(), results.validation(), results.test(), results.batch()));
            assertEquals(2, network.epochs().size());
            assertEquals(network.epochs().get(1).validationAccuracy(), network.validationAccuracy());
            assertTrue(network.validationAccuracy() > 0.2, "better than guessing: " + network);
            assertTrue(network.latencyMillis() > 0 && network.secondsPerEpoch() > 0);
        }
        assertEquals(Examples.smallGraph(5).numParams(), compared.networks().get(1).results().parameters());
        ComparisonProgress last = reports.get(reports.size() - 1);
        assertEquals(compared.networks(), last.finished());
        assertTrue(reports.stream().anyMatch(r -> r.finished().size() == 1 && r.running().isPresent()
                && r.running().get().finished().size() == 1), "validation figures of the second network's first epoch");

        Table table = compared.table();
        assertEquals(2, table.rowCount());
        assertEquals(compared.networks().get(0).results().testAccuracy(), table.doubleColumn("test accuracy").get(0));
        assertEquals(5L, table.longColumn("seed").get(1));

        compared.save(folder.resolve("architectures.json"));
        JsonArray list = JsonParser.parseString(Files.readString(folder.resolve("architectures.json"))).getAsJsonObject()
                .getAsJsonArray("networks");
        JsonObject graph = list.get(1).getAsJsonObject();
        assertEquals("a graph", graph.get("name").getAsString());
        assertEquals(compared.networks().get(1).results().testLoss(), graph.get("test_loss").getAsDouble());
        for (String key : List.of("parameters", "validation_accuracy", "test_accuracy", "seconds_per_epoch", "latency_ms", "seed", "threads",
                "dataset")) {
            assertFalse(graph.get(key).isJsonNull(), key);
        }
        assertEquals(compared.networks().get(1).epochs().get(0).validationLoss(),
                graph.getAsJsonArray("history").get(0).getAsJsonObject().get("validation_loss").getAsDouble());
    }

    /** A network's result does not depend on those before it, and is that of training it by hand. */
    @Test
    void eachNetworkStartsAnew() {
        ComparedNetwork second = twoNetworks().run().networks().get(1);
        Nd4j.getRandom().setSeed(5);
        ComputationGraph graph = new ComputationGraph(Examples.smallGraph(5).getConfiguration());
        graph.init();
        Acceleration.of(graph);
        Trainer.of(graph, 5).fit(Examples.shuffled(split.training(), 128, 5), Examples.inOrder(split.validation(), 500), 2);
        Predictions exam = Predictions.of(graph, Examples.inOrder(data.test(), 500));
        assertEquals(exam.loss(), second.results().testLoss());
        assertEquals(exam.accuracy(), second.results().testAccuracy());
    }

    @Test
    void anInterruptLeavesWhatIsDone() {
        ComparedNetworks compared = twoNetworks().onProgress(progress -> {
            if (progress.finished().size() == 1 && progress.running().isPresent()) Thread.currentThread().interrupt();
        }).run();
        assertTrue(Thread.interrupted(), "the interrupt is left for whoever runs the thread");
        assertEquals(List.of("a row"), compared.networks().stream().map(ComparedNetwork::name).toList());
    }

    @Test
    void whatMakesNoSenseIsRefused() {
        Comparison comparison = twoNetworks();
        assertThrows(IllegalArgumentException.class, () -> comparison.with("a row", Examples.smallNetwork(1).getLayerWiseConfigurations()));
        assertThrows(IllegalArgumentException.class, () -> comparison.epochs(0));
        assertThrows(IllegalStateException.class, Comparison.on(data, split, settings)::run);
    }
}
