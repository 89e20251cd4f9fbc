package digits;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Locale;
import org.junit.jupiter.api.Test;

class TextTest {
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
    void durationsAreWrittenAsPeopleSayThem() {
        assertEquals("9.4 s", Text.duration(9.4));
        assertEquals("10 s", Text.duration(9.96));
        assertEquals("1 min 00 s", Text.duration(59.7));
        assertEquals("1 h 02 min", Text.duration(3_725));
        assertEquals("–", Text.duration(Double.NaN));
        assertEquals("–", Text.duration(Double.POSITIVE_INFINITY));
    }

    @Test
    void onlyWhatIsDoneIsAHundredPercent() {
        assertEquals("99 %", Text.percentDone(0.9999));
        assertEquals("100 %", Text.percentDone(1));
        assertEquals("29 %", Text.percentDone(0.29), "0.29 times 100 is a hair below 29");
        assertEquals("–", Text.percent(Double.NaN, 2));
    }

    @Test
    void oneThingIsNotPlural() {
        assertEquals("1 epoch", Text.count(1, "epoch"));
        assertEquals("0 epochs", Text.count(0, "epoch"));
        assertEquals("1,200 images", Text.count(1_200, "image"));
    }

    @Test
    void markupIsEscapedOnce() {
        assertEquals("&lt;a href=&#39;x&#39;&gt; &amp;amp; &quot;y&quot;", Text.escape("<a href='x'> &amp; \"y\""));
        assertEquals("plain – text", Text.escape("plain – text"));
    }

    @Test
    void aShareIsZeroToOneOrUnknown() {
        assertEquals(0.5, Progress.of(0.5, "loading").share());
        assertEquals(Double.NaN, Progress.of(Double.NaN, "loading").share());
        assertThrows(IllegalArgumentException.class, () -> Progress.of(1.1, "loading"));
        assertThrows(IllegalArgumentException.class, () -> Progress.of(-0.1, "loading"));
    }
}
