package digits.html;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import digits.data.LabelTable;
import digits.data.LabeledImages;
import digits.networks.LayerSummary;
import digits.networks.LayerSummaryTest;
import digits.training.TrainingRecord;
import java.text.DecimalFormat;
import java.text.DecimalFormatSymbols;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import tech.tablesaw.api.BooleanColumn;
import tech.tablesaw.api.DoubleColumn;
import tech.tablesaw.api.FloatColumn;
import tech.tablesaw.api.IntColumn;
import tech.tablesaw.api.LongColumn;
import tech.tablesaw.api.StringColumn;
import tech.tablesaw.api.Table;

class HtmlTest {
    @Test
    void tablesAreFormattedAlignedAndEscaped() {
        Table table = Table.create("t",
                IntColumn.create("epoch", 1, 12_000),
                DoubleColumn.create("loss <log>", new double[] {1234.56789, Double.NaN}),
                LongColumn.create("n", 3_000_000_000L, 2L),
                BooleanColumn.create("ok", true, false),
                StringColumn.create("note", "<i>a & b</i>", ""));
        String html = HtmlTable.of(table, Map.of("loss <log>", 2));
        for (String cell : List.of("12,000", "1,234.57", "3,000,000,000", "true", "–",
                "&lt;i&gt;a &amp; b&lt;/i&gt;", "loss &lt;log&gt;")) {
            assertTrue(html.contains(">" + cell + "<"), cell);
        }
        assertTrue(html.matches("(?s).*text-align:right[^>]*>12,000<.*"));
        assertTrue(html.matches("(?s).*text-align:left[^>]*>&lt;i&gt;.*"));
        assertTrue(HtmlTable.of(table).contains(">1,234.5679<"));
        assertTrue(assertThrows(IllegalArgumentException.class,
                () -> HtmlTable.of(table, Map.of("Loss?", 2))).getMessage().contains("Loss?"));
        assertThrows(IllegalArgumentException.class, () -> HtmlTable.of(table, Map.of("epoch", -1)));
    }

    @Test
    void aColumnsOwnFormatterIsUsed() {
        LabeledImages images = LabeledImages.of(new byte[8], new byte[] {0, 1, 1, 1, 9, 9, 9, 9}, 1, 1);
        String html = HtmlTable.of(LabelTable.of(images));
        assertTrue(html.contains(">12.50 %<") && html.contains(">37.50 %<") && html.contains(">0.00 %<"), html);
        assertFalse(html.contains("0.375"), html);
        assertTrue(HtmlTable.of(LabelTable.of(images), Map.of("share", 3)).contains(">0.375<"),
                "the caller's choice comes first");

        FloatColumn floats = FloatColumn.create("f", 1.5f, Float.NaN);
        assertTrue(HtmlTable.of(Table.create(floats)).contains(">1.5000<"));
        floats.setPrintFormatter(new DecimalFormat("0.## <mm>", DecimalFormatSymbols.getInstance(Locale.ROOT)), "none");
        html = HtmlTable.of(Table.create(floats));
        assertTrue(html.contains(">1.5 &lt;mm&gt;<") && html.contains(">–<"), html);
    }

    @Test
    void aLongTableIsCutAndSaysSo() {
        String html = HtmlTable.of(Table.create(IntColumn.create("i", IntStream.range(0, 1_234).toArray())));
        assertEquals(51, html.split("<tr>", -1).length - 1);
        assertTrue(html.contains("… and 1,184 more rows"));
    }

    @Test
    void theLayerTableEndsWithTheTotals() {
        String html = LayerTable.of(LayerSummary.of(LayerSummaryTest.seedsNetwork()));
        assertEquals(1 + 18 + 1, html.split("<tr>", -1).length - 1);
        assertTrue(html.contains(">597,738<") && html.contains(">596,330<") && html.contains(">4 × 4 × 64<"));
        assertThrows(IllegalArgumentException.class, () -> LayerTable.of(List.of()));
    }

    @Test
    void aRecordShowsDataSettingsAndResults() {
        String html = RecordTable.of(TrainingRecord.pretrained());
        assertTrue(html.contains(">MNIST (folder): 48,000 training images, 12,000 validation images<"), html);
        assertTrue(html.contains(">10 epochs, batch 128, seed 42, profile full; "), html);
        assertTrue(html.contains("accuracy 0.99") && html.contains(", 10,000 images<"), html);
        assertTrue(html.contains("deeplearning4j 1.0.0-M2.1"), html);
    }

    @Test
    void aRecordWithoutFiguresSaysSoAndIsEscaped() {
        String html = RecordTable.of(new TrainingRecord("<b>x</b>", "folder", 80, 20, 99, "quick", 16, 1, 1, List.of(),
                0, 0, 0, 0, Map.of("java", "17"), null, null, null));
        assertTrue(html.contains("&lt;b&gt;x&lt;/b&gt; (folder)") && !html.contains("<b>"), html);
        assertTrue(html.contains(">not tested yet<") && html.contains(">not saved yet<") && !html.contains("null"),
                html);
    }
}
