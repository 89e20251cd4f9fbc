package digits.keras;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.activations.IActivation;

/** The activation functions that mean the same in Keras and in Deeplearning4j. */
final class Activations {
    static final Map<String, Activation> BY_KERAS_NAME = new LinkedHashMap<>();

    static {
        BY_KERAS_NAME.put("linear", Activation.IDENTITY);
        BY_KERAS_NAME.put("relu", Activation.RELU);
        BY_KERAS_NAME.put("softmax", Activation.SOFTMAX);
        BY_KERAS_NAME.put("sigmoid", Activation.SIGMOID);
        BY_KERAS_NAME.put("tanh", Activation.TANH);
        BY_KERAS_NAME.put("elu", Activation.ELU);
        BY_KERAS_NAME.put("softplus", Activation.SOFTPLUS);
        BY_KERAS_NAME.put("softsign", Activation.SOFTSIGN);
    }

    private Activations() {
    }

    /** Keras's name of a function, if it has one. */
    static Optional<String> kerasName(IActivation function) {
        return BY_KERAS_NAME.entrySet().stream().filter(e -> e.getValue().getActivationFunction().equals(function)).map(Map.Entry::getKey).findFirst();
    }
}
