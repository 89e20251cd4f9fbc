package digits.data;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SampleTest {
    @Test
    void fiveThousandDigitsEachEquallyOftenInBothParts() {
        Split sample = Sample.load();
        assertEquals("(4000, 28, 28)", sample.training().shapeText());
        assertEquals("(1000, 28, 28)", sample.validation().shapeText());
        for (int label = 0; label < 10; label++) {
            assertEquals(400, sample.training().labelCounts()[label]);
            assertEquals(100, sample.validation().labelCounts()[label]);
        }
        assertEquals(0, Split.shared(sample.training(), sample.validation()));
    }

    @Test
    void imagesAreDigits() {
        LabeledImages images = Sample.load().training();
        for (int i = 0; i < images.size(); i++) {
            int ink = 0;
            int brightest = 0;
            for (int y = 0; y < 28; y++) for (int x = 0; x < 28; x++) {
                ink += images.pixel(i, y, x) > 127 ? 1 : 0;
                brightest = Math.max(brightest, images.pixel(i, y, x));
            }
            assertTrue(ink > 15 && ink < 300 && brightest > 200,
                    "image " + i + ": " + ink + " inked pixels, " + brightest);
            assertEquals(0, images.pixel(i, 0, 0), "the corner of image " + i);
        }
    }

    @Test
    void shuffledTheSameWayEachTime() {
        int[] first = origins(Sample.load());
        assertArrayEquals(first, origins(Sample.load()));
        assertFalse(Arrays.equals(first, IntStream.of(first).sorted().toArray()));
    }

    @Test
    void missingOrDamagedSaysWhatToDo() {
        String missing = assertThrows(DataException.class, () -> Sample.load(null, Sample.SHA256)).getMessage();
        assertTrue(missing.contains("mnist_5k.csv.gz") && missing.contains("make setup"), missing);
        byte[] other = IdxBytes.gzip("1,2,3\n".getBytes(UTF_8));
        String damaged = assertThrows(DataException.class,
                () -> Sample.load(new ByteArrayInputStream(other), Sample.SHA256)).getMessage();
        assertTrue(damaged.contains("damaged") && damaged.contains(Sample.SHA256), damaged);
        assertThrows(DataException.class,
                () -> Sample.load(new ByteArrayInputStream(new byte[] {1, 2}), Sample.SHA256));
    }

    private static int[] origins(Split sample) {
        return IntStream.range(0, 4_000).map(sample.training()::origin).toArray();
    }
}
