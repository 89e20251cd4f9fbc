package digits.exercises;

import static digits.exercises.Answers.given;
import static digits.exercises.Answers.reject;
import static digits.exercises.Answers.say;

import digits.data.DigitBatches;
import digits.data.Split;
import digits.evaluation.Predictions;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.dataset.api.preprocessor.ImagePreProcessingScaler;

/** The last exercise: a LeNet with fewer than 20,000 parameters that recognizes 99 % of the validation images. */
public final class Challenge {
    /** The network must have fewer parameters than this. */
    public static final int PARAMETERS = 20_000;

    private Challenge() { }

    /** The accuracy to reach: 0.99 after training on all of MNIST, 0.90 on a sample or in the quick profile. */
    public static double bar(Split split) {
        return split.training().size() >= 40_000 ? 0.99 : 0.90;
    }

    /** Counts the parameters and validates again, with pixels from 0 to 1. */
    public static String check(MultiLayerNetwork network, Split split) {
        given("network", network);
        reject(network.numParams() >= PARAMETERS, "The network has %,d parameters; it must have fewer than %,d. Where "
                + "are most of them? LayerTable.of(LayerSummary.of(network)) shows it; in LeNet it is the last "
                + "convolution.", network.numParams(), PARAMETERS);
        Predictions predictions = predictions(network, split);
        double accuracy = predictions.accuracy();
        double bar = bar(split);
        String result = say("%,d parameters, %.2f %% of %,d validation images. ", network.numParams(), 100 * accuracy,
                predictions.size());
        if (accuracy >= bar) {
            return result + (bar == 0.99 ? "Right: that is the goal." : "Right, for a quick run on few images: the "
                    + "goal of 99 % needs all of MNIST and the full profile.");
        }
        reject(accuracy < 0.2, "%sThat is guessing. Was the network trained in the cell above? Are its pixels scaled "
                + "to 0 to 1?", result);
        throw new NotYet("%sThe goal is %.0f %% here. Things to try, one at a time: more epochs; a one-cycle learning "
                + "rate up to about 0.01; batch normalization after each convolution; moving parameters from the dense "
                + "layers to the convolutions.", result, 100 * bar);
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
