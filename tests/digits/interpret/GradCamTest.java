package digits.interpret;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import digits.image.Grid;
import digits.networks.WalkthroughNetwork;
import java.util.ArrayList;
import java.util.List;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.conf.layers.Upsampling2D;
import org.deeplearning4j.nn.conf.layers.ZeroPaddingLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

class GradCamTest {
    /** Two filters of 1×1, one doubling and one negating; the mean of each map; two classes. */
    private static MultiLayerNetwork averaging() {
        MultiLayerNetwork network = HandMade.network(DataType.FLOAT, 2, List.of(
                HandMade.convolution(1, 2).activation(Activation.IDENTITY).build(),
                new GlobalPoolingLayer(PoolingType.AVG), HandMade.output(2)));
        network.getLayer(0).setParam("W", Nd4j.createFromArray(2f, -1).reshape(2, 1, 1, 1));
        network.getLayer(2).setParam("W", Nd4j.createFromArray(1f, 0, -3, 8).reshape(2, 2));   // [map, class]
        return network;
    }

    /**
     * After global averaging it is Zhou's class activation map, Σ weight · map, but for the division by the number of
     * places (here 4).
     */
    @Test
    void afterGlobalAveragingItIsTheClassActivationMap() {
        INDArray image = Nd4j.createFromArray(1f, 2, -3, 4).reshape(1, 1, 2, 2);
        // class 0: (1·2 + (−3)·(−1))/4 = 5/4 times the image, class 1: 8·(−1)/4 = −2 times the image; below 0 cut off
        assertEquals(Grid.of(2, 2, 1.25f, 2.5f, 0, 5), GradCam.of(averaging(), image, 0));
        assertEquals(Grid.of(2, 2, 0, 0, 6, 0), GradCam.of(averaging(), image, 1));
    }

    @Test
    void imagesOfABatchDoNotMix() {
        MultiLayerNetwork network = HandMade.everyKind(false);
        INDArray images = HandMade.noise(DataType.DOUBLE, 3, 10);
        List<Grid> together = GradCam.of(network, images, new int[] {1, 2, 3});
        for (int i = 0; i < 3; i++) {
            Grid alone = GradCam.of(network, images.get(NDArrayIndex.interval(i, i + 1)).dup(), i + 1);
            assertArrayEquals(alone.values(), together.get(i).values(), 1e-6f);
        }
    }

    /**
     * The weights are the mean gradients: compare with finite differences of the score, by way of the bias that moves a
     * whole map.
     */
    @Test
    void mapsAreWeightedByTheMeanGradient() {
        MultiLayerNetwork network = HandMade.everyKind(false);
        network.getLayer(4).conf().getLayer();
        INDArray image = HandMade.noise(DataType.DOUBLE, 1, 10);
        ScoreGradient pass = new ScoreGradient(network, image);
        INDArray gradient = pass.backward(new int[] {2}, 4);
        assertArrayEquals(pass.output(4).shape(), gradient.shape());
        INDArray active = pass.output(4).gt(0).castTo(DataType.DOUBLE);
        for (int map = 0; map < 4; map++) {
            double expected = (score(network, map, image, 1e-5) - score(network, map, image, -1e-5)) / 2e-5;
            INDArray throughRelu = gradient.mul(active);
            double sum = 0;
            for (int p = 0; p < 9; p++) sum += throughRelu.getDouble(0, map, p / 3, p % 3);
            assertEquals(expected, sum, 1e-6);
        }
    }

    private static double score(MultiLayerNetwork network, int map, INDArray image, double step) {
        MultiLayerNetwork moved = network.clone();
        INDArray bias = moved.getLayer(4).getParam("b");
        bias.putScalar(map, bias.getDouble(map) + step);
        return new ScoreGradient(moved, image).output(9).getDouble(0, 2);
    }

    @Test
    void theMapLiesAtItsReceptiveFields() {
        MultiLayerNetwork network = HandMade.network(DataType.FLOAT, 5, List.of(
                HandMade.convolution(3, 1).build(), new GlobalPoolingLayer(PoolingType.AVG), HandMade.output(2)));
        network.getLayer(0).setParam("W", Nd4j.createFromArray(0f, 0, 0, 0, 1, 0, 0, 0, 0).reshape(1, 1, 3, 3));
        network.getLayer(2).setParam("W", Nd4j.createFromArray(9f, 0).reshape(1, 2));
        INDArray image = Nd4j.zeros(1, 1, 5, 5);
        image.putScalar(new int[] {0, 0, 2, 3}, 1);
        // the filter returns the center pixel; one pixel of the 1.5 to the receptive field's end, a third is left
        assertArrayEquals(new float[] {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1 / 3f, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0},
                GradCam.of(network, image, 0).values(), 1e-6f);
    }

    @Test
    void receptiveFieldOfTheWalkthroughNetwork() {
        MultiLayerNetwork network = new MultiLayerNetwork(WalkthroughNetwork.configuration(1, 0.9));
        network.init();
        ScoreGradient pass = new ScoreGradient(network, Nd4j.zeros(1, 1, 28, 28));
        assertArrayEquals(new int[] {0, 2, 6, 8}, Layers.convolutions(network));
        assertEquals(new ReceptiveField(14, 2, 6.5), pass.receptiveField(8, 0));
        assertEquals(new ReceptiveField(5, 1, 2), pass.receptiveField(2, 1));
    }

    /** With all weights 1, a value's receptive field is the pixels that it changes with. */
    @Test
    void receptiveFieldsAreThoseFoundByTrying() {
        SubsamplingLayer average = HandMade.pooling(SubsamplingLayer.PoolingType.AVG);
        for (List<Layer> layers : List.of(
                List.<Layer>of(HandMade.convolution(3, 1).build()),
                List.<Layer>of(HandMade.convolution(4, 1).convolutionMode(ConvolutionMode.Same).build()),
                List.<Layer>of(HandMade.convolution(3, 1).padding(2, 2).build(), average,
                        HandMade.convolution(2, 1).build()),
                List.<Layer>of(HandMade.convolution(5, 1).stride(2, 2).convolutionMode(ConvolutionMode.Same).build(),
                        HandMade.convolution(3, 1).build()),
                List.<Layer>of(HandMade.convolution(3, 1).dilation(2, 2).build(), HandMade.convolution(2, 1).build()),
                List.<Layer>of(new ZeroPaddingLayer(3, 3), average, HandMade.convolution(3, 1).build()))) {
            check(layers);
        }
    }

    private static void check(List<Layer> layers) {
        List<Layer> all = new ArrayList<>(layers);
        all.add(HandMade.output(2));
        MultiLayerNetwork network = HandMade.network(DataType.FLOAT, 16, all);
        network.params().assign(1);
        int last = layers.size() - 1;
        INDArray ones = Nd4j.ones(1, 1, 16, 16);
        ReceptiveField field = new ScoreGradient(network, ones).receptiveField(last, 1);
        INDArray before = network.feedForward(ones, false).get(last + 1);
        int place = (int) before.size(3) / 2;
        int first = -1;
        int final_ = -1;
        for (int p = 0; p < 16; p++) {
            INDArray changed = ones.dup();
            changed.putScalar(new int[] {0, 0, 8, p}, 2);
            INDArray after = network.feedForward(changed, false).get(last + 1);
            boolean differs = false;
            for (int r = 0; r < after.size(2); r++) {
                differs |= after.getFloat(0, 0, r, place) != before.getFloat(0, 0, r, place);
            }
            if (differs && first < 0) first = p;
            if (differs) final_ = p;
        }
        assertEquals((first + final_) / 2.0, field.center() + place * field.step(), layers.toString());
        assertEquals(final_ - first + 1, field.size(), layers.toString());
    }

    @Test
    void aLayerWithUnknownReceptiveFieldIsRefused() {
        MultiLayerNetwork network = HandMade.network(DataType.FLOAT, 4, List.of(new Upsampling2D.Builder(2).build(),
                HandMade.convolution(3, 1).build(), HandMade.output(2)));
        assertTrue(assertThrows(IllegalArgumentException.class, () -> GradCam.of(network, Nd4j.ones(1, 1, 4, 4), 0))
                .getMessage().contains("Upsampling2D"));
        assertThrows(IllegalArgumentException.class, () -> GradCam.of(
                HandMade.network(DataType.FLOAT, 4, List.of(HandMade.output(2))), Nd4j.ones(1, 1, 4, 4), 0));
    }
}
