package digits.pictures;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import digits.data.LabeledImages;
import digits.evaluation.Predictions;
import java.awt.Color;
import java.awt.image.BufferedImage;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class FiguresTest {
    private final BufferedImage digit = Pictures.page(Digit.of(Pictures.striped(1), 0).enlarged(3));

    @Test
    void sideBySideKeepsEachPicture() {
        BufferedImage both = Pictures.page(Figures.sideBySide(digit, Digit.of(Pictures.striped(2), 1).enlarged(2)));
        assertEquals(86 + 16 + 58, both.getWidth());
        assertEquals(86, both.getHeight());
        assertTrue(Pictures.same(digit, both.getSubimage(0, 0, 86, 86)));
        assertEquals(Color.WHITE.getRGB(), both.getRGB(90, 40));
        assertThrows(IllegalArgumentException.class, Figures::sideBySide);
    }

    @Test
    void stackedKeepsEachPicture() {
        BufferedImage both = Pictures.page(Figures.stacked(List.of(
                Digit.of(Pictures.striped(2), 1).enlarged(2), digit)));
        assertEquals(86, both.getWidth());
        assertEquals(58 + 16 + 86, both.getHeight());
        assertTrue(Pictures.same(digit, both.getSubimage(0, 58 + 16, 86, 86)));
    }

    @Test
    void withNothingToShowThePictureSaysSo() {
        BufferedImage nothing = Pictures.page(Figures.stacked(List.of()));
        assertTrue(nothing.getWidth() > 100 && nothing.getHeight() < 60, nothing.getWidth() + "×"
                + nothing.getHeight());
        assertTrue(Pictures.count(nothing, Style.MUTED) > 20, "there is writing on it");

        LabeledImages images = Pictures.striped(10);
        float[][] certain = new float[10][10];
        for (int i = 0; i < 10; i++) certain[i][i] = 1;
        Predictions right = Predictions.of(certain, IntStream.range(0, 10).toArray());
        assertTrue(Pictures.same(nothing, Gallery.of(images, right, List.of(), 8)));
        assertFalse(Pictures.same(nothing, Gallery.of(images, right, List.of(3), 8)));
        assertThrows(IllegalArgumentException.class, () -> Gallery.of(images, right, List.of(), 0));
    }

    @Test
    void missingFontsAreExplained() {
        InternalError asJavaThrowsIt = new InternalError("Fontconfig head is null");
        IllegalStateException e = assertThrows(IllegalStateException.class, () -> Style.checkFonts(() -> {
            throw asJavaThrowsIt;
        }));
        assertTrue(e.getMessage().contains("apt-get install fontconfig fonts-dejavu-core"), e.getMessage());
        assertSame(asJavaThrowsIt, e.getCause());
        assertThrows(IllegalStateException.class, () -> Style.checkFonts(() -> 0));
        Style.checkFonts(() -> 8);
    }

    @Test
    void textIsReadableOnEveryColor() {
        for (Color ground : List.of(Style.BLUE, Style.VERMILION, Style.GREEN, Style.SKY, Style.AMBER, Style.PAPER,
                Style.INK)) {
            double contrast = Style.contrast(ground, Style.textOn(ground));
            assertTrue(contrast >= 3.8, ground + " gives " + contrast);
        }
        assertEquals(21, Style.contrast(Color.BLACK, Color.WHITE), 0.01);
    }
}
