package digits.files;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import digits.Settings;
import digits.acceleration.Acceleration;
import digits.data.Catalogue;
import digits.data.Dataset;
import digits.data.DigitBatches;
import digits.data.Provenance.Source;
import digits.evaluation.Predictions;
import digits.networks.WalkthroughNetwork;
import digits.training.TestScore;
import digits.training.TrainingRecord;
import java.util.HashMap;
import java.util.Map;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;

class PretrainedTest {
    private final TrainingRecord record = TrainingRecord.pretrained();

    @Test
    void isTheWalkthroughsNetworkAfterAFullRun() {
        MultiLayerNetwork network = Pretrained.network();
        assertEquals(WalkthroughNetwork.PARAMETERS, network.numParams());
        assertEquals(1.0, Pretrained.scaler().getMaxRange());
        assertEquals("MNIST, full, 48000 and 12000",
                "%s, %s, %d and %d".formatted(record.dataset(), record.profile(), record.train(), record.validation()));
        assertEquals(record.epochs().size(), network.getEpochCount());
        assertEquals(10, record.epochs().size());
        assertEquals(10_000, record.test().images());
        assertTrue(record.test().accuracy() > 0.99, record.test().toString());
        assertTrue(record.epochs().get(9).validationAccuracy() > 0.99, record.toString());
    }

    /**
     * With the test images of MNIST (DIGITS_DATA, or the cache of a download), it gets the figures of its record.
     * Without them the sample's 1,000 have to do: images of MNIST's training set, four fifths of which it has been
     * trained on. They can only say that these are a trained network's weights in the right places, not how well it
     * generalizes.
     */
    @Test
    void recognizesDigits() {
        Map<String, String> variables = new HashMap<>(System.getenv());
        variables.put("DIGITS_MIRRORS", "none");
        Dataset mnist = Catalogue.MNIST.load(Settings.from(variables));
        DigitBatches batches = DigitBatches.inOrder(mnist.test(), 500);
        batches.setPreProcessor(Pretrained.scaler());
        MultiLayerNetwork network = Pretrained.network();
        Acceleration.of(network);
        Predictions found = Predictions.of(network, batches);
        assertTrue(found.accuracy() >= 0.98, found.accuracy() + " on " + mnist);
        if (mnist.provenance().source() == Source.SAMPLE || !mnist.name().equals(record.dataset())) return;
        TestScore score = record.test();
        // another machine rounds differently: two doubtful digits
        assertEquals(score.accuracy(), found.accuracy(), 2e-4);
        assertEquals(score.loss(), found.loss(), 1e-4);
    }
}
