package digits.training;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import digits.Examples;
import digits.data.Batches;
import digits.networks.Network;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.optimize.api.BaseTrainingListener;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.api.ndarray.INDArray;

class WeightAverageTest {
    @TempDir
    Path folder;

    private static Batches batches() {
        return Examples.inOrder(Examples.bars(64, 1), 16);
    }

    /** Keeps the weights after each step. */
    private static List<float[]> watched(MultiLayerNetwork network) {
        List<float[]> steps = new ArrayList<>();
        network.addListeners(new BaseTrainingListener() {
            @Override
            public void iterationDone(Model model, int iteration, int epoch) {
                steps.add(model.params().toFloatVector());
            }
        });
        return steps;
    }

    /** Four steps per epoch, by hand: the shares that stay are 2/11, 3/12, 4/13 …, at most the given one. */
    private static float[] byHand(List<float[]> steps, double decay) {
        double[] mean = new double[steps.get(0).length];
        for (int i = 0; i < mean.length; i++) {
            mean[i] = steps.get(0)[i];
            for (int t = 2; t <= steps.size(); t++) {
                double keep = Math.min(decay, t / (t + 9.0));
                mean[i] = keep * mean[i] + (1 - keep) * steps.get(t - 1)[i];
            }
        }
        float[] rounded = new float[mean.length];
        for (int i = 0; i < mean.length; i++) rounded[i] = (float) mean[i];
        return rounded;
    }

    @Test
    void averagesTheWeightsOfTheSteps() {
        for (double decay : new double[] {0.999, 0.3, 0}) {
            MultiLayerNetwork network = Examples.smallNetwork(1);
            WeightAverage average = WeightAverage.of(Network.of(network), decay);
            List<float[]> steps = watched(network);
            Trainer.of(network, 1).fit(batches(), 2);
            assertEquals(8, steps.size());
            float[] last = network.params().toFloatVector();
            assertArrayEquals(last, average.apply(Network.of(network)).toFloatVector());
            assertArrayEquals(byHand(steps, decay), network.params().toFloatVector(), 1e-6f);
            if (decay == 0) assertArrayEquals(last, network.params().toFloatVector());
        }
    }

    @Test
    void theNetworkTrainsAsWithoutIt() {
        MultiLayerNetwork with = Examples.smallNetwork(1);
        WeightAverage.of(Network.of(with), 0.9);
        Trainer.of(with, 1).fit(batches(), 2);
        MultiLayerNetwork without = Examples.smallNetwork(1);
        Trainer.of(without, 1).fit(batches(), 2);
        assertEquals(without.params(), with.params());
    }

    @Test
    void continuesWithTheTraining() throws IOException {
        MultiLayerNetwork whole = Examples.smallNetwork(1);
        WeightAverage expected = WeightAverage.of(Network.of(whole), 0.9);
        Trainer.of(whole, 1).fit(batches(), 4);
        expected.apply(Network.of(whole));

        MultiLayerNetwork first = Examples.smallNetwork(1);
        WeightAverage.of(Network.of(first), 0.9).keptAs(folder.resolve("average"));
        Trainer.of(first, 1).keptAs(folder.resolve("checkpoint")).onProgress(progress -> {
            if (progress.epoch() == 3) Thread.currentThread().interrupt();
        }).fit(batches(), 4);
        assertTrue(Thread.interrupted(), "stopped in epoch 3");

        assertEquals(whole.params(), resumed());
        assertEquals(whole.params(), resumed(), "also when the process ended after the last epoch");
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.filter(f -> f.getFileName().toString().startsWith("average")).toList()) {
                Files.delete(file);
            }
        }
        IllegalStateException lost = assertThrows(IllegalStateException.class, this::resumed);
        assertTrue(lost.getMessage().contains("delete its checkpoint to start afresh"), lost.getMessage());
    }

    private INDArray resumed() {
        MultiLayerNetwork network = Examples.smallNetwork(1);
        WeightAverage average = WeightAverage.of(Network.of(network), 0.9).keptAs(folder.resolve("average"));
        Trainer.of(network, 1).keptAs(folder.resolve("checkpoint")).fit(batches(), 4);
        average.apply(Network.of(network));
        return network.params();
    }

    @Test
    void refusesWhatIsNoAverage() {
        Network network = Network.of(Examples.smallNetwork(1));
        assertThrows(IllegalArgumentException.class, () -> WeightAverage.of(network, 1));
        assertThrows(IllegalArgumentException.class, () -> WeightAverage.of(network, Double.NaN));
        assertThrows(IllegalStateException.class, () -> WeightAverage.of(network, 0.5).apply(network));
    }
}
