package digits.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import digits.image.Grid;
import java.util.EnumSet;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class CorruptionTest {
    private static final Set<Corruption> NOT_RANDOM = EnumSet.of(Corruption.SMALLER, Corruption.THICKER,
            Corruption.THINNER, Corruption.BLUR, Corruption.GRAY_PAPER, Corruption.FAINT_INK);
    private static final Set<Corruption> ADDS_INK = EnumSet.of(Corruption.THICKER, Corruption.GRAY_PAPER,
            Corruption.LINE, Corruption.SPATTER);
    private static final Set<Corruption> TAKES_INK = EnumSet.of(Corruption.SMALLER, Corruption.THINNER,
            Corruption.FAINT_INK, Corruption.GAP);

    private static final Set<Corruption> MOVES_INK = EnumSet.of(Corruption.ROTATION, Corruption.SHIFT,
            Corruption.SMALLER, Corruption.SHEAR);   // it may come to lie on other ink

    /** A square ring of ink, a little off the center, as often as asked. */
    private static LabeledImages rings(int n) {
        byte[] pixels = new byte[n * 784];
        byte[] labels = new byte[n];
        for (int i = 0; i < n; i++) {
            labels[i] = (byte) (i % 10);
            for (int p = 0; p < 784; p++) {
                int far = Math.max(Math.abs(p / 28 - 13), Math.abs(p % 28 - 14));
                if (far >= 4 && far <= 6) pixels[i * 784 + p] = (byte) 255;
            }
        }
        return LabeledImages.of(pixels, labels, 28, 28);
    }

    @ParameterizedTest
    @EnumSource
    void severityZeroChangesNothingAndNoAmountNextToNothing(Corruption kind) {
        LabeledImages rings = rings(2);
        assertSame(rings, kind.applied(rings, 0, 1));
        assertArrayEquals(rings.grid(0).values(), kind.changed(rings.grid(0), 1e-9, new Random(3)).values(), 1e-6f);
    }

    @ParameterizedTest
    @EnumSource
    void theSeedDecidesAndFormAndLabelsStay(Corruption kind) {
        LabeledImages rings = rings(12);
        LabeledImages damaged = kind.applied(rings, 3, 7);
        assertEquals(rings.shapeText(), damaged.shapeText());
        assertArrayEquals(rings.labelCounts(), damaged.labelCounts());
        assertEquals(damaged.sha256(), kind.applied(rings, 3, 7).sha256());
        assertNotEquals(rings.bytes(0), damaged.bytes(0));
        assertEquals(NOT_RANDOM.contains(kind), damaged.sha256().equals(kind.applied(rings, 3, 8).sha256()));
        boolean same = IntStream.range(1, 12).allMatch(i -> damaged.bytes(i).equals(damaged.bytes(0)));
        assertEquals(NOT_RANDOM.contains(kind), same, "each image has its own random numbers");
    }

    @ParameterizedTest
    @EnumSource
    void eachSeverityIsMoreThanTheOneBefore(Corruption kind) {
        LabeledImages rings = rings(10);
        double before = ink(rings);
        double farBefore = 0;
        for (int severity = 1; severity <= Corruption.SEVERITIES; severity++) {
            LabeledImages damaged = kind.applied(rings, severity, 1);
            double now = ink(damaged);
            if (ADDS_INK.contains(kind)) assertTrue(now > before, now + " after " + before);
            if (TAKES_INK.contains(kind)) assertTrue(now < before, now + " after " + before);
            double far = far(rings, damaged);
            assertTrue(far > farBefore || MOVES_INK.contains(kind),
                    "severity " + severity + ": " + far + " after " + farBefore);
            before = now;
            farBefore = far;
        }
    }

    private static double ink(LabeledImages images) {
        return IntStream.range(0, images.size()).mapToDouble(i -> images.grid(i).mean()).sum();
    }

    private static double far(LabeledImages a, LabeledImages b) {
        double sum = 0;
        for (int i = 0; i < a.size(); i++) {
            for (int p = 0; p < 784; p++) sum += Math.abs(a.pixel(i, p / 28, p % 28) - b.pixel(i, p / 28, p % 28));
        }
        return sum;
    }

    private static final Grid CORNER = Grid.of(3, 3, 0, 0.25f, 0, 0, 1, 0.5f, 0, 0, 0);
    private static final Grid POINT = Grid.of(3, 3, 0, 0, 0, 0, 1, 0, 0, 0, 0);

    @Test
    void aQuarterTurnExchangesThePixels() {
        Set<Grid> quarters = Set.of(rounded(Grid.of(3, 3, 0, 0, 0, 0, 1, 0.25f, 0, 0.5f, 0)),
                rounded(Grid.of(3, 3, 0, 0.5f, 0, 0.25f, 1, 0, 0, 0, 0)));
        for (int seed = 0; seed < 10; seed++) {
            Grid turned = rounded(Corruption.ROTATION.changed(CORNER, 90, new Random(seed)));
            assertTrue(quarters.contains(turned), turned.toString());
        }
    }

    private static Grid rounded(Grid grid) {
        return grid.map(value -> Math.abs(Math.round(1e4 * value)));
    }

    @Test
    void aShiftMovesTheInkByItsLength() {
        Grid image = rings(1).grid(0);
        double[] from = image.centerOfMass();
        for (int seed = 0; seed < 10; seed++) {
            double[] to = Corruption.SHIFT.changed(image, 3.5, new Random(seed)).centerOfMass();
            assertEquals(3.5, Math.hypot(to[0] - from[0], to[1] - from[1]), 0.01);
        }
    }

    @Test
    void shearMovesTheUpperAndTheLowerHalfApart() {
        Grid bar = Grid.of(5, 5, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0);
        Grid rising = Grid.of(5, 5, 0, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0);
        Grid falling = Grid.of(5, 5, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 1);
        for (int seed = 0; seed < 5; seed++) {
            Grid slanted = Corruption.SHEAR.changed(bar, 1, new Random(seed));
            assertTrue(Set.of(rising, falling).contains(slanted), slanted.toString());
        }
    }

    @Test
    void smallerHalvesTheSides() {
        Grid half = Corruption.SMALLER.changed(rings(1).grid(0), 0.5, new Random(0));
        double ring = 13 * 13 - 7 * 7;
        assertEquals(ring / 4 / 784, half.mean(), 0.15 * ring / 4 / 784);
    }

    @Test
    void strokesGrowAndShrinkByAPixel() {
        float diagonal = (float) (2 - Math.sqrt(2));
        Grid plus = Grid.of(3, 3, diagonal, 1, diagonal, 1, 1, 1, diagonal, 1, diagonal);
        Grid thicker = Corruption.THICKER.changed(POINT, 1, new Random(0));
        assertArrayEquals(plus.values(), thicker.values(), 1e-6f);
        Grid thinner = Corruption.THINNER.changed(Grid.of(3, 3, 1, 1, 1, 1, 1, 1, 1, 1, 1), 1, new Random(0));
        assertEquals(1, thinner.value(1, 1), "only images' own pixels are looked at");
        assertArrayEquals(plus.map(ink -> 1 - ink).values(),
                Corruption.THINNER.changed(POINT.map(ink -> 1 - ink), 1, new Random(0)).values(), 1e-6f);
    }

    @Test
    void aBlurKeepsTheInkAndSpreadsItByItsDeviation() {
        float[] ink = new float[29 * 29];
        ink[14 * 29 + 14] = 1;
        Grid blurred = Corruption.BLUR.changed(Grid.of(29, 29, ink), 1.5, new Random(0));
        assertEquals(1, blurred.mean() * 29 * 29, 1e-5);
        double squares = 0;
        for (int r = 0; r < 29; r++) for (int c = 0; c < 29; c++) squares += blurred.value(r, c) * (r - 14) * (r - 14);
        assertEquals(1.5, Math.sqrt(squares), 0.05);
    }

    @Test
    void noiseAndSpecksHaveTheirSize() {
        Grid gray = Grid.of(100, 100, new float[10_000]).map(zero -> 0.5);
        Grid noise = Corruption.NOISE.changed(gray, 0.3, new Random(1)).map(value -> (value - 0.5) * (value - 0.5));
        assertEquals(0.3, Math.sqrt(noise.mean()), 0.01);
        Grid specks = Corruption.SPECKS.changed(gray, 0.2, new Random(1));
        assertEquals(0.1, specks.map(value -> value == 1 ? 1 : 0).mean(), 0.01);
        assertEquals(0.1, specks.map(value -> value == 0 ? 1 : 0).mean(), 0.01);
    }

    @Test
    void paperAndInkBecomeGray() {
        LabeledImages rings = rings(1);
        assertEquals(77, Corruption.GRAY_PAPER.applied(rings, 2, 0).pixel(0, 0, 0), "30 % of 255");
        assertEquals(255, Corruption.GRAY_PAPER.applied(rings, 2, 0).pixel(0, 8, 14));
        assertEquals(128, Corruption.FAINT_INK.applied(rings, 2, 0).pixel(0, 8, 14), "half of 255");
        assertEquals(0, Corruption.FAINT_INK.applied(rings, 2, 0).pixel(0, 0, 0));
    }

    @Test
    void gapsAndLinesAreAsWideAsTheySay() {
        Grid black = Grid.of(61, 61, new float[61 * 61]).map(zero -> 1);
        Grid gap = Corruption.GAP.changed(black, 4, new Random(2));
        double length = 61;   // at least, and at most the diagonal
        double area = 61 * 61 * (1 - gap.mean());
        assertTrue(area > 4 * length * 0.98 && area < 4 * length * Math.sqrt(2), area + " pixels");
        Grid line = Corruption.LINE.changed(black.map(one -> 0), 4, new Random(2));
        assertEquals(1, line.mean() + gap.mean(), 1e-6, "the same place");
    }

    @Test
    void severitiesOutOfRangeAreRefusedAndTitlesCanBeRead() {
        assertTrue(assertThrows(IllegalArgumentException.class, () -> Corruption.BLUR.applied(rings(1), 6, 0))
                .getMessage().contains("0 to 5"));
        assertThrows(IllegalArgumentException.class, () -> Corruption.BLUR.applied(rings(1), -1, 0));
        assertEquals("gray paper", Corruption.GRAY_PAPER.title());
        assertEquals(0, Corruption.LINE.applied(rings(0), 3, 0).size());
    }
}
