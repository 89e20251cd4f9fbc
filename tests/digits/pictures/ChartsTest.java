package digits.pictures;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import digits.data.LabeledImages;
import digits.networks.LayerSummary;
import digits.networks.LayerSummaryTest;
import digits.training.Epoch;
import java.awt.Color;
import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

class ChartsTest {
    private static List<Epoch> epochs(int n) {
        return IntStream.rangeClosed(1, n)
                .mapToObj(i -> new Epoch(i, 0.5 / i, 1 - 0.1 / i, 0.3 / i, 1 - 0.05 / i, 80, 5, 600)).toList();
    }

    @Test
    void oneBarForEachDigitAndSet() {
        BufferedImage one = Pictures.page(LabelChart.counts("training", Pictures.striped(50)));
        assertEquals(Style.WIDTH, one.getWidth());
        assertEquals(10, Pictures.runs(one, 200, Style.BLUE));

        Map<String, LabeledImages> sets = new LinkedHashMap<>();
        sets.put("training", Pictures.striped(40));
        sets.put("validation", Pictures.striped(20));
        sets.put("test", Pictures.striped(10));
        BufferedImage shares = Pictures.page(LabelChart.shares(sets));
        assertEquals(10, Pictures.runs(shares, 200, Style.BLUE));
        assertEquals(10, Pictures.runs(shares, 200, Style.AMBER));
        assertEquals(10, Pictures.runs(shares, 200, Style.GREEN));
        // as shares the sets are alike; as counts the smaller ones end lower
        BufferedImage counts = Pictures.page(LabelChart.counts(sets));
        assertEquals(10, Pictures.runs(counts, 60, Style.BLUE));
        assertEquals(0, Pictures.runs(counts, 60, Style.AMBER));
    }

    @Test
    void aMissingDigitHasNoBar() {
        assertEquals(9, Pictures.runs(LabelChart.counts("training", Pictures.striped(9)), 200, Style.BLUE));
    }

    @Test
    void anEmptySetIsNamed() {
        String message = assertThrows(IllegalArgumentException.class,
                () -> LabelChart.counts("validation", Pictures.striped(0))).getMessage();
        assertTrue(message.contains("validation"), message);
        assertThrows(IllegalArgumentException.class, () -> LabelChart.shares(Map.of()));
    }

    @Test
    void pixelsAreCountedIntoTheirBins() {
        PixelHistogram.Counts counts = PixelHistogram.count(
                List.of(new float[] {0, 0, 255}, new float[] {0, 128, 7.9f}));
        assertEquals(0, counts.lowest());
        assertEquals(255, counts.highest());
        assertEquals(4, counts.bins()[0]);
        assertEquals(1, counts.bins()[16]);
        assertEquals(1, counts.bins()[31]);
        assertEquals(6, Arrays.stream(counts.bins()).sum());
    }

    @Test
    void theHistogramTakesArraysOfAnyShapeAndType() {
        INDArray raw = Pictures.striped(1_500).toArray();
        BufferedImage whole = Pictures.page(PixelHistogram.of(raw, raw.castTo(DataType.FLOAT).div(255)));
        INDArray flat = raw.castTo(DataType.DOUBLE).dup('c').reshape(raw.length());
        assertTrue(Pictures.same(whole, PixelHistogram.of(flat, flat.div(255))));
        assertEquals(Style.WIDTH, whole.getWidth());
        assertThrows(IllegalArgumentException.class, () -> PixelHistogram.of(Nd4j.empty(DataType.FLOAT), flat));
        assertThrows(IllegalArgumentException.class,
                () -> PixelHistogram.of(flat, Nd4j.createFromArray(1, Double.NaN)));
        PixelHistogram.of(Nd4j.ones(3), Nd4j.ones(3));   // all the same value: the range is 1, no division by zero
    }

    @Test
    void learningCurvesForAnyNumberOfEpochs() {
        for (int n : new int[] {0, 1, 2, 10, 60}) {
            BufferedImage picture = Pictures.page(LearningCurves.of(epochs(n)));
            assertEquals(Style.WIDTH, picture.getWidth(), n + " epochs");
            int legend = picture.getHeight() - 60;
            BufferedImage plots = picture.getSubimage(60, 40, picture.getWidth() - 60, legend - 40);
            assertEquals(n > 0, Pictures.count(plots, Style.BLUE) > 20, n + " epochs, training");
            assertEquals(n > 0, Pictures.count(plots, Style.VERMILION) > 20, n + " epochs, validation");
        }
    }

    /** Batch normalization makes a first epoch's validation look terrible: it must not flatten what follows. */
    @Test
    void aFirstEpochFarOffIsNamedNotDrawn() {
        List<Epoch> epochs = new ArrayList<>();
        epochs.add(new Epoch(1, 0.2, 0.93, 9.0, 0.2, 80, 5, 600));
        for (int n = 2; n <= 6; n++) {
            epochs.add(new Epoch(n, 0.06 / n, 0.98, 0.12 - 0.02 * n, 0.97 + 0.003 * n, 80, 5, 600));
        }
        BufferedImage plots = Pictures.page(LearningCurves.of(epochs)).getSubimage(60, 40, 370, 210);

        int top = Integer.MAX_VALUE;
        int bottom = 0;
        for (int y = 0; y < plots.getHeight(); y++) {
            for (int x = 0; x < plots.getWidth(); x++) {
                if (plots.getRGB(x, y) == Style.VERMILION.getRGB()) {
                    top = Math.min(top, y);
                    bottom = Math.max(bottom, y);
                }
            }
        }
        assertTrue(bottom - top > 100, "the validation loss falls over " + (bottom - top) + " pixels");
    }

    @Test
    void aLivePictureKeepsRoomForThePlannedEpochs() {
        BufferedImage ofTwo = Pictures.page(LearningCurves.of(epochs(2)));
        BufferedImage ofTen = Pictures.page(LearningCurves.of(epochs(2), 10));
        int middle = 250;   // of the left plot: two epochs reach beyond it alone, not when ten are planned
        assertTrue(Pictures.count(ofTwo.getSubimage(middle, 40, 180, 210), Style.BLUE) > 0);
        assertEquals(0, Pictures.count(ofTen.getSubimage(middle, 40, 180, 210), Style.BLUE));
    }

    @Test
    void aLossThatIsNoNumberLeavesAGap() {
        List<Epoch> diverged = List.of(new Epoch(1, 0.5, 0.9, 0.3, 0.95, 80, 5, 600),
                new Epoch(2, Double.NaN, 0.1, Double.POSITIVE_INFINITY, 0.1, 80, 5, 600));
        assertEquals(Style.WIDTH, LearningCurves.of(diverged).width());
        assertThrows(IllegalArgumentException.class,
                () -> LearningCurves.of(List.of(new Epoch(0, 0.5, 0.9, 0.3, 0.95, 80, 5, 600))));
    }

    @Test
    void aPerfectClassifierHasNoVermilion() {
        long[][] identity = new long[10][10];
        for (int i = 0; i < 10; i++) identity[i][i] = 100;
        BufferedImage picture = Pictures.page(ConfusionMatrixPicture.of(identity));
        assertEquals(0, Pictures.count(picture, true));
        assertTrue(Pictures.count(picture, Style.BLUE) > 10 * 53 * 53 / 2);
    }

    @Test
    void aSingleMistakeIsSeenInItsCell() {
        long[][] counts = new long[10][10];
        for (int i = 0; i < 10; i++) counts[i][i] = 1_000;
        counts[4][9] = 1;
        counts[2][3] = 9;
        BufferedImage picture = Pictures.page(ConfusionMatrixPicture.of(counts));
        // row: true 4, column: predicted 9
        assertTrue(Pictures.count(picture.getSubimage(84 + 9 * 54 + 2, 92 + 4 * 54 + 2, 50, 50), true) > 2_000);
        assertEquals(0, Pictures.count(picture.getSubimage(84 + 4 * 54 + 2, 92 + 9 * 54 + 2, 50, 50), true));
        assertTrue(Pictures.count(picture.getSubimage(84 + 3 * 54 + 2, 92 + 2 * 54 + 2, 50, 50), Style.VERMILION)
                > 2_000);
    }

    @Test
    void badMatricesAreNamed() {
        assertThrows(IllegalArgumentException.class, () -> ConfusionMatrixPicture.of(new long[0][0]));
        assertTrue(assertThrows(IllegalArgumentException.class,
                () -> ConfusionMatrixPicture.of(new long[][] {{1, 2}, {3}})).getMessage().contains("row 1"));
        assertThrows(IllegalArgumentException.class, () -> ConfusionMatrixPicture.of(new long[][] {{1, -2}, {3, 4}}));
        assertThrows(IllegalArgumentException.class,
                () -> ConfusionMatrixPicture.of(new long[][] {{1}}, List.of("a", "b")));
        ConfusionMatrixPicture.of(new long[][] {{0, 0}, {0, 0}}, List.of("cat", "a name far too long for its cell"));
    }

    @Test
    void theBarIsAsLongAsTheProbability() {
        double[] p = {0.25, 0.75};
        BufferedImage right = Pictures.page(PredictionPicture.bars(p, 1));
        assertEquals(0, Pictures.count(right, Style.VERMILION));
        assertEquals(Math.round(0.75 * 276) * 20, Pictures.count(right, Style.BLUE));
        assertEquals(Math.round(0.25 * 276) * 20, Pictures.count(right, Style.GRAY));
        BufferedImage wrong = Pictures.page(PredictionPicture.bars(p, 0));
        assertEquals(0, Pictures.count(wrong, Style.BLUE));
        assertEquals(Math.round(0.75 * 276) * 20, Pictures.count(wrong, Style.VERMILION));
    }

    @Test
    void badProbabilitiesAreNamed() {
        assertThrows(IllegalArgumentException.class, () -> PredictionPicture.bars(new double[0], 0));
        assertThrows(IllegalArgumentException.class,
                () -> PredictionPicture.bars(new double[] {0.5, 0.5}, 2));
        assertTrue(assertThrows(IllegalArgumentException.class,
                () -> PredictionPicture.bars(new double[] {0.5, Double.NaN}, 0))
                .getMessage().contains("probability of 1"));
        assertThrows(IllegalArgumentException.class,
                () -> PredictionPicture.bars(new double[] {1.5, -0.5}, 0));
    }

    @Test
    void aPredictionShowsTheDigitToo() {
        double[] p = new double[10];
        p[5] = 1;
        BufferedImage picture = Pictures.page(PredictionPicture.of(Digit.of(Pictures.striped(6), 5), p, 5));
        assertTrue(picture.getWidth() <= Style.WIDTH);
        assertTrue(Pictures.count(picture.getSubimage(0, 0, 300, picture.getHeight()), Color.BLACK) > 28 * 9);
    }

    @Test
    void theArchitectureHasABlockForEachTypeOfLayer() {
        List<LayerSummary> layers = LayerSummary.of(LayerSummaryTest.seedsNetwork());
        BufferedImage picture = Pictures.page(ArchitectureDrawing.of(layers));
        assertEquals(Style.WIDTH, picture.getWidth());
        for (LayerSummary.Type type : layers.stream().map(LayerSummary::type).distinct().toList()) {
            // 196 pixels are the legend's
            assertTrue(Pictures.count(picture, ArchitectureDrawing.color(type)) > 196 + 300, type.label());
        }
        assertEquals(0, Pictures.count(picture, ArchitectureDrawing.color(LayerSummary.Type.OTHER)));
        assertThrows(IllegalArgumentException.class, () -> ArchitectureDrawing.of(List.of()));
        ArchitectureDrawing.of(layers.subList(15, 16));
    }
}
