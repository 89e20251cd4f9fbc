package digits.interpret;

import static org.junit.jupiter.api.Assertions.*;

import digits.acceleration.Acceleration;
import digits.data.DigitBatches;
import digits.data.LabeledImages;
import java.util.ArrayList;
import java.util.List;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.DropoutLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.dataset.api.preprocessor.ImagePreProcessingScaler;
import org.nd4j.linalg.factory.Nd4j;

class HiddenLayerTest {
    private final LabeledImages images = LabeledImages.of(new byte[] {(byte) 255, 0, 0, 0, 0, 51, 0, 0, 0, 0, 0, (byte) 255}, new byte[] {1, 2, 3}, 2, 2);

    private DigitBatches batches() {
        DigitBatches batches = DigitBatches.inOrder(images, 2);
        batches.setPreProcessor(new ImagePreProcessingScaler(0, 1));
        return batches;
    }

    @Test
    void theLastLayersInputOfEveryImageInOrder() {
        MultiLayerNetwork network = HandMade.network(DataType.FLOAT, 2, List.of(
                new DenseLayer.Builder().nOut(2).activation(Activation.RELU).build(), new DropoutLayer(0.5), HandMade.output(10)));
        network.getLayer(0).setParam("W", Nd4j.createFromArray(1f, 10, 2, 20, 3, 30, 4, -40).reshape(4, 2));
        network.getLayer(0).setParam("b", Nd4j.createFromArray(0f, 0.5f).reshape(1, 2));
        List<Integer> progress = new ArrayList<>();
        float[][] expected = {{1, 10.5f}, {0.4f, 4.5f}, {4, 0}};
        float[][] vectors = HiddenLayer.last(network, batches(), progress::add);
        assertEquals(List.of(2, 3), progress);
        Acceleration.of(network);
        float[][] accelerated = HiddenLayer.last(network, batches());
        for (int i = 0; i < 3; i++) {
            assertArrayEquals(expected[i], vectors[i], 1e-6f);
            assertArrayEquals(expected[i], accelerated[i], 1e-6f);
        }
    }

    @Test
    void aSingleLayerOrNoImagesAreRefused() {
        MultiLayerNetwork single = HandMade.network(DataType.FLOAT, 2, List.of(HandMade.output(10)));
        assertThrows(IllegalArgumentException.class, () -> HiddenLayer.last(single, batches()));
        MultiLayerNetwork two = HandMade.network(DataType.FLOAT, 2, List.of(new DenseLayer.Builder().nOut(2).build(), HandMade.output(10)));
        assertThrows(IllegalArgumentException.class, () -> HiddenLayer.last(two, DigitBatches.inOrder(images.take(0), 2)));
    }
}
