package digits.html;

import static org.junit.jupiter.api.Assertions.*;

import digits.Text;
import digits.data.LabelTable;
import digits.data.LabeledImages;
import digits.networks.LayerSummary;
import digits.networks.LayerSummaryTest;
import digits.training.Epoch;
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
    private static final Epoch FIRST = new Epoch(1, 0.2215, 0.9364, 0.0912, 0.97512, 78.2, 5.1, 612.4);

    @Test
    void progressSaysTheRunningEpochAsText() {
        String html = ProgressBars.html(List.of(FIRST), 10,
                new ProgressBars.Running(2, 29_999, 48_000, 0.0412, 0.98714, 611.6, 65));
        assertTrue(html.startsWith("<div data-progress=\"epoch 2/10 · 62 % · loss 0.0412 · accuracy 98.71 % · 612 images/s"
                + " · 1 min 05 s left\">"), html);
        assertTrue(html.contains("width:87px"), "the bar is at 62 % of 140 pixels");
        assertTrue(html.contains(">97.51 %<") && html.contains(">0.0912<"), "the finished epoch's validation");
    }

    @Test
    void progressWithoutFiguresYetLeavesThemOut() {
        double none = Double.NaN;
        String html = ProgressBars.html(List.of(), 3, new ProgressBars.Running(1, 0, 100, none, none, none, none));
        assertTrue(html.startsWith("<div data-progress=\"epoch 1/3 · 0 %\">"), html);
        assertFalse(html.contains("NaN"));
        assertThrows(IllegalArgumentException.class, () -> new ProgressBars.Running(1, 101, 100, 0, 0, 0, 0));
    }

    @Test
    void allImagesSeenMeansValidating() {
        String html = ProgressBars.html(List.of(), 3, new ProgressBars.Running(1, 100, 100, 0.1, 0.9, 600, 9.5));
        assertTrue(html.startsWith("<div data-progress=\"epoch 1/3 · 100 % · loss 0.1000 · accuracy 90.00 %"
                + " · validating · 600 images/s · 9.5 s left\">"), html);
    }

    @Test
    void betweenEpochsTheLastOneIsSaid() {
        assertTrue(ProgressBars.html(List.of(FIRST), 10).startsWith("<div data-progress=\"epoch 1/10 · 100 % · loss 0.2215"
                + " · accuracy 93.64 % · validation loss 0.0912 · validation accuracy 97.51 % · 612 images/s\">"));
        assertTrue(ProgressBars.html(List.of(), 10).contains("data-progress=\"0/10 epochs\""));
    }

    @Test
    void aPlainBarEscapesWhatItSays() {
        String html = ProgressBar.html("<\"train\" & 'test'>", 999, 1_000, "<b>");
        assertTrue(html.startsWith(
                "<div data-progress=\"&lt;&quot;train&quot; &amp; &#39;test&#39;&gt; · 99 % · &lt;b&gt;\">"), html);
        assertFalse(html.contains("<b>"));
        assertTrue(ProgressBar.html("x", 5, 0, "").startsWith("<div data-progress=\"x\">"), "an unknown total has no percentage");
        assertThrows(IllegalArgumentException.class, () -> ProgressBar.html("x", 6, 5, ""));
    }

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
        assertTrue(HtmlTable.of(LabelTable.of(images), Map.of("share", 3)).contains(">0.375<"), "the caller's word goes first");

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
        String html = LayerTable.html(LayerSummary.of(LayerSummaryTest.seedsNetwork()));
        assertEquals(1 + 18 + 1, html.split("<tr>", -1).length - 1);
        assertTrue(html.contains(">597,738<") && html.contains(">596,330<") && html.contains(">4 × 4 × 64<"));
        assertThrows(IllegalArgumentException.class, () -> LayerTable.html(List.of()));
    }

    @Test
    void numbersDoNotDependOnTheMachinesLanguage() {
        Locale before = Locale.getDefault();
        try {
            Locale.setDefault(Locale.GERMANY);
            assertEquals("1,234.50", Text.decimal(1234.5, 2));
            assertEquals("99.42 %", Text.percent(0.9942, 2));
            assertEquals("597,738", Text.whole(597_738));
        } finally {
            Locale.setDefault(before);
        }
    }

    @Test
    void durationsAreSaidAsPeopleSayThem() {
        assertEquals("9.4 s", Text.duration(9.4));
        assertEquals("10 s", Text.duration(9.96));
        assertEquals("1 min 00 s", Text.duration(59.7));
        assertEquals("1 h 02 min", Text.duration(3_725));
        assertEquals("–", Text.duration(Double.NaN));
        assertEquals("–", Text.duration(Double.POSITIVE_INFINITY));
    }

    @Test
    void aRecordSaysWhatTheNetworkIsWorth() {
        String html = RecordTable.html(TrainingRecord.pretrained());
        assertTrue(html.contains(">MNIST (folder): 48,000 images to train on, 12,000 to validate on<"), html);
        assertTrue(html.contains(">10 epochs, batch 128, seed 42, profile full; "), html);
        assertTrue(html.contains("accuracy 0.99") && html.contains(", 10,000 images<"), html);
        assertTrue(html.contains("deeplearning4j 1.0.0-M2.1"), html);
    }

    @Test
    void aRecordWithoutFiguresSaysSoAndIsEscaped() {
        String html = RecordTable.html(new TrainingRecord("<b>x</b>", "folder", 80, 20, 99, "quick", 16, 1, 1, List.of(), 0, 0, 0, 0,
                Map.of("java", "17"), null, null, null));
        assertTrue(html.contains("&lt;b&gt;x&lt;/b&gt; (folder)") && !html.contains("<b>"), html);
        assertTrue(html.contains(">not tested yet<") && html.contains(">not saved yet<") && !html.contains("null"), html);
    }
}
