package digits.networks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import digits.Examples;
import java.util.List;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;

/** Graphs as rows and as blocks. */
class ResidualBlockTest {
    private final ComputationGraph graph = new ComputationGraph(ResNet.configuration(1, 10, 2));

    ResidualBlockTest() {
        graph.init();
    }

    private static List<String> kinds(List<LayerSummary> layers) {
        return layers.stream().map(LayerSummary::kind).toList();
    }

    @Test
    void aResNetHasItsBlocks() {
        List<ResidualBlock> blocks = ResidualBlock.of(graph);
        assertEquals(List.of("block 1.1 sum", "block 1.2 sum", "block 2.1 sum", "block 2.2 sum", "block 3.1 sum",
                "block 3.2 sum"),
                blocks.stream().map(block -> block.sum().name()).toList());
        assertEquals(List.of(4_736L, 4_736L, 14_720L, 18_688L, 58_112L, 74_240L),
                blocks.stream().map(ResidualBlock::parameters).toList());

        ResidualBlock identity = blocks.get(0);
        assertEquals("first relu", identity.from().name());
        assertEquals(List.of("Conv 3×3", "BatchNorm", "ReLU", "Conv 3×3", "BatchNorm"), kinds(identity.residual()));
        assertTrue(identity.shortcut().isEmpty());

        ResidualBlock projection = blocks.get(2);
        assertEquals("block 1.2 relu", projection.from().name());
        assertEquals(List.of("Conv 3×3 / 2", "BatchNorm", "ReLU", "Conv 3×3", "BatchNorm"),
                kinds(projection.residual()));
        assertEquals(List.of("Conv 1×1 / 2", "BatchNorm"), kinds(projection.shortcut()));
        assertEquals("14 × 14 × 32", projection.sum().outputShape());
    }

    @Test
    void aGraphWithoutShortcutsHasNoBlocks() {
        assertEquals(List.of(), ResidualBlock.of(Examples.smallNetwork(1).toComputationGraph()));
    }

    @Test
    void aGraphsRowsAgreeWithTheGraph() {
        List<LayerSummary> rows = LayerSummary.of(graph);
        assertEquals(graph.numParams(), rows.stream().mapToLong(LayerSummary::parameters).sum());
        long runningAverages = 2 * (16 * 5 + 32 * 5 + 64 * 5);
        assertEquals(graph.numParams() - runningAverages, rows.stream().mapToLong(LayerSummary::trainable).sum());
        assertEquals("Input", rows.get(0).kind());
        assertEquals("GlobalAveragePool", rows.get(rows.size() - 2).kind());
        assertEquals("Dense 10, softmax", rows.get(rows.size() - 1).kind());
    }
}
