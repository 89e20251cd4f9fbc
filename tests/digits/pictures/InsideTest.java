package digits.pictures;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import digits.data.LabeledImages;
import digits.evaluation.Agreement;
import digits.evaluation.Predictions;
import digits.image.Grid;
import digits.interpret.FeatureMaps;
import java.awt.Color;
import java.awt.image.BufferedImage;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The pictures of the inside of a network. */
class InsideTest {
    private static final Grid FILTER = Grid.of(3, 3, -2, 0, 0, 0, 1, 0, 0, 0, 2);

    private static Grid grid(int side, float value) {
        float[] values = new float[side * side];
        Arrays.fill(values, value);
        return Grid.of(side, side, values);
    }

    @Test
    void scalesAreWhiteAtZeroAndFullAtTheirLimit() {
        assertEquals(Style.PAPER, ColorScale.SIGNED.of(0, 3));
        assertEquals(Style.BLUE, ColorScale.SIGNED.of(3, 3));
        assertEquals(Style.VERMILION, ColorScale.SIGNED.of(-3, 3));
        assertEquals(Style.VERMILION, ColorScale.SIGNED.of(-9, 3), "beyond the end it is the end's");
        assertEquals(Style.PAPER, ColorScale.STRENGTH.of(-1, 3));
        assertEquals(Style.PAPER, ColorScale.HEAT.of(0, 0), "nothing anywhere");
        assertEquals(Style.VERMILION, ColorScale.HEAT.of(5, 5));
    }

    /** Readers who see no colors see brightness: it has to fall all the way. */
    @Test
    void scalesDarkenSteadily() {
        for (ColorScale scale : List.of(ColorScale.STRENGTH, ColorScale.HEAT)) {
            double before = 22;
            for (int i = 0; i <= 20; i++) {
                double contrast = Style.contrast(scale.of(i, 20), Color.BLACK);
                assertTrue(contrast < before, scale + " at " + i);
                before = contrast;
            }
        }
    }

    @Test
    void filtersShowTheirWeights() {
        BufferedImage picture = Pictures.page(FilterPicture.of(List.of(FILTER, grid(3, 0)), 8));
        // the largest weight either way in full color; 24 by 24 pixels a weight, less the grid's lines
        assertTrue(Pictures.count(picture, Style.BLUE) >= 23 * 23, "the weight 2");
        assertTrue(Pictures.count(picture, Style.VERMILION) >= 23 * 23, "the weight -2");
        assertTrue(Pictures.count(picture, Style.mix(Style.PAPER, Style.BLUE, 0.5)) >= 23 * 23, "the weight 1");
        assertFalse(Pictures.same(picture, FilterPicture.of(List.of(grid(3, 0), FILTER), 8)),
                "they are in their order");
        assertDoesNotThrow(() -> FilterPicture.of(List.of(grid(5, 0)), 1));
        BufferedImage many = Pictures.page(FilterPicture.of(IntStream.range(0, 32).mapToObj(i -> FILTER).toList(), 8));
        assertTrue(many.getWidth() <= Style.WIDTH);
        assertThrows(IllegalArgumentException.class, () -> FilterPicture.of(List.of(), 8));
        assertThrows(IllegalArgumentException.class, () -> FilterPicture.of(List.of(FILTER), 0));
    }

    @Test
    void everyFeatureMapIsThere() {
        Digit digit = Digit.of(Pictures.striped(1), 0);
        Color strongest = ColorScale.STRENGTH.of(1, 1);
        List<Grid> maps = IntStream.range(0, 64).mapToObj(i -> grid(8, i % 2)).toList();
        FeatureMaps first = new FeatureMaps(0, "convolution 1", maps);
        BufferedImage two = Pictures.page(FeatureMapsPicture.of(digit, List.of(first,
                new FeatureMaps(1, "pooling 1", List.of(grid(40, 0))))));
        BufferedImage one = Pictures.page(FeatureMapsPicture.of(digit, List.of(first)));
        assertEquals(Style.WIDTH, two.getWidth());
        assertTrue(two.getHeight() > one.getHeight() + 50);
        assertTrue(Pictures.count(one, strongest) >= 32 * 23 * 23, "32 maps of 8 by 8 values of 3 by 3 pixels");
        assertThrows(IllegalArgumentException.class, () -> FeatureMapsPicture.of(digit, List.of()));
        assertThrows(IllegalArgumentException.class,
                () -> FeatureMapsPicture.of(digit, List.of(new FeatureMaps(0, "x", List.of()))));
    }

    @Test
    void panelsOfOneKindShareTheirScale() {
        Digit blank = Digit.of(LabeledImages.of(new byte[784], new byte[1], 28, 28), 0);
        BufferedImage picture = Pictures.page(HeatPicture.of(HeatPicture.Panel.of(blank, "blank"),
                HeatPicture.Panel.gradCam(blank, grid(28, 4), "4"), HeatPicture.Panel.gradCam(blank, grid(28, 2), "2"),
                HeatPicture.Panel.saliency(blank, grid(28, -1), "-1")));
        long side = 28 * 7;
        assertTrue(Pictures.count(picture, ColorScale.HEAT.of(2, 4)) > 0.9 * side * side);
        assertTrue(Pictures.count(picture, Style.VERMILION) > 1.8 * side * side, "4 of 4, and -1 of 1");
        assertTrue(picture.getWidth() <= Style.WIDTH);
        assertThrows(IllegalArgumentException.class, () -> HeatPicture.Panel.gradCam(blank, grid(8, 1), "too small"));
        assertThrows(IllegalArgumentException.class, () -> HeatPicture.of());
        assertDoesNotThrow(() -> HeatPicture.of(HeatPicture.Panel.of(blank, "alone")));
    }

    @Test
    void inkShowsThroughTheHeat() {
        Digit striped = Digit.of(Pictures.striped(1), 0);
        BufferedImage picture = Pictures.page(
                HeatPicture.of(HeatPicture.Panel.gradCam(striped, grid(28, 1), "all of it")));
        assertTrue(Pictures.count(picture, Style.mix(Style.VERMILION, Style.INK, 0.72)) >= 26 * 9 * 8);
    }

    @Test
    void theGalleryTakesAMapForEachDigit() {
        LabeledImages images = Pictures.striped(3);
        Predictions predictions = Predictions.of(new float[][] {{0.9f, 0.1f, 0}, {0.6f, 0.4f, 0}, {0, 0, 1}},
                new int[] {0, 1, 2});
        List<Grid> maps = List.of(grid(28, 1), grid(28, 0));
        BufferedImage picture = Pictures.page(HeatPicture.gallery(images, predictions, List.of(1, 2), maps, 4));
        assertEquals(Style.WIDTH, picture.getWidth());
        assertTrue(Pictures.count(picture, Style.VERMILION) > 80 * 80, "the first map; and the frame of a mistake");
        assertThrows(IllegalArgumentException.class,
                () -> HeatPicture.gallery(images, predictions, List.of(1), maps, 4));
        assertThrows(IllegalArgumentException.class,
                () -> HeatPicture.gallery(images, predictions, List.of(1, 2), maps, 7));
        assertTrue(HeatPicture.gallery(images, predictions, List.of(), List.of(), 4).height() < 60,
                "it says that there is nothing to show");
    }

    @Test
    void aMapHasPointsOfEachClassAndRingsAroundMarkedOnes() {
        double[][] points = {{0, 0}, {0.1, 0}, {10, 10}, {10.1, 10}};
        int[] labels = {0, 0, 1, 1};
        BufferedImage plain = Pictures.page(EmbeddingPicture.of("two groups", points, labels));
        assertTrue(Pictures.count(plain, new Color(0x332288)) > 100);
        assertTrue(Pictures.count(plain, new Color(0xCC6677)) > 100);
        assertFalse(Pictures.same(plain, EmbeddingPicture.of("two groups", points, labels, i -> i == 2)));
        assertTrue(Pictures.same(plain, EmbeddingPicture.of("two groups", points, labels, i -> false)));
        assertDoesNotThrow(() -> EmbeddingPicture.of("one point", new double[1][2], new int[] {13}));
        assertThrows(IllegalArgumentException.class, () -> EmbeddingPicture.of("none", new double[0][], new int[0]));
        assertThrows(IllegalArgumentException.class, () -> EmbeddingPicture.of("no labels", points, new int[3]));
    }

    @Test
    void rowsOfTheAgreementAreTheFirstNetworks() {
        Predictions zeros = Predictions.of(new float[][] {{1, 0}, {1, 0}}, new int[] {0, 1});
        Predictions right = Predictions.of(new float[][] {{1, 0}, {0, 1}}, new int[] {0, 1});
        BufferedImage one = Pictures.page(ConfusionMatrixPicture.of(Agreement.of(zeros, right), "a", "b"));
        BufferedImage other = Pictures.page(ConfusionMatrixPicture.of(Agreement.of(right, zeros), "a", "b"));
        // the one disagreement is above the diagonal in the first picture, below it in the second
        assertEquals(vermilion(one, true), vermilion(other, false));
        assertEquals(0, vermilion(one, false));
        assertTrue(vermilion(one, true) > 400);
    }

    private static long vermilion(BufferedImage picture, boolean upperRight) {
        int width = picture.getWidth();
        // two cells of 54 pixels, which begin at 84 and 92
        return IntStream.range(0, width * picture.getHeight()).filter(p -> {
            boolean above = p / width < 92 + 54;
            Color c = new Color(picture.getRGB(p % width, p / width));
            return above == upperRight && c.getRed() - c.getBlue() > 20;
        }).count();
    }
}
