package digits.experiments;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import digits.Examples;
import java.util.List;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.layers.BaseLayer;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.learning.config.Sgd;
import tech.tablesaw.api.Table;

class LadderTest {
    private final MultiLayerConfiguration small = Examples.smallNetwork(1).getLayerWiseConfigurations();
    private final Ladder ladder = Ladder.on(Examples.bars(300, 1), Examples.bars(100, 2), 7);

    @Test
    void eachRungStartsAnewAndIsWrittenDown() {
        Run one = ladder.climb("one epoch", small, 50, 1, progress -> { });
        Run three = ladder.climb("three epochs", small, 50, 3, progress -> { });
        Run again = ladder.climb("one epoch", small, 50, 1, progress -> { });

        assertEquals(one.last().validationLoss(), again.last().validationLoss(), "the same rung twice");
        assertTrue(three.last().validationAccuracy() > 0.9
                && three.last().validationLoss() < one.last().validationLoss(), one + ", " + three);
        Table table = ladder.table();
        assertEquals(List.of("one epoch", "three epochs", "one epoch"), table.stringColumn("what").asList());
        assertEquals(three.last().validationAccuracy(), table.doubleColumn("val. accuracy").get(1));
        assertEquals(Examples.smallNetwork(1).numParams(), one.parameters());
        assertTrue(table.doubleColumn("seconds").get(0) > 0);
    }

    @Test
    void aStoppedRungIsNotWrittenDown() {
        assertThrows(IllegalStateException.class,
                () -> ladder.climb("stopped", small, 50, 2, progress -> Thread.currentThread().interrupt()));
        assertTrue(Thread.interrupted());
        assertEquals(List.of(), ladder.rungs());
    }

    @Test
    void aFailedRungIsNotWrittenDown() {
        MultiLayerConfiguration tooFast = Examples.smallNetwork(1).getLayerWiseConfigurations().clone();
        tooFast.getConfs().forEach(each -> {
            if (each.getLayer() instanceof BaseLayer layer) layer.setIUpdater(new Sgd(Double.MAX_VALUE));
        });
        Exception e = assertThrows(IllegalStateException.class,
                () -> ladder.climb("too fast", tooFast, 50, 2, progress -> { }));
        assertTrue(e.getMessage().startsWith("“too fast”: the loss was NaN in step"), e.getMessage());
        assertEquals(List.of(), ladder.rungs());
    }
}
