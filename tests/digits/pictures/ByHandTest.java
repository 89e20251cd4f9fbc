package digits.pictures;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import digits.image.Grid;
import java.awt.Color;
import java.awt.image.BufferedImage;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The pictures of learning by hand: a convolution's step, layers on small numbers, gradient descent. */
class ByHandTest {
    private static final Grid EDGE = Grid.of(3, 3, -1, 0, 1, -1, 0, 1, -1, 0, 1);
    private static final Grid IMAGE = Grid.of(5, 5, 0, 0, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0,
            0, 1, 1, 1, 0);

    @Test
    void numbersAreWrittenAsAPersonDoes() {
        assertEquals(List.of("0", "0", "−1", "0.33", "−0.50", "1,000", "0.99"),
                IntStream.range(0, 7).mapToObj(i -> NumberGrid.text(
                        new double[] {0, -1e-9, -1, 1 / 3.0, -0.5, 1000, 0.992}[i])).toList());
    }

    @Test
    void theMapGrowsWithTheFiltersWayAndShowsOnlyWhatIsComputed() {
        // one bright column: the filter answers +3 on its left, −3 on its right, nowhere else
        float[] ink = new float[784];
        for (int r = 0; r < 28; r++) ink[r * 28 + 14] = 1;
        Grid image = new Grid(28, 28, ink);
        BufferedImage begun = Pictures.page(ConvolutionPicture.of(image, EDGE, 5, 10));
        BufferedImage done = Pictures.page(ConvolutionPicture.of(image, EDGE, 25, 25));
        int cell = 252 / 26;
        assertTrue(Pictures.count(done, Style.BLUE) >= 25 * cell * cell, "a column of 26 numbers at the limit");
        assertTrue(Pictures.count(begun, Style.BLUE) <= 6 * cell * cell + 100, "5 rows of it, and the legend");
        Color open = Style.mix(Style.PAPER, Style.RULE, 0.7);
        assertTrue(Pictures.count(begun, open) > 19 * 26 * cell * cell);
        assertEquals(0, Pictures.count(done, open), "all of it is computed");
        assertEquals(begun.getWidth(), done.getWidth());
        assertTrue(done.getWidth() <= Style.WIDTH, done.getWidth() + " pixels wide");
        assertFalse(Pictures.same(begun, ConvolutionPicture.of(image, EDGE, 5, 11)));
        assertTrue(Pictures.same(ConvolutionPicture.of(Pictures.striped(3), 2, EDGE, 1, 7),
                ConvolutionPicture.of(Pictures.striped(3).grid(2), EDGE, 1, 7)));
    }

    @Test
    void aConvolutionPictureWantsAFilterThatFits() {
        assertThrows(IndexOutOfBoundsException.class, () -> ConvolutionPicture.of(IMAGE, EDGE, 3, 0));
        assertThrows(IndexOutOfBoundsException.class, () -> ConvolutionPicture.of(IMAGE, EDGE, 0, -1));
        Grid large = IMAGE.pad(0, 0, 6, 6);
        assertThrows(IllegalArgumentException.class, () -> ConvolutionPicture.of(large, large, 0, 0));
        assertThrows(IllegalArgumentException.class, () -> ConvolutionPicture.of(EDGE, IMAGE, 0, 0));
        assertDoesNotThrow(() -> ConvolutionPicture.of(IMAGE, IMAGE, 0, 0));
        assertDoesNotThrow(() -> ConvolutionPicture.of(IMAGE, Grid.of(1, 1, 0), 4, 4), "a map of zeros");
        assertDoesNotThrow(() -> ConvolutionPicture.of(IMAGE, Grid.of(2, 3, 1, 2, 3, 4, 5, 6), 3, 2));
    }

    @Test
    void paddingAddsABorderInItsColor() {
        Color border = Style.mix(Style.PAPER, Style.SKY, 0.35);
        long cell = 40 * 40;
        assertEquals(0, Pictures.count(NumbersPicture.convolution(IMAGE, EDGE, 0, 1), border));
        BufferedImage padded = Pictures.page(NumbersPicture.convolution(IMAGE, EDGE, 1, 1));
        assertTrue(Pictures.count(padded, border) > 24 * cell, "24 of the 7×7 places lie outside the 5×5");
        assertTrue(padded.getWidth() <= Style.WIDTH, padded.getWidth() + " pixels wide");
        assertTrue(NumbersPicture.convolution(IMAGE, EDGE, 0, 2).getWidth()
                < NumbersPicture.convolution(IMAGE, EDGE, 0, 1).getWidth(), "stride 2: the map is smaller");
        assertThrows(IllegalArgumentException.class, () -> NumbersPicture.convolution(IMAGE, EDGE, -1, 1));
        assertThrows(IllegalArgumentException.class, () -> NumbersPicture.convolution(IMAGE, EDGE, 2, 1), "9×9");
        assertThrows(IllegalArgumentException.class, () -> NumbersPicture.convolution(EDGE, IMAGE, 0, 1));
    }

    @Test
    void reluTakesTheVermilionAway() {
        Grid mixed = Grid.of(2, 2, -2, -1, 1, 2);
        BufferedImage both = Pictures.page(NumbersPicture.relu(mixed));
        BufferedImage positive = Pictures.page(NumbersPicture.relu(mixed.map(Math::abs)));
        assertTrue(Pictures.count(both, true) > 2 * 40 * 40, "the two negative numbers, before");
        assertTrue(Pictures.count(both, true) < 3 * 46 * 46, "and not after");
        assertEquals(0, Pictures.count(positive, true));
        assertThrows(IllegalArgumentException.class, () -> NumbersPicture.relu(new Grid(9, 1, new float[9])));
    }

    @Test
    void batchNormalizationCentersTheNumbers() {
        Grid map = Grid.of(1, 4, 1, 3, 1, 3);
        assertTrue(Pictures.count(NumbersPicture.normalized(map), true) > 2 * 40 * 40, "the two below the mean");
        assertEquals(0, Pictures.count(NumbersPicture.normalized(map.map(value -> 0.1)), true), "no spread: zeros");
        assertThrows(IllegalArgumentException.class, () -> NumbersPicture.normalized(new Grid(9, 1, new float[9])));
    }

    @Test
    void poolingChannelsAndSoftmax() {
        BufferedImage pooled = Pictures.page(NumbersPicture.maxPooling(IMAGE, 2));
        assertTrue(Pictures.count(pooled, Style.VERMILION) > 4 * (92 + 46), "the first square, its largest");
        assertThrows(IllegalArgumentException.class, () -> NumbersPicture.maxPooling(IMAGE, 6));
        BufferedImage one = Pictures.page(NumbersPicture.channels(List.of(IMAGE), List.of(EDGE)));
        BufferedImage two = Pictures.page(NumbersPicture.channels(List.of(IMAGE, IMAGE), List.of(EDGE, EDGE)));
        assertTrue(two.getHeight() > one.getHeight() + 5 * 46);
        assertTrue(two.getWidth() <= Style.WIDTH, two.getWidth() + " pixels wide");
        assertThrows(IllegalArgumentException.class, () -> NumbersPicture.channels(List.of(IMAGE), List.of()));
        assertThrows(IllegalArgumentException.class, () -> NumbersPicture.channels(List.of(), List.of()));
        assertThrows(IllegalArgumentException.class,
                () -> NumbersPicture.channels(List.of(IMAGE, IMAGE), List.of(EDGE, IMAGE)), "maps of two sizes");
        BufferedImage even = Pictures.page(NumbersPicture.softmax(0, 0));
        Color half = Style.mix(Style.PAPER, Style.BLUE, 0.3);
        assertTrue(Pictures.count(even, half) > 2 * 40 * 30, "two times 0.5");
        assertFalse(Pictures.same(even, NumbersPicture.softmax(0, 1)));
        assertThrows(IllegalArgumentException.class, () -> NumbersPicture.softmax());
        assertThrows(IllegalArgumentException.class, () -> NumbersPicture.softmax(new double[9]));
    }

    @Test
    void theValleyHasAPanelForEachPathWithItsSteps() {
        List<String> names = List.of("small", "right", "large");
        double[] small = {-1, -0.9, -0.8};
        BufferedImage three = Pictures.page(DescentChart.valley(x -> x * x, -1, 1, names, small, new double[] {-1, 0},
                new double[] {-1, 1, -1}));
        assertTrue(Math.abs(three.getWidth() - Style.WIDTH) <= 2, three.getWidth() + " pixels wide");
        assertTrue(Pictures.count(three, Style.VERMILION) > 8 * 20, "eight steps");
        Picture outside = DescentChart.valley(x -> x * x, -1, 1, List.of("away"), new double[] {-2, 5});
        assertEquals(0, Pictures.count(outside, Style.VERMILION));
        assertThrows(IllegalArgumentException.class, () -> DescentChart.valley(x -> x, 0, 1, names, small));
        assertThrows(IllegalArgumentException.class, () -> DescentChart.valley(x -> x, 1, 1, List.of("a"), small));
        assertThrows(IllegalArgumentException.class, () -> DescentChart.valley(x -> x, 0, 1, List.of()));
    }

    @Test
    void lossesHaveACurveEach() {
        BufferedImage chart = Pictures.page(DescentChart.losses(2, List.of("full", "mini"), new double[] {2.3, 1, 0.9},
                new double[] {2.3, 0.5, 0.4, 0.35, 0.3}));
        assertTrue(Pictures.count(chart, Style.BLUE) > 100);
        assertTrue(Pictures.count(chart, Style.VERMILION) > 100);
        assertThrows(IllegalArgumentException.class, () -> DescentChart.losses(2, List.of("a"), new double[1]));
        assertThrows(IllegalArgumentException.class, () -> DescentChart.losses(0, List.of("a"), new double[2]));
        assertThrows(IllegalArgumentException.class, () -> DescentChart.losses(1, List.of(), new double[2]));
    }

    @Test
    void theWeightsOfAWholeImageAreDrawnWithoutLinesBetweenThem() {
        float[] weights = new float[784];
        for (int i = 0; i < 784; i++) weights[i] = i % 28 < 14 ? 1 : -1;
        List<Grid> ten = IntStream.range(0, 10).mapToObj(i -> new Grid(28, 28, weights)).toList();
        BufferedImage picture = Pictures.page(FilterPicture.of(ten, 10));
        assertTrue(Pictures.count(picture, Style.BLUE) > 10 * 14 * 28 * 9 * 0.95, "3 by 3 pixels each");
        assertTrue(picture.getWidth() <= Style.WIDTH, picture.getWidth() + " pixels wide");
    }
}
