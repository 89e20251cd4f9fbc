package digits.pictures;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import digits.experiments.Run;
import digits.experiments.Runs;
import digits.training.Epoch;
import digits.training.TestScore;
import java.awt.Color;
import java.awt.image.BufferedImage;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class CostChartTest {

    private static Run network(String name, long parameters, double seconds, double accuracy) {
        List<Epoch> epochs = IntStream.rangeClosed(1, 2).mapToObj(n -> new Epoch(n, 0.4 / n, 0.9, 0.1 / n,
                accuracy - 0.01 * (2 - n), seconds, 1, 48_000 / seconds)).toList();
        return new Run(name, Double.NaN, 42, 128, 2, parameters, epochs, 2 * seconds + 2,
                new TestScore(10_000, 0.05, accuracy), 0.5, "", "f");
    }

    private static final List<Run> THREE = List.of(network("dense", 669_706, 4, 0.97),
            network("LeNet", 61_706, 10, 0.985),
            network("<ResNet>", 78_426, 30, 0.99));

    private static int middle(BufferedImage picture, Color color, boolean horizontally) {
        IntStream all = IntStream.range(0, horizontally ? picture.getWidth() : picture.getHeight());
        return (int) all.filter(i -> Pictures.count(horizontally ? picture.getSubimage(i, 0, 1, picture.getHeight())
                : picture.getSubimage(0, i, picture.getWidth(), 1), color) > 0).average().orElseThrow();
    }

    @Test
    void costlierNetworksLieToTheRightAndBetterOnesAbove() {
        BufferedImage picture = Pictures.page(CostChart.of(new Runs(THREE)));
        assertEquals(Style.WIDTH, picture.getWidth());
        List<Color> colors = List.of(Style.BLUE, Style.VERMILION, Style.GREEN);
        for (int i = 1; i < 3; i++) {
            assertTrue(middle(picture, colors.get(i), true) > middle(picture, colors.get(i - 1), true),
                    "more to the right: " + i);
            assertTrue(middle(picture, colors.get(i), false) < middle(picture, colors.get(i - 1), false),
                    "higher: " + i);
        }
        int fromDense = middle(picture, Style.VERMILION, true) - middle(picture, Style.BLUE, true);
        int fromLeNet = middle(picture, Style.GREEN, true) - middle(picture, Style.VERMILION, true);
        assertEquals((30 - 10.0) / (10 - 4.0), (double) fromLeNet / fromDense, 0.1, "as far apart as their costs");
    }

    /** Two points at nearly the same place have labels that do not overlap: as much ink as apart. */
    @Test
    void labelsDoNotOverlap() {
        long near = Pictures.count(CostChart.of(new Runs(List.of(THREE.get(0),
                network("danse", 669_706, 4.1, 0.9702), THREE.get(2)))), Style.INK);
        long apart = Pictures.count(CostChart.of(new Runs(List.of(THREE.get(0),
                network("danse", 669_706, 9, 0.98), THREE.get(2)))), Style.INK);
        assertEquals(apart, near, 0.15 * apart);
        assertTrue(CostChart.of(new Runs(THREE.subList(0, 1))).getWidth() > 0, "one network alone");
        assertThrows(IllegalArgumentException.class, () -> CostChart.of(new Runs(List.of())));
    }
}
