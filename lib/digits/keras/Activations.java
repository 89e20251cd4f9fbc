package digits.keras;

import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.activations.impl.ActivationLReLU;

/** The activation functions of Keras in Deeplearning4j. */
final class Activations {
    /** Those that mean the same in both and in all versions. */
    static final Map<String, Activation> BY_KERAS_NAME = Map.of(
            "linear", Activation.IDENTITY, "relu", Activation.RELU, "softmax", Activation.SOFTMAX,
            "sigmoid", Activation.SIGMOID, "tanh", Activation.TANH, "elu", Activation.ELU,
            "softplus", Activation.SOFTPLUS, "softsign", Activation.SOFTSIGN);
    /** Those that are only read, because older versions of Keras do not have them or name them differently. */
    private static final Map<String, Activation> READ = Map.of("softmax_v2", Activation.SOFTMAX,
            "selu", Activation.SELU, "relu6", Activation.RELU6, "swish", Activation.SWISH, "silu", Activation.SWISH,
            "hard_tanh", Activation.HARDTANH);
    private static final Set<String> OURS = Set.of("gelu", "hard_silu", "exponential", "mish", "log_sigmoid",
            "squareplus", "hard_shrink", "soft_shrink", "tanh_shrink", "sparse_plus", "sparse_sigmoid");
    private static final double LEAK = 0.2;   // of “leaky_relu” as a name; the layer LeakyReLU has its own
    /** Those of Deeplearning4j that are written by a name, besides the first ones. */
    private static final Map<String, Activation> ONLY_WRITTEN = Map.of("selu", Activation.SELU,
            "swish", Activation.SWISH, "mish", Activation.MISH);

    private Activations() { }

    /** Keras's name, by which a layer can apply the function itself; null if there is none. */
    static String nameOf(IActivation function) {
        if (function instanceof KerasActivation own) {
            return OURS.contains(own.getFunction()) ? own.getFunction() : null;
        }
        return Stream.of(BY_KERAS_NAME, ONLY_WRITTEN).flatMap(names -> names.entrySet().stream())
                .filter(entry -> is(function, entry.getValue())).map(Map.Entry::getKey).findFirst().orElse(null);
    }

    /**
     * The function with this name; empty if there is none.
     *
     * @param keras3 whether Keras 3 wrote the file: its “hard_sigmoid” is another function
     */
    static Optional<IActivation> of(String name, boolean keras3) {
        Activation known = BY_KERAS_NAME.getOrDefault(name, READ.get(name));
        if (known != null) return Optional.of(known.getActivationFunction());
        if (OURS.contains(name)) return Optional.of(new KerasActivation(name));
        return Optional.ofNullable(switch (name) {
            case "leaky_relu" -> new ActivationLReLU(LEAK);
            case "hard_swish" -> new KerasActivation("hard_silu");
            case "celu" -> new KerasActivation("celu", KerasActivation.UNBOUNDED, 1, 0);
            case "hard_sigmoid" -> keras3 ? new KerasActivation("hard_sigmoid")
                    : Activation.HARDSIGMOID.getActivationFunction();
            default -> null;
        });
    }

    static boolean is(IActivation function, Activation activation) {
        return function.equals(activation.getActivationFunction());
    }

    static boolean isSoftmax(IActivation function) {
        return is(function, Activation.SOFTMAX);
    }
}
