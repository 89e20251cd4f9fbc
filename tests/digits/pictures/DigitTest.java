package digits.pictures;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import digits.data.LabeledImages;
import digits.html.DigitAsNumbers;
import java.awt.Color;
import java.awt.image.BufferedImage;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

class DigitTest {
    private final LabeledImages images = Pictures.striped(20);

    @Test
    void bytesWholeNumbersAndScaledFractionsGiveTheSamePicture() {
        INDArray raw = images.toArray().get(NDArrayIndex.interval(3, 4));
        BufferedImage expected = Pictures.page(Digit.of(images, 3).enlarged(2));
        assertTrue(Pictures.same(expected, Digit.of(raw).enlarged(2)));
        assertTrue(Pictures.same(expected, Digit.of(raw.castTo(DataType.FLOAT)).enlarged(2)));
        INDArray scaled = raw.castTo(DataType.FLOAT).div(255).reshape(1, 1, 28, 28);
        assertTrue(Pictures.same(expected, Digit.of(scaled).enlarged(2)));
    }

    @Test
    void aViewIsReadInItsOwnOrder() {
        INDArray image = Nd4j.zeros(DataType.FLOAT, 4, 6);
        image.putScalar(1, 5, 1);
        Digit turned = Digit.of(image.transpose());
        assertEquals(6, turned.rows());
        assertEquals(1, turned.ink(5, 1));
        assertEquals(0, turned.ink(1, 1));
    }

    @Test
    void inkIsDarkAndInItsPlace() {
        BufferedImage picture = Pictures.page(Digit.of(images, 5).enlarged(4));
        assertEquals(28 * 4 + 2, picture.getWidth());
        assertEquals(Color.BLACK.getRGB(), picture.getRGB(1 + 4 * 10, 1 + 4 * 5 + 2));
        assertEquals(Color.WHITE.getRGB(), picture.getRGB(1 + 4 * 10, 1 + 4 * 6 + 2));
    }

    @Test
    void moreThanOneImageIsRefused() {
        assertTrue(assertThrows(IllegalArgumentException.class,
                () -> Digit.of(images.toArray())).getMessage().contains("[20, 28, 28]"));
        assertThrows(IllegalArgumentException.class,
                () -> Digit.of(Nd4j.create(new float[] {1, Float.NaN}).reshape(1, 2).repeat(0, 2)));
        assertThrows(IllegalArgumentException.class, () -> Digit.of(images, 0).enlarged(0));
    }

    @Test
    void theGalleryOfASetShowsEachDigitInItsPlaceWithItsLabel() {
        BufferedImage sheet = Pictures.page(Gallery.of(images, 4, 2));
        int side = 28 * 4;
        for (int i = 0; i < 8; i++) {
            int left = 10 + i % 4 * (side + 8);
            int top = 10 + i / 4 * (side + 30);
            assertEquals(Color.BLACK.getRGB(), sheet.getRGB(left + side / 2, top + i * 4 + 1), "ink of digit " + i);
            assertEquals(Color.WHITE.getRGB(), sheet.getRGB(left + side / 2, top + (i + 1) * 4 + 1),
                    "below the ink of digit " + i);
            assertTrue(Pictures.count(sheet.getSubimage(left, top + side + 3, side, 18), Style.INK) > 3,
                    "label of digit " + i);
        }
        assertTrue(sheet.getWidth() <= Style.WIDTH);
    }

    @Test
    void aGalleryHasNoMoreRowsThanTheSetFills() {
        assertEquals(Gallery.of(images, 10, 2).getHeight(), Gallery.of(images, 10, 40).getHeight());
        for (int columns = 1; columns <= 30; columns++) {
            assertTrue(Gallery.of(images, columns, 1).width() <= Style.WIDTH + 1, columns + " columns");
        }
        assertThrows(IllegalArgumentException.class, () -> Gallery.of(images.subset(), 10, 2));
        assertThrows(IllegalArgumentException.class, () -> Gallery.of(images, 0, 2));
        assertThrows(IllegalArgumentException.class, () -> Gallery.of(images, 10, 0));
    }

    @Test
    void onlyHighlightedDigitsAreFramedInVermilion() {
        Gallery.Item plain = new Gallery.Item(Digit.of(images, 4), "4 read as 4", "99.8 %", false);
        Gallery.Item wrong = new Gallery.Item(Digit.of(images, 4), "4 read as 9", "99.8 %", true);
        assertEquals(0, Pictures.count(Gallery.of(List.of(plain, plain), 6), Style.VERMILION));
        long one = Pictures.count(Gallery.of(List.of(plain, wrong), 6), Style.VERMILION);
        assertTrue(one > 4 * 28 * 4, "a frame of " + one + " pixels");
        assertEquals(2 * one, Pictures.count(Gallery.of(List.of(wrong, wrong), 6), Style.VERMILION));
        assertThrows(IllegalArgumentException.class, () -> Gallery.of(List.of(), 6));
    }

    @Test
    void numbersAreTheImages() {
        LabeledImages image = LabeledImages.of(new byte[] {0, (byte) 255, 17, (byte) 128}, new byte[] {3}, 2, 2);
        String html = DigitAsNumbers.of(image, 0);
        assertEquals(List.of("0", "255", "17", "128"), cells(html));
        assertTrue(html.contains("background-color:#000000;color:#ffffff"), "255 is white on black");
        assertEquals(2, html.split("<tr>", -1).length - 1);
        assertEquals(784, cells(DigitAsNumbers.of(images, 0)).size());
    }

    /** Every number from 1 to 255 is black or white, whichever is legible; a pale 0 has the contrast of WCAG's AA. */
    @Test
    void numbersAreLegibleOnTheirGround() {
        byte[] all = new byte[256];
        for (int i = 0; i < 256; i++) all[i] = (byte) i;
        String html = DigitAsNumbers.of(LabeledImages.of(all, new byte[] {3}, 16, 16), 0);
        Pattern colors = Pattern.compile("background-color:(#[0-9a-f]{6});color:(#[0-9a-f]{6})");
        assertEquals(256, colors.matcher(html).results().filter(m ->
                Style.contrast(Color.decode(m.group(1)), Color.decode(m.group(2))) >= 4.5).count());
    }

    @Test
    void normalizedNumbersHaveTwoDecimals() {
        INDArray image = Nd4j.create(new float[] {0, 1, 0.5333f, 0.004f}).reshape(1, 1, 2, 2);
        assertEquals(List.of("0", "1", ".53", ".00"), cells(DigitAsNumbers.of(image)));
    }

    private static List<String> cells(String html) {
        return Pattern.compile("<td[^>]*>([^<]*)</td>").matcher(html).results().map(m -> m.group(1)).toList();
    }
}
