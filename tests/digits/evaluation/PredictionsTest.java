package digits.evaluation;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import digits.Examples;
import digits.Progress;
import digits.data.LabeledImages;
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
    void sizesHaveToFit() {
        assertThrows(IllegalArgumentException.class, () -> Predictions.of(new float[][] {{1}}, new int[] {0, 0}));
    }
}
