package digits.interpret;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import digits.Progress;
import digits.acceleration.Acceleration;
import digits.data.DigitBatches;
import digits.data.LabeledImages;
import digits.image.Grid;
import java.util.ArrayList;
import java.util.List;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.DropoutLayer;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer.PoolingType;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.api.preprocessor.ImagePreProcessingScaler;
import org.nd4j.linalg.factory.Nd4j;

class LayersTest {
    @Test
    void theFirstConvolutionsKernelsInTheirOrder() {
        assertEquals(List.of(Grid.of(2, 2, 1, 2, 3, 4), Grid.of(2, 2, 0, -1, 1, 0)),
                Layers.firstFilters(HandMade.twoFilters()));
    }

    @Test
    void theFirstConvolutionNeedNotBeTheFirstLayer() {
        MultiLayerNetwork network = HandMade.network(DataType.FLOAT, 8, List.of(HandMade.pooling(PoolingType.AVG),
                HandMade.convolution(3, 5).build(), HandMade.output(2)));
        assertEquals(5, Layers.firstFilters(network).size());
    }

    @Test
    void networksWithoutSuchFiltersAreRefused() {
        MultiLayerNetwork dense = HandMade.network(DataType.FLOAT, 4,
                List.of(new DenseLayer.Builder().nOut(3).build(), HandMade.output(2)));
        assertThrows(IllegalArgumentException.class, () -> Layers.firstFilters(dense));
        assertThrows(IllegalArgumentException.class, () -> FeatureMaps.of(dense, Nd4j.zeros(1, 1, 4, 4)));
        MultiLayerNetwork last =
                HandMade.network(DataType.FLOAT, InputType.convolutional(4, 4, 1, CNN2DFormat.NHWC), List.of(
                HandMade.convolution(2, 2).dataFormat(CNN2DFormat.NHWC).build(), HandMade.output(2)));
        assertTrue(assertThrows(IllegalArgumentException.class, () -> Layers.firstFilters(last)).getMessage()
                .contains("NHWC"));
    }

    /** The image's rows are 0 1 2, 3 4 5, 6 7 8; the kernels are 1 2, 3 4 and 0 −1, 1 0 with bias −1. */
    @Test
    void featureMapsAreThoseComputedByHand() {
        List<FeatureMaps> stages = FeatureMaps.of(HandMade.twoFilters(), HandMade.zeroToEight());
        assertEquals(List.of(
                new FeatureMaps(0, "convolution 1", List.of(Grid.of(2, 2, 27, 37, 57, 67), Grid.of(2, 2, 1, 1, 1, 1))),
                new FeatureMaps(1, "pooling 1", List.of(Grid.of(1, 1, 67), Grid.of(1, 1, 1)))), stages);
        assertEquals("convolution 1: 2 maps of 2×2, values from 1.00 to 67.00", stages.get(0).toString(),
                "the range of all maps");
    }

    @Test
    void featureMapsOfAnAcceleratedNetworkAreTheSame() {
        MultiLayerNetwork network = HandMade.twoFilters();
        List<FeatureMaps> before = FeatureMaps.of(network, HandMade.zeroToEight());
        Acceleration.of(network);
        assertEquals(before, FeatureMaps.of(network, HandMade.zeroToEight()));
    }

    @Test
    void featureMapsAreThoseOfOneImage() {
        INDArray two = Nd4j.zeros(2, 1, 3, 3);
        assertThrows(IllegalArgumentException.class, () -> FeatureMaps.of(HandMade.twoFilters(), two));
        INDArray flat = Nd4j.zeros(1, 9);
        assertTrue(assertThrows(IllegalArgumentException.class, () -> FeatureMaps.of(HandMade.twoFilters(), flat))
                .getMessage().contains("[1, 9]"));
    }

    private final LabeledImages images = LabeledImages.of(
            new byte[] {(byte) 255, 0, 0, 0, 0, 51, 0, 0, 0, 0, 0, (byte) 255}, new byte[] {1, 2, 3}, 2, 2);

    private DigitBatches batches() {
        DigitBatches batches = DigitBatches.inOrder(images, 2);
        batches.setPreProcessor(new ImagePreProcessingScaler(0, 1));
        return batches;
    }

    @Test
    void theLastLayersInputOfEveryImageInOrder() {
        MultiLayerNetwork network = HandMade.network(DataType.FLOAT, 2, List.of(
                new DenseLayer.Builder().nOut(2).activation(Activation.RELU).build(), new DropoutLayer(0.5),
                HandMade.output(10)));
        network.getLayer(0).setParam("W", Nd4j.createFromArray(1f, 10, 2, 20, 3, 30, 4, -40).reshape(4, 2));
        network.getLayer(0).setParam("b", Nd4j.createFromArray(0f, 0.5f).reshape(1, 2));
        List<Progress> progress = new ArrayList<>();
        float[][] expected = {{1, 10.5f}, {0.4f, 4.5f}, {4, 0}};
        float[][] vectors = Layers.lastHidden(network, batches(), progress::add);
        assertEquals(List.of(2 / 3.0, 1.0), progress.stream().map(Progress::share).toList());
        assertEquals("Hidden layer · 3 images", progress.get(1).line());
        Acceleration.of(network);
        float[][] accelerated = Layers.lastHidden(network, batches(), ignored -> { });
        for (int i = 0; i < 3; i++) {
            assertArrayEquals(expected[i], vectors[i], 1e-6f);
            assertArrayEquals(expected[i], accelerated[i], 1e-6f);
        }
    }

    @Test
    void aSingleLayerOrNoImagesAreRefused() {
        MultiLayerNetwork single = HandMade.network(DataType.FLOAT, 2, List.of(HandMade.output(10)));
        assertThrows(IllegalArgumentException.class, () -> Layers.lastHidden(single, batches(), progress -> { }));
        MultiLayerNetwork two = HandMade.network(DataType.FLOAT, 2,
                List.of(new DenseLayer.Builder().nOut(2).build(), HandMade.output(10)));
        assertThrows(IllegalArgumentException.class,
                () -> Layers.lastHidden(two, DigitBatches.inOrder(images.take(0), 2), progress -> { }));
    }
}
