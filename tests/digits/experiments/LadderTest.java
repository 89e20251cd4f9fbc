package digits.experiments;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import digits.Examples;
import java.util.List;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.junit.jupiter.api.Test;
import tech.tablesaw.api.Table;

class LadderTest {
    private final MultiLayerConfiguration small = Examples.smallNetwork(1).getLayerWiseConfigurations();
    private final Ladder ladder = Ladder.on(Examples.bars(300, 1), Examples.bars(100, 2), 7);

    @Test
    void eachRungStartsAnewAndIsWrittenDown() {
        Ladder.Rung one = ladder.climb("one epoch", small, 50, 1, progress -> { });
        Ladder.Rung three = ladder.climb("three epochs", small, 50, 3, progress -> { });
        Ladder.Rung again = ladder.climb("one epoch", small, 50, 1, progress -> { });

        assertEquals(one.loss(), again.loss(), "the same rung twice");
        assertTrue(three.accuracy() > 0.9 && three.loss() < one.loss(), one + ", " + three);
        Table table = ladder.table();
        assertEquals(List.of("one epoch", "three epochs", "one epoch"), table.stringColumn("what").asList());
        assertEquals(three.accuracy(), table.doubleColumn("val. accuracy").get(1));
        assertEquals(Examples.smallNetwork(1).numParams(), one.parameters());
        assertTrue(one.seconds() > 0);
    }

    @Test
    void aStoppedRungIsNotWrittenDown() {
        assertThrows(IllegalStateException.class,
                () -> ladder.climb("stopped", small, 50, 2, progress -> Thread.currentThread().interrupt()));
        assertTrue(Thread.interrupted());
        assertEquals(List.of(), ladder.rungs());
    }
}
