package digits.training;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import digits.Examples;
import digits.acceleration.Acceleration;
import java.util.List;
import java.util.function.DoubleUnaryOperator;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.BaseLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.config.Nesterovs;
import org.nd4j.linalg.learning.config.RmsProp;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.learning.regularization.WeightDecay;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/** Deeplearning4j's updaters against their formulas, worked out here step by step for a single weight. */
class OptimizersTest {
    private static final int STEPS = 6;
    private static final double START = 0.8;

    /** What a rule makes of the weight in each step, given its gradient. */
    private interface Rule {
        double next(double weight, double gradient, int step);
    }

    /** The weight w of y = w, trained on the target 2 with the squared error: the gradient is 2 (w − 2). */
    private static MultiLayerNetwork oneWeight(IUpdater updater, double decay) {
        MultiLayerNetwork network = new MultiLayerNetwork(DecoupledDecay.of(new NeuralNetConfiguration.Builder()
                .updater(updater).list()
                .layer(new OutputLayer.Builder(LossFunction.MSE).nIn(1).nOut(1).activation(Activation.IDENTITY)
                        .hasBias(false).build()).build(),
                decay));
        network.init();
        network.params().assign(START);
        return network;
    }

    private static void follows(Rule rule, IUpdater updater, double decay) {
        MultiLayerNetwork network = oneWeight(updater, decay);
        DataSet example = new DataSet(Nd4j.ones(1, 1), Nd4j.valueArrayOf(new long[] {1, 1}, 2f));
        DoubleUnaryOperator gradient = w -> 2 * (w - 2);
        double weight = START;
        for (int step = 0; step < STEPS; step++) {
            weight = rule.next(weight, gradient.applyAsDouble(weight), step);
            network.fit(example);
            assertEquals(weight, network.params().getDouble(0), 2e-6, "after step " + step);
        }
    }

    @Test
    void sgd() {
        follows((w, g, t) -> w - 0.1 * g, new Sgd(0.1), 0);
    }

    /** The form of Sutskever and others (2013), with the momentum applied ahead: v ← μ v − η g, w ← w + μ v − η g. */
    @Test
    void nesterovMomentum() {
        double[] v = new double[1];
        follows((w, g, t) -> {
            v[0] = 0.9 * v[0] - 0.05 * g;
            return w + 0.9 * v[0] - 0.05 * g;
        }, new Nesterovs(0.05, 0.9), 0);
    }

    @Test
    void rmsProp() {
        double[] s = new double[1];
        follows((w, g, t) -> {
            s[0] = 0.9 * s[0] + 0.1 * g * g;
            return w - 0.02 * g / Math.sqrt(s[0] + 1e-8);
        }, new RmsProp(0.02, 0.9, 1e-8), 0);
    }

    @Test
    void adam() {
        follows(adamW(0), new Adam(0.05), 0);
    }

    /** Loshchilov and Hutter's decay does not pass through Adam's means. */
    @Test
    void adamWithDecoupledWeightDecay() {
        follows(adamW(0.3), new Adam(0.05), 0.3);
    }

    @Test
    void decayAndRateFollowTheScheduleTogether() {
        Rule rule = adamW(0.3, t -> t >= 4 ? 0 : 0.05 * (1 + Math.cos(Math.PI * t / 4)) / 2);
        follows(rule, new Adam(Schedules.cosine(0.05, 4)), 0.3);
    }

    private static Rule adamW(double decay) {
        return adamW(decay, t -> 0.05);
    }

    private static Rule adamW(double decay, DoubleUnaryOperator rate) {
        double[] m = new double[2];
        return (w, g, t) -> {
            m[0] = 0.9 * m[0] + 0.1 * g;
            m[1] = 0.999 * m[1] + 0.001 * g * g;
            double mean = m[0] / (1 - Math.pow(0.9, t + 1));
            double square = m[1] / (1 - Math.pow(0.999, t + 1));
            return w - rate.applyAsDouble(t) * (mean / (Math.sqrt(square) + 1e-8) + decay * w);
        };
    }

    /** With the library's layers as with Deeplearning4j's own. */
    @Test
    void biasesAndBatchNormalisationAreNotDecayed() {
        for (boolean accelerated : new boolean[] {false, true}) {
            MultiLayerNetwork without = afterOneStep(0, accelerated);
            MultiLayerNetwork with = afterOneStep(0.5, accelerated);
            MultiLayerNetwork start = network(0);
            for (String name : start.paramTable().keySet()) {
                INDArray before = start.getParam(name);
                INDArray expected = without.getParam(name).dup();
                if (name.endsWith("_W")) {
                    expected.subi(before.mul(0.01 * 0.5));
                    assertTrue(before.norm2Number().doubleValue() > 0.1, name);
                }
                assertTrue(expected.equalsWithEps(with.getParam(name), 1e-6), name + ", accelerated: " + accelerated);
            }
        }
    }

    /** The reason for {@link DecoupledDecay}: once this fails, Deeplearning4j's own builder can be used. */
    @Test
    void deeplearning4jsBuilderDecaysTwice() {
        MultiLayerConfiguration configuration = new NeuralNetConfiguration.Builder().updater(new Sgd(0.1))
                .weightDecay(0.3).list()
                .layer(new DenseLayer.Builder().nIn(1).nOut(2).build())
                .layer(new OutputLayer.Builder(LossFunction.MSE).nIn(2).nOut(1).activation(Activation.IDENTITY).build())
                        .build();
        BaseLayer layer = (BaseLayer) configuration.getConf(0).getLayer();
        assertEquals(List.of(new WeightDecay(0.3, true), new WeightDecay(0.3, true)), layer.getRegularization());
        assertEquals(List.of(new WeightDecay(0.2, true)),
                ((BaseLayer) DecoupledDecay.of(configuration, 0.2).getConf(0).getLayer()).getRegularization(),
                        "ours takes their place");
        assertEquals(2, layer.getRegularization().size(), "the configuration itself stays as it is");
        assertThrows(IllegalArgumentException.class, () -> DecoupledDecay.of(configuration, -0.1));
    }

    private static MultiLayerNetwork afterOneStep(double decay, boolean accelerated) {
        MultiLayerNetwork network = network(decay);
        if (accelerated) Acceleration.of(network);
        network.fit(Examples.inOrder(Examples.bars(20, 1), 20).next());
        return network;
    }

    private static MultiLayerNetwork network(double decay) {
        MultiLayerConfiguration configuration = new NeuralNetConfiguration.Builder().seed(5).updater(new Adam(0.01))
                .biasInit(0.7).list()
                .layer(new ConvolutionLayer.Builder(3, 3).stride(2, 2).nOut(4).activation(Activation.RELU).build())
                .layer(new BatchNormalization())
                .layer(new DenseLayer.Builder().nOut(8).activation(Activation.RELU).build())
                .layer(new OutputLayer.Builder(LossFunction.MCXENT).nOut(10).activation(Activation.SOFTMAX).build())
                .setInputType(InputType.convolutional(28, 28, 1)).build();
        MultiLayerNetwork network = new MultiLayerNetwork(DecoupledDecay.of(configuration, decay));
        network.init();
        return network;
    }
}
