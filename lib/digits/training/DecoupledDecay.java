package digits.training;

import java.util.ArrayList;
import java.util.List;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.BaseLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.nd4j.linalg.learning.regularization.Regularization;
import org.nd4j.linalg.learning.regularization.WeightDecay;

/**
 * Weight decay outside the optimizer: Loshchilov and Hutter, “Decoupled Weight Decay Regularization” (2017). After each
 * step every weight also shrinks by {@code rate · decay} of its value. With Adam this is AdamW. Kernels of convolutions
 * and dense layers decay; biases and batch normalization do not.
 *
 * <p>It is Deeplearning4j's {@link WeightDecay}, added to each layer once. ({@code weightDecay(…)} of 1.0.0-M2.1's
 * {@link NeuralNetConfiguration.Builder} adds it twice, which doubles it; that of a layer's builder is right.)
 */
public final class DecoupledDecay {
    private DecoupledDecay() { }

    /** A copy with this decay per unit of learning rate, such as 0.01, in place of any earlier one; 0 for none. */
    public static MultiLayerConfiguration of(MultiLayerConfiguration configuration, double decay) {
        Schedules.require(decay >= 0 && decay < Double.POSITIVE_INFINITY,
                "a weight decay of " + decay + "; it has to be 0 or more");
        MultiLayerConfiguration copy = configuration.clone();
        for (NeuralNetConfiguration each : copy.getConfs()) {
            if (!(each.getLayer() instanceof BaseLayer layer) || layer instanceof BatchNormalization) continue;
            List<Regularization> all = new ArrayList<>();
            if (layer.getRegularization() != null) all.addAll(layer.getRegularization());
            all.removeIf(r -> r instanceof WeightDecay);
            if (decay > 0) all.add(new WeightDecay(decay, true));
            layer.setRegularization(all);
        }
        return copy;
    }
}
