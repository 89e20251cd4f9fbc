package digits.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import digits.Examples;
import digits.image.Grid;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

class LabeledImagesTest {
    /** Four images of 8×8 whose pixels run through 0 to 255: image i begins with 64 i. */
    private final LabeledImages four = LabeledImages.of(bytes(256), new byte[] {3, 1, 4, 1}, 8, 8);

    @Test
    void pixelsAreUnsigned() {
        assertEquals(0, four.pixel(0, 0, 0));
        assertEquals(127, four.pixel(1, 7, 7));
        assertEquals(128, four.pixel(2, 0, 0));
        assertEquals(255, four.pixel(3, 7, 7));
    }

    @Test
    void setsAreJoinedInTheirOrder() {
        LabeledImages both = four.subset(3, 0).and(four.take(2)).and(four.take(0));
        assertEquals("(4, 8, 8)", both.shapeText());
        int[] origins = {3, 0, 0, 1};
        for (int i = 0; i < 4; i++) {
            assertEquals(four.label(origins[i]), both.label(i));
            assertEquals(four.bytes(origins[i]), both.bytes(i));
        }
        LabeledImages larger = LabeledImages.of(bytes(256), new byte[] {0}, 16, 16);
        LabeledImages named = LabeledImages.of(bytes(64), new byte[] {0}, 8, 8, List.of("A", "B"));
        for (LabeledImages other : new LabeledImages[] {larger, named}) {
            assertTrue(assertThrows(IllegalArgumentException.class, () -> four.and(other)).getMessage()
                    .contains("cannot follow images of 8×8 in 10 classes"));
        }
    }

    @Test
    void arrayHoldsAllValuesFrom0To255() {
        INDArray array = four.toArray();
        assertEquals(DataType.UINT8, array.dataType());
        assertArrayEquals(new long[] {4, 8, 8}, array.shape());
        float[] values = array.castTo(DataType.FLOAT).reshape(256).toFloatVector();
        for (int i = 0; i < 256; i++) assertEquals(i, values[i], "pixel " + i);
        assertEquals(255, array.getInt(3, 7, 7));
        assertEquals(200, array.getInt(3, 1, 0));
        assertEquals(255, array.maxNumber().intValue());
    }

    @Test
    void labelsAndCounts() {
        assertArrayEquals(new int[] {3, 1, 4, 1}, IntStream.range(0, 4).map(four::label).toArray());
        assertArrayEquals(new int[] {0, 2, 0, 1, 1, 0, 0, 0, 0, 0}, four.labelCounts());
    }

    @Test
    void subsetsHaveTheirOwnOrderAndKnowTheOrigin() {
        LabeledImages some = four.subset(3, 0, 2);
        assertEquals(3, some.size());
        assertEquals(4, some.label(2));
        assertEquals(192, some.pixel(0, 0, 0));
        assertEquals(192, some.toArray().getInt(0, 0, 0));
        LabeledImages ofThat = some.subset(2, 0);
        assertEquals(2, ofThat.origin(0));
        assertEquals(3, ofThat.origin(1));
        assertEquals(128, ofThat.pixel(0, 0, 0));
        assertEquals(0, four.subset().size());
    }

    @Test
    void takeGivesTheFirstOrAll() {
        assertEquals(2, four.take(2).size());
        assertEquals(1, four.take(2).label(1));
        assertSame(four, four.take(Integer.MAX_VALUE));
        assertThrows(IllegalArgumentException.class, () -> four.take(-1));
    }

    @Test
    void drawnImagesDifferAndFollowTheSeed() {
        LabeledImages many = Examples.bars(50, 1);
        LabeledImages drawn = many.drawn(20, 3);
        List<Integer> origins = IntStream.range(0, 20).mapToObj(drawn::origin).toList();
        assertEquals(20, origins.stream().distinct().count());
        assertEquals(origins, IntStream.range(0, 20).mapToObj(many.drawn(50, 3)::origin).toList(), "the first of more");
        assertNotEquals(origins, IntStream.range(0, 20).mapToObj(many.drawn(20, 4)::origin).toList());
        assertEquals(0, many.drawn(0, 1).size());
        for (int n : new int[] {-1, 51}) {
            assertTrue(assertThrows(IllegalArgumentException.class, () -> many.drawn(n, 1)).getMessage()
                    .contains(n + " of 50 images"));
        }
    }

    @Test
    void labelsAreExchanged() {
        LabeledImages reversed = four.subset(3, 2).labeled(9, 0);
        assertEquals(List.of(9, 0), List.of(reversed.label(0), reversed.label(1)));
        assertEquals(four.bytes(3), reversed.bytes(0));
        assertEquals(four.bytes(2), reversed.bytes(1));
        assertTrue(assertThrows(IllegalArgumentException.class, () -> four.labeled(1, 2)).getMessage()
                .contains("2 labels for 4 images"));
        for (int label : new int[] {-1, 10, 256, 1_000}) {
            assertThrows(IllegalArgumentException.class, () -> four.labeled(0, 0, 0, label));
        }
    }

    @Test
    void anImageIsAGridFromZeroToOne() {
        Grid grid = four.grid(3);
        assertEquals(8, grid.rows());
        assertEquals(1f, grid.value(7, 7));
        assertEquals(192 / 255f, grid.value(0, 0));
    }

    @Test
    void mapReplacesImagesAndKeepsLabels() {
        LabeledImages same = four.subset(3, 0).map(image -> image);
        assertEquals(four.bytes(3), same.bytes(0));
        assertEquals(four.bytes(0), same.bytes(1));
        assertArrayEquals(new int[] {1, 3}, new int[] {same.label(0), same.label(1)});
        LabeledImages smaller = four.map(image -> Grid.of(1, 2, 0.5f, 2 - image.value(0, 0)));
        assertEquals("(4, 1, 2)", smaller.shapeText());
        assertEquals(128, smaller.pixel(0, 0, 0));
        assertEquals(255, smaller.pixel(0, 0, 1), "more than 1 is 1");
        assertThrows(IllegalArgumentException.class,
                () -> four.map(image ->
                Grid.of(1, image.value(0, 0) > 0 ? 2 : 1, new float[image.value(0, 0) > 0 ? 2 : 1])));
    }

    @Test
    void numbersArePrintedAlikeInEveryLocale() {
        Locale before = Locale.getDefault();
        try {
            Locale.setDefault(Locale.GERMANY);
            assertEquals("1,000 images of 1×1", LabeledImages.of(new byte[1_000], new byte[1_000], 1, 1).toString());
        } finally {
            Locale.setDefault(before);
        }
    }

    @Test
    void whatDoesNotFitIsRefused() {
        assertTrue(assertThrows(IllegalArgumentException.class, () -> LabeledImages.of(new byte[63], new byte[1], 8, 8))
                .getMessage().contains("1 labels need 64 pixels of 8×8 images, not 63"));
        assertTrue(assertThrows(IllegalArgumentException.class,
                () -> LabeledImages.of(new byte[2], new byte[] {0, 10}, 1, 1))
                .getMessage().contains("label 10 of image 1"));
        assertTrue(assertThrows(IllegalArgumentException.class,
                () -> LabeledImages.of(new byte[1], new byte[] {-1}, 1, 1))
                .getMessage().contains("label 255 of image 0"));
        assertThrows(IllegalArgumentException.class, () -> LabeledImages.of(new byte[0], new byte[0], 0, 28));
        assertThrows(IndexOutOfBoundsException.class, () -> four.label(4));
        assertThrows(IndexOutOfBoundsException.class, () -> four.pixel(0, 0, 8));
        assertThrows(IndexOutOfBoundsException.class, () -> four.take(2).subset(2));
    }

    private static byte[] bytes(int n) {
        byte[] bytes = new byte[n];
        for (int i = 0; i < n; i++) bytes[i] = (byte) i;
        return bytes;
    }
}
