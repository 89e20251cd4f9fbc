package digits.training;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import digits.files.ModelFiles;
import java.nio.file.Path;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.BaseLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.learning.config.NoOp;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;
import org.nd4j.linalg.schedule.ISchedule;

class SchedulesTest {

    @Test
    void constantStaysTheSame() {
        for (int t : new int[] {0, 7, 10_000}) assertEquals(0.02, Schedules.constant(0.02).valueAt(t, t / 5));
    }

    @Test
    void stepFallsByTheFactorAfterEveryPeriod() {
        ISchedule schedule = Schedules.step(0.5, 0.1, 100);
        assertEquals(0.5, schedule.valueAt(0, 0));
        assertEquals(0.5, schedule.valueAt(99, 3));
        assertEquals(0.05, schedule.valueAt(100, 3), 1e-15);
        assertEquals(0.05, schedule.valueAt(199, 6), 1e-15);
        assertEquals(0.005, schedule.valueAt(250, 8), 1e-15);
    }

    @Test
    void cosineFallsAlongHalfACosine() {
        ISchedule schedule = Schedules.cosine(0.4, 100);
        assertEquals(0.4, schedule.valueAt(0, 0));
        assertEquals(0.2 * (1 + Math.sqrt(0.5)), schedule.valueAt(25, 0), 1e-12);
        assertEquals(0.2, schedule.valueAt(50, 0), 1e-12);
        assertEquals(0.2 * (1 - Math.sqrt(0.5)), schedule.valueAt(75, 0), 1e-12);
        assertTrue(schedule.valueAt(99, 0) > 0, "the last step still moves");
        assertEquals(0, schedule.valueAt(100, 0));
        assertEquals(0, schedule.valueAt(150, 0), "it does not rise again");
        assertEquals(0.25, new CosineSchedule(0.4, 0.1, 10).valueAt(5, 0), 1e-12);
        assertEquals(0.1, new CosineSchedule(0.4, 0.1, 10).valueAt(10, 0));
    }

    @Test
    void oneCycleClimbsFallsAndFades() {
        ISchedule schedule = Schedules.oneCycle(0.01, 100);   // 40 up, 40 down, 20 to fade
        assertEquals(0.001, schedule.valueAt(0, 0), 1e-15);
        assertEquals(0.001 + 0.009 * 0.25, schedule.valueAt(10, 0), 1e-12);
        assertEquals(0.01, schedule.valueAt(40, 0), 1e-12);
        assertEquals(0.001 + 0.009 * 0.5, schedule.valueAt(60, 0), 1e-12);
        assertEquals(0.001, schedule.valueAt(80, 0), 1e-12);
        assertEquals(0.001 * Math.pow(0.01, 10 / 20.0), schedule.valueAt(90, 0), 1e-12);
        assertEquals(0.001 * Math.pow(0.01, 19 / 20.0), schedule.valueAt(99, 0), 1e-12);
    }

    @Test
    void oneCycleOfAnyLengthStaysBetweenItsEnds() {
        for (int steps = 1; steps <= 60; steps++) {
            ISchedule schedule = Schedules.oneCycle(1, steps);
            double highest = 0;
            for (int t = 0; t < steps; t++) {
                double rate = schedule.valueAt(t, 0);
                assertTrue(rate >= 0.001 && rate <= 1 + 1e-12, steps + " steps, rate " + rate + " in step " + t);
                highest = Math.max(highest, rate);
            }
            if (steps >= 3) assertEquals(1, highest, 1e-12, steps + " steps");
            assertTrue(schedule.valueAt(steps - 1, 0) <= 0.1 + 1e-12, steps + " steps");
        }
    }

    @Test
    void stepsAreBatches() {
        assertEquals(375, Schedules.stepsOf(48_000, 128, 1));
        assertEquals(3 * 94, Schedules.stepsOf(12_000, 128, 3));
        assertEquals(1, Schedules.stepsOf(1, 128, 1));
        assertThrows(IllegalArgumentException.class, () -> Schedules.stepsOf(0, 128, 1));
    }

    @Test
    void wrongNumbersAreNamed() {
        assertTrue(assertThrows(IllegalArgumentException.class, () -> Schedules.constant(-0.1)).getMessage()
                .contains("-0.1"));
        assertThrows(IllegalArgumentException.class, () -> Schedules.oneCycle(Double.NaN, 10));
        assertThrows(IllegalArgumentException.class, () -> Schedules.step(0.1, 1, 10));
        assertThrows(IllegalArgumentException.class, () -> Schedules.step(0.1, 0.1, 0));
        assertTrue(assertThrows(IllegalArgumentException.class, () -> Schedules.cosine(0.1, 0)).getMessage()
                .contains("0 steps"));
        assertThrows(IllegalArgumentException.class, () -> new CosineSchedule(0.1, 0.2, 10));
    }

    /**
     * Each step moves the weight by rate times gradient, with the rate of that step; also after the configuration was
     * saved and read.
     */
    @Test
    void aNetworkUsesTheScheduleAndSavesIt() {
        MultiLayerConfiguration built = new NeuralNetConfiguration.Builder().updater(new Sgd(Schedules.cosine(0.1, 5)))
                .list()
                .layer(new OutputLayer.Builder(LossFunction.MSE).nIn(1).nOut(1).activation(Activation.IDENTITY)
                        .hasBias(false).build()).build();
        MultiLayerConfiguration read = MultiLayerConfiguration.fromJson(built.toJson());
        assertEquals(built, read);
        for (MultiLayerConfiguration configuration : new MultiLayerConfiguration[] {built, read}) {
            MultiLayerNetwork network = new MultiLayerNetwork(configuration);
            network.init();
            INDArray w = network.params().assign(1);
            double expected = 1;
            for (int t = 0; t < 6; t++) {
                expected -= 0.1 * (t >= 5 ? 0 : (1 + Math.cos(Math.PI * t / 5)) / 2) * 2 * (expected - 3);
                network.fit(new DataSet(Nd4j.ones(1, 1), Nd4j.valueArrayOf(new long[] {1, 1}, 3f)));
                assertEquals(expected, w.getDouble(0), 1e-6, "step " + t);
            }
        }
    }

    @Test
    void aScaledRateWarmsUpToItsFactor() {
        ScaledRate constant = new ScaledRate(new Sgd(0.1), 4, 3);
        double[] expected = {0.175, 0.25, 0.325, 0.4, 0.4};
        for (int t = 0; t < expected.length; t++) assertEquals(expected[t], constant.valueAt(t, 0), 1e-12);
        assertEquals(0.05, new ScaledRate(new Sgd(0.1), 0.5, 0).valueAt(0, 0), 1e-12, "without a warm-up");
        ScaledRate falling = new ScaledRate(new Sgd(Schedules.cosine(0.4, 100)), 2, 10);
        assertEquals(0.4 * 2 * 0.5, falling.valueAt(50, 0), 1e-12, "times the schedule's own");
        assertThrows(IllegalArgumentException.class, () -> new ScaledRate(new NoOp(), 2, 10));
        assertThrows(IllegalArgumentException.class, () -> new ScaledRate(new Sgd(0.1), 0, 10));
        assertThrows(IllegalArgumentException.class, () -> new ScaledRate(new Sgd(0.1), 1, -1));
    }

    /** Also those of biases and of wrapped layers; what has no rate stays. A saved network has them. */
    @Test
    void allRatesOfAConfigurationAreScaled(@TempDir Path folder) {
        MultiLayerConfiguration configuration = new NeuralNetConfiguration.Builder().updater(new Adam(0.01))
                .biasUpdater(new Sgd(0.02)).list()
                .layer(new DenseLayer.Builder().nIn(4).nOut(3).updater(new NoOp()).build())
                .layer(new OutputLayer.Builder(LossFunction.MCXENT).nIn(3).nOut(2).activation(Activation.SOFTMAX)
                        .build()).build();
        MultiLayerConfiguration scaled = ScaledRate.of(configuration, 4, 1);
        assertEquals(new NoOp(), ((BaseLayer) scaled.getConf(0).getLayer()).getIUpdater());
        for (int attempt = 0; attempt < 2; attempt++) {
            BaseLayer output = (BaseLayer) scaled.getConf(1).getLayer();
            assertEquals(0.04, output.getUpdaterByParam("W").getLearningRate(5, 0), 1e-12);
            assertEquals(0.08, output.getUpdaterByParam("b").getLearningRate(5, 0), 1e-12);
            assertEquals(0.025, output.getUpdaterByParam("W").getLearningRate(0, 0), 1e-12);
            MultiLayerNetwork network = new MultiLayerNetwork(scaled);
            network.init();
            ModelFiles.save(network, folder.resolve("scaled.zip"));
            scaled = ModelFiles.load(folder.resolve("scaled.zip")).getLayerWiseConfigurations();
        }
        assertEquals(0.01, ((BaseLayer) configuration.getConf(1).getLayer()).getIUpdater().getLearningRate(5, 0));
    }
}
