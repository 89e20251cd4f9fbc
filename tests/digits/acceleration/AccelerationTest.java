package digits.acceleration;

import static digits.acceleration.Networks.accelerate;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import digits.acceleration.Acceleration.Mode;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;

class AccelerationTest {
    @AfterEach
    void forgetTheProperty() {
        System.clearProperty(Acceleration.PROPERTY);
    }

    @Test
    void helpersReportWhatTheyCompute() {
        Acceleration report = accelerate(Networks.small(true), "helpers");
        assertEquals(Mode.HELPERS, report.mode());
        assertEquals(Optional.empty(), report.reason());
        assertEquals(13, report.layers().size());
        assertEquals(9, report.accelerated());
        assertTrue(report.toString().contains("9 of 13 layers"), report.toString());
        assertTrue(report.toString().contains("layer5 DropoutLayer (no helper"), report.toString());
    }

    @Test
    void offLeavesEveryLayerAlone() {
        MultiLayerNetwork network = Networks.small(false);
        accelerate(network, "helpers");
        Acceleration report = accelerate(network, "off");
        assertEquals(Mode.OFF, report.mode());
        assertEquals(0, report.accelerated());
        for (var layer : network.getLayers()) assertEquals(null, layer.getHelper(), layer.toString());
    }

    @Test
    void anUnknownModeIsRefused() {
        var error = assertThrows(IllegalArgumentException.class, () -> accelerate(Networks.small(false), "fast"));
        assertEquals("The property digits.acceleration is \"fast\"; it has to be bfloat16, onednn, portable, "
                + "helpers or off",
                error.getMessage());
    }

    @Test
    void helpersGiveTheBuiltInOutputs() {
        MultiLayerNetwork builtIn = Networks.small(true);
        MultiLayerNetwork helped = builtIn.clone();
        accelerate(helped, "helpers");
        INDArray images = Networks.batches(1, 5).get(0).getFeatures();
        Closeness.assertClose("output", builtIn.output(images), helped.output(images), 1e-4);
    }

    @Test
    void helpersTrainAsTheBuiltInPath() {
        List<DataSet> batches = Networks.batches(20, 16);
        MultiLayerNetwork builtIn = Networks.small(true);
        MultiLayerNetwork helped = builtIn.clone();
        accelerate(helped, "helpers");
        double[] expected = Networks.losses(builtIn, batches);
        double[] actual = Networks.losses(helped, batches);
        assertTrue(expected[19] < 0.8 * expected[0], "the network learns: " + expected[0] + " to " + expected[19]);
        for (int i = 0; i < 20; i++) assertEquals(expected[i], actual[i], 0.005 * expected[i], "loss of step " + i);
    }

    @Test
    void armProcessorsGetThePortableMode() {
        assertEquals("portable", Acceleration.preferred("aarch64"));
        assertEquals("onednn", Acceleration.preferred("amd64"));
        assertEquals("onednn", Acceleration.preferred("x86_64"));
    }

    @Test
    void thePortableModeReportsWhatComputesAndFreezesPlainly() {
        MultiLayerNetwork network = Networks.small(true);
        Acceleration report = accelerate(network, "portable");
        assertEquals("OpenBLAS and Java compute 13 of 13 layers", report.toString());
        INDArray images = Networks.batches(1, 3).get(0).getFeatures();
        try (FrozenNetwork frozen = Acceleration.freeze(network)) {
            assertEquals(Optional.of("only oneDNN merges layers, and the mode is PORTABLE"), frozen.reason());
            assertEquals(network.output(images), frozen.output(images));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"onednn", "portable"})
    void trainsAsTheBuiltInPath(String mode) {
        List<DataSet> batches = Networks.batches(20, 16);
        MultiLayerNetwork builtIn = Networks.small(false);
        MultiLayerNetwork accelerated = builtIn.clone();
        Acceleration report = accelerate(accelerated, mode);
        assertEquals(Mode.valueOf(mode.toUpperCase(Locale.ROOT)), report.mode(), report.toString());
        assertEquals(11, report.accelerated(), report.toString());
        double[] expected = Networks.losses(builtIn, batches);
        double[] actual = Networks.losses(accelerated, batches);
        for (int i = 0; i < 20; i++) assertEquals(expected[i], actual[i], 0.005 * expected[i], "loss of step " + i);
        INDArray images = Networks.batches(1, 5).get(0).getFeatures();
        Closeness.assertClose("output", builtIn.output(images), accelerated.output(images), 0.02);
    }
}
