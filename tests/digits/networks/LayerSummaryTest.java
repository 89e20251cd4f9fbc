package digits.networks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.DropoutLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.activations.Activation;

/** Summaries of networks; other tests draw the network of this one. */
public class LayerSummaryTest {
    /** A network with the walkthrough network's shapes; other tests draw it. */
    public static MultiLayerNetwork seedsNetwork() {
        MultiLayerNetwork network = new MultiLayerNetwork(new NeuralNetConfiguration.Builder()
                .seed(1).activation(Activation.RELU).list()
                .layer(conv(32)).layer(new BatchNormalization())
                .layer(conv(32)).layer(new BatchNormalization()).layer(pool()).layer(new DropoutLayer(0.75))
                .layer(conv(64)).layer(new BatchNormalization())
                .layer(conv(64)).layer(new BatchNormalization()).layer(pool()).layer(new DropoutLayer(0.75))
                .layer(new DenseLayer.Builder().nOut(512).build()).layer(new BatchNormalization())
                .layer(new DropoutLayer(0.5))
                .layer(new OutputLayer.Builder().nOut(10).activation(Activation.SOFTMAX).name("answer").build())
                .setInputType(InputType.convolutional(28, 28, 1)).build());
        network.init();
        return network;
    }

    private static ConvolutionLayer conv(int channels) {
        return new ConvolutionLayer.Builder(3, 3).nOut(channels).build();
    }

    private static SubsamplingLayer pool() {
        return new SubsamplingLayer.Builder(SubsamplingLayer.PoolingType.MAX).kernelSize(2, 2).stride(2, 2).build();
    }

    private final List<LayerSummary> rows = LayerSummary.of(seedsNetwork());

    @Test
    void totalsAreThoseOfTheWalkthroughNetwork() {
        assertEquals(597_738, rows.stream().mapToLong(LayerSummary::parameters).sum());
        assertEquals(596_330, rows.stream().mapToLong(LayerSummary::trainable).sum());
    }

    @Test
    void shapesAreThoseOfUnpaddedConvolutions() {
        assertEquals(List.of("28 × 28 × 1", "26 × 26 × 32", "26 × 26 × 32", "24 × 24 × 32", "24 × 24 × 32",
                "12 × 12 × 32", "12 × 12 × 32", "10 × 10 × 64", "10 × 10 × 64", "8 × 8 × 64", "8 × 8 × 64",
                "4 × 4 × 64", "4 × 4 × 64", "1,024", "512", "512", "512", "10"),
                rows.stream().map(LayerSummary::outputShape).toList());
    }

    @Test
    void kindsReadLikeTheUsualTerms() {
        assertEquals(List.of("Input", "Conv 3×3, ReLU", "BatchNorm", "Conv 3×3, ReLU", "BatchNorm", "MaxPool 2×2",
                "Dropout 25 %", "Conv 3×3, ReLU", "BatchNorm", "Conv 3×3, ReLU", "BatchNorm", "MaxPool 2×2",
                "Dropout 25 %", "Flatten 1,024", "Dense 512, ReLU", "BatchNorm", "Dropout 50 %", "Dense 10, softmax"),
                rows.stream().map(LayerSummary::kind).toList());
        assertEquals("answer", rows.get(rows.size() - 1).name());
    }

    @Test
    void runningAveragesAreNotTrained() {
        LayerSummary norm = rows.get(2);
        assertEquals(LayerSummary.Type.NORMALIZATION, norm.type());
        assertEquals(4 * 32, norm.parameters());
        assertEquals(2 * 32, norm.trainable());
    }

    @Test
    void agreesWithTheNetworkItself() {
        assertEquals(seedsNetwork().numParams(), rows.stream().mapToLong(LayerSummary::parameters).sum());
    }

    @Test
    void aShapeHasOneOrThreeNumbers() {
        assertThrows(IllegalArgumentException.class,
                () -> new LayerSummary("x", LayerSummary.Type.OTHER, "x", List.of(1L, 2L), 0, 0));
    }
}
