package digits.exercises;

import static digits.exercises.Answers.given;
import static digits.exercises.Answers.say;

import digits.data.DigitBatches;
import digits.data.Split;
import digits.evaluation.Predictions;
import digits.networks.LeNet;
import java.util.Arrays;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.dataset.api.preprocessor.ImagePreProcessingScaler;

/** The last exercise: a LeNet of fewer than 20,000 parameters that recognises 99 % of the validation images. */
public final class Challenge {
    /** All parameters have to be below this. */
    public static final int PARAMETERS = 20_000;
    /** So many training images are all of MNIST without the validation's, or nearly. */
    private static final int WHOLE = 40_000;

    private Challenge() {
    }

    /** The share of validation images to be recognised: 0.99 after training on all of MNIST, 0.90 on a sample or in the quick profile. */
    public static double bar(Split split) {
        return split.training().size() >= WHOLE ? 0.99 : 0.90;
    }

    /** Counts parameters and validates anew, pixels from 0 to 1; says where it stands. */
    public static String check(MultiLayerNetwork network, Split split) {
        given("network", network);
        if (network.numParams() >= PARAMETERS) {
            throw new NotYet(say("The network has %,d parameters; it may have fewer than %,d. Where are most of them? "
                    + "LayerTable.html(LayerSummary.of(network)) tells; in LeNet it is the last convolution.", network.numParams(), PARAMETERS));
        }
        DigitBatches validation = DigitBatches.inOrder(split.validation(), 250);
        validation.setPreProcessor(new ImagePreProcessingScaler(0, 1));
        Predictions predictions = predictions(network, validation);
        double accuracy = predictions.accuracy();
        String stand = say("%,d parameters, %.2f %% of %,d validation images. ", network.numParams(), 100 * accuracy, predictions.size());
        if (accuracy >= bar(split)) {
            return stand + (bar(split) == 0.99 ? "Right: that is the goal." : "Right, for a quick run on few images: the goal of 99 % needs all "
                    + "of MNIST and the profile full.");
        }
        if (accuracy < 0.2) {
            throw new NotYet(stand + "That is guessing. Was the network trained in the cell above? Are its pixels scaled to 0 to 1?");
        }
        throw new NotYet(stand + say("The bar is %.0f %% here. Things to try, one at a time: more epochs; one cycle of the learning rate up to "
                + "about 0.01; "
                + "batch normalisation after each convolution; parameters moved from the dense layers to the convolutions.", 100 * bar(split)));
    }

    private static Predictions predictions(MultiLayerNetwork network, DigitBatches validation) {
        try {
            Predictions predictions = Predictions.of(network, validation);
            if (predictions.classes() == 10) return predictions;
            throw new NotYet(say("The network answers with %d numbers; it has to be ten probabilities.", predictions.classes()));
        } catch (IllegalArgumentException | IllegalStateException wrongShape) {
            throw new NotYet("The network cannot read images of the shape " + Arrays.toString(new long[] {250, 1, 28, 28})
                    + ". Say setInputType(InputType.convolutional(28, 28, 1)) at the end of its configuration.");
        }
    }
}
