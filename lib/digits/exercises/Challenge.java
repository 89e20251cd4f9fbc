package digits.exercises;

import static digits.exercises.Answers.given;
import static digits.exercises.Answers.reject;
import static digits.exercises.Answers.say;

import digits.data.DigitBatches;
import digits.data.Split;
import digits.evaluation.Predictions;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.dataset.api.preprocessor.ImagePreProcessingScaler;

/** The last two exercises: networks with few parameters that recognize nearly all validation images. */
public final class Challenge {
    /** The network of the challenge must have fewer parameters than this. */
    public static final int PARAMETERS = 20_000;
    /** The network of the exercise before it may have this many. */
    public static final int SMALL = 10_000;

    private Challenge() { }

    /** The accuracy to reach: the goal after training on all of MNIST, 0.90 on a sample or in the quick profile. */
    static double bar(Split split, double goal) {
        return split.training().size() >= 40_000 ? goal : 0.90;
    }

    /** At most 10,000 parameters and 98 % of the validation images; pixels from 0 to 1. */
    public static String small(MultiLayerNetwork network, Split split) {
        reject(network == null, "There is no answer yet: small is still null. Replace “YOUR CODE HERE” with calls of "
                + "layers.add(…), from the first layer on, and run that cell, then this one. (If that cell shows an "
                + "error in red, fix it first.)");
        reject(network.numParams() > SMALL, "The network has %,d parameters; it may have at most %,d. A dense layer "
                + "has a weight for each pair of an input and a neuron: make the maps smaller before it.",
                network.numParams(), SMALL);
        return validated(network, split, 0.98, "another convolution; more filters; batch normalization after each "
                + "convolution; pooling a second time, so that there are parameters left for filters.");
    }

    /** Fewer than 20,000 parameters and 99 % of the validation images; pixels from 0 to 1. */
    public static String check(MultiLayerNetwork network, Split split) {
        given("network", network);
        reject(network.numParams() >= PARAMETERS, "The network has %,d parameters; it must have fewer than %,d. Where "
                + "are most of them? LayerTable.of(LayerSummary.of(network)) shows it; in LeNet it is the last "
                + "convolution.", network.numParams(), PARAMETERS);
        return validated(network, split, 0.99, "more epochs; a one-cycle learning rate up to about 0.01; batch "
                + "normalization after each convolution; moving parameters from the dense layers to the "
                + "convolutions.");
    }

    private static String validated(MultiLayerNetwork network, Split split, double goal, String ideas) {
        Predictions predictions = predictions(network, split);
        double accuracy = predictions.accuracy();
        double bar = bar(split, goal);
        String result = say("%,d parameters, %.2f %% of %,d validation images. ", network.numParams(), 100 * accuracy,
                predictions.size());
        if (accuracy >= bar) {
            return result + (bar == goal ? "Right: that is the goal." : say("Right, for a quick run on few images: the "
                    + "goal of %.0f %% needs all of MNIST and the full profile.", 100 * goal));
        }
        reject(accuracy < 0.2, "%sThat is guessing. Was the network trained in the cell above? Are its pixels scaled "
                + "to 0 to 1?", result);
        throw new NotYet("%sThe goal is %.0f %% here. Things to try, one at a time: %s", result, 100 * bar, ideas);
    }

    private static Predictions predictions(MultiLayerNetwork network, Split split) {
        DigitBatches validation = DigitBatches.inOrder(split.validation(), 250);
        validation.setPreProcessor(new ImagePreProcessingScaler(0, 1));
        try {
            Predictions predictions = Predictions.of(network, validation);
            reject(predictions.classes() != 10, "The network's output has %d numbers; it has to be ten probabilities.",
                    predictions.classes());
            return predictions;
        } catch (IllegalArgumentException | IllegalStateException wrongShape) {
            throw new NotYet("The network cannot read images of the shape [250, 1, 28, 28]. End its configuration with "
                    + "setInputType(InputType.convolutional(28, 28, 1)).");
        }
    }
}
