package digits.keras;

import java.util.Map;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.activations.IActivation;

/** The activation functions that mean the same in Keras and in Deeplearning4j. */
final class Activations {
    static final Map<String, Activation> BY_KERAS_NAME = Map.of(
            "linear", Activation.IDENTITY, "relu", Activation.RELU, "softmax", Activation.SOFTMAX,
            "sigmoid", Activation.SIGMOID, "tanh", Activation.TANH, "elu", Activation.ELU,
            "softplus", Activation.SOFTPLUS, "softsign", Activation.SOFTSIGN);

    private Activations() { }

    static boolean is(IActivation function, Activation activation) {
        return function.equals(activation.getActivationFunction());
    }
}
