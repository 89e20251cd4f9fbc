package digits.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Collections;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class AugmentationTest {
    /** One image of 9×9 with a corner of three different pixels in its middle, so that each change can be told. */
    private static LabeledImages corner() {
        byte[] pixels = new byte[81];
        pixels[4 * 9 + 4] = (byte) 200;
        pixels[4 * 9 + 5] = 100;
        pixels[3 * 9 + 4] = 50;
        return LabeledImages.of(pixels, new byte[] {7}, 9, 9);
    }

    @Test
    void nothingChangesNothing() {
        LabeledImages same = Augmentation.NONE.variants(corner(), 0, 3, 1);
        assertEquals(3, same.size());
        for (int i = 0; i < 3; i++) assertEquals(corner().bytes(0), same.bytes(i));
        assertEquals(7, same.label(2));
        assertEquals(corner().bytes(0), new Variant(Augmentation.NONE.rotated(1e-9)).images.bytes(0),
                "interpolated in place");
    }

    @Test
    void shiftsGoToEachPlaceWithinReachAndNoFurther() {
        LabeledImages shifted = Augmentation.NONE.shifted(2).variants(corner(), 0, 400, 1);
        Set<String> places = new HashSet<>();
        for (int i = 0; i < shifted.size(); i++) {
            int at = brightest(shifted, i);
            places.add((at / 9 - 4) + " " + (at % 9 - 4));
            assertEquals(100, shifted.pixel(i, at / 9, at % 9 + 1), "the neighbors come along");
            assertEquals(350, sum(shifted, i));
        }
        assertEquals(25, places.size(), places.toString());
        for (String place : places) assertTrue(place.matches("-?[012] -?[012]"), place);
    }

    @Test
    void whatLeavesTheImageIsGoneAndBackgroundComesIn() {
        byte[] white = new byte[81];
        java.util.Arrays.fill(white, (byte) 10);
        LabeledImages shifted = Augmentation.NONE.shifted(3)
                .variants(LabeledImages.of(white, new byte[1], 9, 9), 0, 100, 2);
        int least = IntStream.range(0, 100).map(i -> sum(shifted, i)).min().orElseThrow();
        assertEquals(36 * 10, least, "three rows and three columns are background");
    }

    @Test
    void aboutHalfAreMirrored() {
        LabeledImages flipped = Augmentation.NONE.flipped().variants(corner(), 0, 400, 3);
        long mirrored = IntStream.range(0, 400).filter(i -> flipped.pixel(i, 4, 3) == 100).count();
        assertTrue(mirrored > 160 && mirrored < 240, mirrored + " of 400");
        for (int i = 0; i < 400; i++) {
            assertEquals(flipped.pixel(i, 4, 3) == 100 ? 0 : 100, flipped.pixel(i, 4, 5));
            assertEquals(50, flipped.pixel(i, 3, 4), "up stays up");
        }
    }

    @Test
    void rotationKeepsTheCenterAndTurnsTheRest() {
        LabeledImages turned = Augmentation.NONE.rotated(90).variants(corner(), 0, 50, 4);
        Set<Integer> right = new HashSet<>();
        for (int i = 0; i < 50; i++) {
            assertEquals(200, turned.pixel(i, 4, 4));
            right.add(turned.pixel(i, 4, 5));
        }
        assertTrue(right.size() > 10, "many angles");
        LabeledImages little = Augmentation.NONE.rotated(5).variants(corner(), 0, 50, 4);
        for (int i = 0; i < 50; i++) {
            assertTrue(little.pixel(i, 4, 5) > 85,
                    "five degrees move a neighbor's center by less than a tenth of a pixel");
        }
    }

    @Test
    void zoomKeepsTheCenterAndChangesTheSize() {
        byte[] square = new byte[784];
        for (int r = 9; r < 19; r++) for (int c = 9; c < 19; c++) square[r * 28 + c] = 100;
        LabeledImages zoomed = Augmentation.NONE.zoomed(0.2)
                .variants(LabeledImages.of(square, new byte[1], 28, 28), 0, 200, 5);
        int least = IntStream.range(0, 200).map(i -> sum(zoomed, i)).min().orElseThrow();
        int most = IntStream.range(0, 200).map(i -> sum(zoomed, i)).max().orElseThrow();
        assertEquals(100 * 100 * 0.64, least, 700);
        assertEquals(100 * 100 * 1.44, most, 1_500);
    }

    @Test
    void bendingMovesInkALittleAndSmoothly() {
        byte[] square = new byte[784];
        for (int r = 9; r < 19; r++) for (int c = 9; c < 19; c++) square[r * 28 + c] = 100;
        LabeledImages one = LabeledImages.of(square, new byte[1], 28, 28);
        LabeledImages bent = Augmentation.NONE.bent(0.5).variants(one, 0, 100, 6);
        for (int i = 0; i < 100; i++) {
            assertNotEquals(one.bytes(0), bent.bytes(i));
            assertEquals(100, bent.pixel(i, 14, 14), "the inside stays whole: neighbors move together");
            assertEquals(0, bent.pixel(i, 0, 0));
            assertEquals(10_000, sum(bent, i), 4_000);
        }
    }

    @Test
    void theSeedDecides() {
        Augmentation all = Augmentation.NONE.shifted(2).rotated(10).zoomed(0.1).bent(0.7).flipped();
        LabeledImages a = all.variants(corner(), 0, 20, 1);
        LabeledImages b = all.variants(corner(), 0, 20, 1);
        LabeledImages c = all.variants(corner(), 0, 20, 2);
        for (int i = 0; i < 20; i++) assertEquals(a.bytes(i), b.bytes(i));
        assertTrue(IntStream.range(0, 20).filter(i -> a.bytes(i).equals(c.bytes(i))).count() < 3);
        assertNotEquals(Collections.nCopies(20, a.bytes(0)), IntStream.range(0, 20).mapToObj(a::bytes).toList());
    }

    @Test
    void whatIsOutOfRangeIsRefused() {
        assertTrue(assertThrows(IllegalArgumentException.class, () -> Augmentation.NONE.shifted(-1)).getMessage()
                .contains("-1 pixels"));
        assertThrows(IllegalArgumentException.class, () -> Augmentation.NONE.rotated(181));
        assertThrows(IllegalArgumentException.class, () -> Augmentation.NONE.rotated(Double.NaN));
        assertThrows(IllegalArgumentException.class, () -> Augmentation.NONE.zoomed(1));
        assertThrows(IllegalArgumentException.class, () -> Augmentation.NONE.bent(-0.1));
    }

    private record Variant(LabeledImages images) {
        Variant(Augmentation augmentation) {
            this(augmentation.variants(corner(), 0, 1, 1));
        }
    }

    private static int brightest(LabeledImages images, int i) {
        return IntStream.range(0, 81).filter(p -> images.pixel(i, p / 9, p % 9) == 200).findFirst().orElseThrow();
    }

    private static int sum(LabeledImages images, int i) {
        int sum = 0;
        for (int r = 0; r < images.rows(); r++) for (int c = 0; c < images.columns(); c++) sum += images.pixel(i, r, c);
        return sum;
    }
}
