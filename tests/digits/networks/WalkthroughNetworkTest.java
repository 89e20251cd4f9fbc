package digits.networks;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.DropoutLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Adam;

class WalkthroughNetworkTest {
    private final MultiLayerNetwork network = new MultiLayerNetwork(WalkthroughNetwork.configuration(7, 0.99));

    WalkthroughNetworkTest() {
        network.init();
    }

    /** Keras counts 597,738 parameters of which 596,330 are trained, and the layers one by one as here. */
    @Test
    void parametersAreThoseOfKeras() {
        long[] keras = {320, 128, 9_248, 128, 0, 0, 18_496, 256, 36_928, 256, 0, 0, 524_800, 2_048, 0, 5_130};
        for (int i = 0; i < keras.length; i++) assertEquals(keras[i], network.getLayer(i).numParams(), "layer " + i);
        assertEquals(WalkthroughNetwork.PARAMETERS, network.numParams());
    }

    /** Keras's Glorot uniform draws from ±√(6 / (fan in + fan out)), fans counted with the kernel's size. */
    @Test
    void weightsAreGlorotUniform() {
        double limit = Math.sqrt(6.0 / (9 * 64 + 9 * 64));
        INDArray w = network.getParam("8_W");
        assertEquals(limit, w.maxNumber().doubleValue(), limit * 0.01);
        assertEquals(-limit, w.minNumber().doubleValue(), limit * 0.01);
        assertEquals(limit / Math.sqrt(3), w.stdNumber().doubleValue(), limit * 0.02, "uniform, not Gaussian");
        double dense = Math.sqrt(6.0 / (1024 + 512));
        assertEquals(dense, network.getParam("12_W").maxNumber().doubleValue(), dense * 0.01);
        assertEquals(0, network.getParam("12_b").norm2Number().doubleValue());
    }

    @Test
    void numbersAreThoseOfKeras() {
        Adam adam = (Adam) network.getLayer(0).conf().getLayer().getUpdaterByParam("W");
        assertEquals(1e-3, adam.getLearningRate());
        assertEquals(1e-7, adam.getEpsilon());
        assertEquals(0.9, adam.getBeta1());
        assertEquals(0.999, adam.getBeta2());
        BatchNormalization norm = (BatchNormalization) network.getLayer(1).conf().getLayer();
        assertEquals(0.99, norm.getDecay());
        assertEquals(1e-3, norm.getEps());
    }

    /** Deeplearning4j's number is the share to keep; dropout applies to training only and preserves the mean. */
    @Test
    void dropoutDropsAQuarterAndAHalf() {
        assertDropped(0.25, 5);
        assertDropped(0.25, 11);
        assertDropped(0.5, 14);
    }

    private void assertDropped(double share, int layer) {
        assertEquals(DropoutLayer.class, network.getLayer(layer).conf().getLayer().getClass());
        INDArray ones = Nd4j.ones(100, 1000);
        LayerWorkspaceMgr none = LayerWorkspaceMgr.noWorkspaces();
        INDArray training = network.getLayer(layer).activate(ones.dup(), true, none);
        assertEquals(1 - share, training.neq(0).castTo(ones.dataType()).meanNumber().doubleValue(), 0.01,
                "layer " + layer);
        assertEquals(1, training.meanNumber().doubleValue(), 0.02);
        assertEquals(ones, network.getLayer(layer).activate(ones.dup(), false, none));
    }

    @Test
    void theSameSeedGivesTheSameWeights() {
        MultiLayerNetwork again = new MultiLayerNetwork(WalkthroughNetwork.configuration(7, 0.99));
        again.init();
        assertEquals(network.params(), again.params());
    }
}
