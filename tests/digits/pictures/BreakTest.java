package digits.pictures;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import digits.data.Corruption;
import digits.evaluation.Robustness;
import digits.image.Grid;
import java.awt.Color;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The pictures of where a network breaks: damage, fooling, and the accuracy under both. */
class BreakTest {
    private static Map<Corruption, double[]> all(double... accuracies) {
        Map<Corruption, double[]> byKind = new EnumMap<>(Corruption.class);
        for (Corruption kind : Corruption.values()) byKind.put(kind, accuracies.clone());
        return byKind;
    }

    @Test
    void aPanelPerKindHasACurvePerNetwork() {
        Map<String, Map<Corruption, double[]>> networks = new LinkedHashMap<>();
        networks.put("first", all(1, 0.9, 0.9, 0.9, 0.9, 0.9));
        networks.put("second", all(1, 0.8, 0.7, 0.6, 0.5, 0.4));
        networks.get("second").put(Corruption.BLUR, new double[] {1, 0, 0, 0, 0, 0});
        Picture both = RobustnessChart.of(new Robustness(networks));
        assertEquals(Style.WIDTH, both.width());
        assertTrue(Pictures.count(both, Style.BLUE) > 14 * 100 && Pictures.count(both, Style.VERMILION) > 14 * 100);
        networks.remove("second");
        Picture one = RobustnessChart.of(new Robustness(networks));
        assertEquals(0, Pictures.count(one, Style.VERMILION));
        assertTrue(both.toString().contains("first 90.0 %, second 55.7 %"), both.toString());
        assertTrue(both.toString().contains("second 0.0 % (blur)"), both.toString());
    }

    @Test
    void curvesAgainstSizesNeedAnAccuracyForEach() {
        Map<String, double[]> curves = new LinkedHashMap<>();
        curves.put("FGSM", new double[] {0.99, 0.5, 0.1});
        curves.put("noise", new double[] {0.99, 0.99, 0.98});
        Picture chart = RobustnessChart.against("Accuracy", "epsilon", new double[] {0, 0.1, 0.2}, curves);
        assertEquals("Accuracy, epsilon from 0.00 to 0.20: FGSM from 99.0 % to 10.0 %; noise from 99.0 % to 98.0 %.",
                chart.toString());
        assertTrue(Pictures.count(chart, Style.BLUE) > 200 && Pictures.count(chart, Style.VERMILION) > 200);
        assertThrows(IllegalArgumentException.class,
                () -> RobustnessChart.against("", "", new double[] {0, 1}, curves));
        assertThrows(IllegalArgumentException.class,
                () -> RobustnessChart.against("", "", new double[] {0, 1}, Map.of()));
    }

    @Test
    void theSheetShowsEveryKindInEverySeverity() {
        Picture sheet = CorruptionSheet.of(Pictures.striped(15), 14, 1);
        assertEquals(Style.WIDTH, sheet.width());
        assertTrue(sheet.toString().startsWith("An image of “4” with 14 kinds of damage"), sheet.toString());
        assertTrue(sheet.toString().contains("gray paper"));
        // the image itself, a row of 28 pixels in squares of 2 by 2, is the first of each of the 14 rows
        assertTrue(Pictures.count(sheet, Color.BLACK) > 14 * 28 * 4);
    }

    @Test
    void whatWasAddedIsBlueAndWhatWasTakenIsVermilion() {
        Grid before = Grid.of(2, 2, 0, 0.5f, 0.5f, 1);
        Grid after = Grid.of(2, 2, 0.25f, 0.5f, 0.25f, 1);
        Picture picture = PerturbationPicture.of(List.of(
                new PerturbationPicture.Example(before, after, "7, 99 %", "3, 80 %")));
        assertEquals(25, Pictures.count(picture, Style.VERMILION), 11, "a pixel of 5 by 5, and the legend's end");
        assertTrue(Pictures.count(picture, Style.BLUE) >= 25);
        assertEquals("Images, what was added to them, at most 0.25 per pixel, and the results: 7, 99 % becomes "
                + "3, 80 %.", picture.toString());
        assertDoesNotThrow(() -> PerturbationPicture.of(List.of(
                new PerturbationPicture.Example(before, before, "", ""))));
        assertThrows(IllegalArgumentException.class, () -> PerturbationPicture.of(List.of()));
        assertThrows(IllegalArgumentException.class,
                () -> new PerturbationPicture.Example(before, Grid.of(1, 1, 0), "", ""));
    }
}
