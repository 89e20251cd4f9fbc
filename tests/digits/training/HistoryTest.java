package digits.training;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;

import org.junit.jupiter.api.Test;
import tech.tablesaw.api.Table;

class HistoryTest {
    private static Epoch epoch(int number, double loss, double accuracy) {
        return new Epoch(number, 0.5, 0.9, loss, accuracy, 10, 1, 4800);
    }

    @Test
    void bestIsTheHighestValidationAccuracyThenTheLowestLoss() {
        History history = new History(List.of(epoch(1, 0.3, 0.95), epoch(2, 0.2, 0.98), epoch(3, 0.1, 0.98), epoch(4, 0.05, 0.97)));
        assertEquals(3, history.best().orElseThrow().number());
        assertTrue(new History(List.of()).best().isEmpty());
    }

    @Test
    void tableHasARowAnEpoch() {
        Table table = new History(List.of(epoch(1, 0.3, 0.95), epoch(2, 0.2, 0.98))).table();
        assertEquals(List.of("epoch", "loss", "accuracy", "val. loss", "val. accuracy", "seconds", "images/s"), table.columnNames());
        assertEquals(2, table.rowCount());
        assertEquals(0.98, table.doubleColumn("val. accuracy").get(1));
        assertEquals(11, table.doubleColumn("seconds").get(0), "training and validation");
    }
}
