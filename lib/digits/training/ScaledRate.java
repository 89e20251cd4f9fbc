package digits.training;

import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.layers.BaseLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.samediff.AbstractSameDiffLayer;
import org.deeplearning4j.nn.conf.layers.wrapper.BaseWrapperLayer;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.schedule.ISchedule;
import org.nd4j.shade.jackson.annotation.JsonCreator;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/**
 * An updater's learning rate, multiplied by a factor that grows linearly from 1 in the first steps: the warm-up of
 * Goyal et al., “Accurate, Large Minibatch SGD: Training ImageNet in 1 Hour” (2017, section 2.2). At step t the factor
 * is {@code 1 + (factor − 1) · (t + 1) / (warmUp + 1)}, and {@code factor} from step {@code warmUp}. It is saved with a
 * network's configuration.
 *
 * @param updater the updater whose rate or schedule is multiplied
 * @param factor  above 0
 * @param warmUp  steps, 0 or more
 */
public record ScaledRate(@JsonProperty("updater") IUpdater updater, @JsonProperty("factor") double factor,
                         @JsonProperty("warmUp") int warmUp) implements ISchedule {
    @JsonCreator
    public ScaledRate {
        Schedules.require(updater != null && updater.hasLearningRate(), "an updater without a learning rate");
        Schedules.require(factor > 0 && factor < Double.POSITIVE_INFINITY,
                "a learning rate times " + factor + "; the factor has to be above 0");
        Schedules.require(warmUp >= 0, "a warm-up of " + warmUp + " steps; it has to be 0 or more");
    }

    /** A copy of the configuration with all its learning rates scaled. */
    static MultiLayerConfiguration of(MultiLayerConfiguration configuration, double factor, int warmUp) {
        MultiLayerConfiguration copy = configuration.clone();
        copy.getConfs().forEach(each -> scale(each.getLayer(), factor, warmUp));
        return copy;
    }

    static ComputationGraphConfiguration of(ComputationGraphConfiguration configuration, double factor, int warmUp) {
        ComputationGraphConfiguration copy = configuration.clone();
        copy.getVertices().values().forEach(each -> {
            if (each instanceof LayerVertex vertex) scale(vertex.getLayerConf().getLayer(), factor, warmUp);
        });
        return copy;
    }

    private static void scale(Layer layer, double factor, int warmUp) {
        if (layer instanceof BaseLayer base) {
            base.setIUpdater(scaled(base.getIUpdater(), factor, warmUp));
            base.setBiasUpdater(scaled(base.getBiasUpdater(), factor, warmUp));
        } else if (layer instanceof AbstractSameDiffLayer defined) {
            defined.setUpdater(scaled(defined.getUpdater(), factor, warmUp));
            defined.setBiasUpdater(scaled(defined.getBiasUpdater(), factor, warmUp));
        } else if (layer instanceof BaseWrapperLayer wrapper) {
            scale(wrapper.getUnderlying(), factor, warmUp);
        }
    }

    private static IUpdater scaled(IUpdater updater, double factor, int warmUp) {
        if (updater == null || !updater.hasLearningRate()) return updater;
        IUpdater copy = updater.clone();
        copy.setLrAndSchedule(Double.NaN, new ScaledRate(updater.clone(), factor, warmUp));   // as new Adam(schedule)
        return copy;
    }

    @Override
    public double valueAt(int iteration, int epoch) {
        double rate = updater.getLearningRate(iteration, epoch);
        return rate * (iteration >= warmUp ? factor : 1 + (factor - 1) * (iteration + 1) / (warmUp + 1));
    }

    @Override
    @SuppressWarnings("MethodDoesntCallSuperMethod")
    public ScaledRate clone() {
        return this;   // immutable
    }
}
