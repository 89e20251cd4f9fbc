package digits.keras;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.deeplearning4j.nn.conf.layers.BaseOutputLayer;
import org.deeplearning4j.nn.conf.layers.FeedForwardLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.LossLayer;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.config.Nadam;
import org.nd4j.linalg.learning.config.Nesterovs;
import org.nd4j.linalg.learning.config.RmsProp;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.lossfunctions.ILossFunction;
import org.nd4j.linalg.lossfunctions.impl.LossBinaryXENT;
import org.nd4j.linalg.lossfunctions.impl.LossMAE;
import org.nd4j.linalg.lossfunctions.impl.LossMCXENT;
import org.nd4j.linalg.lossfunctions.impl.LossMSE;
import org.nd4j.linalg.lossfunctions.impl.LossSparseMCXENT;

/**
 * How Keras trains a model.
 *
 * @param loss      Keras's name of the loss
 * @param optimizer Keras's class
 * @param options   the optimizer's options, by Keras's names; among them is the learning rate
 * @param states    how many arrays of zeros the optimizer begins with for each trained array; −1 if it begins otherwise
 */
record Training(String loss, String optimizer, Map<String, Object> options, int states) {
    /**
     * The training of a network; null if the loss does not exist in Keras, or does not belong to the activation there.
     *
     * @param last    the network's last layer
     * @param updater the network's updater; any but Adam, Nadam, SGD, Nesterov's momentum and RMSprop becomes Adam with
     *                a learning rate of 0.001
     */
    static Training of(Layer last, IUpdater updater) {
        String loss = last instanceof BaseOutputLayer layer ? loss(layer.getLossFn(), layer)
                : last instanceof LossLayer layer ? loss(layer.getLossFn(), layer) : null;
        return loss == null ? null : of(loss, updater);
    }

    /** Exactly these classes: subclasses, and losses with a weight for each class, compute something else. */
    private static String loss(ILossFunction loss, FeedForwardLayer layer) {
        boolean softmax = Activations.is(layer.getActivationFn(), Activation.SOFTMAX);
        if (loss instanceof LossMCXENT entropy && entropy.getWeights() == null && softmax) {
            return entropy instanceof LossSparseMCXENT ? "sparse_categorical_crossentropy" : "categorical_crossentropy";
        }
        boolean sigmoid = Activations.is(layer.getActivationFn(), Activation.SIGMOID);
        if (loss instanceof LossBinaryXENT entropy && entropy.getWeights() == null && sigmoid) {
            return "binary_crossentropy";
        }
        return loss.equals(new LossMSE()) ? "mean_squared_error"
                : loss.equals(new LossMAE()) ? "mean_absolute_error" : null;
    }

    private static Training of(String loss, IUpdater updater) {
        Map<String, Object> options = new LinkedHashMap<>();
        double rate = updater != null && updater.hasLearningRate() ? updater.getLearningRate(0, 0) : 1;
        options.put("learning_rate", rate);
        if (updater instanceof Adam adam) {
            return adam("Adam", loss, options, adam.getBeta1(), adam.getBeta2(), adam.getEpsilon());
        } else if (updater instanceof Nadam adam) {
            return adam("Nadam", loss, options, adam.getBeta1(), adam.getBeta2(), adam.getEpsilon());
        } else if (updater instanceof Nesterovs momentum) {
            options.put("momentum", momentum.getMomentum());
            options.put("nesterov", true);
            return new Training(loss, "SGD", options, 1);
        } else if (updater instanceof RmsProp propagation) {
            options.put("rho", propagation.getRmsDecay());
            options.put("epsilon", propagation.getEpsilon());
            return new Training(loss, "RMSprop", options, 1);
        }
        return updater instanceof Sgd ? new Training(loss, "SGD", options, 0) : of(loss, new Adam(1e-3));
    }

    private static Training adam(String type, String loss, Map<String, Object> options, double beta1, double beta2,
                                 double epsilon) {
        options.put("beta_1", beta1);
        options.put("beta_2", beta2);
        options.put("epsilon", epsilon);
        return new Training(loss, type, options, type.equals("Adam") ? 2 : -1);
    }

    /** The part that both file formats have, under Keras's keys. */
    Map<String, Object> common() {
        return WrittenModel.options("loss", loss, "loss_weights", null, "metrics", List.of("accuracy"),
                "weighted_metrics", null);
    }
}
