package digits.interpret;

import static org.junit.jupiter.api.Assertions.*;

import digits.acceleration.Acceleration;
import digits.image.Grid;
import java.util.List;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer.PoolingType;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

class FiltersTest {
    @Test
    void theFirstConvolutionsKernelsInTheirOrder() {
        assertEquals(List.of(Grid.of(2, 2, 1, 2, 3, 4), Grid.of(2, 2, 0, -1, 1, 0)), Filters.ofFirstLayer(HandMade.twoFilters()));
    }

    @Test
    void theFirstConvolutionNeedNotBeTheFirstLayer() {
        MultiLayerNetwork network = HandMade.network(DataType.FLOAT, 8, List.of(HandMade.pooling(PoolingType.AVG),
                HandMade.convolution(3, 5).build(), HandMade.output(2)));
        assertEquals(5, Filters.ofFirstLayer(network).size());
    }

    @Test
    void whatHasNoSuchFiltersIsRefused() {
        MultiLayerNetwork dense = HandMade.network(DataType.FLOAT, 4, List.of(new DenseLayer.Builder().nOut(3).build(), HandMade.output(2)));
        assertThrows(IllegalArgumentException.class, () -> Filters.ofFirstLayer(dense));
        assertThrows(IllegalArgumentException.class, () -> FeatureMaps.of(dense, Nd4j.zeros(1, 1, 4, 4)));
        MultiLayerNetwork last = HandMade.network(DataType.FLOAT, InputType.convolutional(4, 4, 1, CNN2DFormat.NHWC), List.of(
                HandMade.convolution(2, 2).dataFormat(CNN2DFormat.NHWC).build(), HandMade.output(2)));
        assertTrue(assertThrows(IllegalArgumentException.class, () -> Filters.ofFirstLayer(last)).getMessage().contains("NHWC"));
    }

    /** The image's rows are 0 1 2, 3 4 5, 6 7 8; the kernels are 1 2, 3 4 and 0 −1, 1 0 with bias −1. */
    @Test
    void featureMapsAreWhatOneWorksOutByHand() {
        List<FeatureMaps> stages = FeatureMaps.of(HandMade.twoFilters(), HandMade.zeroToEight());
        assertEquals(List.of(
                new FeatureMaps(0, "convolution 1", List.of(Grid.of(2, 2, 27, 37, 57, 67), Grid.of(2, 2, 1, 1, 1, 1))),
                new FeatureMaps(1, "pooling 1", List.of(Grid.of(1, 1, 67), Grid.of(1, 1, 1)))), stages);
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
        assertTrue(assertThrows(IllegalArgumentException.class, () -> FeatureMaps.of(HandMade.twoFilters(), flat)).getMessage().contains("[1, 9]"));
    }
}
