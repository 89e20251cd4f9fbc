package digits.evaluation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import digits.Examples;
import digits.Progress;
import digits.data.Corruption;
import digits.data.LabeledImages;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;
import tech.tablesaw.api.Table;

class RobustnessTest {
    @Test
    void everyNetworkIsMeasuredOnTheSameDamagedImages() {
        LabeledImages images = Examples.bars(40, 1);
        MultiLayerNetwork trained = Examples.smallNetwork(1);
        for (int epoch = 0; epoch < 3; epoch++) trained.fit(Examples.shuffled(Examples.bars(200, 2), 20, epoch));
        Map<String, MultiLayerNetwork> networks = new LinkedHashMap<>();
        networks.put("trained", trained);
        networks.put("a copy", trained.clone());
        List<Progress> reports = new ArrayList<>();
        Robustness measured = Robustness.of(networks, images, 1, reports::add);
        assertEquals(List.of("trained", "a copy"), List.copyOf(measured.accuracies().keySet()));
        double clean = Predictions.of(trained, Examples.inOrder(images, 40)).accuracy();
        for (Corruption kind : Corruption.values()) {
            assertEquals(clean, measured.accuracies().get("trained").get(kind)[0]);
            assertEquals(measured.mean("trained", kind), measured.mean("a copy", kind));
        }
        double third = Predictions.of(trained, Examples.inOrder(Corruption.NOISE.applied(images, 3, 1), 40)).accuracy();
        assertEquals(third, measured.accuracies().get("trained").get(Corruption.NOISE)[3]);
        assertTrue(measured.mean("trained") < clean, clean + ", damaged " + measured.mean("trained"));
        assertEquals(1, reports.get(reports.size() - 1).share());
        assertTrue(reports.get(0).line().startsWith("corruptions · rotation"));
    }

    @Test
    void meansByHand() {
        Map<Corruption, double[]> byKind = new EnumMap<>(Corruption.class);
        for (Corruption kind : Corruption.values()) byKind.put(kind, new double[] {1, 0.9, 0.8, 0.7, 0.6, 0.5});
        byKind.put(Corruption.BLUR, new double[] {1, 0, 0, 0, 0, 0});
        Robustness measured = new Robustness(Map.of("x", byKind));
        int kinds = Corruption.values().length;
        assertEquals(0.7, measured.mean("x", Corruption.LINE), 1e-12);
        assertEquals(0.7 * (kinds - 1) / kinds, measured.mean("x"), 1e-12);
        Table table = measured.table();
        assertEquals(kinds + 2, table.rowCount());
        assertEquals("clean", table.stringColumn(0).get(0));
        assertEquals(1, table.doubleColumn("x").get(0));
        assertEquals(0.7, table.doubleColumn("x").get(1), 1e-12);
        assertEquals(measured.mean("x"), table.doubleColumn("x").get(kinds + 1), 1e-12);
        assertThrows(IllegalArgumentException.class,
                () -> Robustness.of(Map.of(), Examples.bars(10, 1), 1, progress -> { }));
    }
}
