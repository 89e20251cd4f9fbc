package digits.exercises;

import static digits.exercises.Answers.close;
import static digits.exercises.Answers.computed;
import static digits.exercises.Answers.given;
import static digits.exercises.Answers.say;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleBiFunction;
import org.deeplearning4j.nn.api.layers.IOutputLayer;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** The checks of lesson 2, about networks. Each returns a sentence for a right answer, and throws {@link NotYet} for another. */
public final class NetworkChecks {
    private static final long MOST_PARAMETERS = 15_000;

    private NetworkChecks() {
    }

    /**
     * How many parameters these three have: 16 filters of 5×5 on 14×14 maps of 8 channels; batch normalisation of their 16 maps;
     * and, after 2×2 pooling, a dense layer of 32.
     */
    public static String parameters(Integer convolution, Integer normalisation, Integer dense) {
        count("convolution", convolution, 16 * (5 * 5 * 8 + 1), Map.of(
                16 * 5 * 5 * 8, "You left out the biases: each of the 16 filters has one.",
                16 * (5 * 5 + 1), "A filter looks at all 8 channels at once, so it has 5 × 5 weights for each of them.",
                8 * (5 * 5 * 16 + 1), "Inputs and outputs have changed places: there are 16 filters, each on 8 channels.",
                16 * 5 * 5 * 8 + 1, "A bias each: there are 16 filters, not one.",
                16 * (5 * 5 * 8 + 1) * 100, "The filters are the same at all 10 × 10 places: that is the point of a convolution."));
        count("normalisation", normalisation, 4 * 16, Map.of(
                // two numbers for 16 maps, or four for 8
                32, "Scale and shift are trained, the running mean and variance count, too: four for each of the 16 maps that the "
                        + "convolution hands on.",
                4, "Four numbers for each of the 16 maps."));
        count("dense", dense, 32 * (5 * 5 * 16 + 1), Map.of(
                32 * 5 * 5 * 16, "You left out the biases: each of the 32 neurons has one.",
                32 * (5 * 5 + 1), "Flattening takes all 16 maps: 5 × 5 × 16 numbers come in.",
                32 * (10 * 10 * 16 + 1), "Pooling comes first: it makes 5 × 5 of 10 × 10.",
                32 * (7 * 7 * 16 + 1), "A filter of 5 × 5 fits into 14 × 14 in 10 × 10 places only; pooling then makes 5 × 5 of them.",
                32 * (14 * 14 * 16 + 1), "A filter of 5 × 5 fits into 14 × 14 in 10 × 10 places only; pooling then makes 5 × 5 of them."));
        return "Right: 3,216 and 64 and 12,832. The dense layer has four times as many as the convolution, and sees every place only once.";
    }

    private static void count(String name, Integer found, int wanted, Map<Integer, String> hints) {
        given(name, found);
        if (found != wanted) {
            throw new NotYet(say("%s is not %,d. %s", name, found, hints.getOrDefault(found,
                    "Count for one filter, one map or one neuron first: its weights and its bias; then multiply by how many there are.")));
        }
    }

    /**
     * Layers that make maps of 5×5×24 of an image of 28×28×1 and then ten probabilities, with fewer than 15,000 parameters.
     *
     * @param layers convolutions without border ({@code Truncate}) unless they say otherwise
     */
    public static String shape(List<Layer> layers) {
        if (given("layers", layers).isEmpty()) {
            throw new NotYet("There is no answer yet: layers is still empty. Add your layers in the place of «YOUR CODE HERE» with "
                    + "layers.add(…), from the first to the output layer, and run that cell, then this one.");
        }
        MultiLayerNetwork network = built(layers);
        List<INDArray> outputs = network.feedForward(false);   // of the images that built has set
        List<String> shapes = new ArrayList<>();
        boolean found = false;
        for (INDArray output : outputs) {
            long[] s = output.shape();
            shapes.add(s.length == 4 ? s[2] + "×" + s[3] + "×" + s[1] : String.valueOf(s[s.length - 1]));
            found |= Arrays.equals(s, new long[] {2, 24, 5, 5});
        }
        String way = "Your way: " + String.join(" → ", shapes) + ".";
        INDArray last = outputs.get(outputs.size() - 1);
        boolean knowsItsLoss = network.getOutputLayer() instanceof IOutputLayer;
        if (!found) {
            throw new NotYet("No layer hands on maps of 5×5×24. " + way
                    + " A convolution of k×k takes k − 1 off each side; pooling of 2×2 halves it; nOut is the number of maps.");
        }
        if (!knowsItsLoss || !Arrays.equals(last.shape(), new long[] {2, 10})) {
            throw new NotYet("The maps are right, but the end is no OutputLayer with ten numbers. " + way
                    + " End with an OutputLayer of nOut(10): it knows the loss.");
        }
        if (!close(last.getRow(0).sumNumber().doubleValue(), 1, 1e-4) || last.minNumber().doubleValue() < 0) {
            throw new NotYet("The ten numbers at the end do not add up to 1, so they are no probabilities. Give the output layer the activation "
                    + "SOFTMAX.");
        }
        if (network.numParams() >= MOST_PARAMETERS) {
            throw new NotYet(say("The shapes are right, but the network has %,d parameters; it may have fewer than %,d. Where are most of them? "
                    + "LayerTable.html(LayerSummary.of(network)) tells.", network.numParams(), MOST_PARAMETERS));
        }
        return say("Right: %s With %,d parameters.", way.replace("Your way", "28×28 to ten probabilities"), network.numParams());
    }

    private static MultiLayerNetwork built(List<Layer> layers) {
        try {
            NeuralNetConfiguration.ListBuilder builder =
                    new NeuralNetConfiguration.Builder().seed(1).convolutionMode(ConvolutionMode.Truncate).list();
            layers.forEach(layer -> builder.layer(layer.clone()));
            MultiLayerNetwork network = new MultiLayerNetwork(builder.setInputType(InputType.convolutional(28, 28, 1)).build());
            network.init();
            network.setInput(Nd4j.zeros(DataType.FLOAT, 2, 1, 28, 28));
            network.feedForward(false);   // some layers notice only now that their image is too small
            return network;
        } catch (RuntimeException failed) {
            String reason = String.valueOf(failed.getMessage()).lines().findFirst().orElse("").strip();
            throw new NotYet("Deeplearning4j cannot build these layers: " + reason
                    + " A usual reason: an image has become smaller than the next filter, or the last layer is no OutputLayer.");
        }
    }

    /**
     * Categorical cross-entropy of one image: minus the natural logarithm of the probability given to its label.
     *
     * @param loss the learner's method, of ten probabilities and a label
     */
    public static String crossEntropy(ToDoubleBiFunction<double[], Integer> loss) {
        double[] even = new double[10];
        Arrays.fill(even, 0.1);
        double[] sure = {0.5, 0.25, 0.125, 0.125, 0, 0, 0, 0, 0, 0};
        for (int label = 0; label < 4; label++) {
            int digit = label;
            double found = computed("crossEntropy", () -> loss.applyAsDouble(sure, digit));
            double p = sure[label];
            if (Double.isNaN(found)) {
                throw new NotYet("crossEntropy gives NaN, which is no number. If you have not written it yet, that is why; else: was the "
                        + "logarithm of a 0 multiplied by 0? Take only the probability of the right digit.");
            }
            if (close(found, -Math.log(p), 1e-4)) continue;
            if (close(found, Math.log(p), 1e-4)) {
                throw new NotYet("The sign is wrong: logarithms of probabilities are negative, a loss is not. Put a minus in front.");
            }
            if (close(found, -Math.log10(p), 1e-4)) throw new NotYet("That is the logarithm to the base 10. The natural one, Math.log, is meant.");
            if (close(found, -Math.log(p) / Math.log(2), 1e-4)) {
                throw new NotYet("That is the logarithm to the base 2. The natural one, Math.log, is meant.");
            }
            if (close(found, 1 - p, 1e-4)) {
                throw new NotYet("1 − p is small for a good answer, too, but it is not the cross-entropy. Take minus the logarithm of p.");
            }
            if (close(found, -Math.log(p) / 10, 1e-4)) {
                throw new NotYet("Do not divide by the ten digits: only the right digit's probability counts.");
            }
            throw new NotYet(say("If the right digit gets the probability %.3f, the loss has to be −ln %.3f = %.4f; yours is %.4f.",
                    p, p, -Math.log(p), found));
        }
        double untaught = computed("crossEntropy", () -> loss.applyAsDouble(even, 7));
        if (!close(untaught, Math.log(10), 1e-4)) throw new NotYet(say("Ten equal probabilities make −ln 0.1 = 2.3026; yours is %.4f.", untaught));
        return "Right: and who knows nothing and says 10 % for each digit has a loss of 2.30, whatever the digit is.";
    }
}
