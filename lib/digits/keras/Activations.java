package digits.keras;

import java.util.Map;
import java.util.stream.Stream;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.activations.IActivation;

/** The activation functions that mean the same in Keras and in Deeplearning4j. */
final class Activations {
    static final Map<String, Activation> BY_KERAS_NAME = Map.of(
            "linear", Activation.IDENTITY, "relu", Activation.RELU, "softmax", Activation.SOFTMAX,
            "sigmoid", Activation.SIGMOID, "tanh", Activation.TANH, "elu", Activation.ELU,
            "softplus", Activation.SOFTPLUS, "softsign", Activation.SOFTSIGN);

    private static final Map<String, Activation> ONLY_WRITTEN = Map.of("selu", Activation.SELU,
            "swish", Activation.SWISH, "mish", Activation.MISH);

    private Activations() { }

    /** Keras's name; null if not all versions have a name for this function. */
    static String nameOf(IActivation function) {
        return Stream.of(BY_KERAS_NAME, ONLY_WRITTEN).flatMap(names -> names.entrySet().stream())
                .filter(entry -> is(function, entry.getValue())).map(Map.Entry::getKey).findFirst().orElse(null);
    }

    static boolean is(IActivation function, Activation activation) {
        return function.equals(activation.getActivationFunction());
    }
}
