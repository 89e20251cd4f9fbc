package digits.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import tech.tablesaw.api.Table;

class LabelTableTest {
    private final LabeledImages some = LabeledImages.of(new byte[8], new byte[] {0, 1, 1, 1, 9, 9, 9, 9}, 1, 1);

    @Test
    void countsAndShares() {
        Table table = LabelTable.of(some);
        assertEquals(List.of("digit", "count", "share"), table.columnNames());
        assertEquals(10, table.rowCount());
        assertEquals(9, table.intColumn("digit").get(9));
        assertEquals(3, table.intColumn("count").get(1));
        assertEquals(0.375, table.doubleColumn("share").get(1));
        assertEquals(1, table.doubleColumn("share").sum(), 1e-12);
        assertTrue(table.print().contains("37.50 %"), table.print());
    }

    @Test
    void setsBesideOneAnother() {
        Table table = LabelTable.compare(List.of("all", "half"), some, some.take(4));
        assertEquals(List.of("digit", "all", "half"), table.columnNames());
        assertEquals(0.5, table.doubleColumn("all").get(9));
        assertEquals(0.25, table.doubleColumn("half").get(0));
        assertEquals(0, table.doubleColumn("half").get(9));
    }

    @Test
    void eachSetNeedsANameOfItsOwn() {
        assertThrows(IllegalArgumentException.class, () -> LabelTable.compare(List.of("one"), some, some));
        assertThrows(IllegalArgumentException.class, () -> LabelTable.compare(List.of("one", "one"), some, some));
    }
}
