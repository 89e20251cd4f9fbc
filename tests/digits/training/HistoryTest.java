package digits.training;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import digits.Examples;
import digits.acceleration.Acceleration;
import digits.data.LabeledImages;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;
import tech.tablesaw.api.Table;

class HistoryTest {
    private static Epoch epoch(int number, double loss, double accuracy) {
        return new Epoch(number, 0.5, 0.9, loss, accuracy, 10, 1, 4800);
    }

    @Test
    void bestIsTheHighestValidationAccuracyThenTheLowestLoss() {
        History history = new History(List.of(epoch(1, 0.3, 0.95), epoch(2, 0.2, 0.98), epoch(3, 0.1, 0.98),
                epoch(4, 0.05, 0.97)));
        assertEquals(3, history.best().orElseThrow().number());
        assertTrue(new History(List.of()).best().isEmpty());
    }

    @Test
    void tableHasARowAnEpoch() {
        Table table = new History(List.of(epoch(1, 0.3, 0.95), epoch(2, 0.2, 0.98))).table();
        assertEquals(List.of("epoch", "loss", "accuracy", "val. loss", "val. accuracy", "seconds", "images/s"),
                table.columnNames());
        assertEquals(2, table.rowCount());
        assertEquals(0.98, table.doubleColumn("val. accuracy").get(1));
        assertEquals(11, table.doubleColumn("seconds").get(0), "training and validation");
    }

    /** Best epochs so far: 1, 2, 2, 2, 5, 5. */
    private final History six = new History(List.of(epoch(1, 0.3, 0.95), epoch(2, 0.2, 0.97), epoch(3, 0.25, 0.96),
            epoch(4, 0.3, 0.96),
            epoch(5, 0.1, 0.98), epoch(6, 0.2, 0.97)));

    @Test
    void patienceEndsATraining() {
        assertEquals(3, six.until(1).epochs().size(), "the third epoch is the first that brings nothing");
        assertEquals(4, six.until(2).epochs().size());
        assertEquals(six, six.until(3));
        assertEquals(six.first(2), new History(six.epochs().subList(0, 2)));
        assertEquals(six, six.first(99));
        assertThrows(IllegalArgumentException.class, () -> six.until(0));
    }

    /** What it would have been is what it is. */
    @Test
    void patienceIsThatOfTheTrainer() {
        LabeledImages train = Examples.bars(200, 1);
        LabeledImages validation = Examples.bars(40, 2);
        History all = Trainer.of(accelerated(), 3)
                .fit(Examples.shuffled(train, 32, 3), Examples.inOrder(validation, 40), 12);
        for (int patience = 1; patience < 4; patience++) {
            History stopped = Trainer.of(accelerated(), 3).stopEarly(patience)
                    .fit(Examples.shuffled(train, 32, 3), Examples.inOrder(validation, 40), 12);
            assertEquals(stopped.epochs().stream().map(Epoch::validationLoss).toList(),
                    all.until(patience).epochs().stream().map(Epoch::validationLoss).toList(), "patience of "
                            + patience);
        }
    }

    private static MultiLayerNetwork accelerated() {
        MultiLayerNetwork network = Examples.smallNetwork(3);
        Acceleration.of(network);
        return network;
    }

    @Test
    void summaryHasARowATraining() {
        Map<String, History> trainings = new LinkedHashMap<>();
        trainings.put("three", six.first(3));
        trainings.put("six", six);
        Table table = History.summary(trainings);
        assertEquals(List.of("three", "six"), table.stringColumn("training").asList());
        assertEquals(List.of(2, 5), table.intColumn("best epoch").asList());
        assertEquals(0.96, table.doubleColumn("last val. accuracy").get(0));
        assertEquals(0.98, table.doubleColumn("best val. accuracy").get(1));
        assertEquals(66, table.doubleColumn("seconds").get(1));
        assertThrows(IllegalArgumentException.class, () -> History.summary(Map.of("nothing", new History(List.of()))));
    }
}
