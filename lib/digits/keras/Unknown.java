package digits.keras;

import java.util.Set;

/** What layers mean that have no counterpart here, and what to do about them. */
final class Unknown {
    private static final Set<String> DETERMINISTIC =
            Set.of("RandomCrop", "RandomFourierFeatures");   // not the identity when the model predicts

    private Unknown() { }

    /** Whether a layer of this class distorts images in training only. */
    static boolean isAugmentation(String type) {
        return type.startsWith("Random") && !DETERMINISTIC.contains(type)
                || Set.of("RandAugment", "AugMix", "CutMix", "MixUp").contains(type);
    }

    /** Why the class cannot be read, and the way out. */
    static String reason(String type) {
        if (type.equals("InputLayer")) return "must be the first layer of the model";
        if (type.equals("Lambda")) {
            return "runs Python code, which is never executed here; replace it by Keras's own layers, such as"
                    + " Rescaling, Reshape or Activation";
        }
        if (type.endsWith("OpLambda") || type.startsWith("TensorFlowOp")) {
            return "is a TensorFlow operation; replace it by a layer, such as Rescaling instead of x / 255";
        }
        if (type.matches("LSTM|GRU|.*RNN|Bidirectional|TimeDistributed|ConvLSTM.*|CuDNN.*|Embedding|.*Attention")) {
            return "reads sequences, which this library cannot do; train a model of convolutional and dense layers";
        }
        if (type.equals("Convolution2D") || type.equals("MaxoutDense") || type.equals("Highway")) {
            return "is a layer of Keras 1; load the file with Keras 2.0 to 2.3 and save it again";
        }
        return "is of a class that this library does not know; build the model from Conv2D, pooling, Dense and the"
                + " other layers that KerasFiles lists, and copy weights with set_weights(get_weights())";
    }
}
