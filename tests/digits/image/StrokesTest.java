package digits.image;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class StrokesTest {
    @Test
    void everyRecordedDigitIsOneShape() {
        for (String hand : Strokes.HANDS) {
            List<Strokes> digits = Strokes.recorded(hand);
            assertEquals(10, digits.size(), hand);
            for (int digit = 0; digit < 10; digit++) {
                Ink drawn = digits.get(digit).ink();
                assertEquals(1, drawn.digits().size(), hand + " " + digit);
                assertEquals(28, drawn.asInMnist().grid().rows());
            }
        }
        assertThrows(IllegalArgumentException.class, () -> Strokes.recorded("left-handed"));
    }

    /** In each row of the way down, the pen's width: 17 whole pixels, or 16 and two halves. */
    @Test
    void aStraightStrokeHasThePensWidth() {
        Ink one = new Strokes(List.of(List.of(new double[] {50, 20}, new double[] {50, 80}))).ink();
        assertEquals(200, one.grid().rows());
        for (int row : new int[] {60, 100, 140}) {
            double width = 0;
            for (int column = 0; column < 200; column++) width += one.grid().value(row, column);
            assertEquals(17, width, 0.01);
        }
        assertEquals(0, one.grid().value(20, 100));
        Ink dot = new Strokes(List.of(List.of(new double[] {50, 50}))).ink();
        assertEquals(Math.PI * 8.5 * 8.5, InkTest.mass(dot), 3, "a single point is a round dot");
    }

    @Test
    void variationsDifferAndComeFromTheirSeed() {
        Strokes three = Strokes.recorded("upright").get(3);
        byte[] first = three.varied(new Random(1)).ink().bytes();
        assertArrayEquals(first, three.varied(new Random(1)).ink().bytes());
        for (int seed = 2; seed < 12; seed++) {
            byte[] other = three.varied(new Random(seed)).ink().bytes();
            assertFalse(Arrays.equals(first, other), "seed " + seed);
        }
    }

    @Test
    void pointsOutsideTheCanvasAreRefused() {
        for (double[] bad : new double[][] {{-1, 5}, {5, 101}, {Double.NaN, 5}, {5}, {1, 2, 3}}) {
            assertThrows(PictureException.class, () -> new Strokes(List.of(List.of(bad))));
        }
        assertThrows(PictureException.class, () -> new Strokes(List.of()));
        assertThrows(PictureException.class, () -> new Strokes(List.of(List.of())));
        assertTrue(new Strokes(List.of(List.of(new double[] {0, 100}))).ink().grid().max() > 0);
    }

    @Test
    void strokesCanBeWrittenAsText() {
        Strokes tee = Strokes.of("15,14 85,14; 50,14 50,86.5");
        assertEquals(2, tee.strokes().size());
        assertEquals(86.5, tee.strokes().get(1).get(1)[1]);
        for (String bad : new String[] {"", "15,14 85", "1,2,3", "a,b", "15,14;;20,20", "15,140"}) {
            assertThrows(PictureException.class, () -> Strokes.of(bad), bad);
        }
    }
}
