package digits.evaluation;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import digits.Examples;
import digits.Progress;
import digits.data.LabeledImages;
import digits.image.Grid;
import digits.networks.Network;
import java.util.ArrayList;
import java.util.List;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;
import org.nd4j.evaluation.classification.Evaluation;

class PredictionsTest {
    private final Predictions three = Predictions.of(
            new float[][] {{0.7f, 0.2f, 0.1f}, {0.5f, 0.25f, 0.25f}, {0, 0, 1}}, new int[] {0, 1, 0});

    @Test
    void countsAndLossByHand() {
        assertEquals(1 / 3.0, three.accuracy(), 1e-12);
        assertTrue(three.correct(0));
        assertFalse(three.correct(1));
        assertEquals(2, three.predicted(2));
        assertEquals(0.25, three.probability(1, 2));
        assertArrayEquals(new double[] {0, 0, 1}, three.probabilities(2));
        double clipped = -Math.log(1e-7);
        assertEquals((-Math.log(0.7f) - Math.log(0.25) + clipped) / 3, three.loss(), 1e-9);
    }

    @Test
    void agreesWithNd4jsEvaluation() {
        MultiLayerNetwork network = Examples.smallNetwork(1);
        LabeledImages images = Examples.bars(70, 1);
        network.fit(Examples.inOrder(images, 32));
        List<Progress> progress = new ArrayList<>();
        Predictions predictions = Predictions.of(network, Examples.inOrder(images, 32), progress::add);
        Evaluation theirs = network.evaluate(Examples.inOrder(images, 32));

        assertEquals(theirs.accuracy(), predictions.accuracy(), 1e-12);
        assertEquals(List.of("predicting · 32 of 70 images", "predicting · 64 of 70 images",
                "predicting · 70 of 70 images"), progress.stream().map(Progress::line).toList());
        assertEquals(List.of(32 / 70.0, 64 / 70.0, 1.0), progress.stream().map(Progress::share).toList());
        assertEquals(1, progress.get(2).share());
        assertEquals("predicting · 64 of 70 images", progress.get(1).line());
        assertEquals(70, predictions.size());
        for (int i = 0; i < 70; i++) assertEquals(images.label(i), predictions.label(i));
    }

    @Test
    void anEnsemblePredictsTheMean() {
        Predictions other = Predictions.of(new float[][] {{0.1f, 0.8f, 0.1f}, {0, 1, 0}, {0.5f, 0.5f, 0}},
                new int[] {0, 1, 0});
        Predictions mean = Predictions.mean(List.of(three, other));
        assertArrayEquals(new double[] {0.4, 0.5, 0.1}, mean.probabilities(0), 1e-6);
        assertArrayEquals(new double[] {0.25, 0.625, 0.125}, mean.probabilities(1), 1e-6);
        assertEquals(1 / 3.0, mean.accuracy(), 1e-12);
        assertEquals(three.loss(), Predictions.mean(List.of(three, three)).loss(), 1e-6);

        assertThrows(IllegalArgumentException.class, () -> Predictions.mean(List.of()));
        Predictions elsewhere = Predictions.of(new float[3][3], new int[] {0, 1, 2});
        assertThrows(IllegalArgumentException.class, () -> Predictions.mean(List.of(three, elsewhere)));
        Predictions fewerClasses = Predictions.of(new float[3][2], new int[] {0, 1, 0});
        assertThrows(IllegalArgumentException.class, () -> Predictions.mean(List.of(three, fewerClasses)));
    }

    /** The mean of five passes, each with every image moved by hand. */
    @Test
    void shiftsMoveTheImagesByOnePixel() {
        Network network = Network.of(Examples.smallNetwork(1));
        LabeledImages images = Examples.bars(30, 1);
        List<Predictions> passes = new ArrayList<>();
        for (int[] move : new int[][] {{0, 0}, {1, 0}, {-1, 0}, {0, 1}, {0, -1}}) {
            LabeledImages moved = images.map(image -> {
                float[] values = new float[image.rows() * image.columns()];
                for (int r = 0; r < image.rows(); r++) {
                    for (int c = 0; c < image.columns(); c++) {
                        int row = r + move[0];
                        int column = c + move[1];
                        boolean inside = row >= 0 && row < image.rows() && column >= 0 && column < image.columns();
                        values[r * image.columns() + c] = inside ? image.value(row, column) : 0;
                    }
                }
                return Grid.of(image.rows(), image.columns(), values);
            });
            passes.add(Predictions.of(network, Examples.inOrder(moved, 7), step -> { }));
        }
        List<Progress> progress = new ArrayList<>();
        Predictions shifted = Predictions.shifted(network, images, progress::add);
        Predictions expected = Predictions.mean(passes);
        for (int i = 0; i < 30; i++) {
            assertArrayEquals(expected.probabilities(i), shifted.probabilities(i), 1e-5);
            assertEquals(images.label(i), shifted.label(i));
        }
        assertEquals(List.of(0.2, 0.4, 0.6, 0.8, 1.0), progress.stream().map(Progress::share).toList());
    }

    @Test
    void sizesHaveToFit() {
        assertThrows(IllegalArgumentException.class, () -> Predictions.of(new float[][] {{1}}, new int[] {0, 0}));
    }
}
